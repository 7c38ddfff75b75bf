"""Campaigns: opened by default, kept supplied, made wider or narrower."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.db import connection, transaction
from django.db.models import Exists, OuterRef
from django.utils.text import slugify
from psycopg.types.json import Jsonb

from annotation import placing, steps
from annotation.models import Campaign
from annotation.vocabulary import CampaignState
from datasets_app import ledger
from datasets_app.models import Dataset, Item
from datasets_app.protocols import protocol_named

OVERLAPS = range(1, 10)


class BadOverlap(Exception):
    """An item is judged by one to nine people."""


def default_for(dataset: Dataset) -> Campaign:
    """The dataset's open campaign; if it has none, one with an overlap of 3 and majority."""
    found = open_campaign(dataset)
    if found is not None:
        return found
    with transaction.atomic():
        # Two at once ask for one campaign: the second waits here and finds the first one's.
        Dataset.objects.select_for_update(no_key=True).get(pk=dataset.pk)
        found = open_campaign(dataset)
        if found is not None:
            return found
        made = Campaign.objects.create(
            dataset=dataset, slug=_free_slug(dataset), name=dataset.name, protocol=dataset.protocol
        )
        ledger.note(
            "open_campaign", dataset=dataset.pk, subject=f"campaign:{made.pk}", after=made.state
        )
    return made


def place_open_items() -> int:
    """A campaign for every dataset with open items, slots ahead of its people; how many slots."""
    waiting = Dataset.objects.filter(Exists(Item.objects.filter(dataset=OuterRef("pk")).open()))
    return sum(placing.place_ahead(default_for(dataset)) for dataset in waiting)


def open_campaign(dataset: Dataset) -> Campaign | None:
    """The campaign that hands out the work of this dataset now; there is at most one."""
    return Campaign.objects.filter(dataset=dataset, state=CampaignState.OPEN).first()


def _free_slug(dataset: Dataset) -> str:
    wished = slugify(dataset.slug)[:74] or "campaign"
    taken = set(Campaign.objects.filter(slug__startswith=wished).values_list("slug", flat=True))
    number = 1
    while (slug := wished if number == 1 else f"{wished}-{number}") in taken:
        number += 1
    return slug


# An item's chains of steps by number; too many of them, and nobody has begun: those go, the
# highest numbers first. Rows that are just being leased are waited for, and then left alone.
_NARROW = """
WITH chain AS (
    SELECT * FROM jsonb_to_recordset(%(chains)s::jsonb) AS w(step text, chain text, keys text[])
), place AS (
    SELECT s.item_id, chain.chain, s.number, count(*) AS steps,
           bool_and(s.state = 'open' AND s.reserved_for_id IS NULL) AS is_untouched
    FROM annotation_slot s
    JOIN chain ON chain.step = s.step
    JOIN datasets_app_item i ON i.id = s.item_id
    WHERE s.campaign_id = %(campaign)s AND i.state IN ('open', 'quarantined')
    GROUP BY s.item_id, chain.chain, s.number
), doomed AS (
    SELECT item_id, chain, number, steps FROM (
        SELECT place.*, count(*) OVER (PARTITION BY item_id, chain) AS places,
               row_number() OVER (
                   PARTITION BY item_id, chain ORDER BY is_untouched DESC, number DESC) AS nth,
               CASE WHEN %(imported)s THEN (
                   SELECT count(*) FROM datasets_app_importedvote v
                   WHERE v.item_id = place.item_id AND jsonb_exists_all(
                       v.answers, (SELECT keys FROM chain WHERE chain.step = place.chain))
               ) ELSE 0 END AS imported
        FROM place
    ) AS ranked
    WHERE is_untouched AND nth <= places + imported - %(overlap)s
), locked AS MATERIALIZED (
    SELECT s.id, s.item_id, d.chain, s.number, d.steps
    FROM annotation_slot s
    JOIN chain ON chain.step = s.step
    JOIN doomed d ON d.item_id = s.item_id AND d.chain = chain.chain AND d.number = s.number
    WHERE s.campaign_id = %(campaign)s AND s.state = 'open'
    ORDER BY s.id FOR UPDATE OF s
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
SELECT count(*) FROM removed
"""


def set_overlap(campaign: Campaign, overlap: int, *, by: User | None) -> int:
    """How many people judge each item from now on; the change in slots of items begun.

    Raising adds slots to open items; lowering takes away open ones only, so an item may keep
    more annotations than the overlap now asks. Raises BadOverlap.
    """
    if overlap not in OVERLAPS:
        raise BadOverlap(f"The overlap must lie between 1 and 9, not {overlap}.")
    with transaction.atomic():
        locked = Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)
        before, locked.overlap = locked.overlap, overlap
        locked.save(update_fields=["overlap"])
        ledger.note(
            "set_overlap",
            by=by.pk if by else None,
            dataset=locked.dataset_id,
            subject=f"campaign:{locked.pk}",
            before=str(before),
            after=str(overlap),
        )
        changed = placing.fill(locked) if overlap > before else -_narrow(locked)
    campaign.overlap = overlap
    return changed


CHECKED_BY = (
    "is_checked", "gold_share", "repeat_share", "pass_mark", "asks_reading"
)  # fmt: skip


def set_checks(campaign: Campaign, *, by: User | None, **wished: bool | float) -> None:
    """Whether and how much people are measured from now on; the fields named in `CHECKED_BY`.

    Raises TypeError for another field; the database refuses shares beyond a half.
    """
    if unknown := set(wished) - set(CHECKED_BY):
        raise TypeError(f"No setting of checks: {', '.join(sorted(unknown))}.")
    with transaction.atomic():
        locked = Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)
        for name, value in wished.items():
            setattr(locked, name, value)
            setattr(campaign, name, value)
        locked.save(update_fields=list(wished))
        ledger.note(
            "set_checks",
            by=by.pk if by else None,
            dataset=locked.dataset_id,
            subject=f"campaign:{locked.pk}",
            data=wished,
        )


def _narrow(campaign: Campaign) -> int:
    protocol = protocol_named(campaign.protocol)
    chains = [
        {"step": step.key, "chain": first.key, "keys": steps.asked_of_everybody(protocol, first)}
        for first in steps.open_to_all(protocol)
        for step in steps.together(protocol, first)
    ]
    values: dict[str, Any] = {
        "campaign": campaign.pk,
        "overlap": campaign.overlap,
        "imported": campaign.dataset.counts_imported_votes,
        "chains": Jsonb(chains),
    }
    with connection.cursor() as cursor:
        cursor.execute(_NARROW, values)
        return int(cursor.fetchall()[0][0])
