"""Priority: which items are asked for first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, QuerySet

from annotation import placing
from annotation.models import Campaign, Due, Slot
from annotation.vocabulary import Priority
from datasets_app.models import Item

# What is being leased just now is waited for, and then left alone. New positions lie ahead of
# everybody, so that nobody has walked past them; among themselves the slots keep their order. A
# follow-up that waits for its person goes first anyway.
_SET = """
WITH chosen AS MATERIALIZED (
    SELECT s.id, s.item_id, s.position FROM annotation_slot s
    WHERE s.campaign_id = %(campaign)s AND s.item_id = ANY(%(items)s) AND s.state = 'open'
      AND s.reserved_for_id IS NULL AND s.priority <> %(priority)s
    ORDER BY s.id FOR UPDATE OF s
), renumbered AS (
    SELECT id, nextval('annotation_slot_position') AS position
    FROM (SELECT id FROM chosen ORDER BY position) AS in_order
), moved AS (
    UPDATE annotation_slot s SET priority = %(priority)s, position = renumbered.position
    FROM renumbered WHERE s.id = renumbered.id
    RETURNING s.item_id
)
INSERT INTO datasets_app_event (actor_id, verb, dataset_id, item, subject, after)
SELECT %(actor)s, 'prioritise', %(dataset)s, item_id, 'campaign:' || %(campaign)s::bigint,
       %(name)s
FROM moved GROUP BY item_id
RETURNING item
"""


def set_priority(
    campaign: Campaign, items: Sequence[UUID], priority: Priority, *, by: User | None
) -> int:
    """Ask for these items before all others, or in the usual order again; how many changed.

    Open items of the campaign's dataset only; those without places get theirs. Safe beside
    everything that leases.
    """
    with transaction.atomic():
        locked = Campaign.objects.select_for_update(no_key=True, of=("self",))
        locked_campaign = locked.select_related("dataset").get(pk=campaign.pk)
        chosen = Item.objects.filter(dataset=campaign.dataset_id, pk__in=items).open()
        if priority is Priority.FIRST:
            placing.fill(locked_campaign, _unplaced(campaign, chosen))
        values: dict[str, Any] = {
            "campaign": campaign.pk,
            "dataset": campaign.dataset_id,
            "items": list(chosen.values_list("pk", flat=True)),
            "priority": priority.value,
            "name": priority.name.lower(),
            "actor": by.pk if by else None,
        }
        with connection.cursor() as cursor:
            cursor.execute(_SET, values)
            return len(cursor.fetchall())


def _unplaced(campaign: Campaign, items: QuerySet[Item]) -> list[UUID]:
    """Those of the items that have no place yet and do not wait to be settled."""
    here = {"campaign": campaign, "item": OuterRef("pk")}
    found = items.exclude(Exists(Slot.objects.filter(**here)) | Exists(Due.objects.filter(**here)))
    return list(found.order_by("pk").values_list("pk", flat=True))
