"""Assigning: the one function that leases slots, for every way of asking.

The law is in docs/leases.md. In short: the annotator's row is locked first, so that two tabs are
one annotator; a slot is taken with SKIP LOCKED, so that nobody waits for anybody; the walk begins
where this annotator's last one ended, so that the next slot is found as fast after 100,000 items
as after none; and "nothing" is said only when a query without locks agrees.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from annotation import abilities, conduct, placing, prepared, reopening, returning, steps
from annotation.checks import keeping, mixing
from annotation.models import Annotator, Campaign
from annotation.prepared import compact
from annotation.vocabulary import CampaignState, CheckState, LapseCause
from datasets_app.protocols import protocol_named

# Items placed at once when an annotator comes to the end of what is placed.
PLACED_ON_DEMAND = 50
# How long a follow-up step waits for the person who did the step before.
RESERVED_HOURS = 24
# No use of the page keeps an item longer than this from others.
LONGEST_LEASE_HOURS = 24


@dataclass(frozen=True, slots=True)
class Assignment:
    """A slot leased to an annotator. `expires_at` is by the database's clock.

    `flipped` says that the item's first response stands at the right. `check` is the id of the
    check that this is instead of a slot; `slot_id` and `number` are then 0.
    """

    campaign_id: int
    slot_id: int
    token: UUID
    item_id: UUID
    step: str
    number: int
    flipped: bool
    leased_at: datetime
    expires_at: datetime
    check: int | None = None


class NoEntry(Exception):
    """The campaign is closed, or this person does not annotate in its dataset."""


class Busy(Exception):
    """There is work, but others are just taking it: ask again in a moment."""


_LOCK = "SELECT id FROM annotation_annotator WHERE id = %(annotator)s FOR NO KEY UPDATE"

# One slot more, if fewer than `want` are held. Reserved slots go first; then the step last worked
# on, then the others in the protocol's order; in each, what came back before what is new. What
# this annotator gave back comes last of all, in the search from the start. The laterals run one by
# one and only until one finds a slot; OFFSET 0 keeps each NOT EXISTS a look into an index, where
# the planner would sometimes read all that this annotator ever did. The item's row is locked too:
# who takes an item away waits, and then sees this lease.
_LEASE = compact("""
WITH door AS (
    SELECT c.id, c.dataset_id, make_interval(mins => c.lease_minutes) AS lease,
           c.state = 'open' AND (u.is_superuser OR EXISTS (
               SELECT FROM datasets_app_membership m
               WHERE m.user_id = u.id AND m.dataset_id = c.dataset_id AND m.role = 'annotator'
           )) AS is_open
    FROM annotation_campaign c, auth_user u
    WHERE c.id = %(campaign)s AND u.id = %(user)s
), live AS (
    SELECT s.id, s.token, s.item_id, s.step, s.number, s.flipped, s.leased_at, s.expires_at
    FROM annotation_slot s JOIN datasets_app_item i ON i.id = s.item_id
    WHERE s.annotator_id = %(annotator)s AND s.campaign_id = %(campaign)s
      AND s.state = 'leased' AND i.state = 'open'
), wanted AS (
    SELECT FROM door WHERE is_open AND (SELECT count(*) FROM live) < %(want)s
), reserved AS (
    SELECT s.id
    FROM annotation_slot s JOIN datasets_app_item i ON i.id = s.item_id
    WHERE s.reserved_for_id = %(annotator)s AND s.campaign_id = %(campaign)s
      AND s.state = 'open' AND i.state = 'open' AND EXISTS (SELECT FROM wanted)
    ORDER BY s.position LIMIT 1
    FOR UPDATE OF s SKIP LOCKED FOR SHARE OF i SKIP LOCKED
), last AS MATERIALIZED (
    SELECT coalesce(
        (SELECT step FROM live ORDER BY leased_at DESC LIMIT 1),
        (SELECT step FROM annotation_progress
         WHERE annotator_id = %(annotator)s AND campaign_id = %(campaign)s
         ORDER BY walked_at DESC LIMIT 1)
    ) AS step
), way AS MATERIALIZED (
    SELECT w.step, v.priority,
           CASE WHEN %(from_start)s THEN 0 ELSE coalesce(p.position, 0) END AS position
    FROM unnest(%(steps)s::text[]) WITH ORDINALITY AS w(step, rank)
    CROSS JOIN (VALUES (0), (1)) AS v(priority)
    LEFT JOIN annotation_progress p
        ON p.annotator_id = %(annotator)s AND p.campaign_id = %(campaign)s
        AND p.step = w.step AND p.priority = v.priority
    ORDER BY w.step IS DISTINCT FROM (SELECT step FROM last), w.rank, v.priority
), walked AS (
    SELECT found.* FROM way CROSS JOIN LATERAL (
        SELECT s.id, s.step, s.priority, s.position
        FROM annotation_slot s JOIN datasets_app_item i ON i.id = s.item_id
        WHERE s.campaign_id = %(campaign)s AND s.step = way.step AND s.priority = way.priority
          AND s.position > way.position AND s.state = 'open' AND s.reserved_for_id IS NULL
          AND i.state = 'open'
          AND NOT EXISTS (
              SELECT FROM annotation_slot own
              WHERE own.annotator_id = %(annotator)s AND own.item_id = s.item_id
                AND own.step = s.step AND own.campaign_id = %(campaign)s OFFSET 0)
          AND NOT EXISTS (
              SELECT FROM annotation_skip k
              WHERE k.annotator_id = %(annotator)s AND k.item_id = s.item_id
                AND k.step = s.step AND k.campaign_id = %(campaign)s OFFSET 0)
          AND (%(from_start)s OR NOT EXISTS (
              SELECT FROM annotation_lapse g
              WHERE g.item_id = s.item_id AND g.annotator_id = %(annotator)s
                AND g.step = s.step AND g.campaign_id = %(campaign)s AND g.cause = 'released'
              OFFSET 0))
        ORDER BY s.position LIMIT 1
        FOR UPDATE OF s SKIP LOCKED FOR SHARE OF i SKIP LOCKED
    ) AS found
    WHERE EXISTS (SELECT FROM wanted) AND NOT EXISTS (SELECT FROM reserved)
    LIMIT 1
), taken AS (
    UPDATE annotation_slot s
    SET state = 'leased', annotator_id = %(annotator)s, token = gen_random_uuid(),
        -- The item's last bit by chance, the number by turns: balanced over the item's slots.
        flipped = (get_byte(uuid_send(s.item_id), 15) + s.number) %% 2 = 1,
        leased_at = clock_timestamp(), expires_at = clock_timestamp() + door.lease
    FROM (SELECT id FROM reserved UNION ALL SELECT id FROM walked) AS chosen, door
    WHERE s.id = chosen.id
    RETURNING s.id, s.token, s.item_id, s.step, s.number, s.flipped, s.leased_at, s.expires_at
), progress AS (
    INSERT INTO annotation_progress (annotator_id, campaign_id, step, priority, position)
    SELECT %(annotator)s, %(campaign)s, step, priority, position FROM walked
    ON CONFLICT (annotator_id, campaign_id, step, priority)
    DO UPDATE SET position = greatest(annotation_progress.position, excluded.position),
                  walked_at = now()
), noted AS (
    INSERT INTO datasets_app_event (actor_id, verb, dataset_id, item, subject, before, after)
    SELECT %(user)s, 'lease', door.dataset_id, taken.item_id, 'slot:' || taken.id, 'open', 'leased'
    FROM taken, door
)
SELECT door.is_open, held.expires_at < clock_timestamp() + door.lease / 2 AS is_short, held.*
FROM door LEFT JOIN (SELECT * FROM live UNION ALL SELECT * FROM taken) AS held ON true
ORDER BY held.leased_at
""")

_RENEW = """
UPDATE annotation_slot s
SET expires_at = clock_timestamp() + make_interval(mins => c.lease_minutes)
FROM annotation_campaign c
WHERE c.id = %(campaign)s AND s.campaign_id = c.id AND s.annotator_id = %(annotator)s
  AND s.token = ANY(%(tokens)s)
