"""Qualifying: the items that a person answers to be let in to steps, and what comes of them.

An attempt is a handful of checks that wait for their person alone. They are given, kept and shown
by the law of any item: wishes, languages, what somebody wrote himself, the day's exposure.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from random import SystemRandom
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Max, QuerySet
from django.db.models.functions import Now

from annotation import eligibility, held_checks, prepared, steps
from annotation.eligibility import FITS, Terms
from annotation.gravity import GRAVITY
from annotation.models import Ability, Annotator, Campaign, Check, Consequence, Gold, Skip
from annotation.openness import JUDGED
from annotation.prepared import compact
from annotation.quality import abilities, conduct, grading
from annotation.vocabulary import CheckPurpose, CheckState, ConsequenceKind, GoldPurpose, RestCause
from datasets_app import ledger
from datasets_app.protocols import protocol_named
from datasets_app.vocabulary import Severity

# Items of one attempt.
ITEMS = 10

_chance = SystemRandom()


def golden(campaign: Campaign) -> QuerySet[Gold]:
    """What the qualification of a campaign is made of."""
    return Gold.objects.filter(
        campaign=campaign, purpose=GoldPurpose.QUALIFICATION, retired_at=None
    )


def trials(annotator: Annotator, campaign: Campaign) -> list[Check]:
    """The items of this person's latest attempt, in their order; none before the first."""
    own = Check.objects.filter(
        annotator=annotator, campaign=campaign, purpose=CheckPurpose.QUALIFICATION
    )
    latest = own.aggregate(last=Max("attempt"))["last"]
    found = own.filter(attempt=latest).select_related("gold", "item", "annotation", "campaign")
    return list(found.order_by("pk"))


def accuracies(checks: Collection[Check]) -> dict[str, float]:
    """The accuracy by group over the answered items of an attempt."""
    each: dict[str, list[float]] = {}
    for check in checks:
        step = protocol_named(check.campaign.protocol).step(check.step)
        for group, faults in grading.by_group(step, check.faults).items():
            each.setdefault(group, []).append(sum(faults) / len(faults))
    return {group: 1 - sum(faults) / len(faults) for group, faults in each.items()}


def conclude(annotator: Annotator, campaign_id: int) -> None:
    """When nothing of an attempt waits any more: grant what was passed, lift what it made up.

    In the transaction of the last answer, whichever door that came by. Items that were given back
    or skipped are not graded. Running it again changes nothing.
    """
    campaign = Campaign.objects.get(pk=campaign_id)
    checks = trials(annotator, campaign)
    answered = [check.answered_at for check in checks if check.answered_at is not None]
    if not answered or any(check.state == CheckState.LEASED for check in checks):
        return
    settled = _decided_since(annotator, campaign, max(answered))
    for group, accuracy in accuracies(checks).items():
        if accuracy >= campaign.pass_mark and group not in settled:
            reason = f"qualified with an accuracy of {accuracy:.2f}"
            abilities.grant(annotator, campaign, group, reason=reason)
            conduct.lift(
                annotator, campaign, kinds=(ConsequenceKind.TRAIN,), group=group, by=None,
                reason=reason,
            )  # fmt: skip


def _decided_since(annotator: Annotator, campaign: Campaign, answered_at: datetime) -> set[str]:
    """The groups whose ability was granted or withdrawn, or lost by a rule, since that answer."""
    own = {"annotator": annotator, "campaign": campaign}
    changed = Ability.objects.filter(**own, changed_at__gt=answered_at)
    lost = Consequence.objects.filter(**own, created_at__gt=answered_at)
    return {*changed.values_list("group", flat=True), *lost.values_list("group", flat=True)}


def begin(annotator: Annotator, campaign: Campaign) -> list[Check]:
    """A new attempt at the qualification; the one that is open, if one is. [] where there is none,
    where nothing of it is for this person, and when the day's exposure is used up.

    Each item comes with all steps that follow one another for the same person.
    """
    protocol = protocol_named(campaign.protocol)
    with transaction.atomic():
        _lock(annotator)
        before = trials(annotator, campaign)
        if any(check.state == CheckState.LEASED for check in before):
            return before
        found = _fit(annotator, campaign)
        for gold in found:
            for step in steps.together(protocol, protocol.step(gold.step)):
                _hand_out(annotator, gold, step.key, before[0].attempt + 1 if before else 1)
    return trials(annotator, campaign) if found else []


def _lock(annotator: Annotator) -> None:
    Annotator.objects.select_for_update(no_key=True).get(pk=annotator.pk)


def is_for(annotator: Annotator, campaign: Campaign) -> bool:
    """Whether a new attempt would bring this person anything now."""
    return bool(_fit(annotator, campaign))


