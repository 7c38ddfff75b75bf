"""`manage.py demo`: the main job without a browser, for four source systems, as a table."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from shutil import rmtree
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError, CommandParser
from rich.console import Console
from rich.table import Table

from config.demonstration import SHOWS, Show
from datasets_app.commands import CastorCommand
from datasets_app.demo.draw import draw

ANNOTATORS = 4


class Command(CastorCommand):
    """Load, screen, label by simulated annotators, settle, cut, export, verify; four times."""

    help = "The main job without a browser: load, screen, simulate, settle, cut, export, verify."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--to",
            default=str(settings.PROJECT / "demo-output"),
            metavar="DIR",
            help="Where to leave the files. Default: demo-output in the project.",
        )
        parser.add_argument("--seed", type=int, default=1, help="Of the simulated annotators.")

    def handle(self, *args: Any, **options: Any) -> None:
        folder = Path(options["to"])
        sources = draw(folder / "sources")
        results = []
        for show in SHOWS:
            with self.progress(show.name, unit="steps") as tick:
                results.append(_MainJob(show, folder, options["seed"], tick).run(sources))
        if options["json"]:
            self.print_json({"to": str(folder), "systems": results})
        else:
            self._tell(results, folder)

    def _tell(self, results: list[dict[str, Any]], folder: Path) -> None:
        table = Table(title="The main job, four times", title_justify="left")
        columns = ("items", "held back", "answers", "settled", "disputed", "version", "records")
        for column in ("system", *columns, "verified exports"):
            table.add_column(column, justify="right" if column in columns else "left")
        for result in results:
            cells = [str(result[column]) for column in ("system", *columns)]
            table.add_row(*cells, ", ".join(result["exports"]))
        drawn = StringIO()
        Console(file=drawn, width=120).print(table)
        self.stdout.write(drawn.getvalue())
        self.stdout.write(f"The files are in {folder}.")


class _MainJob:
    """One system's way from its source to verified files, by the commands a person would type."""

    def __init__(self, show: Show, folder: Path, seed: int, tick: Any) -> None:
        self.show = show
        self.slug = f"main-job-{show.protocol.replace('_', '-')}"
        self.folder = folder
        self.seed = seed
        self.tick = tick
        self.steps = 0

    def run(self, sources: dict[str, Path]) -> dict[str, Any]:
        """Every step, and what each said."""
        source = str(sources[self.show.protocol])
        loaded = self._call("load", source, dataset=self.slug, format=self.show.protocol)
        screened = self._call("screen", dataset=self.slug)
        answered = self._call("simulate", dataset=self.slug, annotators=ANNOTATORS, seed=self.seed)
        settled = self._call("settle", dataset=self.slug)
        version = self._call("cut", self.slug)
        exports = list(self.show.formats)
        for key in exports:
            self._export(version["version"], key)
        return {
            "system": self.show.protocol,
            "items": loaded["loaded"] + loaded["updated"] + loaded["unchanged"],
            "held back": screened["quarantined"],
            "answers": answered["annotations"],
            "settled": settled["settled"],
            "disputed": settled["disputed"],
            "version": version["number"],
            "records": version["records"],
            "exports": exports,
            "folders": [f"{version['version']}-{key}" for key in exports],
        }

    def _export(self, version: str, key: str) -> None:
        to = self.folder / f"{version}-{key}"
        if to.exists():
            rmtree(to)  # of an earlier demonstration
        self._call("export", version, format=key, to=str(to))
        self._call("verify", str(to))

    def _call(self, command: str, *words: str, **options: Any) -> dict[str, Any]:
        heard = StringIO()
        try:
            call_command(command, *words, **options, json=True, stdout=heard)
        except CommandError as error:
            raise CommandError(f"{command}: {error}", returncode=2) from error
        self.steps += 1
        self.tick(self.steps)
        result: dict[str, Any] = json.loads(heard.getvalue())
        return result
