"""Covers: which items stay behind a door until they are revealed, and to whom it stands open."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from annotation import prepared
from annotation.eligibility import GRACE_SECONDS
from annotation.gravity import FORESEEN, GRAVITY
from annotation.prepared import compact
from datasets_app.access import Sight
from datasets_app.vocabulary import Severity

# From here on content stays covered until it is asked for: what can be seen at a glance of a
# moderate harm is already more than one wants to see unasked.
COVERED_FROM = Severity.MODERATE


def is_covered(gravity: int) -> bool:
    """Whether what is so grave (0-3) stays behind a door."""
    return gravity >= COVERED_FROM


# A check is covered by what an item is covered by that nobody has judged yet: what people found is
# what is asked, and would tell the one from the other.
_FROM = """
SELECT i.id FROM datasets_app_item i WHERE i.id = ANY(%(items)s) AND {gravity} >= {least:d}
"""
_COVERED = compact(_FROM.format(gravity=GRAVITY, least=COVERED_FROM))
_COVERED_IN_CHECKS = compact(_FROM.format(gravity=FORESEEN, least=COVERED_FROM))
_SEVERE = compact(_FROM.format(gravity=GRAVITY, least=Severity.SEVERE))


def covered(items: Collection[UUID], *, in_checks: bool = False) -> set[UUID]:
    """Those of the items that stay behind a door; with `in_checks`, as those of checks."""
    statement = _COVERED_IN_CHECKS if in_checks else _COVERED
    return {row[0] for row in prepared.fetch(statement, {"items": list(items)})}


def severe(items: Collection[UUID]) -> set[UUID]:
    """Those of the items that are of the gravest kind, whoever found it."""
    return {row[0] for row in prepared.fetch(_SEVERE, {"items": list(items)})}


# A reveal whose page fell silent no longer opens anything, whether or not it was ended.
_SIGHT = f"""
SELECT CASE WHEN {{gravity}} < {int(COVERED_FROM)} THEN {Sight.FREE:d} WHEN EXISTS (
    SELECT FROM annotation_exposure e JOIN annotation_annotator a ON a.id = e.annotator_id
    WHERE a.user_id = %(user)s AND e.item_id = i.id AND e.ended_at IS NULL
      AND e.seen_at > clock_timestamp() - interval '{GRACE_SECONDS} seconds'
    ) THEN {Sight.REVEALED:d} ELSE {Sight.BLURRED:d} END
FROM datasets_app_item i WHERE i.id = ANY(%(items)s)
"""  # noqa: S608  pieces of ours
_SIGHT_OF_ITEMS = compact(_SIGHT.format(gravity=GRAVITY))
_SIGHT_OF_CHECKS = compact(_SIGHT.format(gravity=FORESEEN))


def sight_of(user_id: int, items: Collection[UUID], *, in_checks: bool = False) -> Sight:
    """How far this person may look at what these items show, which he judges, or is checked by.

    Covered ones are open to him as long as he has a reveal of them open. The freest counts: what
    lies open in one item is not hidden in another.
    """
    statement = _SIGHT_OF_CHECKS if in_checks else _SIGHT_OF_ITEMS
    rows = prepared.fetch(statement, {"user": user_id, "items": list(items)})
    return max((Sight(row[0]) for row in rows), default=Sight.NOTHING)
