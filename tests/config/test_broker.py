"""Reaching the broker: what pgmq's client makes of the connection string, and the one-time SQL."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.db import connection
from pgmq.base import PGMQConfig
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from config import broker, database
from config.embedded.layout import Layout
from config.environment import BadSetting

EMBEDDED = Layout(settings.CASTOR_HOME / "postgres")

# Every field that pgmq's client fills in by itself is given: what comes out is what went in.
PLAIN = {"host": "/run/castor", "port": "5432", "dbname": "castor", "user": "me", "password": "x"}
AWKWARD = {**PLAIN, "dbname": "our db", "user": "it's me", "password": "a b\\c'd e"}
WITH_MORE = {**AWKWARD, "sslmode": "verify-full", "sslrootcert": "/etc/our certs/root.pem"}


@pytest.mark.parametrize("words", [PLAIN, AWKWARD, WITH_MORE])
def test_every_word_survives_the_clients_unquoted_joining(words: dict[str, str]) -> None:
    dsn = PGMQConfig(conn_string=broker.conn_string(words)).dsn
    assert conninfo_to_dict(dsn) == words


def test_without_our_quoting_an_awkward_password_would_break() -> None:
    dsn = PGMQConfig(conn_string=make_conninfo(**AWKWARD)).dsn  # the negative control
    with pytest.raises(Exception, match=r"missing|invalid|unterminated"):
        assert conninfo_to_dict(dsn) == AWKWARD, "invalid"


@pytest.mark.parametrize(
    ("url", "words"),
    [
        (
            "postgresql://me:p%40ss@db.example.org:5433/castor?sslmode=require",
            {
                "user": "me",
                "password": "p@ss",
                "host": "db.example.org",
                "port": "5433",
                "dbname": "castor",
                "sslmode": "require",
            },
        ),
        ("postgres:///castor?host=/run/pg", {"dbname": "castor", "host": "/run/pg"}),
    ],
)
def test_libpq_itself_reads_the_database_url(url: str, words: dict[str, str]) -> None:
    assert database.conninfo(url, EMBEDDED) == words


@pytest.mark.parametrize(
    "url",
    ["mysql://db/castor", "sqlite:///castor.db", "postgresql://db", "postgresql://db/castor?no=1"],
)
def test_a_database_url_that_leads_nowhere_is_refused(url: str) -> None:
    with pytest.raises(BadSetting, match=r"^DATABASE_URL"):
        database.conninfo(url, EMBEDDED)


def test_only_web_processes_have_a_pool_and_little_patience() -> None:
    words = {"dbname": "castor", "options": "-c geqo=off"}
    web = database.django_database(words, embedded=False, web_threads=8, statement_seconds=5)
    assert web["OPTIONS"]["pool"]["max_size"] == 9
    kept = "-c geqo=off -c plan_cache_mode=force_generic_plan"
    assert web["OPTIONS"]["options"].startswith(f"{kept} -c statement_timeout=5000 -c lock")
    command = database.django_database(words, embedded=False, web_threads=0, statement_seconds=5)
    assert command["OPTIONS"]["options"] == kept
    assert "pool" not in command["OPTIONS"]


@pytest.mark.django_db
def test_the_queues_are_installed_once() -> None:
    assert broker.install_queues() is False  # the migrations of the test database have done it
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA pgmq CASCADE")
        assert broker.install_queues() is True
        cursor.execute("SELECT pgmq.create('again')")


@pytest.mark.parametrize("url", ["redis://r/0", "rediss://r/0"])
def test_redis_gives_back_lost_messages_soon(url: str) -> None:
    options = broker.transport_options(url, {})
    assert options["unacked_restore_interval"] * options["unacked_restore_throttle"] <= 5
    assert options["visibility_timeout"] > 900  # longer than any task may take
