"""The two questions of a machine."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client

from config.models import Heartbeat
from config.tasks import beat_heart


def test_the_process_answers_without_a_database(client: Client) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"alive\n")


@pytest.mark.django_db
def test_it_is_ready_when_every_migration_is_applied(client: Client) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json()["ready"] is True


@pytest.mark.django_db
def test_it_is_not_ready_when_a_migration_is_missing(client: Client) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'config'")
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["migrations missing"] >= 1


@pytest.mark.django_db
def test_it_tells_how_long_ago_each_queue_was_heard_of(client: Client) -> None:
    beat_heart("gpu")
    beat_heart("gpu")
    assert Heartbeat.objects.count() == 1
    workers = client.get("/readyz").json()["workers"]
    assert workers["gpu"] in (0, 1)
    assert workers["export"] is None
