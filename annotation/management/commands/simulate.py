"""`manage.py simulate --dataset SLUG --annotators N --seed S`: made-up annotators at work."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError, CommandParser

from annotation import campaigns, simulating
from datasets_app.commands import CastorCommand, add_dataset
from datasets_app.models import Dataset


class Command(CastorCommand):
    """Let made-up annotators answer what a dataset asks, by the same verbs as people."""

    help = "Let made-up annotators answer what a dataset asks, by the same verbs as people."

    def add_arguments(self, parser: CommandParser) -> None:
        add_dataset(parser)
        parser.add_argument(
            "--annotators", type=int, default=5, metavar="N", help="How many; at most 99."
        )
        parser.add_argument(
            "--seed",
            type=int,
            default=0,
            metavar="S",
            help="The same seed, the same answers, where nobody else is at work.",
        )
        parser.add_argument(
            "--limit", type=int, metavar="N", help="Stop after so many annotations."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        dataset = Dataset.objects.filter(slug=options["dataset"]).first()
        if dataset is None:
            raise CommandError(f"There is no dataset {options['dataset']!r}; load it first.")
        if not 1 <= options["annotators"] <= 99:
            raise CommandError("--annotators must lie between 1 and 99.")
        if options["limit"] is not None and options["limit"] < 0:
            raise CommandError("--limit must not be negative.")
        with self.progress("Annotating", unit="annotations") as tick:
            try:
                done = simulating.simulate(
                    dataset,
                    annotators=options["annotators"],
                    seed=options["seed"],
                    limit=options["limit"],
                    tick=tick,
                )
            except campaigns.AllClosed:
                raise CommandError(
                    f"The campaign of {dataset.slug} is closed; open it again on its page."
                ) from None
        if options["json"]:
            self.print_json(
                {
                    "dataset": dataset.slug,
                    "annotators": done.annotators,
                    "annotations": done.annotations,
                    "by_step": done.by_step,
                }
            )
            return
        steps = ", ".join(f"{step} {number:,}" for step, number in done.by_step.items())
        self.stdout.write(
            f"{done.annotations:,} annotations by {done.annotators} made-up annotators"
            + (f" ({steps})." if steps else ".")
        )
