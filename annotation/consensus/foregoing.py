"""Foregoing: takes away a further place that nobody has begun, where it decides nothing now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from psycopg.types.json import Jsonb

from annotation import narrowing
from annotation.consensus import sequential
from annotation.consensus.deciding import fetch, names_of, responses_of
from annotation.consensus.verdicts import Decision
from annotation.models import Campaign
from annotation.vocabulary import Strategy
from datasets_app.protocols import protocol_named

# Open items that wait for nothing but places beyond the overlap, in each of their chains; of those
# chains that have any.
_FURTHER = """
WITH chain AS (
    SELECT * FROM jsonb_to_recordset(%(chains)s::jsonb) AS w(step text, chain text, keys text[])
), slot AS (
    SELECT s.id, s.item_id, chain.chain, s.number, s.state,
           bool_and(s.state = 'open' AND s.reserved_for_id IS NULL)
               OVER (PARTITION BY s.item_id, chain.chain, s.number) AS is_untouched
    FROM annotation_slot s JOIN chain ON chain.step = s.step
    WHERE s.campaign_id = %(campaign)s AND s.item_id = ANY(%(items)s)
), asked AS (
    SELECT slot.item_id, slot.chain, bool_and(slot.is_untouched OR slot.state = 'done') AS is_done,
           coalesce(array_agg(slot.id) FILTER (WHERE slot.is_untouched), '{}') AS further,
           count(DISTINCT slot.number) FILTER (WHERE NOT slot.is_untouched)
           + CASE WHEN %(imported)s THEN (
               SELECT count(*) FROM datasets_app_importedvote v
               WHERE v.item_id = slot.item_id AND jsonb_exists_all(
                   v.answers, (SELECT keys FROM chain WHERE chain.step = slot.chain))
           ) ELSE 0 END AS people
    FROM slot GROUP BY slot.item_id, slot.chain
), whole AS (
    SELECT asked.*, bool_and(is_done AND (further = '{}' OR people >= %(overlap)s))
        OVER (PARTITION BY item_id) AS is_answered
    FROM asked
)
SELECT i.id, i.first_id, i.second_id, whole.chain, whole.people, whole.further
FROM whole JOIN datasets_app_item i ON i.id = whole.item_id
WHERE whole.is_answered AND whole.further <> '{}' AND i.state = 'open'
"""


@dataclass(frozen=True, slots=True)
class Further:
    """The places (`slots`) of an item's chain that nobody has begun, beyond the `people` who have
    answered, here or as imported votes; `responses` are the item's, by id.
    """

    item: UUID
    responses: tuple[str, ...]
    chain: str
    people: int
    slots: list[int]


def further(campaign: Campaign, items: Sequence[UUID]) -> list[Further]:
    """Further places of those of the items that wait for nothing else."""
    if campaign.strategy != Strategy.SEQUENTIAL or not items:
        return []
    values = names_of(campaign) | {
        "items": list(items),
        "chains": Jsonb(narrowing.chains_of(campaign)),
    }
    return [
        Further(item, responses_of(first, second), chain, people, slots)
        for item, first, second, chain, people, slots in fetch(_FURTHER, values)
    ]


def forgo(
    campaign: Campaign, found: Sequence[Further], decisions: Mapping[UUID, Sequence[Decision]]
) -> list[UUID]:
    """Take those places away that would not be given now; the items of which none went although
    one had to.

    Answers that were given anew may be sure by now, or beyond becoming so. In the caller's
    transaction, which has the campaign's row and the items locked; places that somebody is just
    looking at are passed over.
    """
    protocol = protocol_named(campaign.protocol)
    needless = [
        one
        for one in found
        if one.item in decisions
        and not sequential.chains_to_widen(
            protocol,
            decisions[one.item],
            certainty=campaign.certainty,
            free={one.chain: campaign.widest - one.people},
        )
    ]
    if not needless:
        return []
    slots = [slot for one in needless for slot in one.slots]
    return narrowing.narrow_needless(campaign, slots, {one.item for one in needless})
