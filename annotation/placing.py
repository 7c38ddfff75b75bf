"""Places: gives every item that people may judge its slots in a campaign."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from psycopg.types.json import Jsonb

from annotation import narrowing, steps
from annotation.models import Campaign
from datasets_app import ledger
from datasets_app.protocols import protocol_named
from datasets_app.protocols.base import Protocol

# Items placed in one transaction: enough to be fast, few enough to be soon over.
BATCH = 1_000
# Slots of a step that are kept ready beyond the annotator who is furthest on.
AHEAD = 2_000

# Behind the last item placed, in the order of loading. The index of slot numbers knows the last.
_NEXT = """
SELECT id FROM datasets_app_item
WHERE dataset_id = %(dataset)s AND state = 'open' AND id > coalesce(
    (SELECT item_id FROM annotation_slot WHERE campaign_id = %(campaign)s
     ORDER BY item_id DESC LIMIT 1), '00000000-0000-0000-0000-000000000000')
  AND NOT EXISTS (SELECT FROM annotation_due d
                  WHERE d.campaign_id = %(campaign)s AND d.item_id = datasets_app_item.id)
ORDER BY id LIMIT %(limit)s
"""

# Before it: items that became open late. Looks at every open item begun, so it goes second.
_LATECOMERS = """
SELECT i.id FROM datasets_app_item i
WHERE i.dataset_id = %(dataset)s AND i.state = 'open'
  AND i.id <= (SELECT item_id FROM annotation_slot WHERE campaign_id = %(campaign)s
               ORDER BY item_id DESC LIMIT 1)
  AND NOT EXISTS (SELECT FROM annotation_slot s
                  WHERE s.campaign_id = %(campaign)s AND s.item_id = i.id)
  AND NOT EXISTS (SELECT FROM annotation_due d
                  WHERE d.campaign_id = %(campaign)s AND d.item_id = i.id)
