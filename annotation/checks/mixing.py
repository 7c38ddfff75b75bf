"""Mixing: brings checks into what a person gets, so that nobody can tell which ones they are.

The law is in docs/quality.md. A check has no slot: it takes nobody's place and is no vote.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from math import log
from random import SystemRandom
from typing import Any
from uuid import UUID

from annotation import holding, prepared
from annotation.eligibility import FITS, Terms
from annotation.gravity import GRAVITY
from annotation.models import Annotator, Campaign
from annotation.prepared import BY_ANNOTATOR, NEWEST_FIRST, compact
from annotation.reporting import REPORTED
from annotation.steps import together
from datasets_app.protocols import protocol_named

# A repeat was answered at least so many answers ago, and at most so many.
REPEAT_AFTER = 10
REPEAT_WITHIN = 500

_chance = SystemRandom()

# What this person reported comes as no check either.
_NOT_REPORTED = f"NOT {REPORTED.format(item='i.id', who='%(annotator)s')}"


@dataclass(frozen=True, slots=True)
class Held:
    """A check as the labelling page needs it: the same as of a leased slot."""

    id: int
    token: UUID
    item_id: UUID
    step: str
    flipped: bool
    leased_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Mixed:
    """The live checks of a person, and how many slots were live beside them.

    `dealt` says that one of the checks was handed out just now. `wait` is how many ordinary items
    come before the next check, None where it is not counted.
    """

    checks: list[Held]
    slots: int
    dealt: bool = False
    wait: int | None = None


# Live checks, beside how many slots are live, how long to wait yet, and the step last worked on.
_LOOK = compact("""
SELECT c.state = 'open' AND (u.is_superuser OR EXISTS (
           SELECT FROM datasets_app_membership m
           WHERE m.user_id = u.id AND m.dataset_id = c.dataset_id AND m.role = 'annotator'))
           AS is_open,
       p.wait,
       (SELECT count(*) FROM annotation_slot s JOIN datasets_app_item i ON i.id = s.item_id
        WHERE s.annotator_id = %(annotator)s AND s.campaign_id = c.id AND s.state = 'leased'
          AND i.state = 'open') AS slots,
       coalesce(
           (SELECT step FROM annotation_slot
            WHERE annotator_id = %(annotator)s AND campaign_id = c.id AND state = 'leased'
            ORDER BY leased_at DESC LIMIT 1),
           (SELECT step FROM annotation_progress
            WHERE annotator_id = %(annotator)s AND campaign_id = c.id
            ORDER BY walked_at DESC LIMIT 1)) AS step,
       k.expires_at < clock_timestamp() + make_interval(mins => c.lease_minutes) / 2 AS is_short,
       k.id, k.token, k.item_id, k.step, k.flipped, k.leased_at, k.expires_at
FROM annotation_campaign c
JOIN auth_user u ON u.id = %(user)s
LEFT JOIN annotation_pace p ON p.annotator_id = %(annotator)s AND p.campaign_id = c.id
LEFT JOIN (
    SELECT k.* FROM annotation_check k JOIN datasets_app_item i ON i.id = k.item_id
    WHERE k.annotator_id = %(annotator)s AND k.campaign_id = %(campaign)s AND k.state = 'leased'
      AND k.purpose <> 'qualification' AND i.state IN ('open', 'settled', 'disputed')
) AS k ON true
WHERE c.id = %(campaign)s
ORDER BY k.leased_at
""")

_PACE = """
INSERT INTO annotation_pace AS p (annotator_id, campaign_id, wait)
VALUES (%(annotator)s, %(campaign)s, %(wait)s)
ON CONFLICT (annotator_id, campaign_id) DO UPDATE
SET wait = excluded.wait,
    drawn_at = CASE WHEN excluded.wait < p.wait THEN p.drawn_at ELSE now() END
