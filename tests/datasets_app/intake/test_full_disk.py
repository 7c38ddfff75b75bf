"""A full disk below PostgreSQL: one line says so, and the database is as before."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from config.embedded.account import server_account
from datasets_app.models import Dataset, Event, Item, Prompt, Response

pytestmark = pytest.mark.django_db(transaction=True)

TABLE = "datasets_app_response"
MEGABYTES = 4


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[None]:
    """The texts of responses lie on a disk of 4 MB."""
    if os.geteuid() != 0:
        pytest.skip("only root may mount a small disk")
    tmp_path = Path("/tmp") / f"castor-small-{os.getpid()}"  # noqa: S108  the server may enter it
    tmp_path.mkdir(mode=0o755)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m", "tmpfs", str(tmp_path)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        tmp_path.rmdir()
        pytest.skip("this machine lets nobody mount a small disk")
    account = server_account()
    assert account is not None
    os.chown(tmp_path, account.pw_uid, account.pw_gid)
    try:
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE TABLESPACE small LOCATION '{tmp_path}'")
            cursor.execute(f"ALTER TABLE {TABLE} SET TABLESPACE small")
        yield
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE {TABLE} SET TABLESPACE pg_default")
            cursor.execute("CHECKPOINT")
            cursor.execute("DROP TABLESPACE small")
    finally:
        subprocess.run(["umount", "-l", str(tmp_path)], check=True)
        tmp_path.rmdir()


def pairs(path: Path, number: int) -> Path:
    """Pairs whose answers take 4 kB each, and do not shrink."""
    with path.open("w") as file:
        for at in range(number):
            said = [os.urandom(1000).hex() for _ in range(2)]
            row = {"id": f"p{at}", "prompt": f"Question {at}?"}
            file.write(json.dumps(row | {"response_0": said[0], "response_1": said[1]}) + "\n")
    return path


@pytest.mark.usefixtures("small_disk")
def test_a_load_that_fills_the_disk_says_so_and_leaves_nothing(tmp_path: Path) -> None:
    few, many = pairs(tmp_path / "few.jsonl", 20), pairs(tmp_path / "many.jsonl", 3000)
    words = {"format": "jsonl", "protocol": "pku_saferlhf", "verbosity": 0}
    call_command("load", str(few), dataset="few", **words)
    before = [kind.objects.count() for kind in (Dataset, Prompt, Response, Item, Event)]
    with pytest.raises(CommandError, match="No space left on device") as told:
        call_command("load", str(many), dataset="many", **words)
    assert "\n" not in str(told.value)
    assert told.value.returncode == 2
    after = [kind.objects.count() for kind in (Dataset, Prompt, Response, Item, Event)]
    assert after == before
