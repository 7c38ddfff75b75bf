"""Parting: an item is skipped for a reason, or reported and frozen for all."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from annotation import held_checks, reopening, reporting, returning
from annotation.consensus import unjudgeable
from annotation.models import Annotator, Check, Lapse, Skip, Slot
from annotation.quality import gold
from annotation.vocabulary import CheckState, LapseCause, SkipReason, SlotState
from datasets_app import ledger
from datasets_app.protocols import protocol_named
from datasets_app.vocabulary import ItemState


def skip(annotator: Annotator, token: UUID, *, reason: SkipReason, note: str = "") -> bool:
    """Give an item back for good: this step of it does not come to this person again.

    When too many could not judge it, a curator gets it. A follow-up that only this person could do
    is given up with the step before. False when the lease was no longer held.
    """
    with transaction.atomic():
        Annotator.objects.select_for_update(no_key=True).get(pk=annotator.pk)
        held = _held(annotator, token).select_related("campaign").first()
        if held is None:
            ended = held_checks.end(annotator, token, state=CheckState.SKIPPED, reason=reason.value)
            return ended is not None
        campaign, item, step = held.campaign, held.item_id, held.step
        is_follow_up = bool(protocol_named(campaign.protocol).step(step).after)
        if is_follow_up:
            reopening.lock_before(annotator.pk, campaign.pk, [item])
        if not returning.return_lease(
            annotator, token, cause=LapseCause.SKIPPED, reason=reason.value
        ):  # it was taken back at this very moment
            return False
        Skip.objects.get_or_create(
            annotator=annotator,
            campaign=campaign,
            item_id=item,
            step=step,
            defaults={"reason": reason, "note": note},
        )
        if is_follow_up:
            reopening.reopen_reserved_on(
                annotator.pk, campaign, item, step, by=annotator.user_id, reason=reason.value
            )
        if reason in unjudgeable.REASONS:
            unjudgeable.consider(campaign, item, step)
    return True


def _held(annotator: Annotator, token: UUID) -> QuerySet[Slot]:
    return Slot.objects.filter(annotator=annotator, token=token, state=SlotState.LEASED)


# What an item may be frozen in: a check's is settled or disputed, or open.
_FREEZABLE = (ItemState.OPEN, ItemState.SETTLED, ItemState.DISPUTED)


def report(annotator: Annotator, token: UUID, *, reason: str) -> bool:
    """Freeze an item for everybody: quarantined, and taken back from all who have it.

    A moderator decides what becomes of it. False when the lease was no longer held; reported again,
    because the answer got lost, it is still reported.
    """
    with transaction.atomic():
        Annotator.objects.select_for_update(no_key=True).get(pk=annotator.pk)
        held = _held(annotator, token).first()
        if held is None:
            return _is_reported(annotator, token) or _report_check(annotator, token, reason)
        _lock_places(held.item_id)
        if not _held(annotator, token).exists():  # somebody else reported it at this very moment
            return False
        _freeze(held.item_id, annotator, reason)
        returning.return_leases_on(held.item_id, reporter=annotator)
    return True


def _is_reported(annotator: Annotator, token: UUID) -> bool:
    """Whether this person reported what the token named, an item or a check."""
    ended = Check.objects.filter(annotator=annotator, token=token, state=CheckState.SKIPPED)
    return (
        Lapse.objects.filter(annotator=annotator, token=token, cause=LapseCause.REPORTED).exists()
        or ended.filter(reporting.own_report(annotator)).exists()
    )


def _report_check(annotator: Annotator, token: UUID, reason: str) -> bool:
    """The same for a check's item; its gold is retired."""
    held = Check.objects.filter(annotator=annotator, token=token, state=CheckState.LEASED)
    found = held.values_list("item", "campaign__dataset").first()
    if found is None:
        return False
    item, dataset = found
    _lock_places(item)
    ended = held_checks.end(annotator, token, state=CheckState.SKIPPED, reason=reason)
    if ended is None:
        return False
    if not _freeze(item, annotator, reason):
        # Somebody else did before: this person's report is kept all the same.
        ledger.note(
            "report",
            by=annotator.user_id,
            dataset=dataset,
            item=item,
            subject=f"check:{ended[0]}",
            reason=reason,
        )
    returning.return_leases_on(item, reporter=annotator)
    gold.retire_all_of(item, reason=reason)
    return True


def _lock_places(item: UUID) -> None:
    """In the order of their ids, and before the item, as docs/leases.md has it.

    A lease in flight has its slot locked: it is waited for here, and then seen.
    """
    list(Slot.objects.select_for_update().filter(item=item).order_by("pk"))


def _freeze(item: UUID, annotator: Annotator, reason: str) -> bool:
    """Quarantine an item, whatever it was; False when it is frozen already."""
    moved = [
        ledger.move(
            [item],
            before=state,
            after=ItemState.QUARANTINED,
            verb="report",
            by=annotator.user_id,
            reason=reason,
        )
        for state in _FREEZABLE
    ]
    return any(moved)
