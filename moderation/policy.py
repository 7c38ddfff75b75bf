"""The policy: where a machine's judgements send an item. Pure; machines route, they never label."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from datasets_app.vocabulary import Severity
from moderation.classifiers.base import Judgement


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From where on an item is held back for a moderator.

    Severe harm is held back when the machine is also fairly sure that it is harm at all; below
    that the item is open, behind a door.
    """

    severity: int = Severity.SEVERE.value
    unsafe_probability: float = 0.8


@dataclass(frozen=True, slots=True)
class Route:
    """Where to, and why in a few words."""

    is_quarantined: bool
    reason: str = ""


def route(judgements: Sequence[Judgement], thresholds: Thresholds) -> Route:
    """Quarantine if any judgement failed, or is as severe and as sure as the thresholds say."""
    for judgement in judgements:
        if judgement.error:
            return Route(True, f"the classifier failed: {judgement.error}")
        if (
            judgement.severity >= thresholds.severity
            and judgement.unsafe_probability >= thresholds.unsafe_probability
        ):
            grade = Severity(judgement.severity).label.lower()
            return Route(True, f"{grade}, unsafe with {judgement.unsafe_probability:.2f}")
    return Route(False)