RETURNING s.token, s.expires_at
"""

# Whether a slot is there for this annotator, whoever may have it locked: before "nothing" is said.
_ORACLE = """
SELECT EXISTS (
    SELECT FROM annotation_slot s JOIN datasets_app_item i ON i.id = s.item_id
    WHERE s.campaign_id = %(campaign)s AND s.state = 'open' AND i.state = 'open'
      AND CASE WHEN s.reserved_for_id IS NULL THEN s.step = ANY(%(steps)s::text[])
               ELSE s.reserved_for_id = %(annotator)s END
      AND NOT EXISTS (
          SELECT FROM annotation_slot own
          WHERE own.annotator_id = %(annotator)s AND own.item_id = s.item_id
            AND own.step = s.step AND own.campaign_id = %(campaign)s)
      AND NOT EXISTS (
          SELECT FROM annotation_skip k
          WHERE k.annotator_id = %(annotator)s AND k.item_id = s.item_id
            AND k.step = s.step AND k.campaign_id = %(campaign)s)
)
"""


def leases(annotator: Annotator, campaign: Campaign, *, want: int = 2) -> list[Assignment]:
    """What this annotator holds in the campaign, oldest first, topped up to `want`.

    The first is the one to show, the others are held ahead. An empty list means that there is
    nothing for this person to do now. Leases with less than half their time left are renewed.
    Raises Busy when there is something but others have it locked, NoEntry when this person may
    not annotate there.
    """
    values = _values(annotator, campaign, want)
    # No savepoint: in the transaction of a submit this is part of it. Nothing is raised in here.
    with transaction.atomic(savepoint=False):
        prepared.fetch(_LOCK, values)
        mixed = _mixed(annotator, campaign, values)
        values["want"] = room = want - len(mixed.checks)
        held = _topped_up(values, room)
        is_placing = False
        if held == [] and room > 0:
            held, is_placing = _found_with_effort(campaign, values, room)
        if campaign.is_checked and held:
            mixing.count_down(annotator, campaign, len(held) - mixed.slots)
    if held is None:
        raise NoEntry
    held = _together(campaign, held, mixed.checks)
    if not held and (is_placing or prepared.fetch(_ORACLE, values)[0][0]):
        raise Busy
    return held


def _mixed(annotator: Annotator, campaign: Campaign, values: dict[str, Any]) -> mixing.Mixed:
    """The checks among what is held, where the campaign mixes any in."""
    if not campaign.is_checked:
        return mixing.Mixed([], 0)
    return mixing.mix_in(annotator, campaign, want=values["want"], steps=values["steps"])


def _together(
    campaign: Campaign, held: list[Assignment], checks: list[mixing.Held]
) -> list[Assignment]:
    """Slots and checks in the order in which they were handed out."""
    seen = [
        Assignment(
            campaign.pk,
            0,
            c.token,
            c.item_id,
            c.step,
            0,
            c.flipped,
            c.leased_at,
            c.expires_at,
            c.id,
        )
        for c in checks
    ]
    return sorted([*held, *seen], key=lambda one: one.leased_at) if seen else held


def _values(annotator: Annotator, campaign: Campaign, want: int) -> dict[str, Any]:
    open_to_all = steps.open_to_all(protocol_named(campaign.protocol))
    barred = set(abilities.barred_steps(annotator, campaign))
    if campaign.is_checked:
        barred |= conduct.barred_steps(annotator, campaign)
    return {
        "annotator": annotator.pk,
        "user": annotator.user_id,
        "campaign": campaign.pk,
        "want": want,
        "steps": [step.key for step in open_to_all if step.key not in barred],
        "from_start": False,
    }


def _topped_up(values: dict[str, Any], want: int) -> list[Assignment] | None:
    """What is held after taking one slot after the other, until enough or none is found.

    None when the campaign is not open to this person.
    """
    held = _lease(values)
    before = -1
    while held is not None and before < len(held) < want:
        before, held = len(held), _lease(values)
    return held


def _found_with_effort(
    campaign: Campaign, values: dict[str, Any], want: int
) -> tuple[list[Assignment] | None, bool]:
    """The walk found nothing ahead: place more items, then look behind, where slots are left
    that were locked when the walk came by, or whose items were not open then.

    Also whether somebody else is just placing.
    """
    placed = placing.place_at_once(campaign, at_most=PLACED_ON_DEMAND)
    held = _topped_up(values, want) if placed else []
    if held == []:
        held = _topped_up(values | {"from_start": True}, want)
    return held, placed is None


def _lease(values: dict[str, Any]) -> list[Assignment] | None:
    rows = prepared.fetch(_LEASE, values)
    if not rows or not rows[0][0]:
        return None
    held = [Assignment(values["campaign"], *row[2:]) for row in rows if row[2] is not None]
    short = [row[3] for row in rows if row[1]]
    return _renewed(held, short, values) if short else held


def _renewed(held: list[Assignment], short: list[UUID], values: dict[str, Any]) -> list[Assignment]:
    """The leases, those under the tokens `short` with their full time again."""
    until: dict[UUID, datetime] = dict(prepared.fetch(_RENEW, values | {"tokens": short}))
    return [replace(one, expires_at=until.get(one.token, one.expires_at)) for one in held]


_EXTEND = """
UPDATE annotation_slot s
SET expires_at = least(clock_timestamp() + make_interval(mins => c.lease_minutes),
                       s.leased_at + make_interval(hours => %(longest)s))
