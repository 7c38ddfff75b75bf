"""The ledger's pen: the only writer of `Item.state`, one audit event for every change.

Law. A move is `UPDATE … WHERE state = before`; what has moved already is left alone, so any
step may run again after any crash. The event is inserted by the same statement. A verb returns
the ids that it really moved.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import connection

from datasets_app.models import Event
from datasets_app.vocabulary import ItemState

# Who may put an item where: state → the states it may move to.
MOVES: Mapping[ItemState, frozenset[ItemState]] = {
    ItemState.SCREENING: frozenset({ItemState.OPEN, ItemState.QUARANTINED, ItemState.WITHDRAWN}),
    # Back to SCREENING when a load replaces its content: what the machine said was of the old one.
    ItemState.QUARANTINED: frozenset({ItemState.OPEN, ItemState.SCREENING, ItemState.WITHDRAWN}),
    ItemState.OPEN: frozenset(
        {ItemState.SETTLED, ItemState.DISPUTED, ItemState.QUARANTINED, ItemState.WITHDRAWN}
    ),
    ItemState.DISPUTED: frozenset(
        {ItemState.SETTLED, ItemState.OPEN, ItemState.QUARANTINED, ItemState.WITHDRAWN}
    ),
    ItemState.SETTLED: frozenset(
        {ItemState.DISPUTED, ItemState.OPEN, ItemState.QUARANTINED, ItemState.WITHDRAWN}
    ),
    ItemState.WITHDRAWN: frozenset(),
}

_MOVE = """
WITH moved AS (
    UPDATE datasets_app_item SET state = %(after)s
    WHERE id = ANY(%(items)s) AND state = %(before)s
    RETURNING id, dataset_id
), noted AS (
    INSERT INTO datasets_app_event (actor_id, verb, dataset_id, item, before, after, reason)
    SELECT %(actor)s, %(verb)s, dataset_id, id, %(before)s, %(after)s, %(reason)s FROM moved
)
SELECT id FROM moved
"""


class ForbiddenMove(Exception):
    """There is no such way between two states."""


def move(
    items: Sequence[UUID],
    *,
    before: ItemState,
    after: ItemState,
    verb: str,
    by: int | None = None,
    reason: str = "",
) -> list[UUID]:
    """Move those of `items` that are in `before` to `after`; return the ids that moved.

    `by` is the acting user's id, None for the system. Raises ForbiddenMove for a way that
    `MOVES` does not know. Must run inside the caller's transaction when other facts go with it.
    """
    if after not in MOVES[before]:
        raise ForbiddenMove(f"An item cannot go from {before} to {after}.")
    with connection.cursor() as cursor:
        cursor.execute(
            _MOVE,
            {
                "items": list(items),
                "before": before.value,
                "after": after.value,
                "verb": verb,
                "actor": by,
                "reason": reason,
            },
        )
        return [row[0] for row in cursor.fetchall()]


def withdraw(items: Iterable[UUID], *, by: int | None, reason: str) -> list[UUID]:
    """Take items out for good, whatever their state; the rows stay as tombstones."""
    wanted = list(items)
    moved: list[UUID] = []
    for before in ItemState:
        if before is not ItemState.WITHDRAWN:
            moved += move(
                wanted,
                before=before,
                after=ItemState.WITHDRAWN,
                verb="withdraw",
                by=by,
                reason=reason,
            )
    return moved


_GRADE = """
UPDATE datasets_app_item AS item
SET machine_severity = graded.severity,
    machine_categories = ARRAY(SELECT jsonb_array_elements_text(graded.categories))
FROM jsonb_to_recordset(%s::jsonb) AS graded (id uuid, severity smallint, categories jsonb)
WHERE item.id = graded.id
"""


def grade(grades: Iterable[tuple[UUID, int, Sequence[str]]]) -> None:
    """Write what machines think of items: severity 0-3, categories; for routes and doors."""
    rows = [
        {"id": str(item), "severity": severity, "categories": list(categories)}
        for item, severity, categories in grades
    ]
    with connection.cursor() as cursor:
        cursor.execute(_GRADE, [json.dumps(rows)])


def note(
    verb: str,
    *,
    by: int | None = None,
    dataset: int | None = None,
    item: UUID | None = None,
    subject: str = "",
    before: str = "",
    after: str = "",
    reason: str = "",
    data: Mapping[str, Any] | None = None,
) -> None:
    """Write an event that moves no item, in the caller's transaction; `item` if it is about one."""
    Event.objects.create(
        actor_id=by,
        verb=verb,
        dataset_id=dataset,
        item=item,
        subject=subject,
        before=before,
        after=after,
        reason=reason,
        data=dict(data or {}),
    )
