"""Settling: the votes of items that have all of them become verdicts, and the items move on.

The law is in docs/consensus.md. Verdicts and the item's state change in one transaction; whatever
is run twice, or beside itself, comes to the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.db import connection, transaction

from annotation import campaigns, narrowing, resuming
from annotation.consensus import deciding, foregoing, widening
from annotation.consensus.counting import Agreement
from annotation.consensus.deciding import Counted, fetch, names_of, responses_of
from annotation.consensus.verdicts import Decision
from annotation.models import Campaign
from datasets_app import ledger
from datasets_app.models import Dataset
from datasets_app.vocabulary import ItemState, VerdictMethod

# Items settled in one transaction.
BATCH = 200
# Dawid–Skene looks at all votes of the campaign: it waits a second for every so many of them
# before it looks again, but not longer than this.
VOTES_A_SECOND = 5_000
MOST_PATIENCE = 240


@dataclass(frozen=True, slots=True)
class Settled:
    """How many items came out how; `disputes` counts disputed items by question."""

    settled: int = 0
    disputed: int = 0
    disputes: dict[str, int] = field(default_factory=dict)

    def __add__(self, other: Settled) -> Settled:
        disputes = dict(self.disputes)
        for question, number in other.disputes.items():
            disputes[question] = disputes.get(question, 0) + number
        return Settled(self.settled + other.settled, self.disputed + other.disputed, disputes)


# Ripe: every slot holds a counted annotation; an item without slots has all its votes imported.
_IS_RIPE = """
NOT EXISTS (SELECT FROM annotation_slot s
            WHERE s.item_id = i.id AND s.campaign_id = %(campaign)s AND s.state <> 'done')
AND (EXISTS (SELECT FROM annotation_slot s
             WHERE s.item_id = i.id AND s.campaign_id = %(campaign)s)
     OR %(imported)s AND (SELECT count(*) FROM datasets_app_importedvote v
                          WHERE v.item_id = i.id) >= %(overlap)s)
"""
_ALL_RIPE = """
SELECT i.id FROM datasets_app_item i
WHERE i.dataset_id = %(dataset)s AND i.state IN ('open', 'disputed') AND {is_ripe} ORDER BY i.id
"""
# First the lock, so that nobody revises meanwhile; what is being settled elsewhere is passed over.
# Then, in a statement that sees all that was done before the lock was given, the question.
_LOCK = """
SELECT id FROM datasets_app_item WHERE id = ANY(%(items)s) ORDER BY id
FOR NO KEY UPDATE SKIP LOCKED
"""
_RIPE_AMONG = """
SELECT i.id, i.state, i.first_id, i.second_id FROM datasets_app_item i
WHERE i.id = ANY(%(items)s) AND i.state IN ('open', 'disputed', 'settled') AND {is_ripe}
ORDER BY i.id
"""

_DUE = "SELECT id, item_id FROM annotation_due WHERE campaign_id = %(campaign)s ORDER BY id"
_OLDEST_DUE = """
SELECT extract(epoch FROM now() - min(created_at)),
       (SELECT count(*) FROM annotation_annotation WHERE campaign_id = %(campaign)s)
FROM annotation_due WHERE campaign_id = %(campaign)s
"""
_FORGET = """
DELETE FROM annotation_due WHERE id = ANY(%(notes)s) AND item_id = ANY(%(items)s) RETURNING id
"""
# Before the verdicts are touched, as whoever rules or settles does.
_LOCK_ALL = "SELECT FROM datasets_app_item WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE"
_DROP = """
DELETE FROM datasets_app_verdict WHERE item_id = ANY(%(items)s) AND method <> 'ruling'
RETURNING item_id
"""


def settle(dataset: Dataset) -> Settled:
    """Settle every item of a dataset whose votes are all there; disputes are weighed anew.

    Items that had settled before stay, unless their votes changed since.
    """
    campaign = campaigns.latest(dataset)
    if campaign is None:
        return Settled()
    resuming.resume(campaign)
    ripe = [row[0] for row in fetch(_ALL_RIPE.format(is_ripe=_IS_RIPE), names_of(campaign))]
    return _settle(campaign, also=ripe)


def settle_ripe() -> Settled:
    """Settle what changed since the last time, in the latest campaign of every dataset.

    Also where that is closed: what was answered before is not to wait until it is open again. Of
    what came back from quarantine all is looked at (`resuming`).
    """
    total = Settled()
    for campaign in campaigns.latest_of_all():
        resuming.resume(campaign)
        if _is_time(campaign):
            total += _settle(campaign)
    return total


def agreement(dataset: Dataset) -> dict[str, Agreement]:
    """How alike the votes on each question of a dataset are, all of its campaign's together."""
    campaign = campaigns.latest(dataset)
    if campaign is None:
        return {}
    return deciding.counted_all(campaign, VerdictMethod.MAJORITY).count.agreement()