FROM annotation_campaign c
WHERE s.token = %(token)s AND s.annotator_id = %(annotator)s AND s.state = 'leased'
  AND c.id = s.campaign_id
RETURNING s.expires_at
"""


def extend(annotator: Annotator, token: UUID) -> datetime | None:
    """Keep an item that is being worked on for another lease; until when, None if it is lost."""
    values = {"token": token, "annotator": annotator.pk, "longest": LONGEST_LEASE_HOURS}
    rows = prepared.fetch(_EXTEND, values)
    if rows:
        until: datetime = rows[0][0]
        return until
    return keeping.extend(annotator, token, longest_hours=LONGEST_LEASE_HOURS)


def release(annotator: Annotator, token: UUID) -> bool:
    """Give an item back, for others now and for this person last; False when it was not held.

    Nothing is noted against anyone.
    """
    if returning.return_lease(annotator, token, cause=LapseCause.RELEASED) is not None:
        return True
    return keeping.end(annotator, token, state=CheckState.LAPSED) is not None


def expire_leases() -> int:
    """Take back leases whose time is over, and follow-ups that waited too long; how many.

    Safe to run at any time, and beside itself.
    """
    returned = returning.return_expired() + keeping.end_expired()
    for campaign in Campaign.objects.filter(state=CampaignState.OPEN):
        if any(step.after for step in protocol_named(campaign.protocol).steps):
            returned += len(reopening.reopen_reserved_too_long(campaign, hours=RESERVED_HOURS))
    return returned
