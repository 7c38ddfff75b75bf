"""`manage.py hours --dataset SLUG`: what each annotator did on each day, for who pays."""

from __future__ import annotations

from argparse import ArgumentTypeError
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from annotation import hours
from datasets_app import ledger
from datasets_app.commands import CastorCommand, add_dataset
from datasets_app.models import Dataset


class Command(CastorCommand):
    """Print, as CSV, how much and how long each annotator worked on each day."""

    help = "Print, as CSV, how much and how long each annotator worked on each day (UTC)."

    def add_arguments(self, parser: CommandParser) -> None:
        add_dataset(parser)
        parser.add_argument("--since", type=_day, metavar="DATE", help="From this day, YYYY-MM-DD.")
        parser.add_argument("--until", type=_day, metavar="DATE", help="To this day, included.")
        parser.add_argument(
            "--longest",
            type=int,
            default=hours.LONGEST_SECONDS,
            metavar="SECONDS",
            help="No answer counts for longer (default: %(default)s).",
        )
        parser.add_argument("--to", type=Path, metavar="FILE", help="Write it to a file instead.")

    def handle(self, *args: Any, **options: Any) -> None:
        dataset = Dataset.objects.filter(slug=options["dataset"]).first()
        if dataset is None:
            raise CommandError(f"There is no dataset {options['dataset']!r}; load it first.")
        if options["longest"] < 1:
            raise CommandError("--longest: at least one second.")
        rows = hours.worked(
            dataset,
            since=options["since"],
            until=options["until"],
            longest=options["longest"],
        )
        ledger.note("export_hours", dataset=dataset.pk, data={"rows": len(rows)})
        if options["to"]:
            options["to"].write_text(hours.as_csv(rows), newline="")
        if options["json"]:
            self.print_json({"dataset": dataset.slug, "rows": [asdict(row) for row in rows]})
        elif options["to"]:
            self.stdout.write(f"{len(rows):,} rows in {options['to']}")
        else:
            self.stdout.write(hours.as_csv(rows), ending="")


def _day(text: str) -> date:
    """A day as YYYY-MM-DD. Raises ArgumentTypeError."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is no day: write YYYY-MM-DD") from None
