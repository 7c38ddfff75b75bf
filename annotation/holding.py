"""Holding: keeping what is leased, parting from it, and taking back what nobody holds any more.

The law is in docs/leases.md; what is leased comes from `assigning`.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from annotation import drafts, held_checks, prepared, reopening, returning
from annotation.gravity import GRAVITY
from annotation.models import Annotator, Campaign
from annotation.vocabulary import CampaignState, CheckState, LapseCause
from datasets_app.protocols import protocol_named

# How long a follow-up step waits for the person who did the step before.
RESERVED_HOURS = 24
# No use of the page keeps an item longer than this from others.
LONGEST_LEASE_HOURS = 24
# So long an item waits for somebody who left its page: a reload, or a second look, keeps it.
LEFT_SECONDS = 120
# What the page says as it goes to a break comes after the break, which keeps the item.
PAUSED_SECONDS = 60


# One statement for slots and checks: nobody is to tell them apart by how long it takes.
_EXTEND = """
WITH slot AS (
    UPDATE annotation_slot s
    SET expires_at = least(clock_timestamp() + make_interval(mins => c.lease_minutes),
                           s.leased_at + make_interval(hours => %(longest)s))
    FROM annotation_campaign c
    WHERE s.token = %(token)s AND s.annotator_id = %(annotator)s AND s.state = 'leased'
      AND c.id = s.campaign_id
    RETURNING s.expires_at
), "check" AS (
    UPDATE annotation_check k
    SET expires_at = least(clock_timestamp() + make_interval(mins => c.lease_minutes),
                           k.leased_at + make_interval(hours => %(longest)s))
    FROM annotation_campaign c
    WHERE k.token = %(token)s AND k.annotator_id = %(annotator)s AND k.state = 'leased'
      AND c.id = k.campaign_id
    RETURNING k.expires_at
)
SELECT expires_at FROM slot UNION ALL SELECT expires_at FROM "check"
"""


def extend(annotator: Annotator, token: UUID) -> datetime | None:
    """Keep an item that is being worked on for another lease; until when, None if it is lost."""
    values = {"token": token, "annotator": annotator.pk, "longest": LONGEST_LEASE_HOURS}
    rows = prepared.fetch(_EXTEND, values)
    return rows[0][0] if rows else None


_SEVERE = prepared.compact(f"""
SELECT c.id FROM annotation_slot s JOIN datasets_app_item i ON i.id = s.item_id
JOIN annotation_campaign c ON c.id = s.campaign_id, annotation_campaign me
WHERE me.id = %(campaign)s AND s.annotator_id = %(annotator)s AND s.state = 'leased'
  AND greatest(me.mild_after_severe, c.mild_after_severe) > 0 AND {GRAVITY} = 3
ORDER BY s.leased_at LIMIT 1
""")  # noqa: S608  pieces of ours


def where_severe(annotator: Annotator, campaign: Campaign) -> Campaign | None:
    """The campaign in which this person holds something severe for which only mild items come here.

    Whatever is severe is no check, so only slots are looked at.
    """
    rows = prepared.fetch(_SEVERE, {"annotator": annotator.pk, "campaign": campaign.pk})
    return Campaign.objects.get(pk=rows[0][0]) if rows else None


# What was begun, and what was left for a break, keeps its time.
_IS_WAITED_FOR = """
(EXISTS (SELECT FROM annotation_draft d
         WHERE d.annotator_id = {of}.annotator_id AND d.campaign_id = {of}.campaign_id
           AND d.item_id = {of}.item_id AND d.step = {of}.step)
 OR EXISTS (SELECT FROM annotation_annotator p
            WHERE p.id = {of}.annotator_id AND p.paused = {of}.token
              AND p.paused_at > clock_timestamp() - make_interval(secs => %(paused)s)))
"""
_LEAVE = f"""
WITH slot AS (
    UPDATE annotation_slot s
    SET expires_at = CASE WHEN {_IS_WAITED_FOR.format(of="s")} THEN s.expires_at
        ELSE least(s.expires_at, clock_timestamp() + make_interval(secs => %(seconds)s)) END
    WHERE s.token = %(token)s AND s.annotator_id = %(annotator)s AND s.state = 'leased'
    RETURNING 1
), "check" AS (
    UPDATE annotation_check k
    SET expires_at = CASE WHEN {_IS_WAITED_FOR.format(of="k")} THEN k.expires_at
        ELSE least(k.expires_at, clock_timestamp() + make_interval(secs => %(seconds)s)) END
    WHERE k.token = %(token)s AND k.annotator_id = %(annotator)s AND k.state = 'leased'
    RETURNING 1
)
SELECT EXISTS (SELECT FROM slot UNION ALL SELECT FROM "check")
"""  # noqa: S608  pieces of ours


def leave(annotator: Annotator, token: UUID) -> bool:
    """The page of this item was left: it goes to others in two minutes, unless it is kept again.

    Whether it was held. What was begun keeps its time, and so does what was left for a break.
    Nothing is noted against anyone, and who comes back in time has it still.
    """
    values = {
        "token": token,
        "annotator": annotator.pk,
        "seconds": LEFT_SECONDS,
        "paused": PAUSED_SECONDS,
    }
    return bool(prepared.fetch(_LEAVE, values)[0][0])


def release(annotator: Annotator, token: UUID) -> bool:
    """Give an item back, for others now and for this person last; False when it was not held.

    Nothing is noted against anyone.
    """
    # Both are tried in any case: nobody is to tell a check by how long it takes.
    slot = returning.return_lease(annotator, token, cause=LapseCause.RELEASED)
    check = held_checks.end(annotator, token, state=CheckState.LAPSED)
    return slot is not None or check is not None


def rest(annotator: Annotator, token: UUID) -> bool:
    """Take an item back because less is left of the day; False when it was not held.

    It is none of its person's doing, and need not come to him last.
    """
    slot = returning.return_lease(annotator, token, cause=LapseCause.RESTED)
    check = held_checks.end_one(annotator, token)
    return slot is not None or check


def expire_leases() -> int:
    """Take back leases whose time is over, and follow-ups that wait in vain; how many.

    Drafts that nobody went on with are forgotten. Safe to run at any time, and beside itself.
    """
    drafts.forget_old()
    returned = returning.return_expired() + held_checks.end_expired()
    for campaign in Campaign.objects.filter(state=CampaignState.OPEN):
        if any(step.after for step in protocol_named(campaign.protocol).steps):
            returned += len(reopening.reopen_reserved_in_vain(campaign, hours=RESERVED_HOURS))
    return returned