ORDER BY i.id LIMIT %(limit)s
"""

# A step gets the slots that it lacks: `overlap` less those it has, less the imported votes that
# answer all of `keys`; under the lowest numbers free, which are the same for all steps of a chain,
# because a chain's slots come and go together. Where an item needs none, settling is told.
_FILL = """
WITH step AS (
    SELECT * FROM jsonb_to_recordset(%(steps)s::jsonb) AS t(rank int, key text, keys text[])
), has AS (
    SELECT i.id AS item, step.rank, step.key, (
        SELECT coalesce(array_agg(s.number), '{}') FROM annotation_slot s
        WHERE s.campaign_id = %(campaign)s AND s.item_id = i.id AND s.step = step.key
    ) AS numbers, CASE WHEN %(imported)s THEN (
        SELECT count(*) FROM datasets_app_importedvote v
        WHERE v.item_id = i.id AND jsonb_exists_all(v.answers, step.keys)
    ) ELSE 0 END AS imported
    FROM unnest(%(items)s::uuid[]) AS i(id) CROSS JOIN step
), lacking AS (
    SELECT has.item, has.key, free.number
    FROM has CROSS JOIN LATERAL (
        SELECT n AS number FROM generate_series(1, %(overlap)s + cardinality(has.numbers)) AS n
        WHERE n <> ALL (has.numbers) ORDER BY n
        LIMIT greatest(%(overlap)s - cardinality(has.numbers) - has.imported, 0)
    ) AS free
    ORDER BY has.item, has.rank, free.number
), placed AS (
    INSERT INTO annotation_slot
        (campaign_id, item_id, step, number, state, priority, position, attempts)
    SELECT %(campaign)s, item, key, number, 'open', 1, nextval('annotation_slot_position'), 0
    FROM lacking
    RETURNING item_id
), due AS (
    INSERT INTO annotation_due (campaign_id, item_id)
    SELECT %(campaign)s, item FROM has
    GROUP BY item HAVING sum(cardinality(numbers)) = 0 AND min(imported) >= %(overlap)s
)
SELECT count(*) FROM placed
"""

_BEGUN = """
SELECT DISTINCT s.item_id FROM annotation_slot s JOIN datasets_app_item i ON i.id = s.item_id
WHERE s.campaign_id = %(campaign)s AND i.state IN ('open', 'quarantined') ORDER BY s.item_id
"""


def place(campaign: Campaign, *, at_most: int | None = None) -> int:
    """Slots for open items without any: for each step as many as the overlap asks; how many slots.

    `at_most` bounds the items. Safe to run beside itself: the campaign's row is locked while a
    batch is placed. Where the dataset counts imported votes, so many fewer slots are placed;
    steps that belong together (`Step.after`) count only votes that answer all of them.
    """
    placed, left = 0, at_most
    while left is None or left > 0:
        limit = BATCH if left is None else min(BATCH, left)
        items, slots = _place_batch(campaign, limit)
        placed += slots
        left = None if left is None else left - items
        if items == 0:
            break
    return placed


def place_at_once(campaign: Campaign, *, at_most: int) -> int | None:
    """The same for somebody who will not wait: None when somebody else is just placing."""
    if not _unplaced(campaign, 1):
        return 0
    with transaction.atomic():
        locked = _lock(campaign, skip_locked=True)
        if locked is None:
            return None
        items = _unplaced(locked, at_most)
        return _fill(locked, items) if items else 0


def _place_batch(campaign: Campaign, limit: int) -> tuple[int, int]:
    """Items and slots of one batch; (0, 0) when every open item has its slots."""
    if not _unplaced(campaign, 1):
        return 0, 0  # nothing waits: nobody is made to wait for the lock
    with transaction.atomic():
        locked = _lock(campaign)
        items = _unplaced(locked, limit) if locked else []
        slots = _fill(locked, items) if locked and items else 0
    return len(items), slots


def _lock(campaign: Campaign, *, skip_locked: bool = False) -> Campaign | None:
    """The campaign as it is now, its row locked."""
    rows = Campaign.objects.select_for_update(no_key=True, skip_locked=skip_locked, of=("self",))
    return rows.select_related("dataset").filter(pk=campaign.pk).first()


def _unplaced(campaign: Campaign, limit: int) -> list[UUID]:
    values = {"dataset": campaign.dataset_id, "campaign": campaign.pk, "limit": limit}
    with connection.cursor() as cursor:
        cursor.execute(_NEXT, values)
        found = [row[0] for row in cursor.fetchall()]
        if not found:
            cursor.execute(_LATECOMERS, values)
            found = [row[0] for row in cursor.fetchall()]
    return found


def fill(campaign: Campaign, items: Sequence[UUID] | None = None) -> int:
    """Slots that items begun lack since the overlap was raised (of all, or of these); how many.

    Of these, open slots beyond the overlap go: it may have been lowered since. In the caller's
    transaction, which has the campaign's row locked.
    """
    if items is None:
        with connection.cursor() as cursor:
            cursor.execute(_BEGUN, {"campaign": campaign.pk})
            items = [row[0] for row in cursor.fetchall()]
    else:
        narrowing.narrow(campaign, items)
    return sum(
        _fill(campaign, items[start : start + BATCH]) for start in range(0, len(items), BATCH)
    )


def _fill(campaign: Campaign, items: Sequence[UUID]) -> int:
    values: dict[str, Any] = {
        "campaign": campaign.pk,
        "items": list(items),
        "overlap": campaign.overlap,
        "imported": campaign.dataset.counts_imported_votes,
        "steps": Jsonb(_steps(protocol_named(campaign.protocol))),
    }
    with connection.cursor() as cursor:
        cursor.execute(_FILL, values)
        slots = int(cursor.fetchall()[0][0])
    ledger.note(
        "place",
        dataset=campaign.dataset_id,
        subject=f"campaign:{campaign.pk}",
        data={"items": len(items), "slots": slots},
    )
    return slots


def _steps(protocol: Protocol) -> list[dict[str, Any]]:
    """The steps as `_FILL` reads them."""
    return [
        {"rank": rank, "key": step.key, "keys": steps.asked_of_everybody(protocol, step)}
        for rank, step in enumerate(protocol.steps)
    ]


def place_ahead(campaign: Campaign) -> int:
    """Place items until `AHEAD` slots wait beyond the annotator who is furthest on; how many.

    A million items do not need their nine million slots today. Whoever comes to the end of
    what is placed places more by asking for work.
    """
    placed = 0
    while _waiting(campaign) < AHEAD:
        items, slots = _place_batch(campaign, BATCH)
        if not items:
            break
        placed += slots
    return placed


_WAITING = """
SELECT count(*) FROM (
    SELECT FROM annotation_slot
    WHERE campaign_id = %(campaign)s AND step = %(step)s AND priority = 1
      AND state = 'open' AND reserved_for_id IS NULL
      AND position > coalesce((SELECT max(position) FROM annotation_progress
          WHERE campaign_id = %(campaign)s AND step = %(step)s AND priority = 1), 0)
    LIMIT %(limit)s
) AS waiting
"""


def _waiting(campaign: Campaign) -> int:
    """Slots that nobody has walked past yet, in the step that has fewest of them."""
    with connection.cursor() as cursor:
        counted = []
        for step in steps.open_to_all(protocol_named(campaign.protocol)):
            values: dict[str, Any] = {
                "campaign": campaign.pk,
                "step": step.key,
                "limit": AHEAD,
            }
            cursor.execute(_WAITING, values)
            counted.append(int(cursor.fetchall()[0][0]))
    return min(counted)
