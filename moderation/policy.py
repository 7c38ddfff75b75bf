"""Decides from judgements whether people may be shown an item: pure, and only about routing.

A machine's judgement opens or quarantines; it never labels, releases, withdraws or settles.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from datasets_app.vocabulary import ItemState, Severity
from moderation.classifiers.contract import MOST_SEVERE, Judgement


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From where on an item is quarantined.

    `severity`: this grave or graver, 1…3, or 4 for never. The default quarantines what is severe:
    people who signed up to judge harm are not kept from minor and moderate harm.
    `unsafe_probability`: more likely unsafe than this, 0…1, whatever the severity; 1 means never,
    and is the default, since the probability of *some* harm says nothing about its gravity.
    `category_probability`: from where on a category is named in the route; 0…1.
    Raises ValueError for values outside these ranges.
    """

    severity: int = 3
    unsafe_probability: float = 1.0
    category_probability: float = 0.5

    def __post_init__(self) -> None:
        if self.severity not in (1, 2, 3, 4):
            raise ValueError(f"severity threshold {self.severity!r}: not 1, 2, 3 or 4 (never)")
        for name in ("unsafe_probability", "category_probability"):
            if not 0 <= getattr(self, name) <= 1:  # NaN is not either.
                raise ValueError(f"{name} {getattr(self, name)!r}: not between 0 and 1")


@dataclass(frozen=True, slots=True)
class Route:
    """Where an item goes, and what to warn of.

    `state`: OPEN or QUARANTINED. `severity`: the gravest found, 0…3. `categories`: those found,
    likeliest first. `reason`: one line for people; empty when OPEN.
    """

    state: ItemState
    severity: int
    categories: tuple[str, ...]
    reason: str = ""


def route(judgements: Sequence[Judgement], thresholds: Thresholds = Thresholds()) -> Route:
    """The route of an item from the judgements of its prompt and responses, the worst counting.

    A failed judgement, one with impossible numbers, or none at all quarantines with severity 3
    and a reason: what no machine could judge is shown to people behind the strongest warning,
    and only after a moderator has looked.
    """
    if not judgements:
        return Route(ItemState.QUARANTINED, MOST_SEVERE, (), "no machine has judged it")
    categories = _categories(judgements, thresholds.category_probability)
    fault = next((fault for fault in map(_fault, judgements) if fault), None)
    if fault:
        return Route(
            ItemState.QUARANTINED, MOST_SEVERE, categories, f"the classifier failed: {fault}"
        )
    severity = max(judgement.severity for judgement in judgements)
    unsafe = 1 - min(judgement.is_safe_probability for judgement in judgements)
    reason = _reason(severity, unsafe, thresholds)
    state = ItemState.QUARANTINED if reason else ItemState.OPEN
    return Route(state, severity, categories, reason)


def _reason(severity: int, unsafe: float, thresholds: Thresholds) -> str:
    if severity >= thresholds.severity:
        return f"the machine finds it {Severity(severity).label.lower()}"
    if unsafe > thresholds.unsafe_probability:
        return f"the machine finds it unsafe, with a probability of {unsafe:.2f}"
    return ""


def _fault(judgement: Judgement) -> str | None:
    """Why a judgement is no judgement; None if it is one."""
    if judgement.error is not None:
        return judgement.error
    numbers = [judgement.is_safe_probability, *judgement.probabilities.values()]
    if not all(math.isfinite(number) and 0 <= number <= 1 for number in numbers):
        return "a probability outside 0…1"
    if judgement.severity not in (0, 1, 2, 3):
        return f"a severity of {judgement.severity!r}"
    return None


def named(judgement: Judgement, least: float = 0.5) -> tuple[str, ...]:
    """The categories of an unsafe judgement: those at least that likely, else the likeliest.

    Likeliest first; equally likely ones in the order of the label set. Empty for a safe or failed
    judgement, so that unsafe and named go together.
    """
    return _categories([judgement], least)


def _categories(judgements: Sequence[Judgement], least: float) -> tuple[str, ...]:
    likeliest: dict[str, float] = {}
    for judgement in judgements:
        if judgement.severity == 0 or _fault(judgement):
            continue
        for key, probability in judgement.probabilities.items():
            likeliest[key] = max(probability, likeliest.get(key, 0.0))
    ordered = sorted(likeliest, key=lambda key: -likeliest[key])
    likely = tuple(key for key in ordered if likeliest[key] >= least)
    return likely or tuple(ordered[:1])
