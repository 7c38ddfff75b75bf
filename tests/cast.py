"""The fixed cast: Ana and Ben annotate, Cora curates, Mo moderates, Dan has no business here."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import User

from annotation.models import Annotator
from datasets_app.models import Dataset, Membership
from datasets_app.vocabulary import Role

PASSWORD = "the beaver builds at night"


@dataclass(frozen=True, slots=True)
class Cast:
    """Everybody, as users; `as_annotator` gives the person as a judge."""

    ana: User
    ben: User
    cora: User
    mo: User
    dan: User


ROLES = {
    "ana": Role.ANNOTATOR,
    "ben": Role.ANNOTATOR,
    "cora": Role.CURATOR,
    "mo": Role.MODERATOR,
}


def cast(*datasets: Dataset) -> Cast:
    """Make the cast, or find it; each gets the role above in every dataset given, Dan none."""
    everybody = ("ana", "ben", "cora", "mo", "dan")
    people = _people({name: f"{name}@example.org" for name in everybody}, make_password(PASSWORD))
    Membership.objects.bulk_create(
        (
            Membership(user=people[name], dataset=dataset, role=role)
            for dataset in datasets
            for name, role in ROLES.items()
        ),
        ignore_conflicts=True,
    )
    return Cast(**people)


def _people(addresses: dict[str, str], password: str) -> dict[str, User]:
    """The users of these names, made where they are missing, in the order of the names."""
    User.objects.bulk_create(
        (User(username=name, email=mail, password=password) for name, mail in addresses.items()),
        ignore_conflicts=True,
    )
    found = User.objects.in_bulk(addresses, field_name="username")
    return {name: found[name] for name in addresses}


def person(name: str) -> User:
    """The user of that name, with `PASSWORD`; made on first call."""
    found = User.objects.filter(username=name).first()
    return found or User.objects.create_user(name, f"{name}@example.org", PASSWORD)


def member(user: User, dataset: Dataset, role: Role) -> None:
    """Give a person a role in a dataset."""
    Membership.objects.get_or_create(user=user, dataset=dataset, role=role)


def as_annotator(user: User) -> Annotator:
    """The person as a judge; made on first call."""
    return Annotator.objects.get_or_create(user=user)[0]


def annotators(number: int, dataset: Dataset) -> list[Annotator]:
    """So many more annotators of a dataset, for crowds: crowd-01, crowd-02 …"""
    names = [f"crowd-{index:02}" for index in range(1, number + 1)]
    users = _people(dict.fromkeys(names, ""), "")
    Membership.objects.bulk_create(
        (Membership(user=user, dataset=dataset, role=Role.ANNOTATOR) for user in users.values()),
        ignore_conflicts=True,
    )
    Annotator.objects.bulk_create(
        (Annotator(user=user) for user in users.values()), ignore_conflicts=True
    )
    crowd = {judge.user_id: judge for judge in Annotator.objects.filter(user__in=users.values())}
    return [crowd[user.pk] for user in users.values()]
