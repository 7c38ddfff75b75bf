"""`manage.py member SLUG USER ROLE`: gives somebody a role in a dataset, or takes it away."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import CommandParser
from django.db import transaction

from datasets_app import ledger
from datasets_app.commands import CastorCommand
from datasets_app.models import Dataset, Membership
from datasets_app.vocabulary import Role


class NobodyThere(Exception):
    """There is no such dataset, or no such person."""


class Command(CastorCommand):
    """Whoever loads a dataset on the command line makes its first curator so."""

    help = "Give a person a role in a dataset, or take it away."
    told = (NobodyThere,)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", metavar="SLUG", help="The dataset.")
        parser.add_argument("user", metavar="USER", help="Who: the name they sign in with.")
        parser.add_argument("role", choices=Role.values, help="annotator, moderator or curator.")
        parser.add_argument("--remove", action="store_true", help="Take the role away.")

    def handle(self, *args: Any, **options: Any) -> None:
        dataset = Dataset.objects.filter(slug=options["slug"]).first()
        if dataset is None:
            raise NobodyThere(f"There is no dataset {options['slug']!r}; load it first.")
        user = User.objects.filter(username=options["user"]).first()
        if user is None:
            raise NobodyThere(
                f"Nobody signs in as {options['user']!r}; make the account with createsuperuser, "
                "or send an invitation."
            )
        change = _remove if options["remove"] else _give
        is_changed = change(dataset, user, Role(options["role"]))
        result = {"dataset": dataset.slug, "user": user.username, "role": options["role"]}
        if options["json"]:
            self.print_json(result | {"changed": is_changed})
        else:
            has = "is no longer" if options["remove"] else "is now"
            self.stdout.write(f"{user.username} {has} {options['role']} of {dataset.slug}.")


@transaction.atomic
def _give(dataset: Dataset, user: User, role: Role) -> bool:
    _, is_new = Membership.objects.get_or_create(dataset=dataset, user=user, role=role)
    if is_new:
        _note(dataset, user, after=role)
    return is_new


@transaction.atomic
def _remove(dataset: Dataset, user: User, role: Role) -> bool:
    gone, _ = Membership.objects.filter(dataset=dataset, user=user, role=role).delete()
    if gone:
        _note(dataset, user, before=role)
    return bool(gone)


def _note(dataset: Dataset, user: User, *, before: str = "", after: str = "") -> None:
    ledger.note("member", dataset=dataset.pk, subject=f"user:{user.pk}", before=before, after=after)
