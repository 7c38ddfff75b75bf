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

from annotation import conduct, eligibility, placing, prepared, returning
from annotation.checks import keeping, mixing
from annotation.eligibility import FITS, Terms
from annotation.models import Annotator, Campaign
from annotation.prepared import compact
from annotation.vocabulary import RestCause, Spared
from datasets_app.vocabulary import Severity

# Items placed at once when an annotator comes to the end of what is placed.
PLACED_ON_DEMAND = 50
# For somebody who passes items over: slots looked at in one go, goes and placings at one asking.
# Who is not through with them then is told to ask again, and the walk goes on from there.
WINDOW = 1_000
MOST_WINDOWS = 5
MOST_PLACINGS = 4


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
    """There is work, but others are just taking it, or more is to be looked through: ask again."""


class Resting(Exception):
    """Nothing is given until a time; what was held went back. Nothing is held against anyone."""

    def __init__(self, cause: RestCause, until: datetime) -> None:
        super().__init__(cause, until)
        self.cause = cause
        self.until = until


_LOCK = "SELECT id FROM annotation_annotator WHERE id = %(annotator)s FOR NO KEY UPDATE"


# One slot more, if fewer than `want` are held. Reserved slots go first; then the step last worked
# on, then the others in the protocol's order; in each, what came back before what is new. What
# this annotator gave back comes last of all, in the search from the start. The laterals run one by
# one and only until one finds a slot; OFFSET 0 keeps each NOT EXISTS a look into an index, where
# the planner would sometimes read all that this annotator ever did. The item's row is locked too:
# who takes an item away waits, and then sees this lease.
def _lease_statement(fits: str = "", bound: str = "", bounded: str = "") -> str:
    return f"""
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
      AND s.state = 'open' AND i.state = 'open' AND EXISTS (SELECT FROM wanted) {fits}
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
           {bound}
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
          AND i.state = 'open' {bounded}
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
              OFFSET 0)) {fits}
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
"""  # noqa: S608  pieces of ours


_LEASE = compact(_lease_statement())

# The end of the next window of a way; none where fewer slots are left.
_BOUND = """(
    SELECT b.position FROM annotation_slot b
    WHERE b.campaign_id = %(campaign)s AND b.step = w.step AND b.priority = v.priority
      AND b.position > coalesce(p.position, 0) AND b.state = 'open' AND b.reserved_for_id IS NULL
    ORDER BY b.position OFFSET %(window)s - 1 LIMIT 1)"""
# The same for somebody who passes items over, who may be many: it looks at a window of each way,
# or, from the start, at all that is open.
_LEASE_CHOOSY = compact(
    _lease_statement(
        fits=FITS,
        bound=f", CASE WHEN NOT %(from_start)s THEN {_BOUND} END AS bound",
        bounded="AND (way.bound IS NULL OR s.position <= way.bound)",
    ),
    is_rare=True,
)
# Nothing in the windows is for this person: the walk goes on behind them.
_PASS = compact(f"""
INSERT INTO annotation_progress AS mine (annotator_id, campaign_id, step, priority, position)
SELECT %(annotator)s, %(campaign)s, step, priority, bound FROM (
    SELECT w.step, v.priority, {_BOUND} AS bound
    FROM unnest(%(steps)s::text[]) AS w(step) CROSS JOIN (VALUES (0), (1)) AS v(priority)
    LEFT JOIN annotation_progress p
        ON p.annotator_id = %(annotator)s AND p.campaign_id = %(campaign)s
        AND p.step = w.step AND p.priority = v.priority
) AS seen WHERE bound IS NOT NULL
ON CONFLICT (annotator_id, campaign_id, step, priority)
DO UPDATE SET position = greatest(mine.position, excluded.position)
RETURNING position
""")  # noqa: S608  pieces of ours

_RENEW = """
UPDATE annotation_slot s
SET expires_at = clock_timestamp() + make_interval(mins => c.lease_minutes)
FROM annotation_campaign c
WHERE c.id = %(campaign)s AND s.campaign_id = c.id AND s.annotator_id = %(annotator)s
  AND s.token = ANY(%(tokens)s)
RETURNING s.token, s.expires_at
"""

# Whether a slot is there for this annotator, whoever may have it locked: before "nothing" is said.
_ORACLE = f"""
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
      {FITS}
)
"""  # noqa: S608  pieces of ours


def leases(annotator: Annotator, campaign: Campaign, *, want: int = 2) -> list[Assignment]:
    """What this annotator holds in the campaign, oldest first, topped up to `want`.

    The first is the one to show, the others are held ahead. An empty list means that there is
    nothing for this person to do now. Leases with less than half their time left are renewed.
    Raises Busy when there is something but others have it locked, NoEntry when this person may
    not annotate there, and Resting when his day's work is done, or he has just seen something
    severe and nothing mild is left.
    """
    # No savepoint: in the transaction of a submit this is part of it. Nothing is raised in here.
    with transaction.atomic(savepoint=False):
        prepared.fetch(_LOCK, {"annotator": annotator.pk})
        terms = _terms(annotator, campaign)
        if terms.is_something_open:  # what they were counted for is the same before and after
            eligibility.close_reveals(annotator)
        values = _values(annotator, campaign, want) | terms.as_values()
        resting = _resting(terms)
        if resting is not None:
            _give_all_back(annotator)
            held, is_to_go_on = None, False
        else:
            held, is_to_go_on = _handed_out(annotator, campaign, terms, values)
    if resting is not None:
        raise resting
    if held is None:
        raise NoEntry
    if not held:
        _say_why_nothing(terms, values, is_to_go_on=is_to_go_on)
    return held


