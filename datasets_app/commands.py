"""What every command does alike: one line for an error, exit 2, one JSON object if asked."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NoReturn, Protocol

import orjson
import psycopg
from django.core.management.base import (
    BaseCommand,
    CommandError,
    CommandParser,
    handle_default_options,
)
from django.db import Error as DatabaseFault
from django.db import OperationalError, connections
from psycopg.errors import UndefinedTable
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from datasets_app.protocols import UnknownProtocol
from datasets_app.readers.base import UnreadableFile
from datasets_app.storage import StorageFault

EXIT = 2
INTERRUPTED = 130  # what a shell says of a command that Ctrl-C ended
# More would flood a terminal; the count says how many there are.
MOST_LINES = 20


_TOLD: tuple[type[Exception], ...] = (UnreadableFile, UnknownProtocol, StorageFault)


class Tick(Protocol):
    """Says how far a command is: how many are done, of how many if that is known."""

    def __call__(self, done: int, total: int | None = None) -> None: ...


class CastorCommand(BaseCommand):
    """A command whose errors are one line on stderr and exit code 2.

    A subclass names in `told` the exceptions whose text is such a line; those that any command may
    meet are known here. `speaks_json` adds `--json`: the result is then one object on stdout and
    nothing else. Called by `call_command`, a told error arrives as CommandError.
    """

    told: tuple[type[Exception], ...] = ()
    speaks_json = True
    requires_system_checks: list[str] = []

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """Django's parser, which raises its complaints instead of printing the usage."""
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        parser.called_from_command_line = None
        if self.speaks_json:
            parser.add_argument(
                "--json", action="store_true", help="Print the result as one JSON object."
            )
        return parser

    def run_from_argv(self, argv: list[str]) -> None:
        """Run, and turn a told error into its line and exit code 2.

        Django's own does the same, but puts the exception's class before the line.
        """
        traceback = False
        try:
            options = vars(self.create_parser(argv[0], argv[1]).parse_args(argv[2:]))
            traceback = options["traceback"]
            handle_default_options(Namespace(**options))
            self.execute(*options.pop("args", ()), **options)
        except CommandError as error:
            if traceback:
                raise
            self.complain(error)
        except KeyboardInterrupt:
            self.complain(CommandError("interrupted", returncode=INTERRUPTED))
        finally:
            connections.close_all()

    def execute(self, *args: Any, **options: Any) -> str | None:
        """Run, with every error that a user can meet as CommandError."""
        try:
            return super().execute(*args, **options)
        except _TOLD + self.told as error:
            raise CommandError(one_line(str(error)), returncode=EXIT) from error
        except DatabaseFault as error:
            raise CommandError(said_by_database(error), returncode=EXIT) from error
        except OSError as error:
            where = f"{error.filename}: " if error.filename else ""
            raise CommandError(f"{where}{error.strerror or error}", returncode=EXIT) from error

    def complain(self, error: CommandError) -> NoReturn:
        """Print the line and end the process."""
        self.stderr.write(str(error).removeprefix("Error: "))  # so argparse begins
        sys.exit(error.returncode if error.returncode > 1 else EXIT)

    def print_json(self, result: Mapping[str, Any]) -> None:
        """The result as one JSON object on one line of stdout."""
        self.stdout.write(orjson.dumps(result, default=str).decode())

    @property
    def on_terminal(self) -> bool:
        """Whether a person is looking."""
        return bool(self.stdout.isatty())

    @contextmanager
    def progress(self, what: str, *, unit: str) -> Iterator[Tick]:
        """A line that moves on a terminal; nothing at all elsewhere."""
        if not self.on_terminal:
            yield lambda done, total=None: None
            return
        columns = (
            SpinnerColumn(),
            TextColumn("{task.description}"),
            TextColumn("{task.fields[count]}"),
            TimeElapsedColumn(),
        )
        with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task(what, total=None, count="")

            def tick(done: int, total: int | None = None) -> None:
                of = f" of {total:,}" if total is not None else ""
                bar.update(task, completed=done, total=total, count=f"{done:,}{of} {unit}")

            yield tick


def said_by_database(error: DatabaseFault) -> str:
    """One line: what the database says, and what to do where that is known."""
    # psycopg's first line says what; the rest may quote what people wrote.
    reason = one_line(str(error).strip().split("\n")[0])
    advice = ""
    if isinstance(error.__cause__, UndefinedTable):
        advice = "; its tables are not there yet: manage.py migrate makes them"
    elif isinstance(error, OperationalError) and _is_unreached(error.__cause__):
        advice = "; DATABASE_URL says where it is looked for"
    return f"the database says: {reason}{advice}"


def _is_unreached(cause: BaseException | None) -> bool:
    """Whether no server said this: it would have given a code."""
    return isinstance(cause, psycopg.OperationalError) and cause.sqlstate is None


def one_line(text: str) -> str:
    """A message without line breaks or control characters, as a terminal and a log may show it."""
    plain = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(plain.split())


def add_dataset(parser: ArgumentParser) -> None:
    """The option `--dataset SLUG`, which several commands require."""
    parser.add_argument(
        "--dataset", required=True, metavar="SLUG", help="The dataset's short name."
    )
