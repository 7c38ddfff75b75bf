"""Held: the pages of a quarantine, the gravest items first, with what machines said of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from datasets_app.label_sets import LABEL_SETS
from datasets_app.models import Event, Item, Response
from datasets_app.models.item import ItemQuerySet
from datasets_app.vocabulary import ItemState, Severity
from moderation.models import Screening

PAGE_SIZE = 24


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page begins: after this item, of this severity."""

    severity: int
    item: UUID

    def __str__(self) -> str:
        return f"{self.severity}.{self.item}"


@dataclass(frozen=True, slots=True)
class Card:
    """One item held back. `unsafe` is the likeliest harm that a machine saw, 0-1.

    `is_reported` says that a person held it back, and `why` is then that person's reason.
    """

    item: Item
    responses: list[tuple[str, Response]]
    severity: int
    categories: list[str]
    unsafe: float | None
    why: str
    is_reported: bool


@dataclass(frozen=True, slots=True)
class HeldPage:
    """One page of cards; `following` is where the next begins, None on the last."""

    cards: list[Card]
    following: Place | None


def read_place(text: str) -> Place | None:
    """The place that an address names; None, the beginning, for anything that names none."""
    severity, _dot, item = text.partition(".")
    try:
        return Place(Severity(int(severity)).value, UUID(item))
    except ValueError:
        return None


def page(held: ItemQuerySet, start: Place | None) -> HeldPage:
    """The page that begins after `start`. What no machine has graded counts as severe.

    A keyset: no page is slower for those before it.
    """
    rows = held.annotate(grade=Coalesce("machine_severity", Severity.SEVERE.value))
    if start is not None:
        rows = rows.filter(Q(grade__lt=start.severity) | Q(grade=start.severity, pk__gt=start.item))
    rows = rows.select_related("prompt", "first__media", "second__media")
    rows = rows.prefetch_related("prompt__media_links__media")
    found: list[Any] = list(rows.order_by("-grade", "pk")[: PAGE_SIZE + 1])  # Any: annotated
    shown = found[:PAGE_SIZE]
    is_last = len(found) <= PAGE_SIZE
    following = None if is_last else Place(shown[-1].grade, shown[-1].pk)
    return HeldPage(_cards(shown), following)


def _cards(items: Sequence[Any]) -> list[Card]:
    unsafe, whys = _unsafe(items), _whys(items)
    return [
        Card(
            item,
            _responses(item),
            item.grade,
            [_category(key) for key in item.machine_categories or ()],
            unsafe.get(item.pk),
            *whys.get(item.pk, ("", False)),
        )
        for item in items
    ]


def _responses(item: Item) -> list[tuple[str, Response]]:
    if item.second is None:
        return [(_("Response"), item.first)]
    return [(_("Response A"), item.first), (_("Response B"), item.second)]


def _category(key: str) -> str:
    known = (labels for labels in LABEL_SETS.values() if key in labels.keys)
    return next((_(labels[key].name) for labels in known), key)


def _unsafe(items: Sequence[Item]) -> dict[UUID, float]:
    """The highest probability of harm among what each item shows."""
    rows = Screening.objects.filter(
        prompt__in={item.prompt_id for item in items}, unsafe_probability__isnull=False
    ).values_list("prompt", "response", "unsafe_probability")
    highest: dict[tuple[UUID, UUID | None], float] = {}
    for prompt, response, probability in rows:
        place = prompt, response
        highest[place] = max(highest.get(place, 0.0), probability or 0.0)
    found = {}
    for item in items:
        places = [(item.prompt_id, one) for one in (None, item.first_id, item.second_id)]
        said = [highest[place] for place in places if place in highest]
        if said:
            found[item.pk] = max(said)
    return found


def _whys(items: Sequence[Item]) -> dict[UUID, tuple[str, bool]]:
    """Why each was held back the last time, and whether somebody reported it."""
    rows = (
        Event.objects.filter(item__in=[item.pk for item in items], after=ItemState.QUARANTINED)
        .order_by("item", F("id").desc())
        .distinct("item")
    )
    found = rows.values_list("item", "reason", "verb")
    return {item: (reason, verb == "report") for item, reason, verb in found if item}
