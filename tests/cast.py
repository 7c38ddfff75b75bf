"""The fixed cast: Ana and Ben annotate, Cora curates, Mo moderates, Dan has no business here."""

from __future__ import annotations

from dataclasses import dataclass

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
    people = {name: person(name) for name in ("ana", "ben", "cora", "mo", "dan")}
    for dataset in datasets:
        for name, role in ROLES.items():
            member(people[name], dataset, role)
    return Cast(**people)


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
    crowd = []
    for index in range(1, number + 1):
        user, _made = User.objects.get_or_create(username=f"crowd-{index:02}")
        member(user, dataset, Role.ANNOTATOR)
        crowd.append(as_annotator(user))
    return crowd
