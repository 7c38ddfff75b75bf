"""Deciding: reads the votes on items into a ballot box, and stores what they decide."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

import orjson
from django.db import connection

from annotation.consensus.coding import BallotBox
from annotation.consensus.verdicts import Count, Decision, Spot
from annotation.models import Campaign
from datasets_app.protocols import protocol_named
from datasets_app.vocabulary import VerdictMethod

# Rows fetched at once, so that the votes of a large campaign never lie in memory as rows.
CHUNK = 5_000

# In the order given, because of equally many the first words stand; what came with the data last.
_VOTES = """
SELECT a.item_id, o.key::text, a.answers, false AS imported, a.id
FROM annotation_annotation a JOIN annotation_annotator o ON o.id = a.annotator_id
WHERE a.campaign_id = %(campaign)s AND a.standing = 'counted' {of_annotation}
UNION ALL
SELECT v.item_id, v.worker, v.answers, true, v.id
FROM datasets_app_importedvote v JOIN datasets_app_item i ON i.id = v.item_id
WHERE %(imported)s AND i.dataset_id = %(dataset)s {of_import}
ORDER BY 1, 4, 5
"""
_VOTES_ON = _VOTES.format(
    of_annotation="AND a.item_id = ANY(%(items)s)", of_import="AND v.item_id = ANY(%(items)s)"
)
_ALL_VOTES = _VOTES.format(of_annotation="", of_import="")
_VOTED_ON = """
SELECT i.id, i.first_id, i.second_id FROM datasets_app_item i
WHERE i.dataset_id = %(dataset)s AND (
    EXISTS (SELECT FROM annotation_annotation a WHERE a.item_id = i.id AND a.standing = 'counted'
            AND a.campaign_id = %(campaign)s)
    OR %(imported)s AND EXISTS (SELECT FROM datasets_app_importedvote v WHERE v.item_id = i.id))
ORDER BY i.id
"""

# What a curator ruled stays. What is no longer asked of an item goes. Last it says on which items
# something else stands now: whatever a statement with more parts reads is as it was before.
_WRITE = """
WITH decided AS (
    SELECT * FROM jsonb_to_recordset(%(decisions)s::jsonb) AS d(
        item uuid, question text, response uuid, value jsonb, votes jsonb, agreement float8,
        posterior float8, dispute text)
), stood AS (
    SELECT item_id, question, response_id, value FROM datasets_app_verdict
    WHERE item_id = ANY(%(items)s) AND dispute = ''
), stands AS (
    SELECT item, question, response, nullif(value, 'null') FROM decided WHERE dispute = ''
), written AS (
    INSERT INTO datasets_app_verdict
        (item_id, question, response_id, value, votes, agreement, posterior, method, dispute)
    SELECT item, question, response, nullif(value, 'null'), votes, agreement, posterior,
           %(method)s, dispute
    FROM decided
    ON CONFLICT (item_id, question, response_id) DO UPDATE
    SET value = excluded.value, votes = excluded.votes, agreement = excluded.agreement,
        posterior = excluded.posterior, method = excluded.method, dispute = excluded.dispute,
        decided_at = now()
    WHERE datasets_app_verdict.method <> 'ruling'
), gone AS (
    DELETE FROM datasets_app_verdict v
    WHERE v.item_id = ANY(%(items)s) AND v.method <> 'ruling'
      AND NOT EXISTS (SELECT FROM decided d WHERE d.item = v.item_id AND d.question = v.question
                      AND d.response IS NOT DISTINCT FROM v.response_id)
)
SELECT DISTINCT item_id FROM (
    (SELECT * FROM stood EXCEPT SELECT * FROM stands)
    UNION ALL
    (SELECT * FROM stands EXCEPT SELECT * FROM stood)
) AS otherwise
"""

_RULED = """
SELECT item_id, question, response_id::text, value FROM datasets_app_verdict
WHERE item_id = ANY(%(items)s) AND method = 'ruling'
"""


@dataclass(frozen=True, slots=True)
class Counted:
    """The votes on a number of items, counted by one method; `place` finds an item among them."""

    count: Count
    place: Mapping[UUID, int]
    minimum: float

    def __contains__(self, item: UUID) -> bool:
        return item in self.place

    def decide(
        self,
        item: UUID,
        ruled: Mapping[Spot, Any] | None = None,
        kept: Mapping[Spot, Any] | None = None,
    ) -> list[Decision]:
        """The verdicts on one of the items; `ruled` and `kept` as in `Count.decide`."""
        return self.count.decide(self.place[item], minimum=self.minimum, ruled=ruled, kept=kept)


def counted(
    campaign: Campaign, items: Mapping[UUID, tuple[str, ...]], method: VerdictMethod
) -> Counted:
    """The votes on these items (id → ids of its responses, in order)."""
    names = names_of(campaign) | {"items": list(items)}
    return _counted(campaign, items, _VOTES_ON, names, method)


def counted_all(campaign: Campaign, method: VerdictMethod) -> Counted:
    """The votes on all items of the campaign that anybody voted on."""
    names = names_of(campaign)
    items = {row[0]: responses_of(row[1], row[2]) for row in fetch(_VOTED_ON, names)}
    return _counted(campaign, items, _ALL_VOTES, names, method)


def rulings_on(items: Sequence[UUID]) -> dict[UUID, dict[Spot, Any]]:
    """What curators ruled on these items, by question and response."""
    found: dict[UUID, dict[Spot, Any]] = {item: {} for item in items}
    for item, question, response, value in fetch(_RULED, {"items": list(items)}):
        found[item][question, response] = orjson.loads(value)
    return found


def write(decisions: Mapping[UUID, Sequence[Decision]], method: VerdictMethod) -> set[UUID]:
    """Store the decisions on items as their verdicts, in the caller's transaction.

    Rulings stay as they are; verdicts that are not among the decisions go. Returns the items on
    which other answers stand now than before.
    """
    rows = [{"item": item, **asdict(one)} for item, found in decisions.items() for one in found]
    values: dict[str, Any] = {
        "decisions": json.dumps(rows, default=str),
        "items": list(decisions),
        "method": method.value,
    }
    return {row[0] for row in fetch(_WRITE, values)}


def names_of(campaign: Campaign) -> dict[str, Any]:
    """The values that the statements about a campaign share."""
    return {
        "campaign": campaign.pk,
        "dataset": campaign.dataset_id,
        "imported": campaign.dataset.counts_imported_votes,
        "overlap": campaign.overlap,
    }


def fetch(statement: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """The rows of a statement."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())


def responses_of(first: UUID, second: UUID | None) -> tuple[str, ...]:
    """The ids of an item's responses, in order."""
    return (str(first),) if second is None else (str(first), str(second))


def _counted(
    campaign: Campaign,
    items: Mapping[UUID, tuple[str, ...]],
    statement: str,
    names: Mapping[str, Any],
    method: VerdictMethod,
) -> Counted:
    place = {item: number for number, item in enumerate(items)}
    box = BallotBox(protocol_named(campaign.protocol), list(items.values()))
    with connection.cursor() as cursor:
        cursor.execute(statement, names)
        while rows := cursor.fetchmany(CHUNK):
            for item, voter, answers, imported, _id in rows:
                if item in place:
                    box.add(place[item], voter, orjson.loads(answers), imported=imported)
    return Counted(Count(box, method), place, campaign.minimum_agreement)
