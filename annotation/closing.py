"""Closing: a campaign hands out nothing more and takes back what it gave; it may be opened again.

The law is in docs/leases.md.
"""

from __future__ import annotations

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q

from annotation import held_checks, returning
from annotation.models import Annotator, Campaign, Check, Slot
from annotation.vocabulary import CampaignState, CheckPurpose, CheckState, SlotState
from datasets_app import ledger
from datasets_app.models import Membership
from datasets_app.vocabulary import Role


class AnotherIsOpen(Exception):
    """A dataset has one open campaign at most."""


def close(campaign: Campaign, *, by: User | None, reason: str) -> int | None:
    """Hand out nothing more and take back all that is held; how much that was.

    None when it was closed already. What was done counts on, nothing is held against anyone, and
    what is handed in from now on is kept as late. A qualification that somebody has begun waits.
    """
    actor = by.pk if by else None
    with transaction.atomic():
        # The campaign's row first, then the people's, as whoever sets somebody's work aside does.
        locked = _locked(campaign)
        if locked.state == CampaignState.CLOSED:
            return None
        _lock_people(locked)
        _move(locked, CampaignState.CLOSED, "close_campaign", by=actor, reason=reason)
        slots = returning.return_leases_in(locked.pk, by=actor, reason=reason)
        checks = held_checks.end_all_in(locked.pk, by=actor, reason=reason)
    campaign.state = CampaignState.CLOSED
    return len(slots) + checks


def open_again(campaign: Campaign, *, by: User | None) -> bool:
    """Hand out again what is left; False when it is open already.

    Raises AnotherIsOpen while the dataset has another campaign that is.
    """
    try:
        with transaction.atomic():
            locked = _locked(campaign)
            if locked.state == CampaignState.OPEN:
                return False
            _move(locked, CampaignState.OPEN, "open_campaign", by=by.pk if by else None)
    except IntegrityError as error:  # by the index over open campaigns, the only one in question
        raise AnotherIsOpen from error
    campaign.state = CampaignState.OPEN
    return True


def held(campaign: Campaign) -> int:
    """How much closing would take back now."""
    slots = Slot.objects.filter(campaign=campaign, state=SlotState.LEASED)
    checks = Check.objects.filter(campaign=campaign, state=CheckState.LEASED)
    return slots.count() + checks.exclude(purpose=CheckPurpose.QUALIFICATION).count()


def _locked(campaign: Campaign) -> Campaign:
    return Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)


def _lock_people(campaign: Campaign) -> None:
    """Wait for what people are just doing, and have them wait.

    A lease reads the campaign's state without locking its row, which all of them would share. But
    each begins with its person's row: who is not through with his is waited for here, and what he
    was given is then seen; who comes after sees the campaign closed. Somebody who was let in at
    this very moment is not among them: the sweep takes back what such a one got.
    """
    inside = Membership.objects.filter(
        user=OuterRef("user"), dataset=campaign.dataset_id, role=Role.ANNOTATOR
    )
    holding = Slot.objects.filter(
        annotator=OuterRef("pk"), campaign=campaign, state=SlotState.LEASED
    )
    people = Annotator.objects.filter(
        Q(user__is_superuser=True) | Exists(inside) | Exists(holding)
    ).order_by("pk")
    list(people.select_for_update(no_key=True, of=("self",)).values_list("pk"))


def _move(
    locked: Campaign, state: CampaignState, verb: str, *, by: int | None, reason: str = ""
) -> None:
    before, locked.state = locked.state, state
    locked.save(update_fields=["state"])
    ledger.note(
        verb,
        by=by,
        dataset=locked.dataset_id,
        subject=f"campaign:{locked.pk}",
        before=before,
        after=state,
        reason=reason,
    )
