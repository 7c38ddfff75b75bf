"""Measures: how alike people judge, and how machine and people compare, on the latest items."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, OuterRef, Subquery

from annotation.consensus import deciding
from annotation.models import Campaign
from config.curate import wording
from datasets_app.models import Verdict
from datasets_app.protocols.base import Protocol
from datasets_app.vocabulary import Severity, VerdictMethod
from moderation.models import Screening

# A measure is no more certain for being taken of more items, but the page is slower.
MEASURED = 1_000


@dataclass(frozen=True, slots=True)
class Agreement:
    """How alike people answer one question: `raw` 0-1, `alpha` after Krippendorff, at most 1.

    `disputed` counts all items with a dispute on it, not only those that were measured.
    """

    key: str
    wording: str
    votes: int
    raw: float | None
    alpha: float | None
    disputed: int


def agreements(
    campaign: Campaign | None,
    protocol: Protocol,
    items: Mapping[UUID, tuple[UUID, UUID | None]],
    disputed: Mapping[str, int],
) -> list[Agreement]:
    """One row for each question that has votes, in the protocol's order."""
    if campaign is None or not items:
        return []
    responses = {item: deciding.responses_of(*pair) for item, pair in items.items()}
    counted = deciding.counted(campaign, responses, VerdictMethod.MAJORITY).count.agreement()
    return [
        Agreement(
            key,
            wording.question(protocol, key),
            found.votes,
            found.raw,
            found.alpha,
            disputed.get(key, 0),
        )
        for key, found in counted.items()
        if found.votes
    ]


@dataclass(frozen=True, slots=True)
class Confusion:
    """Responses by what people settled and what the machine said of them: safe or unsafe."""

    both_safe: int
    false_alarms: int
    missed: int
    both_unsafe: int

    @property
    def total(self) -> int:
        return self.both_safe + self.false_alarms + self.missed + self.both_unsafe

    @property
    def unsafe(self) -> int:
        """How many people found unsafe."""
        return self.missed + self.both_unsafe

    @property
    def alarms(self) -> int:
        """How many the machine found unsafe."""
        return self.false_alarms + self.both_unsafe


def confusion(items: Sequence[UUID]) -> Confusion:
    """The latest screening of each response beside its verdict on `safe`, where both are there."""
    said = Screening.objects.filter(response=OuterRef("response"), error="").order_by("-pk")
    rows = (
        Verdict.objects.filter(item__in=items, question="safe", dispute="", response__isnull=False)
        .annotate(machine=Subquery(said.values("severity")[:1]))
        .exclude(machine__isnull=True)
        .values_list("value", "machine")
        .annotate(number=Count("pk"))
        .order_by()
    )
    cells = {(people, alarm): 0 for people in (True, False) for alarm in (True, False)}
    for people_safe, severity, number in rows:
        cells[people_safe is True, severity != Severity.NONE] += number
    return Confusion(
        both_safe=cells[True, False],
        false_alarms=cells[True, True],
        missed=cells[False, False],
        both_unsafe=cells[False, True],
    )
