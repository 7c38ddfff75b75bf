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

from annotation import (
    eligibility,
    held_checks,
    holding,
    placing,
    prepared,
    returning,
    steps,
    walking,
)
from annotation.checks import mixing
from annotation.eligibility import Terms
from annotation.models import Annotator, Campaign
from annotation.quality import conduct
from annotation.vocabulary import RestCause, Spared
from datasets_app.protocols import protocol_named
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


def leases(
    annotator: Annotator, campaign: Campaign, *, want: int = 2, is_locked: bool = False
) -> list[Assignment]:
    """What this annotator holds in the campaign, oldest first, topped up to `want`.

    The first is the one to show, the others are held ahead. An empty list means that there is
    nothing for this person to do now. Leases with less than half their time left are renewed.
    No more is handed out than is left of the day's answers; what is held beyond that, here or in
    other campaigns, goes back. `is_locked` says that this transaction holds the annotator's row,
    as a submit's does.
    Raises Busy when there is something but others have it locked, NoEntry when this person may
    not annotate there, and Resting when his day's work is done, or he has just seen something
    severe and nothing mild is left.
    """
    # No savepoint: in the transaction of a submit this is part of it. Nothing is raised in here.
    with transaction.atomic(savepoint=False):
        if not is_locked:
            prepared.fetch(walking.LOCK, {"annotator": annotator.pk})
        values = _values(annotator, campaign, want)
        terms, found = _at_once(campaign, values)
        if terms.is_something_open:  # what they were counted for is the same before and after
            eligibility.close_reveals(annotator)
        if campaign.is_checked:
            terms = _minding_record(annotator, campaign, terms)
        values |= terms.as_values()
        resting = _resting(terms)
        values["want"] = want = _room(annotator, campaign, terms, want)
        if resting is not None:
            _give_all_back(annotator)
            held, is_to_go_on = None, False
        elif found is not None and len(found) >= want and not campaign.is_checked:
            held, is_to_go_on = found, False
        else:
            # Who has just been given something severe gets something mild with it.
            terms = eligibility.after(terms, [one.item_id for one in found or ()])
            held, is_to_go_on = _handed_out(annotator, campaign, terms, values | terms.as_values())
        if held and terms.answers_left is not None:
            held = _without_surplus(annotator, held, terms.answers_left)
    if resting is not None:
        raise resting
    if held is None:
        raise NoEntry
    if not held:
        _say_why_nothing(terms, values, is_to_go_on=is_to_go_on)
    return held


def _at_once(campaign: Campaign, values: dict[str, Any]) -> tuple[Terms, list[Assignment] | None]:
    """The terms, and what is held with one slot more where they keep nothing from this person.

    Checks are handed out before slots: where they are mixed in, no slot is taken yet.
    """
    own = {
        "steps": eligibility.begun(campaign),
        "want": 0 if campaign.is_checked else values["want"],
    }
    rows = prepared.fetch(walking.LEASE_AND_TERMS, values | own)
    terms = eligibility.terms_in(rows[0][walking.WIDTH :], campaign)
    return terms, _held([row[: walking.WIDTH] for row in rows], values)


def _terms(annotator: Annotator, campaign: Campaign) -> Terms:
    """On what terms work is given, a person's record of checks included."""
    terms = eligibility.terms_of(annotator, campaign)
    return _minding_record(annotator, campaign, terms) if campaign.is_checked else terms


def _minding_record(annotator: Annotator, campaign: Campaign, terms: Terms) -> Terms:
    barred = conduct.bar(annotator, campaign)
    return terms.barring(barred) if barred else terms


def _give_all_back(annotator: Annotator) -> None:
    """Whatever is held, in every campaign; what was in sight no longer is."""
    returning.return_all_of(annotator)
    held_checks.end_everywhere(annotator)
    eligibility.close_reveals(annotator)


def _room(annotator: Annotator, campaign: Campaign, terms: Terms, want: int) -> int:
    """How many may be held here: no more than is left of the day's answers.

    Where that is so little that what is held in other campaigns counts, that goes back: the work
    is here now.
    """
    left = terms.answers_left
    if not left:
        return want
    if terms.elsewhere and left - terms.elsewhere < want:
        returning.return_all_of(annotator, but=campaign.pk)
        held_checks.end_everywhere(annotator, but=campaign.pk)
    return min(want, left)


