"""`manage.py benchmark`: measures one thing beside its physical limit, in a database of its own."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db import Error, connection
from rich.console import Console
from rich.table import Table

from benchmarks import BENCHMARKS
from benchmarks.base import Figure
from datasets_app.commands import EXIT, CastorCommand

_DATABASE = "castor_benchmark"


class Command(CastorCommand):
    """Run a benchmark; nothing of it stays."""

    help = "Measure how fast something is, beside its physical limit."
    speaks_json = False  # each benchmark's own parser does

    def add_arguments(self, parser: CommandParser) -> None:
        names = parser.add_subparsers(dest="name", required=True, metavar="NAME")
        for benchmark in BENCHMARKS.values():
            own = names.add_parser(benchmark.key, help=benchmark.title)
            benchmark.arguments(own)
            own.add_argument("--json", action="store_true", help="Print one JSON object.")

    def handle(self, *args: Any, **options: Any) -> None:
        benchmark = BENCHMARKS[options["name"]]
        with scratch_database():
            figures = benchmark.run(options)
        if options["json"]:
            told = [figure.as_json() for figure in figures]
            self.print_json({"benchmark": benchmark.key, "figures": told})
        else:
            self._tell(benchmark.title, figures)

    def _tell(self, title: str, figures: list[Figure]) -> None:
        if not self.on_terminal:
            for figure in figures:
                self.stdout.write(f"{figure.name}: {_shown(figure)}")
            return
        table = Table(title=title)
        for name, justify in (("what", "left"), ("measured", "right"), ("goal", "right")):
            table.add_column(name, justify=justify)  # type: ignore[arg-type]  # rich's own words
        for figure in figures:
            table.add_row(figure.name, f"{_number(figure.value)} {figure.unit}", _goal(figure))
        Console().print(table)


@contextmanager
def scratch_database() -> Iterator[None]:
    """An empty, migrated database on the same server; dropped when the block ends.

    What a benchmark writes has no place among real data, whose history cannot be deleted.
    """
    words = connection.settings_dict
    before = words["NAME"]
    words.setdefault("TEST", {})["NAME"] = _DATABASE
    try:
        # What is said about tables is no figure: it would stand before the JSON.
        with redirect_stdout(sys.stderr):
            connection.creation.create_test_db(verbosity=0, autoclobber=True)
    except Error as error:
        reason = str(error).strip().split("\n")[0]
        raise CommandError(
            f"no database of its own for the benchmark: {reason}", returncode=EXIT
        ) from None
    try:
        yield
    finally:
        connection.creation.destroy_test_db(before, verbosity=0)


def _shown(figure: Figure) -> str:
    goal = _goal(figure)
    return f"{_number(figure.value)} {figure.unit}" + (f" (goal: {goal})" if goal else "")


def _number(value: float) -> str:
    """With a decimal where it would be most of the figure."""
    return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:,.1f}"


def _goal(figure: Figure) -> str:
    if figure.goal is None:
        return ""
    sign = "≤" if figure.less_is_better else "≥"
    return f"{sign} {_number(figure.goal)}, {'met' if figure.is_met else 'missed'}"
