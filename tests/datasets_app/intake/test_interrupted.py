"""A load that is killed leaves nothing, and run again it ends where it would have ended."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from datasets_app.intake import LoadRefused
from datasets_app.models import Dataset, Event, Item, Prompt
from tests.datasets_app.intake.rows import loaded, row, written

PROJECT = Path(__file__).parents[3]


# Kills itself when it has written its second batch, before anything is committed.
KILLED = """
import os, signal, sys
import django
django.setup()
from django.core.management import call_command
from datasets_app.intake import loading

write, done = loading._Load._write_batch, []

def then_die(self, *batch):
    write(self, *batch)
    done.append(1)
    if len(done) == 2:
        os.kill(os.getpid(), signal.SIGKILL)

loading._Load._write_batch = then_die
loading.BATCH = 1000
call_command("load", sys.argv[1], dataset="ponds", format="jsonl")
"""


@pytest.mark.django_db(transaction=True)
def test_killed_in_the_middle_and_run_again_it_ends_the_same(
    tmp_path: Path, castor_env: dict[str, str]
) -> None:
    path = written(tmp_path, *map(row, range(3000)))
    child = subprocess.run(
        [sys.executable, "-c", KILLED, str(path)], cwd=PROJECT, env=castor_env, check=False
    )
    assert child.returncode == -signal.SIGKILL
    assert (Dataset.objects.count(), Item.objects.count(), Prompt.objects.count()) == (0, 0, 0)
    assert not Event.objects.filter(verb="load").exists()
    assert loaded(path).loaded == 3000
    assert Item.objects.count() == 3000


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
