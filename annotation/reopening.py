"""Reopening: takes counted annotations out of the count and opens their slots again."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q, QuerySet
from psycopg.types.json import Jsonb

from annotation.models import Campaign, Slot
from annotation.reporting import REPORTED
from annotation.steps import following
from annotation.vocabulary import SlotState
from datasets_app.protocols import protocol_named

# `{which}` picks done slots. A step that follows goes with the one before it: it answered beside
# answers that no longer count. So the slots of the steps after (same item, same number) are
# emptied too, whatever they hold. Annotations are kept, with the standing given.
_REOPEN = """
WITH RECURSIVE chosen AS (
    SELECT s.id, s.campaign_id, s.item_id, s.step, s.number, true AS is_first
    FROM annotation_slot s
    WHERE s.campaign_id = %(campaign)s AND s.state = 'done' AND {which}
    UNION
    SELECT f.id, f.campaign_id, f.item_id, f.step, f.number, false
    FROM chosen c
    JOIN jsonb_to_recordset(%(follows)s::jsonb) AS w(step text, follows text) ON w.follows = c.step
    JOIN annotation_slot f ON f.campaign_id = c.campaign_id AND f.item_id = c.item_id
        AND f.step = w.step AND f.number = c.number
), locked AS MATERIALIZED (
    SELECT s.* FROM annotation_slot s
    WHERE s.id IN (SELECT id FROM chosen) ORDER BY s.id FOR UPDATE OF s
), aside AS (
    UPDATE annotation_annotation a SET standing = 'set_aside'
    FROM locked WHERE a.slot_id = locked.id AND a.standing = 'counted'
    RETURNING a.id
), lapsed AS (
    INSERT INTO annotation_lapse (token, annotator_id, campaign_id, item_id, step, number, flipped,
                                  leased_at, cause)
    SELECT token, annotator_id, campaign_id, item_id, step, number, flipped, leased_at, 'revoked'
    FROM locked WHERE state = 'leased'
), opened AS (
    UPDATE annotation_slot s
    SET state = 'open', annotator_id = NULL, token = NULL, flipped = NULL, leased_at = NULL,
        expires_at = NULL, reserved_for_id = NULL, priority = 0,
        position = nextval('annotation_slot_position')
    FROM locked WHERE s.id = locked.id
    RETURNING s.id
), noted AS (
    INSERT INTO datasets_app_event (actor_id, verb, dataset_id, item, subject, before, after,
                                    reason)
    SELECT %(actor)s, %(verb)s, %(dataset)s, item_id, 'slot:' || id, state, 'open', %(reason)s
    FROM locked WHERE state <> 'open' OR reserved_for_id IS NOT NULL
), due AS (
    INSERT INTO annotation_due (campaign_id, item_id)
    SELECT DISTINCT campaign_id, item_id FROM locked
)
SELECT DISTINCT locked.item_id FROM locked JOIN opened ON opened.id = locked.id
"""

_OF_ANNOTATOR = _REOPEN.format(which="s.annotator_id = %(annotator)s")
# Done slots whose follow-up waits for somebody: for one person, or in vain.
_OF_RESERVED = """(s.item_id, s.number, s.step) IN (
    SELECT f.item_id, f.number, w.follows
    FROM annotation_slot f
    JOIN jsonb_to_recordset(%(follows)s::jsonb) AS w(step text, follows text) ON w.step = f.step
    WHERE f.campaign_id = %(campaign)s AND f.state = 'open' AND f.reserved_for_id IS NOT NULL
      AND {which})"""
_RESERVED_FOR = _REOPEN.format(which=_OF_RESERVED.format(which="f.reserved_for_id = %(annotator)s"))
_RESERVED_ON = _REOPEN.format(
    which=_OF_RESERVED.format(
        which="f.reserved_for_id = %(annotator)s AND f.item_id = %(item)s AND f.step = %(step)s"
    )
)
# What nobody needs to wait for: it waited too long, or its person reported the item, which does not
# come to him again.
_IN_VAIN = f"""(
    EXISTS (SELECT FROM annotation_annotation a
            WHERE a.slot_id = s.id AND a.standing = 'counted'
              AND a.created_at < now() - make_interval(hours => %(hours)s))
    OR {REPORTED.format(item="s.item_id", who="s.annotator_id")})"""
_RESERVED_IN_VAIN = _REOPEN.format(
    which=_OF_RESERVED.format(which="f.reserved_for_id = ANY(%(people)s)") + f" AND {_IN_VAIN}"
)
# Whoever is at work just now is passed over: he may be coming back to it.
_WAITED_FOR = f"""
SELECT p.id FROM annotation_annotator p
WHERE p.id IN (
    SELECT s.annotator_id FROM annotation_slot s
    WHERE s.campaign_id = %(campaign)s AND s.state = 'done'
      AND {_OF_RESERVED.format(which="TRUE")} AND {_IN_VAIN})
