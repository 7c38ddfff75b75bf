"""Leaving: how a person's work in a campaign ends, and what becomes of what was done."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from annotation import held_checks, narrowing, placing, reopening, returning, settling
from annotation.models import Annotation, Annotator, Campaign, Slot
from annotation.vocabulary import SlotState, Standing
from datasets_app import access, ledger
from datasets_app.models import Item, Membership, Verdict
from datasets_app.vocabulary import ItemState, Role, VerdictMethod


@dataclass(frozen=True, slots=True)
class Ended:
    """What ending somebody's work did: whether he annotated there until now, and what came back."""

    was_inside: bool
    leases: int


def revoke(annotator: Annotator, campaign: Campaign, *, by: User | None, reason: str = "") -> Ended:
    """End this person's work in the campaign's dataset.

    What was done counts on. Follow-ups kept for the person are given up, with the step before.
    """
    with transaction.atomic():
        _lock(annotator)  # a lease in flight ends first, and is then seen
        was_inside = _dismiss(annotator, campaign)
        if was_inside:
            _note("revoke", annotator, campaign, by=by, reason=reason)
        _lock_places(annotator, campaign, Q(annotator=annotator, state=SlotState.LEASED))
        returned = returning.return_leases_of(
            annotator, campaign.pk, by=by.pk if by else None, reason=reason
        )
        held_checks.end_all_of(annotator, campaign.pk, by=by.pk if by else None, reason=reason)
        reopening.reopen_reserved_for(
            annotator.pk, campaign, by=by.pk if by else None, reason=reason
        )
    return Ended(was_inside, len(returned))


def take_back_outside(annotator: Annotator, campaign: Campaign) -> bool:
    """Take back what somebody still holds who does not annotate here; False when he does.

    Nothing but leases: who comes in again at this very moment, by a new link, stays in.
    """
    with transaction.atomic():
        _lock(annotator)
        inside = access.datasets_of(annotator.user, Role.ANNOTATOR)
        if inside.filter(pk=campaign.dataset_id).exists():
            return False
        reason = "does not annotate here"
        returning.return_leases_of(annotator, campaign.pk, by=None, reason=reason)
        held_checks.end_all_of(annotator, campaign.pk, by=None, reason=reason)
    return True


def _lock(annotator: Annotator) -> None:
    Annotator.objects.select_for_update(no_key=True).get(pk=annotator.pk)


def _lock_places(annotator: Annotator, campaign: Campaign, his: Q) -> None:
    kept = Q(reserved_for=annotator, state=SlotState.OPEN)
    touched = Slot.objects.filter(his | kept, campaign=campaign).values("item")
    reopening.lock_before(annotator.pk, campaign.pk, touched)


def _dismiss(annotator: Annotator, campaign: Campaign) -> bool:
    removed, _rows = Membership.objects.filter(
        user=annotator.user_id, dataset=campaign.dataset_id, role=Role.ANNOTATOR
    ).delete()
    return bool(removed)


def _note(
    verb: str, annotator: Annotator, campaign: Campaign, *, by: User | None, reason: str
) -> None:
    # Of the user, as all that is noted of memberships: by it the ledger keeps old links from
    # letting the person in again (`datasets_app.invitations`).
    ledger.note(
        verb,
        by=by.pk if by else None,
        dataset=campaign.dataset_id,
        subject=f"user:{annotator.user_id}",
        before=Role.ANNOTATOR,
        reason=reason,
        data={"annotator": annotator.pk},
    )


@dataclass(frozen=True, slots=True)
class SetAside:
    """What became of an annotator's work: items touched, and how many of them went back to OPEN."""

    leases: int
    items: int
    reopened: int


@dataclass(frozen=True, slots=True)
class Effect:
    """What setting somebody's work aside would do: votes that go, items that are judged anew."""

    votes: int
    items: int
    reopened: int
    leases: int


def effect_of_setting_aside(annotator: Annotator, campaign: Campaign) -> Effect:
    """What `set_aside` would do now; it changes nothing."""
    slots = Slot.objects.filter(annotator=annotator, campaign=campaign)
    items = Item.objects.filter(slots__in=slots.filter(state=SlotState.DONE)).distinct()
    voted = Verdict.objects.filter(item=OuterRef("pk")).exclude(method=VerdictMethod.RULING)
    decided = items.filter(Exists(voted), state__in=(ItemState.SETTLED, ItemState.DISPUTED))
    return Effect(
        votes=Annotation.objects.filter(
            annotator=annotator, campaign=campaign, standing=Standing.COUNTED
        ).count(),
        items=items.count(),
        reopened=decided.count(),
        leases=slots.filter(state=SlotState.LEASED).count(),
    )


def set_aside(
    annotator: Annotator, campaign: Campaign, *, by: User | None, reason: str
) -> SetAside:
    """Quarantine an annotator: votes are kept but no longer count, their slots open again.

    The person leaves the dataset, and no link made before lets the same account in again. Items
    that had settled, or were disputed, with such a vote go back to OPEN to be judged anew; those
    that a curator ruled on entirely stay as they are.
    """
    actor = by.pk if by else None
    with transaction.atomic():
        # The campaign's row first, as whoever changes the overlap does.
        locked = Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)
        _lock(annotator)
        _dismiss(annotator, campaign)
        # Noted also of who had left before, and may still hold a link.
        _note("set_aside", annotator, campaign, by=by, reason=reason)
        _lock_places(annotator, campaign, Q(annotator=annotator))
        leases = returning.return_leases_of(annotator, campaign.pk, by=actor, reason=reason)
        held_checks.end_all_of(annotator, campaign.pk, by=actor, reason=reason)
        reopening.reopen_reserved_for(annotator.pk, campaign, by=actor, reason=reason)
        items = reopening.reopen_all_of(annotator.pk, campaign, by=actor, reason=reason)
        reopened = settling.reopen(items, by=actor, reason=reason)
        if items:  # fewer may be asked for by now than when these were begun
            narrowing.narrow(locked, items)
        if reopened:  # the overlap may have been raised while they were not open
            placing.fill(locked, reopened)
    return SetAside(leases=len(leases), items=len(items), reopened=len(reopened))
