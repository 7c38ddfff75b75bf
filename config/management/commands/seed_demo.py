"""`manage.py seed_demo`: the demonstration's datasets and people, once."""

from __future__ import annotations

import shutil
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from config import demonstration
from config.demonstration import Show
from datasets_app.commands import CastorCommand
from datasets_app.demo.draw import draw
from datasets_app.models import Dataset


class NotHere(Exception):
    """The demonstration has well-known passwords: it has no place in production."""


class Command(CastorCommand):
    """Load the demonstration, with well-known logins; what is there already stays as it is."""

    help = "Load the demonstration's datasets and people; what is there already stays."
    speaks_json = False
    told = (NotHere,)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--logins", action="store_true", help="Print the logins, do nothing.")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise NotHere(
                "seed_demo makes logins with known passwords: not with CASTOR_ENV=production."
            )
        if options["logins"]:
            self.stdout.write("\n".join(demonstration.logins()))
            return
        # First of all: somebody may be reading the sign-in page already.
        demonstration.make_people()
        known = set(Dataset.objects.values_list("slug", flat=True))
        missing = [show for show in demonstration.SHOWS if show.slug not in known]
        if missing:
            self._seed(missing)

    def _seed(self, shows: list[Show]) -> None:
        folder = settings.CASTOR_HOME / "demo"
        sources = draw(folder)
        for show in shows:
            source = sources[show.protocol]
            if show.is_measured:
                demonstration.have_measured(show, source)
            dataset = demonstration.load(show, demonstration.first_part(show, source))
            demonstration.bring_to_life(show, dataset, self.stdout.write)
        # What nobody has answered yet comes last: the visitor's work.
        for show in shows:
            demonstration.load(show, sources[show.protocol])
        shutil.rmtree(folder)