def _without_surplus(annotator: Annotator, held: list[Assignment], left: int) -> list[Assignment]:
    """What was held ahead before less was left of the day goes back; what is shown stays."""
    for one in held[left:]:
        holding.rest(annotator, one.token)
    return held[:left]


def _handed_out(
    annotator: Annotator, campaign: Campaign, terms: Terms, values: dict[str, Any]
) -> tuple[list[Assignment] | None, bool]:
    """Slots, and the checks among them, and whether there is more to look at."""
    mixed = mixing.Mixed([], 0)
    if campaign.is_checked:
        mixed = mixing.mix_in(annotator, campaign, want=values["want"], terms=terms)
    values["want"] = room = values["want"] - len(mixed.checks)
    held, is_to_go_on = _found(campaign, terms, values, room)
    if mixed.dealt and held and len(held) > mixed.slots:
        # Another slot is looked for as if there were no check: nobody is to tell it by the time.
        _topped_up(eligibility.after(terms, [one.item_id for one in held]), values, room)
    if held is not None:
        mixing.keep_pace(annotator, campaign, mixed, len(held))
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
        "links": steps.links(protocol_named(campaign.protocol)),
    }


def _resting(terms: Terms) -> Resting | None:
    return Resting(terms.rest, terms.tomorrow) if terms.rest else None


def _say_why_nothing(terms: Terms, values: dict[str, Any], *, is_to_go_on: bool) -> None:
    """Raise what is true instead of "nothing", if anything is."""
    if is_to_go_on or prepared.fetch(walking.ORACLE, values)[0][0]:
        raise Busy
    if terms.cooling_until is not None:
        severe_too = values | replace(terms, ceiling=int(Severity.SEVERE)).as_values()
        if prepared.fetch(walking.ORACLE, severe_too)[0][0]:
            raise Resting(RestCause.COOLING, terms.cooling_until)


def spared(annotator: Annotator, campaign: Campaign) -> Spared | None:
    """What keeps the work that there is from this person; None when there is none for anybody."""
    terms = _terms(annotator, campaign)
    values = _values(annotator, campaign, 1)
    kept = eligibility.without(terms, campaign)
    if terms.ceiling < Severity.SEVERE and terms.cooling_until is None:
        kept.append((Spared.HELD, replace(terms, ceiling=int(Severity.SEVERE))))
    for why, looser in kept:
        if prepared.fetch(walking.ORACLE, values | looser.as_values())[0][0]:
            return why
    return _own_reason(terms, campaign, values)


def own_reason(annotator: Annotator, campaign: Campaign) -> Spared | None:
    """The first of what the person himself could change, a wish or an ability that he lacks, where
    something would be left for him without all of that; else None.
    """
    return _own_reason(_terms(annotator, campaign), campaign, _values(annotator, campaign, 1))


def _own_reason(terms: Terms, campaign: Campaign, values: dict[str, Any]) -> Spared | None:
    # All of it at once: of two that keep the same item neither alone would give it.
    own = eligibility.without_own(terms, campaign)
    if own is None:
        return None
    why, looser = own
    return why if prepared.fetch(walking.ORACLE, values | looser.as_values())[0][0] else None


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
        if held is None or held or not prepared.fetch(walking.PASS, values):
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
    statement = walking.LEASE_CHOOSY if terms.is_choosy else walking.LEASE
    return _held(prepared.fetch(statement, values | terms.as_values()), values)


def _held(rows: list[prepared.Row], values: dict[str, Any]) -> list[Assignment] | None:
    """What the rows of a lease tell; None when the campaign is not open to this person."""
    if not rows or not rows[0][0]:
        return None
    held = [Assignment(values["campaign"], *row[2:]) for row in rows if row[2] is not None]
    short = [row[3] for row in rows if row[1]]
    return _renewed(held, short, values) if short else held


def _renewed(held: list[Assignment], short: list[UUID], values: dict[str, Any]) -> list[Assignment]:
    """The leases, those under the tokens `short` with their full time again."""
    known = values | {"tokens": short, "longest": holding.LONGEST_LEASE_HOURS}
    until: dict[UUID, datetime] = dict(prepared.fetch(walking.RENEW, known))
    return [replace(one, expires_at=until.get(one.token, one.expires_at)) for one in held]
