"""The policy: where a machine's judgements send an item. Pure; machines route, they never label."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from datasets_app.vocabulary import ItemState, Severity
from moderation.classifiers.contract import Judgement

# Above this a category counts as named.
NAMED = 0.5


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From where on an item is held back for a moderator.

    Both must be reached: the severity, and the probability (0-1) that it is unsafe at all. What
    stays below is open, behind a door that says its severity.
    """

    severity: int = Severity.SEVERE.value
    unsafe_probability: float = 0.8


@dataclass(frozen=True, slots=True)
class Route:
    """Where to (OPEN or QUARANTINED), how grave and of what kind by the machine, and why."""

    state: ItemState
    severity: int
    categories: tuple[str, ...]
    reason: str = ""


def route(judgements: Sequence[Judgement], thresholds: Thresholds) -> Route:
    """Quarantine if any judgement failed, or is as severe and as sure as the thresholds say.

    Severity and categories are those of the gravest, taken together; nothing judged is nothing
    known, and is held back too.
    """
    reason = _reason(judgements, thresholds)
    return Route(
        state=ItemState.QUARANTINED if reason else ItemState.OPEN,
        severity=max((judgement.severity for judgement in judgements), default=Severity.SEVERE.value),
        categories=tuple(sorted({name for judgement in judgements for name in named(judgement)})),
        reason=reason,
    )


def named(judgement: Judgement) -> tuple[str, ...]:
    """The categories that a judgement names: none when it finds the passage safe."""
    if judgement.severity == Severity.NONE:
        return ()
    return tuple(sorted(name for name, p in judgement.probabilities.items() if p >= NAMED))


def _reason(judgements: Sequence[Judgement], thresholds: Thresholds) -> str:
    if not judgements:
        return "there was nothing that the classifier could judge"
    for judgement in judgements:
        if judgement.error:
            return f"the classifier failed: {judgement.error}"
        unsafe = 1 - judgement.is_safe_probability
        if judgement.severity >= thresholds.severity and unsafe >= thresholds.unsafe_probability:
            return f"{Severity(judgement.severity).label.lower()}, unsafe with {unsafe:.2f}"
    return ""