def reopen(items: Sequence[UUID], *, by: int | None, reason: str) -> list[UUID]:
    """Send items whose votes were taken away back to OPEN; those that went.

    In the caller's transaction. Verdicts that votes had given are dropped, those that a curator
    gave stay; an item that was ruled on entirely does not go back.
    """
    with connection.cursor() as cursor:
        cursor.execute(_LOCK_ALL, [list(items)])
        cursor.execute(_DROP, {"items": list(items)})
        emptied = list({row[0] for row in cursor.fetchall()})
    return [
        item
        for before in (ItemState.SETTLED, ItemState.DISPUTED)
        for item in ledger.move(
            emptied, before=before, after=ItemState.OPEN, verb="reopen", by=by, reason=reason
        )
    ]


def _is_time(campaign: Campaign) -> bool:
    """Whether there are notes; under Dawid–Skene, whether they are old enough for the effort."""
    age, votes = fetch(_OLDEST_DUE, names_of(campaign))[0]
    if age is None or campaign.method != VerdictMethod.DAWID_SKENE:
        return age is not None
    return bool(age >= min(votes / VOTES_A_SECOND, MOST_PATIENCE))


def _settle(campaign: Campaign, *, also: Iterable[UUID] = ()) -> Settled:
    notes = fetch(_DUE, names_of(campaign))
    items = sorted({item for _note, item in notes} | set(also))
    model = None
    if items and campaign.method == VerdictMethod.DAWID_SKENE:
        # Read after the items were chosen: whatever changes later leaves a new note.
        model = deciding.counted_all(campaign, VerdictMethod.DAWID_SKENE)
    total = Settled()
    for start in range(0, len(items), BATCH):
        part = set(items[start : start + BATCH])
        total += _settle_part(campaign, part, [note for note, item in notes if item in part], model)
    return total


def _settle_part(
    campaign: Campaign, items: set[UUID], notes: list[int], model: Counted | None
) -> Settled:
    """Settle those of some items that are ripe; their notes are done with."""
    with transaction.atomic():
        # Before the items, as whoever changes the overlap does.
        planned, campaign = _way(campaign), widening.locked(campaign)
        if _way(campaign) != planned:
            # Verdicts come about otherwise since the notes were read: they wait for the next time.
            return Settled()
        names = names_of(campaign)
        locked = [row[0] for row in fetch(_LOCK, {"items": list(items)})]
        again = set(narrowing.narrow_settling(campaign, locked))
        again |= set(_forgone(campaign, locked, model))
        ripe = {
            item: (ItemState(state), responses_of(first, second))
            for item, state, first, second in fetch(
                _RIPE_AMONG.format(is_ripe=_IS_RIPE), names | {"items": locked}
            )
        }
        decisions = _decided(campaign, {item: found[1] for item, found in ripe.items()}, model)
        is_open = {item for item, (state, _r) in ripe.items() if state is ItemState.OPEN}
        unsure = {item: found for item, found in decisions.items() if item in is_open}
        for item in widening.widen(campaign, unsure):
            del decisions[item]
        changed = deciding.write(decisions, VerdictMethod(campaign.method))
        states = {item: state for item, (state, _r) in ripe.items()}
        settled = _moved(campaign, decisions, states, changed)
        fetch(_FORGET, {"notes": notes, "items": [one for one in locked if one not in again]})
    return settled


def _forgone(campaign: Campaign, items: list[UUID], model: Counted | None) -> list[UUID]:
    """Take further places away that the answers no longer ask for; the items to look at again."""
    found = foregoing.further(campaign, items)
    decisions = _decided(campaign, {one.item: one.responses for one in found}, model)
    return foregoing.forgo(campaign, found, decisions)


def _way(campaign: Campaign) -> tuple[str, str, float]:
    """What decides how votes become verdicts."""
    return campaign.strategy, campaign.method, campaign.minimum_agreement


def _decided(
    campaign: Campaign, ripe: dict[UUID, tuple[str, ...]], model: Counted | None
) -> dict[UUID, list[Decision]]:
    if not ripe:
        return {}
    ruled = deciding.rulings_on(list(ripe))
    votes = model or deciding.counted(campaign, ripe, VerdictMethod.MAJORITY)
    return {item: votes.decide(item, ruled[item]) for item in ripe if item in votes}


def _moved(
    campaign: Campaign,
    decisions: dict[UUID, list[Decision]],
    states: dict[UUID, ItemState],
    changed: set[UUID],
) -> Settled:
    """Move the items to where their verdicts send them; what stays and says otherwise is noted."""
    disputes: dict[str, int] = {}
    ways: dict[tuple[ItemState, ItemState], list[UUID]] = {}
    for item, found in decisions.items():
        questions = {decision.question for decision in found if decision.dispute}
        after = ItemState.DISPUTED if questions else ItemState.SETTLED
        ways.setdefault((states[item], after), []).append(item)
        for question in questions:
            disputes[question] = disputes.get(question, 0) + 1
    for (before, after), items in ways.items():
        if before is not after:
            ledger.move(items, before=before, after=after, verb="settle")
            continue
        for item in changed.intersection(items):
            subject = f"campaign:{campaign.pk}"
            ledger.note("weigh", dataset=campaign.dataset_id, item=item, subject=subject)
    disputed = sum(len(items) for (_b, after), items in ways.items() if after == ItemState.DISPUTED)
    return Settled(len(decisions) - disputed, disputed, disputes)