def _terms(annotator: Annotator, campaign: Campaign) -> Terms:
    """On what terms work is given, a person's record of checks included."""
    terms = eligibility.terms_of(annotator, campaign)
    if not campaign.is_checked:
        return terms
    barred = conduct.barred_steps(annotator, campaign)
    return terms.barring(barred) if barred else terms


def _give_all_back(annotator: Annotator) -> None:
    """Whatever is held, in every campaign; what was in sight no longer is."""
    returning.return_all_of(annotator)
    keeping.end_everywhere(annotator)
    eligibility.close_reveals(annotator)


def _handed_out(
    annotator: Annotator, campaign: Campaign, terms: Terms, values: dict[str, Any]
) -> tuple[list[Assignment] | None, bool]:
    """Slots, and the checks among them, and whether there is more to look at."""
    mixed = mixing.Mixed([], 0)
    if campaign.is_checked:
        mixed = mixing.mix_in(annotator, campaign, want=values["want"], terms=terms)
    values["want"] = room = values["want"] - len(mixed.checks)
    held, is_to_go_on = _found(campaign, terms, values, room)
    if campaign.is_checked and held:
        mixing.count_down(annotator, campaign, len(held) - mixed.slots)
    return held if held is None else _together(campaign, held, mixed.checks), is_to_go_on


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
    return {
        "annotator": annotator.pk,
        "user": annotator.user_id,
        "campaign": campaign.pk,
        "want": want,
        "from_start": False,
        "window": WINDOW,
    }


def _resting(terms: Terms) -> Resting | None:
    return Resting(terms.rest, terms.tomorrow) if terms.rest else None


def _say_why_nothing(terms: Terms, values: dict[str, Any], *, is_to_go_on: bool) -> None:
    """Raise what is true instead of "nothing", if anything is."""
    if is_to_go_on or prepared.fetch(_ORACLE, values)[0][0]:
        raise Busy
    if terms.cooling_until is not None:
        severe_too = values | {"ceiling": int(Severity.SEVERE)}
        if prepared.fetch(_ORACLE, severe_too)[0][0]:
            raise Resting(RestCause.COOLING, terms.cooling_until)


def spared(annotator: Annotator, campaign: Campaign) -> Spared | None:
    """What keeps the work that there is from this person; None when there is none for anybody."""
    terms = _terms(annotator, campaign)
    values = _values(annotator, campaign, 1)
    for why, looser in eligibility.without(terms, campaign):
        if prepared.fetch(_ORACLE, values | looser.as_values())[0][0]:
            return why
    return None


def _found(
    campaign: Campaign, terms: Terms, values: dict[str, Any], want: int
) -> tuple[list[Assignment] | None, bool]:
    """What is held after looking as far as is needed, and whether there is more to look at."""
    held, is_to_go_on = _walked(terms, values, want)
    if held == [] and want > 0 and not is_to_go_on:
        return _found_with_effort(campaign, terms, values, want)
    return held, is_to_go_on


def _walked(
    terms: Terms, values: dict[str, Any], want: int
) -> tuple[list[Assignment] | None, bool]:
    """The walk ahead; for somebody who passes items over, a few windows of it at one asking."""
    held = _topped_up(terms, values, want)
    for _ in range(MOST_WINDOWS if terms.is_choosy and want > 0 else 0):
        if held is None or held or not prepared.fetch(_PASS, values):
            return held, False
        held = _topped_up(terms, values, want)
    return held, held == [] and want > 0 and terms.is_choosy


def _topped_up(terms: Terms, values: dict[str, Any], want: int) -> list[Assignment] | None:
    """What is held after taking one slot after the other, until enough or none is found.

    None when the campaign is not open to this person. While a severe item is held, what follows
    is mild.
    """
    held = _lease(terms, values)
    before = -1
    while held is not None and before < len(held) < want:
        before, terms = len(held), eligibility.after(terms, [one.item_id for one in held])
        held = _lease(terms, values)
    return held


def _found_with_effort(
    campaign: Campaign, terms: Terms, values: dict[str, Any], want: int
) -> tuple[list[Assignment] | None, bool]:
    """The walk found nothing ahead: place more items, then look behind, where slots are left
    that were locked when the walk came by, or whose items were not open then.

    Also whether somebody else is just placing, or there is more to place.
    """
    held: list[Assignment] | None = []
    placed: int | None = 0
    for _ in range(MOST_PLACINGS if terms.is_choosy else 1):
        placed = placing.place_at_once(campaign, at_most=PLACED_ON_DEMAND) if terms.steps else 0
        if not placed:
            break
        held = _topped_up(terms, values, want)
        if held != []:
            return held, False
    held = _topped_up(terms, values | {"from_start": True}, want)
    return held, placed is None or (bool(placed) and terms.is_choosy)


def _lease(terms: Terms, values: dict[str, Any]) -> list[Assignment] | None:
    statement = _LEASE_CHOOSY if terms.is_choosy else _LEASE
    rows = prepared.fetch(statement, values | terms.as_values())
    if not rows or not rows[0][0]:
        return None
    held = [Assignment(values["campaign"], *row[2:]) for row in rows if row[2] is not None]
    short = [row[3] for row in rows if row[1]]
    return _renewed(held, short, values) if short else held


def _renewed(held: list[Assignment], short: list[UUID], values: dict[str, Any]) -> list[Assignment]:
    """The leases, those under the tokens `short` with their full time again."""
    until: dict[UUID, datetime] = dict(prepared.fetch(_RENEW, values | {"tokens": short}))
    return [replace(one, expires_at=until.get(one.token, one.expires_at)) for one in held]
