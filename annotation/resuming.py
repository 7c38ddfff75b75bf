"""Resuming: an item that comes back from quarantine goes on where people had stopped."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import connection, transaction

from annotation import placing
from annotation.models import Campaign

# What was held back after people could see it, and is open again: each time once. Its places may
# be too few by now, or all done, and whoever looked meanwhile looked in vain. What nobody had begun
# gets its places as all others do. The index event_quarantined knows the few that were held back;
# each is asked about by itself (OFFSET 0): joined, the planner takes them for many and reads all.
_BACK = """
WITH held AS MATERIALIZED (
    SELECT item, max(id) AS id FROM datasets_app_event
    WHERE dataset_id = %(dataset)s AND after = 'quarantined' AND before <> 'screening' GROUP BY item
)
SELECT held.item FROM held
WHERE EXISTS (SELECT FROM datasets_app_item i
              WHERE i.id = held.item AND i.state = 'open' OFFSET 0)
  AND NOT EXISTS (SELECT FROM datasets_app_event r
                  WHERE r.item = held.item AND r.id > held.id AND r.verb = 'resume' OFFSET 0)
  AND EXISTS (SELECT FROM annotation_slot s
              WHERE s.campaign_id = %(campaign)s AND s.item_id = held.item OFFSET 0)
ORDER BY held.item LIMIT %(limit)s
"""
# Of an item that is just being held back again nothing is said: it is found when it comes back.
_NOTE = """
WITH back AS MATERIALIZED (
    SELECT id FROM datasets_app_item WHERE id = ANY(%(items)s) AND state = 'open'
    ORDER BY id FOR NO KEY UPDATE SKIP LOCKED
), due AS (
    INSERT INTO annotation_due (campaign_id, item_id) SELECT %(campaign)s, id FROM back
)
INSERT INTO datasets_app_event (verb, dataset_id, item, subject)
SELECT 'resume', %(dataset)s, id, 'campaign:' || %(campaign)s::bigint FROM back
RETURNING item
"""


def resume(campaign: Campaign) -> int:
    """Give items that came back the places that they lack, and have them settled; how many.

    Safe to run beside itself, beside settling and beside everything that leases: the campaign's
    row is locked while there is something to do.
    """
    resumed = 0
    while _back(campaign):
        with transaction.atomic():
            rows = Campaign.objects.select_for_update(no_key=True, of=("self",))
            locked = rows.select_related("dataset").get(pk=campaign.pk)
            done = _resume(locked, _back(locked))
        resumed += done
        if not done:
            break
    return resumed


def _resume(locked: Campaign, items: list[UUID]) -> int:
    if not items:  # somebody else did it
        return 0
    placing.fill(locked, items)
    return len(_fetch(_NOTE, locked, items=items))


def _back(campaign: Campaign) -> list[UUID]:
    return _fetch(_BACK, campaign, limit=placing.BATCH)


def _fetch(statement: str, campaign: Campaign, **values: Any) -> list[UUID]:
    names = {"campaign": campaign.pk, "dataset": campaign.dataset_id}
    with connection.cursor() as cursor:
        cursor.execute(statement, names | values)
        return [row[0] for row in cursor.fetchall()]
