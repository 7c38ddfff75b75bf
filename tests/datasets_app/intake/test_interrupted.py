"""A load that is killed leaves nothing, and run again it ends where it would have ended."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from datasets_app.intake import LoadRefused, loading
from datasets_app.models import Dataset, Event, Item, Prompt
from tests.datasets_app.intake.rows import loaded, row, written

PROJECT = Path(__file__).parents[3]


@pytest.mark.django_db(transaction=True)
def test_killed_in_the_middle_and_run_again_it_ends_the_same(
    tmp_path: Path, castor_env: dict[str, str]
) -> None:
    """The process stops half way through a pipe that gives no more rows; there it is killed."""
    rows = [json.dumps(row(number)) + "\n" for number in range(6000)]
    pipe = tmp_path / "pairs.jsonl"
    os.mkfifo(pipe)
    command = [sys.executable, "manage.py", "load", str(pipe), "--dataset", "ponds"]
    child = subprocess.Popen([*command, "--format", "jsonl"], cwd=PROJECT, env=castor_env)
    with pipe.open("w") as writer:
        writer.writelines(rows[: loading.BATCH + 1500])
        writer.flush()
        _wait_for_copy()
        child.send_signal(signal.SIGKILL)
        assert child.wait() == -signal.SIGKILL
    assert (Dataset.objects.count(), Item.objects.count(), Prompt.objects.count()) == (0, 0, 0)
    assert not Event.objects.filter(verb="load").exists()
    pipe.unlink()
    pipe.write_text("".join(rows))
    done = subprocess.run(
        [*command, "--format", "jsonl", "--json"], cwd=PROJECT, env=castor_env,
        capture_output=True, check=True,
    )  # fmt: skip
    assert json.loads(done.stdout)["loaded"] == 6000
    assert Item.objects.count() == 6000


def _wait_for_copy() -> None:
    """Until some other session of this database has items that are not committed yet."""
    seen = threading.Event()
    for _ in range(600):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_locks l JOIN pg_class c ON c.oid = l.relation "
                "WHERE c.relname = 'datasets_app_event' AND l.mode = 'RowExclusiveLock' "
                "AND l.pid <> pg_backend_pid()"
            )
            if cursor.fetchone()[0]:
                return
        seen.wait(0.1)
    raise AssertionError("the load never began to write")


@pytest.mark.django_db(transaction=True)
def test_two_loads_into_one_dataset_do_not_meet(tmp_path: Path) -> None:
    path = written(tmp_path, *map(row, range(5)))
    started, go_on = threading.Event(), threading.Event()
    outcome: dict[str, Any] = {}

    def hold(*how: Any) -> None:
        started.set()
        go_on.wait(30)

    def first() -> None:
        try:
            outcome["first"] = loaded(path, progress=hold)
        finally:
            connection.close()

    thread = threading.Thread(target=first)
    thread.start()
    assert started.wait(30)
    with pytest.raises(LoadRefused, match="another load into ponds is running"):
        loaded(path)
    assert loaded(path, dataset="lakes").loaded == 5
    go_on.set()
    thread.join()
    assert outcome["first"].loaded == 5
    assert loaded(path).unchanged == 5


@pytest.mark.django_db(transaction=True)
def test_the_lock_goes_when_a_load_fails(tmp_path: Path) -> None:
    path = written(tmp_path, row(1, prompt=""))
    for _ in range(2):
        assert loaded(path).refusals == 1