RETURNING wait
"""

# Gold of the step at hand that this person never met. An item met in another step as gold goes
# first, because ordinary items come in one step after the other too.
_GOLD = f"""
SELECT g.id AS gold, NULL::bigint AS repeats, g.item_id, g.step, g.purpose, random() < 0.5, 1
FROM annotation_gold g JOIN datasets_app_item i ON i.id = g.item_id
WHERE g.campaign_id = %(campaign)s AND g.retired_at IS NULL AND g.step = %(step)s
  AND g.purpose IN ('silent', 'attention') AND i.state = 'settled'
  AND %(is_due)s
  -- Nobody is to fail on what hurts most, whoever found it.
  AND {GRAVITY} < 3 {FITS}
  AND NOT EXISTS (
      SELECT FROM annotation_annotation a
      WHERE a.annotator_id = %(annotator)s AND a.item_id = g.item_id
        AND a.standing NOT IN ('check', 'revised'))
  AND NOT EXISTS (
      SELECT FROM annotation_skip s
      WHERE s.annotator_id = %(annotator)s AND s.item_id = g.item_id)
  AND {_NOT_REPORTED}
  AND NOT EXISTS (
      SELECT FROM annotation_check k
      WHERE k.annotator_id = %(annotator)s AND k.item_id = g.item_id
        AND (k.step = g.step OR k.state <> 'answered' OR k.purpose = 'qualification'))
ORDER BY EXISTS (
      SELECT FROM annotation_check k
      WHERE k.annotator_id = %(annotator)s AND k.item_id = g.item_id) DESC, random()
LIMIT 1
"""  # noqa: S608  pieces of ours

_REPEAT = f"""
SELECT NULL::bigint, a.id, a.item_id, a.step, 'repeat', NOT a.flipped, 1
FROM (
    SELECT n.* FROM annotation_annotation n
    WHERE {BY_ANNOTATOR} AND n.campaign_id = %(campaign)s
    ORDER BY {NEWEST_FIRST} OFFSET %(after)s LIMIT %(within)s
) AS a JOIN datasets_app_item i ON i.id = a.item_id
WHERE %(is_due)s AND a.standing = 'counted' AND a.step = %(step)s
  AND i.state IN ('open', 'settled', 'disputed')
  AND {GRAVITY} < 3 {FITS} AND {_NOT_REPORTED}
  AND NOT EXISTS (
      SELECT FROM annotation_check k
      WHERE k.annotator_id = %(annotator)s AND k.item_id = a.item_id AND k.purpose = 'repeat')
  AND NOT EXISTS (
      SELECT FROM annotation_slot s
      WHERE s.annotator_id = %(annotator)s AND s.item_id = a.item_id AND s.state = 'leased')
ORDER BY random() LIMIT 1
"""  # noqa: S608  pieces of ours

# The step that follows an answered check: the same person must get it, or everybody would know.
_FOLLOWING = f"""
SELECT k.gold_id, f.id, k.item_id, w.step, k.purpose, k.flipped, 1
FROM annotation_check k
JOIN unnest(%(follows)s::text[], %(firsts)s::text[]) AS w(step, first) ON w.first = k.step
JOIN datasets_app_item i ON i.id = k.item_id
LEFT JOIN annotation_annotation f ON k.purpose = 'repeat' AND f.annotator_id = k.annotator_id
    AND f.item_id = k.item_id AND f.campaign_id = k.campaign_id AND f.step = w.step
    AND f.standing = 'counted'
WHERE k.annotator_id = %(annotator)s AND k.campaign_id = %(campaign)s AND k.state = 'answered'
  AND k.purpose <> 'qualification' AND k.answered_at > now() - interval '24 hours'
  AND i.state IN ('open', 'settled', 'disputed') AND (k.purpose <> 'repeat' OR f.id IS NOT NULL)
  AND {GRAVITY} < 3 {FITS} AND {_NOT_REPORTED}
  AND NOT EXISTS (
      SELECT FROM annotation_check n
      WHERE n.annotator_id = k.annotator_id AND n.campaign_id = k.campaign_id
        AND n.item_id = k.item_id AND n.step = w.step AND n.purpose = k.purpose)
