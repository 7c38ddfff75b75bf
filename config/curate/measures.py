"""Measures: how alike people judge, and how machine and people compare, on the latest items."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db.models import Count, OuterRef, Subquery
from django.utils import timezone

from annotation.consensus import deciding
from annotation.models import Campaign
from config.curate import charts, wording
from config.models import Agreement as KeptAgreement
from config.models import Comparison
from datasets_app.models import Verdict
from datasets_app.protocols.base import Protocol
from datasets_app.vocabulary import Severity, VerdictMethod
from moderation.models import Screening

# A measure is no more certain for being taken of more items, but the page is slower.
MEASURED = 1_000
# So far back a line of it goes.
DAYS = 28


@dataclass(frozen=True, slots=True)
class Measured:
    """How alike people answer one question: `raw` 0-1, `alpha` after Krippendorff, at most 1.

    From `low` to `high` it lies with 95 %. Each is None where it is not defined.
    """

    votes: int
    raw: float | None
    alpha: float | None
    low: float | None
    high: float | None


def measured(
    campaign: Campaign, items: Mapping[UUID, tuple[UUID, UUID | None]]
) -> dict[str, Measured]:
    """How alike people answer each question that has votes, by its key."""
    if not items:
        return {}
    responses = {item: deciding.responses_of(*pair) for item, pair in items.items()}
    count = deciding.counted(campaign, responses, VerdictMethod.MAJORITY).count
    found: dict[str, Measured] = {}
    for key, counted in count.questions.items():
        one = counted.agreement()
        if one.votes:
            low, high = counted.interval(len(items)) or (None, None)
            found[key] = Measured(one.votes, one.raw, one.alpha, low, high)
    return found


@dataclass(frozen=True, slots=True)
class Agreement:
    """How alike people answer one question, as the page tells it.

    `line` are points of a line of α over `DAYS` days, "" of fewer than two. `disputed` counts all
    items with a dispute on it, not only those that were measured.
    """

    key: str
    wording: str
    now: KeptAgreement
    line: str
    disputed: int

    @property
    def band(self) -> charts.Band | None:
        """The interval, drawn."""
        return charts.band(self.now.low, self.now.high)


def agreements(
    campaign: Campaign | None, protocol: Protocol, disputed: Mapping[str, int]
) -> list[Agreement]:
    """One row for each question that has votes, in the protocol's order, as kept by the sweep."""
    first = timezone.now().date() - timedelta(days=DAYS - 1)
    kept: dict[str, list[KeptAgreement]] = {}
    rows = list(KeptAgreement.objects.filter(campaign=campaign).order_by("day"))
    for row in rows:
        kept.setdefault(row.question, []).append(row)
    return [
        Agreement(
            question.key,
            wording.question(protocol, question.key),
            kept[question.key][-1],
            charts.line(
                [((row.day - first).days, row.alpha) for row in kept[question.key]], days=DAYS
            ),
            disputed.get(question.key, 0),
        )
        for question in protocol.questions
        # What has no votes any more is kept, but not told.
        if question.key in kept and kept[question.key][-1].day == rows[-1].day
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


def compared(campaign: Campaign | None) -> tuple[Confusion, int]:
    """What the sweep kept of machine against people, and on how many items."""
    kept = Comparison.objects.filter(campaign=campaign).first() or Comparison()
    found = Confusion(kept.both_safe, kept.false_alarms, kept.missed, kept.both_unsafe)
    return found, kept.items
