"""`manage.py load`: a file, a folder or a dataset repository of the Hub into the ledger."""

from __future__ import annotations

from argparse import ArgumentTypeError
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from rich.console import Console
from rich.table import Table

from datasets_app.commands import EXIT, MOST_LINES, CastorCommand, add_dataset, one_line
from datasets_app.hub import reading
from datasets_app.intake import LoadRefused, LoadReport, Source, Wishes, load
from datasets_app.intake.shelf import MediaChildFailed
from datasets_app.intake.writing import Moved
from datasets_app.readers import READERS, Reader, reader_named
from datasets_app.readers.base import ReadOptions

_LONGEST_NAME = 200


def columns(given: str) -> dict[str, str]:
    """OUR=THEIR pairs, separated by commas. Raises ArgumentTypeError."""
    pairs = [pair.partition("=") for pair in given.split(",")]
    if not all(ours and theirs for ours, _, theirs in pairs):
        raise ArgumentTypeError("write OUR=THEIR,OUR=THEIR, such as prompt=question,response_0=a")
    return {ours.strip(): theirs.strip() for ours, _, theirs in pairs}


class Command(CastorCommand):
    """Load items; the same source twice changes nothing."""

    help = "Load items from a file, a folder or hf://ORG/NAME. Run again, it changes nothing."
    told = (LoadRefused, MediaChildFailed, Moved)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", help="A file, a folder, or hf://ORG/NAME[@REVISION].")
        add_dataset(parser)
        parser.add_argument(
            "--format", required=True, metavar="NAME", help=f"One of: {', '.join(READERS)}."
        )
        parser.add_argument("--protocol", default="", help="Of a new dataset: KEY or KEY@VERSION.")
        parser.add_argument("--language", default="", help="Of a new dataset: en, zh-Hans …")
        parser.add_argument("--licence", default="", help="Of a new dataset: cc-by-nc-4.0 …")
        parser.add_argument(
            "--votes-count",
            action="store_true",
            help="Votes that come with the data count beside those given here.",
        )
        parser.add_argument(
            "--columns", type=columns, default={}, help="OUR=THEIR,… for jsonl, csv and parquet."
        )
        parser.add_argument("--split", default="", help="Only the files of this split.")
        parser.add_argument("--config", default="", help="Only the files of this config.")
        parser.add_argument(
            "--source", default="", help="The name that all votes are kept under: their files'."
        )
        parser.add_argument("--skip-bad", action="store_true", help="Store the rows that are good.")
        parser.add_argument("--dry-run", action="store_true", help="Say it all, store nothing.")

    def handle(self, *args: Any, **options: Any) -> None:
        wishes = Wishes(
            options["dataset"],
            protocol=options["protocol"],
            language=options["language"],
            licence=options["licence"],
            counts_votes=True if options["votes_count"] else None,
        )
        with self.progress("Loading", unit="rows") as tick:
            report = load(
                self._source(options),
                wishes,
                skip_bad=options["skip_bad"],
                dry_run=options["dry_run"],
                progress=lambda doing, rows: tick(rows),
            )
        if options["json"]:
            self.print_json(report.as_json())
        else:
            self._tell(report)
        if report.refusals and not options["skip_bad"]:
            raise CommandError(self._refusal(report), returncode=EXIT)

    def _source(self, options: dict[str, Any]) -> Source:
        reader = reader_named(options["format"])
        wishes = ReadOptions(
            columns=options["columns"], split=options["split"], config=options["config"]
        )
        given, named = options["path"].rstrip("/"), one_line(options["source"])[:_LONGEST_NAME]
        path, wishes = self._place(options["path"], reader, wishes)
        if not reading.is_address(given):
            return Source(path, reader, _short(named or Path(given).resolve().name), wishes, named)
        origin = f"{given.partition('@')[0]}/"
        return Source(path, reader, _short(named or given), wishes, named, one_line(origin))

    def _place(self, given: str, reader: Reader, wishes: ReadOptions) -> tuple[Path, ReadOptions]:
        if not reading.is_address(given):
            return Path(given), wishes
        with self.progress("Fetching from the Hub", unit="files"):
            copy = reading.fetch(given, reader, wishes)
        return copy.folder, copy.options

    def _tell(self, report: LoadReport) -> None:
        """A table for a person, one line for a log. Bad rows go to stderr."""
        if report.refusals > 1 or report.stored or report.dry_run:
            for row in report.refused[:MOST_LINES]:
                self.stderr.write(one_line(str(row)))
            if report.refusals > MOST_LINES:
                self.stderr.write(f"… and {report.refusals - MOST_LINES:,} bad rows more")
        if report.stored or report.dry_run:
            if self.on_terminal:
                self._table(report)
            else:
                said = ", ".join(f"{count} {name}" for name, count in report.counts().items())
                self.stdout.write(f"{report.source} → {report.dataset}: {said}{_dry(report)}")
            self._notes(report)

    def _notes(self, report: LoadReport) -> None:
        for note, times in report.notes.most_common(MOST_LINES):
            self.stdout.write(one_line(f"{times:,} × {note}"))
        if len(report.notes) > MOST_LINES:
            self.stdout.write(f"… and {len(report.notes) - MOST_LINES:,} notes more")

    def _table(self, report: LoadReport) -> None:
        table = Table(title=f"{report.source} → {report.dataset}{_dry(report)}")
        for name in report.counts():
            table.add_column(name, justify="right")
        table.add_row(*(f"{count:,}" for count in report.counts().values()))
        Console().print(table)

    def _refusal(self, report: LoadReport) -> str:
        stored = "nothing was stored; --skip-bad stores the rest"
        if report.refusals == 1 and not report.dry_run:
            return one_line(f"{report.refused[0]} ({stored})")
        return f"{report.source}: {report.refusals:,} bad rows; {stored}"


def _short(name: str) -> str:
    return one_line(name)[:_LONGEST_NAME]


def _dry(report: LoadReport) -> str:
    return " (nothing was stored: a dry run)" if report.dry_run else ""
