"""How a lease ends without an annotation: the slot comes back, a lapse remembers whose it was.

Where the campaign asks for fewer people by then, the slot goes instead.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from annotation import narrowing
from annotation.models import Annotator
from annotation.vocabulary import LapseCause

# Slots returned in one transaction.
BATCH = 500

# What comes back goes first and gets a new position, ahead of everybody's progress. The event is
# written by the same statement. `{which}` picks the leases; rows that others have locked are
# theirs to decide about. Last it says whether the item may have more places than the campaign asks
# for, because that was lowered while the slot was leased.
_RETURN = """
WITH gone AS MATERIALIZED (
    SELECT s.id, s.token, s.campaign_id, s.item_id, s.step, s.number, s.annotator_id, s.flipped,
           s.leased_at
    FROM annotation_slot s
    WHERE s.state = 'leased' AND {which}
    ORDER BY s.id FOR UPDATE OF s {waiting}
), returned AS (
    UPDATE annotation_slot s
    SET state = 'open', annotator_id = NULL, token = NULL, flipped = NULL, leased_at = NULL,
        expires_at = NULL, priority = 0, position = nextval('annotation_slot_position'),
        attempts = least(s.attempts + (%(cause)s = 'expired')::int, 32767)
    FROM gone WHERE s.id = gone.id
    RETURNING s.id, s.step, s.position
), lapsed AS (
    INSERT INTO annotation_lapse (token, annotator_id, campaign_id, item_id, step, number, flipped,
                                  leased_at, cause)
    SELECT token, annotator_id, campaign_id, item_id, step, number, flipped, leased_at, %(cause)s
    FROM gone
), noted AS (
    INSERT INTO datasets_app_event (actor_id, verb, dataset_id, item, subject, before, after,
                                    reason)
    SELECT %(actor)s, %(verb)s, c.dataset_id, gone.item_id, 'slot:' || gone.id, 'leased', 'open',
           %(reason)s
    FROM gone JOIN annotation_campaign c ON c.id = gone.campaign_id
), undrafted AS (
    -- What its person parted from for good. Whose lease is over may be given the same again.
    DELETE FROM annotation_draft d USING gone
    WHERE %(cause)s IN ('skipped', 'reported') AND d.annotator_id = gone.annotator_id
      AND d.campaign_id = gone.campaign_id AND d.item_id = gone.item_id AND d.step = gone.step
), due AS (
    -- The overlap may be going down at this moment: settling looks again, at what it is then.
    INSERT INTO annotation_due (campaign_id, item_id)
    SELECT DISTINCT campaign_id, item_id FROM gone
)
SELECT gone.id, gone.campaign_id, gone.item_id, gone.step, gone.number, returned.position, (
    SELECT count(*) FROM annotation_slot o
    WHERE o.campaign_id = gone.campaign_id AND o.item_id = gone.item_id AND o.step = gone.step
) + CASE WHEN d.counts_imported_votes THEN (
    SELECT count(*) FROM datasets_app_importedvote v WHERE v.item_id = gone.item_id
) ELSE 0 END > c.overlap
FROM gone JOIN returned ON returned.id = gone.id
JOIN annotation_campaign c ON c.id = gone.campaign_id
JOIN datasets_app_dataset d ON d.id = c.dataset_id
"""

_VERBS = {
    LapseCause.EXPIRED: "expire",
    LapseCause.RELEASED: "release",
    LapseCause.RESTED: "rest",
    LapseCause.SKIPPED: "skip",
    LapseCause.REPORTED: "report",
    LapseCause.REVOKED: "revoke",
    LapseCause.ITEM_LEFT: "item_left",
    LapseCause.CLOSED: "campaign_closed",
}

# (slot, campaign, item, step, number, new position)
Returned = tuple[int, int, UUID, str, int, int]

_OF_TOKEN = _RETURN.format(
    which="s.token = %(token)s AND s.annotator_id = %(annotator)s", waiting=""
)
_OF_ANNOTATOR = _RETURN.format(
    which="s.annotator_id = %(annotator)s AND s.campaign_id = %(campaign)s", waiting=""
)
_ALL_OF = _RETURN.format(
    which="s.annotator_id = %(annotator)s AND s.campaign_id IS DISTINCT FROM %(but)s", waiting=""
)
_OF_CAMPAIGN = _RETURN.format(which="s.campaign_id = %(campaign)s", waiting="")
_OF_ITEM = _RETURN.format(which="s.item_id = %(item)s", waiting="")
_OF_ITEM_AND_ANNOTATOR = _RETURN.format(
    which="s.item_id = %(item)s AND s.annotator_id = %(annotator)s", waiting=""
)
_EXPIRED = _RETURN.format(
    which="""s.id IN (
        SELECT id FROM annotation_slot WHERE state = 'leased' AND expires_at < clock_timestamp()
        ORDER BY expires_at LIMIT %(limit)s)""",
    waiting="SKIP LOCKED",
)
_LEFT_IN_CLOSED = _RETURN.format(
    which="""s.id IN (
        SELECT l.id FROM annotation_slot l JOIN annotation_campaign o ON o.id = l.campaign_id
        WHERE l.state = 'leased' AND o.state = 'closed' LIMIT %(limit)s)""",
    waiting="SKIP LOCKED",
)
_ITEM_LEFT = _RETURN.format(
    which="""s.id IN (
        SELECT l.id FROM annotation_slot l JOIN datasets_app_item i ON i.id = l.item_id
        WHERE l.state = 'leased' AND i.state <> 'open' LIMIT %(limit)s)""",
    waiting="SKIP LOCKED",
)


def return_lease(
    annotator: Annotator, token: UUID, *, cause: LapseCause, reason: str = ""
) -> Returned | None:
    """Give one live lease of this annotator back; None when it is no longer theirs."""
    rows = _run(
        _OF_TOKEN,
        cause,
        actor=None if cause is LapseCause.RESTED else annotator.user_id,
        reason=reason,
        token=token,
        annotator=annotator.pk,
    )
    return rows[0] if rows else None


def return_leases_of(
    annotator: Annotator, campaign_id: int, *, by: int | None, reason: str = ""
) -> list[Returned]:
    """Take back all that this annotator holds in a campaign."""
    return _run(
        _OF_ANNOTATOR,
        LapseCause.REVOKED,
        actor=by,
        reason=reason,
        annotator=annotator.pk,
        campaign=campaign_id,
    )


def return_all_of(annotator: Annotator, *, but: int | None = None) -> list[Returned]:
    """Take back all that this annotator holds, in every campaign but one: the day's work ends."""
    return _run(_ALL_OF, LapseCause.RESTED, actor=None, annotator=annotator.pk, but=but)