ORDER BY k.answered_at LIMIT 1
"""  # noqa: S608  pieces of ours

# A check that was taken back, because its time or its person's day was over or the campaign closed,
# comes again as an item would: before all else, unless the item that the same person had beside it
# is somebody else's by now. What one gave back oneself comes last, and so a check never.
_AGAIN = f"""
SELECT k.gold_id, k.repeats_id, k.item_id, k.step, k.purpose, k.flipped, k.attempt + 1
FROM annotation_check k
JOIN datasets_app_item i ON i.id = k.item_id
LEFT JOIN annotation_gold g ON g.id = k.gold_id
WHERE k.annotator_id = %(annotator)s AND k.campaign_id = %(campaign)s AND k.state = 'lapsed'
  AND k.answered_at IS NULL AND k.purpose <> 'qualification'
  AND i.state IN ('open', 'settled', 'disputed') AND g.retired_at IS NULL
  AND {GRAVITY} < 3 {FITS} AND {_NOT_REPORTED}
  AND NOT EXISTS (
      SELECT FROM annotation_check n
      WHERE n.annotator_id = k.annotator_id AND n.campaign_id = k.campaign_id
        AND n.item_id = k.item_id AND n.step = k.step AND n.purpose = k.purpose
        AND (n.attempt > k.attempt OR n.state IN ('answered', 'skipped')))
  AND NOT EXISTS (
      SELECT FROM datasets_app_event e
      WHERE e.subject = 'check:' || k.id AND e.verb = 'end_check' AND e.actor_id = %(user)s)
  AND coalesce((
      SELECT s.state = 'open' OR s.annotator_id = k.annotator_id
      FROM (SELECT l.item_id, l.step, l.number FROM annotation_lapse l
            WHERE l.annotator_id = k.annotator_id AND l.campaign_id = k.campaign_id
              AND l.cause IN ('expired', 'rested', 'closed', 'revoked')
            ORDER BY abs(extract(epoch FROM l.leased_at - k.leased_at)) LIMIT 1) AS near
      JOIN annotation_slot s ON s.campaign_id = k.campaign_id AND s.item_id = near.item_id
          AND s.step = near.step AND s.number = near.number), true)
ORDER BY k.leased_at LIMIT 1
"""  # noqa: S608  pieces of ours

# One statement looks for what is due and hands it out, and is made whether anything is due or not:
# nobody is to tell a check by how long its coming took. How it closes is drawn: see `openness`.
_ISSUE = """
WITH made AS (
    INSERT INTO annotation_check
        (campaign_id, annotator_id, gold_id, repeats_id, item_id, step, purpose, flipped, attempt,
         token, state, leased_at, expires_at, endurance, faults)
    SELECT c.id, %(annotator)s, found.*, gen_random_uuid(), 'leased', clock_timestamp(),
           clock_timestamp() + make_interval(mins => c.lease_minutes),
           1 - random(), '{{}}'
    FROM ({found}) AS found JOIN annotation_campaign c ON c.id = %(campaign)s
    ON CONFLICT DO NOTHING
    RETURNING id, token, item_id, step, flipped, leased_at, expires_at
), noted AS (
    INSERT INTO datasets_app_event (actor_id, verb, dataset_id, item, subject, after)
    SELECT %(user)s, 'check', %(dataset)s, item_id, 'check:' || id, 'leased' FROM made
)
SELECT * FROM made
"""
_ISSUE_AGAIN = compact(_ISSUE.format(found=_AGAIN))
_ISSUE_FOLLOWING = compact(_ISSUE.format(found=_FOLLOWING))
_ISSUE_GOLD = compact(_ISSUE.format(found=_GOLD))
_ISSUE_REPEAT = compact(_ISSUE.format(found=_REPEAT))

_RENEW = """
UPDATE annotation_check
SET expires_at = least(clock_timestamp() + make_interval(mins => %(minutes)s),
                       leased_at + make_interval(hours => %(longest)s))
