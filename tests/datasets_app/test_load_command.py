"""`manage.py load` as people and scripts meet it."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django.fixtures import Settings

from datasets_app.models import Dataset, Item
from tests.datasets_app.intake.rows import labelled, row, written

PROJECT = Path(__file__).parents[2]
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media_root(settings: Settings, tmp_path: Path) -> None:
    settings.CASTOR_MEDIA_ROOT = tmp_path / "stored"


def run(*words: str | Path) -> None:
    call_command("load", *map(str, words))


def test_it_prints_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path, row(1), row(2))
    run(path, "--dataset", "ponds", "--format", "jsonl")
    assert capsys.readouterr().out == (
        "pairs.jsonl → ponds: 2 loaded, 0 updated, 0 unchanged, 0 duplicates, 0 refusals, "
        "0 votes, 0 media\n"
    )


def test_it_prints_one_object(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path, row(1), row(2, prompt=""))
    run(path, "--dataset", "ponds", "--format", "jsonl", "--skip-bad", "--json")
    told = json.loads(capsys.readouterr().out)
    assert told["loaded"] == 1
    assert told["refused"] == [{"file": "pairs.jsonl", "line": 2, "reason": "prompt is empty"}]
    assert told["stored"] is True


def test_what_was_not_stored_is_not_said_to_be_loaded(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(tmp_path, row(1), row(2), row(3, prompt=""))
    told = []
    for more in ((), ("--dry-run", "--skip-bad")):
        with suppress(CommandError):
            run(path, "--dataset", "ponds", "--format", "jsonl", "--json", *more)
        told.append(json.loads(capsys.readouterr().out))
    for each in told:
        assert (each["stored"], each["loaded"], each["refusals"]) == (False, 0, 1)
        assert each["would"]["loaded"] == 2
    assert not Item.objects.exists()


def test_one_bad_row_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path, row(1), row(2, prompt=""))
    with pytest.raises(CommandError) as error:
        run(path, "--dataset", "ponds", "--format", "jsonl")
    assert str(error.value) == (
        "pairs.jsonl:2: prompt is empty (nothing was stored; --skip-bad stores the rest)"
    )
    assert error.value.returncode == 2
    assert capsys.readouterr().err == ""
    assert not Dataset.objects.exists()


def test_many_bad_rows_are_shown_up_to_twenty(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(tmp_path, *(row(n, prompt="") for n in range(30)))
    with pytest.raises(CommandError, match="30 bad rows; nothing was stored"):
        run(path, "--dataset", "ponds", "--format", "jsonl")
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 21
    assert lines[0] == "pairs.jsonl:1: prompt is empty"
    assert lines[-1] == "… and 10 bad rows more"


def test_what_a_row_says_cannot_break_the_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = row(1, id={"\x1b[31mred\nx": 1})
    with pytest.raises(CommandError) as error:
        run(written(tmp_path, bad), "--dataset", "ponds", "--format", "jsonl")
    assert str(error.value).isprintable()


def test_a_dry_run_prints_the_same_and_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(written(tmp_path, row(1)), "--dataset", "ponds", "--format", "jsonl", "--dry-run")
    assert capsys.readouterr().out.endswith("0 media (nothing was stored: a dry run)\n")
    assert not Item.objects.exists()


def test_the_options_reach_the_dataset(tmp_path: Path) -> None:
    path = written(tmp_path, labelled(1))
    run(
        *(path, "--dataset", "ponds", "--format", "pku_saferlhf", "--language", "de"),
        *("--licence", "mit", "--votes-count", "--source", "pilot"),
    )
    dataset = Dataset.objects.get()
    assert (dataset.language, dataset.licence) == ("de", "mit")
    assert dataset.counts_imported_votes
    assert Item.objects.get().imported_votes.get().source == "pilot"


def test_columns_are_mapped(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("question,a,b\nWhy?,So.,Because.\n")
    columns = "prompt=question,response_0=a,response_1=b"
    run(path, "--dataset", "ponds", "--format", "csv", "--columns", columns)
    assert Item.objects.get().first.text == "So."


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["nowhere.jsonl", "--format", "jsonl"], "there is no such file or folder"),
        (["x", "--format", "xml"], "There is no format 'xml' to load. Known: "),
        (["x", "--format", "csv", "--columns", "prompt"], "write OUR=THEIR,OUR=THEIR"),
        (["x", "--format", "csv", "--protocol", "pku@7"], "There is no protocol 'pku@7'"),
        (["x"], "the following arguments are required: --format"),
    ],
)
def test_every_mistake_is_one_line(words: list[str], reason: str) -> None:
    with pytest.raises(CommandError) as error:
        run(*words, "--dataset", "ponds")
    assert reason in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.django_db(transaction=True)
def test_from_a_shell_it_ends_with_two_and_one_line(
    tmp_path: Path, castor_env: dict[str, str]
) -> None:
    path = written(tmp_path, row(1, prompt=""))
    command = [sys.executable, "manage.py", "load", str(path), "--dataset", "ponds"]
    done = subprocess.run(
        [*command, "--format", "jsonl"], cwd=PROJECT, env=castor_env, capture_output=True, text=True
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "pairs.jsonl:1: prompt is empty (nothing was stored; --skip-bad stores the rest)\n"
    )
    assert not Dataset.objects.exists()
