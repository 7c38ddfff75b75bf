"""Widening: one place more for items whose answers are not sure yet, up to the maximum."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import connection
from psycopg.types.json import Jsonb

from annotation import steps
from annotation.consensus import sequential
from annotation.consensus.verdicts import Decision
from annotation.models import Campaign
from annotation.vocabulary import Strategy
from datasets_app.protocols import protocol_named

# How many people each first step of an item's chains has: by places, and by imported votes.
_PLACES = """
SELECT i.id, t.key, (
    SELECT count(*) FROM annotation_slot s
    WHERE s.campaign_id = %(campaign)s AND s.item_id = i.id AND s.step = t.key
) + CASE WHEN %(imported)s THEN (
    SELECT count(*) FROM datasets_app_importedvote v
    WHERE v.item_id = i.id AND jsonb_exists_all(v.answers, t.keys)
) ELSE 0 END
FROM unnest(%(items)s::uuid[]) AS i(id)
CROSS JOIN jsonb_to_recordset(%(steps)s::jsonb) AS t(key text, keys text[])
"""
# The steps of a chain get their places under one number. They go first: an item begun is soon an
# item finished.
_WIDEN = """
WITH wanted AS (
    SELECT * FROM jsonb_to_recordset(%(wanted)s::jsonb)
        AS w(item uuid, rank int, step text, chain text)
), placed AS (
    INSERT INTO annotation_slot
        (campaign_id, item_id, step, number, state, priority, position, attempts)
    SELECT %(campaign)s, w.item, w.step, 1 + coalesce((
        SELECT max(s.number) FROM annotation_slot s
        WHERE s.campaign_id = %(campaign)s AND s.item_id = w.item AND s.step = w.chain), 0),
        'open', 0, nextval('annotation_slot_position'), 0
    FROM wanted w ORDER BY w.item, w.rank
    RETURNING item_id, step
)
INSERT INTO datasets_app_event (verb, dataset_id, item, subject, data)
SELECT 'widen', %(dataset)s, item_id, 'campaign:' || %(campaign)s::bigint,
       jsonb_build_object('steps', jsonb_agg(step))
FROM placed GROUP BY item_id
"""


_LOCK = "SELECT FROM annotation_campaign WHERE id = %s FOR {strength}"


def locked(campaign: Campaign) -> Campaign:
    """The campaign as it is, its row locked so that its plan stays until the transaction ends.

    Where more places may be needed, also so that nobody else gives out numbers of places; with a
    fixed overlap those who settle do not wait for each other.
    """
    strength = "NO KEY UPDATE" if campaign.strategy == Strategy.SEQUENTIAL else "SHARE"
    with connection.cursor() as cursor:
        cursor.execute(_LOCK.format(strength=strength), [campaign.pk])
    return Campaign.objects.select_related("dataset").get(pk=campaign.pk)


def widen(campaign: Campaign, decisions: Mapping[UUID, Sequence[Decision]]) -> list[UUID]:
    """Give those open items one place more that one more vote can still decide; which they are.

    In the caller's transaction, which has the campaign's row locked.
    """
    if campaign.strategy != Strategy.SEQUENTIAL or not decisions:
        return []
    protocol = protocol_named(campaign.protocol)
    free = _free(campaign, list(decisions))
    wanted = [
        {"item": str(item), "rank": rank, "step": step.key, "chain": chain}
        for item, found in decisions.items()
        for chain in sequential.chains_to_widen(
            protocol, found, certainty=campaign.certainty, free=free[item]
        )
        for rank, step in enumerate(steps.together(protocol, protocol.step(chain)))
    ]
    if wanted:
        _run(_WIDEN, _values(campaign) | {"wanted": Jsonb(wanted)})
    return list({UUID(str(one["item"])): None for one in wanted})


def _free(campaign: Campaign, items: list[UUID]) -> dict[UUID, dict[str, int]]:
    """How many people more may answer, by item and first step."""
    protocol = protocol_named(campaign.protocol)
    firsts = [
        {"key": step.key, "keys": steps.asked_of_everybody(protocol, step)}
        for step in steps.open_to_all(protocol)
    ]
    values = _values(campaign) | {"items": items, "steps": Jsonb(firsts)}
    with connection.cursor() as cursor:
        cursor.execute(_PLACES, values)
        free: dict[UUID, dict[str, int]] = {item: {} for item in items}
        for item, step, places in cursor.fetchall():
            free[item][step] = campaign.widest - places
    return free


def _values(campaign: Campaign) -> dict[str, Any]:
    return {
        "campaign": campaign.pk,
        "dataset": campaign.dataset_id,
        "imported": campaign.dataset.counts_imported_votes,
    }


def _run(statement: str, values: Mapping[str, Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
