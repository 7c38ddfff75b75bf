"""Connections of the pool: a lost one is noticed before anybody works with it."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from django.db import connection

from config.pooled.base import DatabaseWrapper, look

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def idle() -> Iterator[psycopg.Connection]:
    words = connection.get_connection_params()
    names = ("dbname", "user", "password", "host", "port")
    with psycopg.connect(
        **{name: words[name] for name in names if words.get(name)}, autocommit=True
    ) as own:
        yield own


def test_a_connection_that_said_nothing_is_taken_without_asking(
    idle: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    def asked(*args: object, **words: object) -> None:
        raise AssertionError("the server was asked")

    monkeypatch.setattr(psycopg.Connection, "execute", asked)
    look(idle)


def test_one_that_the_server_ended_is_refused(idle: psycopg.Connection) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [idle.info.backend_pid])
    with pytest.raises(psycopg.OperationalError):
        look(idle)


def test_one_that_only_heard_something_goes_on(idle: psycopg.Connection) -> None:
    idle.execute("LISTEN news")
    with connection.cursor() as cursor:
        cursor.execute("NOTIFY news")
    look(idle)
    assert idle.execute("SELECT 1").fetchone() == (1,)


def test_the_pool_of_a_web_process_looks_so() -> None:
    words = {**connection.settings_dict, "CONN_MAX_AGE": 0}
    words["OPTIONS"] = {**words["OPTIONS"], "pool": {"min_size": 0, "max_size": 1}}
    pooled = DatabaseWrapper(words, "pooled")
    try:
        assert pooled.pool._check is look
    finally:
        pooled.close_pool()