ORDER BY p.id FOR NO KEY UPDATE SKIP LOCKED
"""  # noqa: S608  pieces of ours


def lock_before(
    annotator_id: int, campaign_id: int, items: QuerySet[Any] | Collection[UUID]
) -> None:
    """Lock what this person has on these items, and what nobody has, in the order of ids.

    First thing of who returns a lease and then opens the step before it, or takes places away that
    are too many then: whoever reports an item locks its places in the same order, so that neither
    has what the other one waits for. What others have is left alone.
    """
    his = Q(annotator=annotator_id) | Q(reserved_for=annotator_id)
    places = Slot.objects.filter(
        his | Q(state=SlotState.OPEN), campaign=campaign_id, item__in=items
    )
    list(places.select_for_update(of=("self",)).order_by("pk").values_list("pk"))


def reopen_all_of(
    annotator_id: int, campaign: Campaign, *, by: int | None, reason: str
) -> list[UUID]:
    """Set aside all that this annotator did in a campaign; the items touched."""
    return _run(_OF_ANNOTATOR, campaign, "set_aside", by=by, reason=reason, annotator=annotator_id)


def reopen_reserved_for(
    annotator_id: int, campaign: Campaign, *, by: int | None, reason: str
) -> list[UUID]:
    """Give up the follow-ups kept for this annotator, with the steps done before them."""
    return _run(_RESERVED_FOR, campaign, "give_up", by=by, reason=reason, annotator=annotator_id)


def reopen_reserved_on(
    annotator_id: int, campaign: Campaign, item: UUID, step: str, *, by: int | None, reason: str
) -> list[UUID]:
    """Give up one follow-up kept for this annotator, with the step done before it."""
    return _run(
        _RESERVED_ON,
        campaign,
        "give_up",
        by=by,
        reason=reason,
        annotator=annotator_id,
        item=item,
        step=step,
    )


def reopen_reserved_in_vain(campaign: Campaign, *, hours: int) -> list[UUID]:
    """Give up follow-ups whose person has not come back for so long, or reported the item.

    People first, then their places, as everywhere: nobody answers, or answers anew, what is being
    set aside. Who is at work at this moment is left for the next time.
    """
    names = _names_of(campaign) | {"hours": hours}
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_WAITED_FOR, names)
            people = [row[0] for row in cursor.fetchall()]
        if not people:
            return []
        # A statement of its own: it sees all that these people did before they were locked.
        return _run(
            _RESERVED_IN_VAIN,
            campaign,
            "give_up",
            by=None,
            reason=f"not taken up within {hours} hours, or reported",
            hours=hours,
            people=people,
        )


def _run(
    statement: str, campaign: Campaign, verb: str, *, by: int | None, reason: str, **values: Any
) -> list[UUID]:
    known = _names_of(campaign) | {"actor": by, "verb": verb, "reason": reason}
    with connection.cursor() as cursor:
        cursor.execute(statement, known | values)
        return [row[0] for row in cursor.fetchall()]


def _names_of(campaign: Campaign) -> dict[str, Any]:
    protocol = protocol_named(campaign.protocol)
    follows = [
        {"step": after.key, "follows": step.key}
        for step in protocol.steps
        for after in following(protocol, step.key)
    ]
    return {"campaign": campaign.pk, "dataset": campaign.dataset_id, "follows": Jsonb(follows)}