def return_leases_in(campaign_id: int, *, by: int | None, reason: str) -> list[Returned]:
    """Take back all that anybody holds in a campaign, because it closes."""
    return _run(_OF_CAMPAIGN, LapseCause.CLOSED, actor=by, reason=reason, campaign=campaign_id)


def return_leases_on(item: UUID, *, reporter: Annotator) -> list[Returned]:
    """Take an item back from everybody who has it: from who reported it for good, from the others
    as an item that is no longer open, which is none of their doing.

    Its places are locked by the caller, in the order of their ids.
    """
    who = reporter.user_id
    his = _run(
        _OF_ITEM_AND_ANNOTATOR, LapseCause.REPORTED, actor=who, item=item, annotator=reporter.pk
    )
    return his + _run(_OF_ITEM, LapseCause.ITEM_LEFT, actor=who, item=item)


def return_expired() -> int:
    """Take back leases whose time is over or whose item may no longer be judged; how many.

    Also what was leased in the moment in which its campaign was closed.

    In batches of 500, each its own transaction, passing over what others have locked: safe to
    run beside itself and beside everything else.
    """
    return (
        _swept(_EXPIRED, LapseCause.EXPIRED)
        + _swept(_ITEM_LEFT, LapseCause.ITEM_LEFT)
        + _swept(_LEFT_IN_CLOSED, LapseCause.CLOSED)
    )


def _swept(statement: str, cause: LapseCause) -> int:
    total = 0
    while True:
        returned = len(_run(statement, cause, actor=None, limit=BATCH))
        total += returned
        if returned < BATCH:
            return total


def _run(
    statement: str, cause: LapseCause, *, actor: int | None, reason: str = "", **values: Any
) -> list[Returned]:
    known = {"cause": cause.value, "verb": _VERBS[cause], "actor": actor, "reason": reason}
    with transaction.atomic(savepoint=False):
        with connection.cursor() as cursor:
            cursor.execute(statement, known | values)
            rows = cursor.fetchall()
        _narrow([row[:-1] for row in rows if row[-1]])
    return [row[:-1] for row in rows]


def _narrow(returned: Iterable[Returned]) -> None:
    """What came back beyond what its campaign asks for goes; most often that is nothing."""
    by_campaign: dict[int, dict[int, UUID]] = defaultdict(dict)
    for slot, campaign, item, *_where in returned:
        by_campaign[campaign][slot] = item
    for campaign, slots in sorted(by_campaign.items()):
        narrowing.narrow_returned(campaign, slots.keys(), set(slots.values()))