def _fit(annotator: Annotator, campaign: Campaign) -> list[Gold]:
    """So many items in an order of their own; of those that are for this person now.

    What somebody skipped does not come again, what was given back comes last, as in work.
    """
    terms = eligibility.terms_of(annotator, campaign)
    if terms.rest is RestCause.EXPOSURE:
        return []
    found = list(golden(campaign).order_by("?"))
    items = [gold.item_id for gold in found]
    skips = Skip.objects.filter(annotator=annotator, item__in=items)
    mine = _fitting(terms, items) - set(skips.values_list("item", flat=True))
    mine -= _parted(annotator, items, CheckState.SKIPPED)
    returned = _parted(annotator, items, CheckState.LAPSED)
    fit = [gold for gold in found if gold.item_id in mine]
    return sorted(fit, key=lambda gold: gold.item_id in returned)[:ITEMS]


def _parted(annotator: Annotator, items: Collection[UUID], state: CheckState) -> set[UUID]:
    own = Check.objects.filter(annotator=annotator, purpose=CheckPurpose.QUALIFICATION)
    return set(own.filter(item__in=items, state=state).values_list("item", flat=True))


# The law of any item; and of checks, that none is reported, withdrawn, or of those that hurt most.
_FITTING = compact(f"""
SELECT i.id FROM datasets_app_item i
WHERE i.id = ANY(%(items)s) AND {JUDGED} AND {GRAVITY} < {int(Severity.SEVERE)} {FITS}
""")  # noqa: S608  pieces of ours


def _fitting(terms: Terms, items: Collection[UUID]) -> set[UUID]:
    """Those of the items that are for somebody on these terms."""
    values = {"items": list(items)} | terms.as_values()
    return {row[0] for row in prepared.fetch(_FITTING, values)}


def waiting(annotator: Annotator, campaign: Campaign) -> list[Check]:
    """The items of the open attempt that are still to be answered, in their order.

    Those that are no longer for this person end first: for another wish, for a report, or because
    another step of the same item was given back. An attempt that ends by that is concluded.
    """
    with transaction.atomic():
        _lock(annotator)
        checks = trials(annotator, campaign)
        live = [check for check in checks if check.state == CheckState.LEASED]
        parted = {check.item_id for check in checks if check.state in _PARTED}
        fit = _lasting(annotator, campaign, [check.item_id for check in live]) - parted
        for check in live:
            if check.item_id not in fit:
                held_checks.end(annotator, check.token, state=CheckState.LAPSED)
        left = [check for check in live if check.item_id in fit]
        if not left and (parted or live):
            conclude(annotator, campaign.pk)
    return left


_PARTED = (CheckState.LAPSED, CheckState.SKIPPED)


def _lasting(annotator: Annotator, campaign: Campaign, items: Collection[UUID]) -> set[UUID]:
    """Those that this person may keep: what was just seen says only what is shown next."""
    terms = eligibility.terms_of(annotator, campaign)
    return _fitting(replace(terms, ceiling=int(Severity.SEVERE)), items) if items else set()


def next_of(annotator: Annotator, campaign: Campaign, left: Collection[Check]) -> Check | None:
    """Which of what is left is shown now: after something severe, something mild."""
    terms = eligibility.terms_of(annotator, campaign)
    fit = _fitting(terms, [check.item_id for check in left]) if left else set()
    return next((check for check in left if check.item_id in fit), None)


def spare(annotator: Annotator) -> None:
    """End what waits in any qualification against this person's wishes, at once."""
    own = Check.objects.filter(
        annotator=annotator, purpose=CheckPurpose.QUALIFICATION, state=CheckState.LEASED
    )
    for campaign in Campaign.objects.filter(pk__in=own.values("campaign")):
        waiting(annotator, campaign)


def may_read(annotator: Annotator, campaign: Campaign, item: UUID) -> bool:
    """Whether the item of a trial may be read again beside what was expected."""
    if eligibility.terms_of(annotator, campaign).rest is RestCause.EXPOSURE:
        return False
    return item in _lasting(annotator, campaign, [item])


def trial_under(annotator: Annotator, campaign: Campaign, token: UUID) -> Check | None:
    """The item of the latest attempt that this person was given under that token, in any state."""
    return next((one for one in trials(annotator, campaign) if one.token == token), None)


def _hand_out(annotator: Annotator, gold: Gold, step: str, attempt: int) -> None:
    # Open to its person until it is answered: nobody else waits for it.
    check = Check.objects.create(
        annotator=annotator,
        campaign=gold.campaign,
        gold=gold,
        item=gold.item,
        step=step,
        purpose=CheckPurpose.QUALIFICATION,
        attempt=attempt,
        token=uuid4(),
        flipped=_chance.random() < 0.5,
        leased_at=Now(),
        expires_at=Now(),
    )
    ledger.note(
        "check",
        by=annotator.user_id,
        dataset=gold.campaign.dataset_id,
        item=gold.item_id,
        subject=f"check:{check.pk}",
        after=CheckState.LEASED,
    )
