"""`manage.py settle --dataset SLUG`: settles what has all its votes; says how alike they are."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError, CommandParser

from annotation import settling
from annotation.consensus.counting import Agreement
from annotation.settling import Settled
from datasets_app.commands import CastorCommand, add_dataset
from datasets_app.models import Dataset


class Command(CastorCommand):
    """Settle every item of a dataset whose votes are all there; weigh its disputes anew."""

    help = "Settle every item of a dataset whose votes are all there; weigh its disputes anew."

    def add_arguments(self, parser: CommandParser) -> None:
        add_dataset(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        dataset = Dataset.objects.filter(slug=options["dataset"]).first()
        if dataset is None:
            raise CommandError(f"There is no dataset {options['dataset']!r}; load it first.")
        settled = settling.settle(dataset)
        agreement = settling.agreement(dataset)
        if options["json"]:
            self.print_json(
                {
                    "dataset": dataset.slug,
                    "settled": settled.settled,
                    "disputed": settled.disputed,
                    "disputes": settled.disputes,
                    "agreement": {
                        key: {"votes": one.votes, "raw": one.raw, "alpha": one.alpha}
                        for key, one in agreement.items()
                    },
                }
            )
        else:
            self._tell(settled, agreement)

    def _tell(self, settled: Settled, agreement: dict[str, Agreement]) -> None:
        self.stdout.write(f"{settled.settled:,} settled, {settled.disputed:,} disputed.")
        for question, one in agreement.items():
            disputed = settled.disputes.get(question, 0)
            self.stdout.write(
                f"  {question:24} {one.votes:>7,} votes   agreement {_figure(one.raw)}"
                f"   α {_figure(one.alpha)}   disputed {disputed:,}"
            )


def _figure(value: float | None) -> str:
    return "   –" if value is None else f"{value:4.2f}"
