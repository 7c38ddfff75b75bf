"""Screens all that waits in a dataset, here and now."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from datasets_app.commands import CastorCommand, add_dataset
from datasets_app.models import Dataset
from moderation.classifiers.contract import ClassifierError
from moderation.classifiers.in_use import classifier_in_use
from moderation.screening import Screened, screen


class UnknownDataset(Exception):
    """No dataset has that slug."""


class Command(CastorCommand):
    """`manage.py screen --dataset SLUG`: what the `gpu` worker does by itself every few seconds."""

    help = "Screen all items of a dataset that wait, with the classifier of CASTOR_GUARD."
    told = (UnknownDataset, ClassifierError)

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The dataset."""
        add_dataset(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Screen until nothing waits, and say how much went where."""
        dataset = Dataset.objects.filter(slug=options["dataset"]).first()
        if dataset is None:
            raise UnknownDataset(f"There is no dataset {options['dataset']!r}; load it first.")
        classifier = classifier_in_use()
        total = Screened()
        waiting = dataset.items.all().waiting().count()
        with self.progress("screening", unit="items") as tick:
            for batch in screen(classifier, dataset=dataset.pk):
                total += batch
                tick(total.total, waiting)
        result = {
            "dataset": dataset.slug,
            "classifier": classifier.name,
            "revision": classifier.revision,
            "screened": total.total,
            "opened": total.opened,
            "quarantined": total.quarantined,
            "given_up": total.given_up,
        }
        if options["json"]:
            self.print_json(result)
        else:
            self.stdout.write(
                f"{total.total} screened: {total.opened} open, {total.quarantined} quarantined"
                + (f", {total.given_up} given up" if total.given_up else "")
            )
