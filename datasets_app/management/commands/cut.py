"""`manage.py cut SLUG [--recipe FILE]`: freeze the settled items as the dataset's next version."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from datasets_app import versions
from datasets_app.commands import CastorCommand
from datasets_app.models import Dataset, Version


class Command(CastorCommand):
    """Freeze the settled items of a dataset as its next version."""

    help = "Freeze the settled items of a dataset as its next version."
    told = (versions.BadRecipe, versions.NothingToCut)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("dataset", metavar="SLUG", help="The dataset's short name.")
        parser.add_argument(
            "--recipe", metavar="FILE", help="What to take, as .toml or .json (docs/versions.md)."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        path = options["recipe"]
        recipe = versions.read_recipe(Path(path)) if path else versions.Recipe()
        dataset = Dataset.objects.filter(slug=options["dataset"]).first()
        if dataset is None:
            raise CommandError(f"There is no dataset {options['dataset']!r}.")
        with self.progress("Cutting", unit="items") as tick:
            version = versions.cut(dataset, recipe, by=None, progress=tick)
        if options["json"]:
            self.print_json(summary(version))
        else:
            self._tell(version)

    def _tell(self, version: Version) -> None:
        parts = ", ".join(f"{name} {count:,}" for name, count in version.counts.items() if count)
        self.stdout.write(f"{version}: {version.size:,} records ({parts}).")
        for reason, count in sorted(version.refusals.items()):
            self.stdout.write(f"  left out {count:,}: {reason}")


def summary(version: Version) -> dict[str, Any]:
    """What `--json` prints of a version."""
    return {
        "version": str(version),
        "number": version.number,
        "records": version.size,
        "splits": version.counts,
        "refusals": version.refusals,
        "digest": version.digest,
        "recipe": version.recipe,
    }
