"""Narrowing: takes away places that nobody has begun where an item has more than are asked for."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from django.db import connection
from psycopg.types.json import Jsonb

from annotation import steps
from annotation.models import Campaign
from annotation.vocabulary import Strategy
from datasets_app.protocols import protocol_named

# An item's chains of steps by number; too many of them, and nobody has begun: those go, the
# highest numbers first. Rows that are just being leased are waited for, and then left alone. An
# item that was given more places because its answers were not sure keeps one beyond those begun,
# unless that is more than may be asked by now.
_NARROW = """
WITH chain AS (
    SELECT * FROM jsonb_to_recordset(%(chains)s::jsonb) AS w(step text, chain text, keys text[])
), place AS (
    SELECT s.item_id, chain.chain, s.number, count(*) AS steps,
           bool_and(s.state = 'open' AND s.reserved_for_id IS NULL) AS is_untouched,
           %(slots)s::bigint[] IS NULL OR bool_or(s.id = ANY(%(slots)s::bigint[])) AS is_meant
    FROM annotation_slot s
    JOIN chain ON chain.step = s.step
    JOIN datasets_app_item i ON i.id = s.item_id
    WHERE s.campaign_id = %(campaign)s AND i.state IN ('open', 'quarantined')
      AND (%(items)s::uuid[] IS NULL OR s.item_id = ANY(%(items)s::uuid[]))
    GROUP BY s.item_id, chain.chain, s.number
), counted AS (
    SELECT place.*, count(*) OVER everywhere AS places,
           count(*) FILTER (WHERE NOT is_untouched) OVER everywhere AS begun,
           row_number() OVER (
               PARTITION BY item_id, chain
               ORDER BY is_untouched AND is_meant DESC, number DESC) AS nth,
           CASE WHEN %(imported)s THEN (
               SELECT count(*) FROM datasets_app_importedvote v
               WHERE v.item_id = place.item_id AND jsonb_exists_all(
                   v.answers, (SELECT keys FROM chain WHERE chain.step = place.chain))
           ) ELSE 0 END AS imported,
           %(keeps_widened)s AND EXISTS (
               SELECT FROM datasets_app_event e
               WHERE e.item = place.item_id AND e.verb = 'widen'
                 AND e.subject = 'campaign:' || %(campaign)s::bigint) AS is_widened
    FROM place WINDOW everywhere AS (PARTITION BY item_id, chain)
), doomed AS (
    SELECT item_id, chain, number, steps FROM counted
    WHERE is_untouched AND is_meant AND nth <= places + imported - CASE WHEN is_widened
        THEN greatest(%(overlap)s, least(begun + imported + 1, %(widest)s)) ELSE %(overlap)s END
), locked AS MATERIALIZED (
    SELECT s.id, s.item_id, d.chain, s.number, d.steps
    FROM annotation_slot s
    JOIN chain ON chain.step = s.step
    JOIN doomed d ON d.item_id = s.item_id AND d.chain = chain.chain AND d.number = s.number
    WHERE s.campaign_id = %(campaign)s AND s.state = 'open'
    ORDER BY s.id FOR UPDATE OF s {waiting}
), whole AS (
    SELECT item_id, chain, number FROM locked
    GROUP BY item_id, chain, number HAVING count(*) = max(steps)
), removed AS (
    DELETE FROM annotation_slot s USING locked NATURAL JOIN whole WHERE s.id = locked.id
    RETURNING s.item_id
), unlinked AS (
    -- What was set aside or revised there no longer counts, and is kept without a place.
    UPDATE annotation_annotation a SET slot_id = NULL
    FROM locked NATURAL JOIN whole WHERE a.slot_id = locked.id
), due AS (
    INSERT INTO annotation_due (campaign_id, item_id)
    SELECT DISTINCT %(campaign)s::bigint, item_id FROM removed
)
SELECT (SELECT count(*) FROM removed),
       ARRAY(SELECT item_id FROM doomed EXCEPT SELECT item_id FROM removed)
"""

_LOCK = "SELECT FROM datasets_app_item WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE"


def narrow(campaign: Campaign, items: Sequence[UUID] | None = None) -> int:
    """Take open places of items (of all, or of these) beyond the overlap away; how many slots.

    In the caller's transaction, which has the campaign's row locked. Of all, also those that were
    asked for because answers were not sure: settling asks for them again where they are needed.
    Of these, they stay. What is coming back meanwhile is settling's to find (`narrow_settling`).
    """
    return _run(campaign, items=items, slots=None, keeps_widened=items is not None)[0]


def narrow_settling(campaign: Campaign, items: Sequence[UUID]) -> list[UUID]:
    """The same of items that are looked at because something changed; those to look at again.

    In the caller's transaction, which has the items locked. A place that somebody is giving back
    waits for the item, not the item for the place: it is passed over, and so is one that somebody
    is just looking at.
    """
    return _run(campaign, items=items, slots=None, keeps_widened=True, waiting="SKIP LOCKED")[1]


def narrow_needless(
    campaign: Campaign, slots: Collection[int], items: Collection[UUID]
) -> list[UUID]:
    """Take those of these further places away that nobody begins just now; as `narrow_settling`."""
    return _run(campaign, items=items, slots=slots, keeps_widened=False, waiting="SKIP LOCKED")[1]


def narrow_returned(campaign_id: int, slots: Collection[int], items: Collection[UUID]) -> int:
    """Take those of these slots away that came back beyond the overlap; how many slots.

    In the transaction in which they came back. Two that come back at once are counted one after
    the other; no other slot is touched, so that nobody who leases is waited for.
    """
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [list(items)])
    # After the lock: what others gave back, or made of the overlap, meanwhile is seen.
    campaign = Campaign.objects.select_related("dataset").get(pk=campaign_id)
    return _run(campaign, items=items, slots=slots, keeps_widened=True)[0]


def _run(
    campaign: Campaign,
    *,
    items: Collection[UUID] | None,
    slots: Collection[int] | None,
    keeps_widened: bool,
    waiting: str = "",
) -> tuple[int, list[UUID]]:
    """How many slots went, and the items of which none did although one had to."""
    values: dict[str, Any] = {
        "campaign": campaign.pk,
        "overlap": campaign.overlap,
        "widest": campaign.widest,
        "imported": campaign.dataset.counts_imported_votes,
        "chains": Jsonb(chains_of(campaign)),
        "items": None if items is None else list(items),
        "slots": None if slots is None else list(slots),
        "keeps_widened": keeps_widened and campaign.strategy == Strategy.SEQUENTIAL,
    }
    with connection.cursor() as cursor:
        cursor.execute(_NARROW.format(waiting=waiting), values)
        removed, left = cursor.fetchall()[0]
        return removed, left


def chains_of(campaign: Campaign) -> list[dict[str, Any]]:
    """Each step, the first of its chain, and what is asked of everybody there."""
    protocol = protocol_named(campaign.protocol)
    return [
        {"step": step.key, "chain": first.key, "keys": steps.asked_of_everybody(protocol, first)}
        for first in steps.open_to_all(protocol)
        for step in steps.together(protocol, first)
    ]