WHERE id = ANY(%(short)s) RETURNING id, expires_at
"""


def mix_in(annotator: Annotator, campaign: Campaign, *, want: int, terms: Terms) -> Mixed:
    """The checks that this person holds, one more if one is due and less than `want` is held.

    `terms` are those of ordinary items: what somebody is spared comes as no check either. In the
    caller's transaction, which has the annotator's row locked.
    """
    values: dict[str, Any] = {
        "annotator": annotator.pk,
        "user": annotator.user_id,
        "campaign": campaign.pk,
        "dataset": campaign.dataset_id,
    } | terms.as_values()
    rows = prepared.fetch(_LOOK, values)
    is_open, wait, slots, step = rows[0][:4] if rows else (False, None, 0, None)
    if not is_open:
        return Mixed([], 0)
    held = _renewed([(row[4], Held(*row[5:])) for row in rows if row[5] is not None], campaign)
    if len(held) + slots >= want:
        return Mixed(held, slots)
    found, wait = _dealt(campaign, values, wait, _first_of(campaign, step, terms.steps))
    return Mixed([*held, *found], slots, bool(found), wait)


def keep_pace(annotator: Annotator, campaign: Campaign, mixed: Mixed, slots: int) -> None:
    """So many slots are held now: the next check comes nearer by those that were handed out."""
    if mixed.wait is not None:
        wait = mixed.wait - max(0, slots - mixed.slots)
        values = {"annotator": annotator.pk, "campaign": campaign.pk, "wait": wait}
        prepared.fetch(_PACE, values)


def _dealt(
    campaign: Campaign, values: dict[str, Any], wait: int | None, step: str | None
) -> tuple[list[Held], int | None]:
    """The check that is due now in this step, handed out, and how long to wait for the next."""
    again = [Held(*row) for row in prepared.fetch(_ISSUE_AGAIN, values)]
    found = again or _following(campaign, values)
    share = campaign.gold_share + campaign.repeat_share
    if share <= 0:
        return found, None
    wait = drawn_wait(share) if wait is None else wait
    is_due = step is not None and wait <= 0 and not found
    which = _ISSUE_GOLD if _chance.random() * share < campaign.gold_share else _ISSUE_REPEAT
    bounds = {"after": REPEAT_AFTER, "within": REPEAT_WITHIN}
    rows = prepared.fetch(which, values | bounds | {"step": step, "is_due": is_due})
    return [*found, *(Held(*row) for row in rows)], drawn_wait(share) if is_due else wait


def _following(campaign: Campaign, values: dict[str, Any]) -> list[Held]:
    """What follows a check that was answered, in protocols whose steps follow one another."""
    after = [step for step in protocol_named(campaign.protocol).steps if step.after]
    if not after:
        return []
    names = {"follows": [step.key for step in after], "firsts": [step.after for step in after]}
    return [Held(*row) for row in prepared.fetch(_ISSUE_FOLLOWING, values | names)]


def _first_of(campaign: Campaign, step: str | None, allowed: Sequence[str]) -> str | None:
    """The step with which the chain at hand begins; None when this person may not begin it."""
    protocol = protocol_named(campaign.protocol)
    first = together(protocol, protocol.step(step))[0].key if step else (*allowed, None)[0]
    return first if first in allowed else None


def drawn_wait(share: float) -> int:
    """How many ordinary items come before the next check: geometric, so that none is expected."""
    return 0 if share >= 1 else int(log(1 - _chance.random()) / log(1 - share))


def _renewed(held: list[tuple[bool, Held]], campaign: Campaign) -> list[Held]:
    short = [one.id for is_short, one in held if is_short]
    if not short:
        return [one for _is_short, one in held]
    values = {
        "short": short,
        "minutes": campaign.lease_minutes,
        "longest": holding.LONGEST_LEASE_HOURS,
    }
    until: dict[int, datetime] = dict(prepared.fetch(_RENEW, values))
    return [replace(one, expires_at=until.get(one.id, one.expires_at)) for _short, one in held]
