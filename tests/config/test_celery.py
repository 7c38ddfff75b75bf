"""Celery as we use it, with a real worker over queues in the test database."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
from celery.exceptions import QueueNotFound
from django.conf import settings

from config.celery import app
from config.models import Heartbeat
from config.schedule import NAMES, beat_schedule

SEND = "from config.tasks import beat_heart; beat_heart.apply_async(('{0}',), queue='{0}')"


@pytest.fixture
def worker(castor_env: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """A worker of all queues, as its own process."""
    celery = (sys.executable, "-m", "celery", "--quiet", "-A", "config.celery", "worker")
    started = subprocess.Popen(
        (*celery, "--pool=solo", "-c1", "-Q", ",".join(NAMES), "--without-gossip"),
        env=castor_env,
        cwd=settings.PROJECT,
        start_new_session=True,
    )
    yield started
    os.killpg(started.pid, signal.SIGKILL)
    started.wait()


def seen() -> set[str]:
    return set(Heartbeat.objects.values_list("queue", flat=True))


@pytest.mark.django_db(transaction=True)
def test_a_task_goes_through_each_queue_to_a_worker(
    worker: subprocess.Popen[bytes], castor_env: dict[str, str]
) -> None:
    code = "import django; django.setup()\n" + "\n".join(SEND.format(name) for name in NAMES)
    subprocess.run([sys.executable, "-c", code], env=castor_env, cwd=settings.PROJECT, check=True)
    deadline = time.monotonic() + 120
    while seen() != set(NAMES) and time.monotonic() < deadline:
        assert worker.poll() is None
        time.sleep(0.05)
    assert seen() == set(NAMES)


LISTENERS = """
from django.db import connection
with connection.cursor() as cursor:
    cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                   " AND query LIKE 'LISTEN%'")
    print(cursor.fetchone()[0])
"""


@pytest.mark.parametrize(
    ("first", "listening"),
    [
        ("", 0),
        # As a worker does it: there the connection is read.
        ("from config.celery import app, listen; listen(app.conf)", 1),
    ],
)
@pytest.mark.django_db(transaction=True)
def test_who_only_sends_tasks_is_told_of_none(
    castor_env: dict[str, str], first: str, listening: int
) -> None:
    code = "\n".join(["import django; django.setup()", first, SEND.format("default"), LISTENERS])
    told = subprocess.run(
        [sys.executable, "-c", code],
        env=castor_env,
        cwd=settings.PROJECT,
        check=True,
        capture_output=True,
        text=True,
    )
    assert int(told.stdout.split()[-1]) == listening


def test_a_misspelt_queue_is_an_error_and_not_a_new_queue() -> None:
    with pytest.raises(QueueNotFound, match="nonsense"):
        app.send_task("config.tasks.beat_heart", args=["gpu"], queue="nonsense")


def test_every_sweep_is_a_task_of_ours_in_a_queue_that_exists() -> None:
    app.loader.import_default_modules()
    for entry in beat_schedule(longest=60).values():
        assert entry["task"] in app.tasks
        assert entry["options"]["queue"] in NAMES
        assert entry["options"]["expires"] > entry["schedule"]


def test_nothing_but_json_is_ever_read() -> None:
    assert app.conf.accept_content == ["json"]
    assert app.conf.task_serializer == "json"
    assert app.conf.result_backend is None


def test_no_sweep_is_rarer_than_the_setting_says() -> None:
    pauses = {e["schedule"] for name, e in beat_schedule(longest=2).items() if "heart" not in name}
    assert pauses == {2.0}
