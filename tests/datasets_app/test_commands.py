"""What every command does alike."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.management import CommandError
from django.db import OperationalError, ProgrammingError, connection

from datasets_app.commands import CastorCommand, one_line, said_by_database
from datasets_app.storage import StorageFault


class Told(Exception):
    """An error that the command below names as one to be told."""


class Failing(CastorCommand):
    """Fails as it is told to."""

    told = (Told,)
    error: BaseException

    def handle(self, *args: Any, **options: Any) -> None:
        raise self.error


def failing(error: BaseException) -> Failing:
    command = Failing()
    command.error = error
    return command


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (Told("what, where,\nwhat to do"), "what, where, what to do"),
        (StorageFault("S3 is away"), "S3 is away"),
        (OSError(28, "No space left on device", "/data/x"), "/data/x: No space left on device"),
        (
            OperationalError("could not extend file\nDETAIL: somebody's text"),
            "the database says: could not extend file",
        ),
    ],
)
def test_a_told_error_is_one_line_and_exit_two(
    error: BaseException, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as end:
        failing(error).run_from_argv(["manage.py", "fail"])
    assert end.value.code == 2
    assert capsys.readouterr().err == f"{line}\n"
    with pytest.raises(CommandError, match=line):
        failing(error).execute(force_color=False, no_color=True, skip_checks=True)


def test_an_error_of_ours_is_not_hidden() -> None:
    with pytest.raises(KeyError):
        failing(KeyError("a fault in the code")).run_from_argv(["manage.py", "fail"])


def test_with_traceback_the_whole_story_is_told() -> None:
    with pytest.raises(CommandError) as error:
        failing(Told("x")).run_from_argv(["manage.py", "fail", "--traceback"])
    assert isinstance(error.value.__cause__, Told)


def test_ctrl_c_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        failing(KeyboardInterrupt()).run_from_argv(["manage.py", "fail"])
    assert end.value.code == 130
    assert capsys.readouterr().err == "interrupted\n"


def test_a_wrong_option_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        failing(Told("x")).run_from_argv(["manage.py", "fail", "--nonsense"])
    assert end.value.code == 2
    assert capsys.readouterr().err == "unrecognized arguments: --nonsense\n"


def test_progress_is_silent_where_nobody_looks(capsys: pytest.CaptureFixture[str]) -> None:
    with failing(Told("x")).progress("Loading", unit="rows") as tick:
        tick(5, 10)
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("text", "line"), [("a\nb", "a b"), ("a\x1b[31mb", "a [31mb"), ("a \u202e b\r", "a b")]
)
def test_one_line_is_printable(text: str, line: str) -> None:
    assert one_line(text) == line


@pytest.mark.django_db
def test_a_database_without_tables_is_told_what_makes_them() -> None:
    with pytest.raises(ProgrammingError) as missing, connection.cursor() as cursor:
        cursor.execute("SELECT FROM datasets_app_nothing")
    assert said_by_database(missing.value).endswith("manage.py migrate makes them")
