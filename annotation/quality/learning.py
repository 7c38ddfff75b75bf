"""Learning: what a person reads and passes before work begins, and what a campaign demands of it.

Both are abilities: reading a version of the guideline to its end grants one, passing the
qualification grants one for each group of questions. Leasing goes by them.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from random import SystemRandom
from typing import Any
from uuid import UUID, uuid4

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from annotation import eligibility, held_checks, prepared, steps
from annotation.eligibility import FITS, GRAVITY, Terms
from annotation.models import (
    Ability,
    Annotator,
    Campaign,
    Check,
    Consequence,
    Gold,
    Reading,
    Requirement,
    Skip,
)
from annotation.openness import JUDGED
from annotation.prepared import compact
from annotation.quality import abilities, conduct, grading
from annotation.vocabulary import (
    AbilityState,
    CheckPurpose,
    CheckState,
    ConsequenceKind,
    GoldPurpose,
    RestCause,
)
from datasets_app import ledger
from datasets_app.protocols import protocol_named
from datasets_app.vocabulary import Severity

READ, QUALIFY, WORK = "read", "qualify", "work"
# Items of one attempt at the qualification.
ITEMS = 10
_PREFIX = "guideline:"

_chance = SystemRandom()


def sections(guideline: str) -> list[str]:
    """The guideline's Markdown cut before its second-level headings; at least one part."""
    parts = re.split(r"^(?=##\s)", guideline, flags=re.MULTILINE)
    return [part for part in parts if part.strip()] or [""]


def rewrite(campaign: Campaign, guideline: str, *, by: User | None) -> int:
    """Give the campaign another guideline, in Markdown; the number of the version that then holds.

    The same text makes no new version. Where reading is asked for, it is the new version that has
    to be read before the next item.
    """
    with transaction.atomic():
        locked = Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)
        if locked.guideline != guideline:
            qualified = demanded(locked)
            locked.guideline = guideline
            locked.guideline_version += 1
            locked.save(update_fields=["guideline", "guideline_version"])
            ledger.note(
                "write_guideline",
                by=by.pk if by else None,
                dataset=locked.dataset_id,
                subject=f"campaign:{locked.pk}",
                before=str(locked.guideline_version - 1),
                after=str(locked.guideline_version),
            )
            if locked.asks_reading:
                demand(locked, reading=True, qualified=qualified, by=by)
    campaign.guideline, campaign.guideline_version = locked.guideline, locked.guideline_version
    return locked.guideline_version


def read_to_the_end(annotator: Annotator, campaign: Campaign) -> None:
    """Note that this person has read the guideline in its present version."""
    with transaction.atomic():
        _row, is_new = Reading.objects.get_or_create(
            annotator=annotator, campaign=campaign, version=campaign.guideline_version
        )
        if is_new:
            ledger.note(
                "read_guideline",
                by=annotator.user_id,
                dataset=campaign.dataset_id,
                subject=f"campaign:{campaign.pk}",
                after=str(campaign.guideline_version),
            )
        abilities.grant(annotator, campaign, _reading(campaign), reason="read to its end")
        conduct.read(annotator, campaign)


def has_read(annotator: Annotator, campaign: Campaign) -> bool:
    """Whether this person has read the guideline in its present version."""
    return Reading.objects.filter(
        annotator=annotator, campaign=campaign, version=campaign.guideline_version
    ).exists()


def _reading(campaign: Campaign) -> str:
    return f"{_PREFIX}{campaign.guideline_version}"


def demand(
    campaign: Campaign, *, reading: bool, qualified: Collection[str], by: User | None
) -> None:
    """Let steps go only to people who have read the guideline, or qualified for their questions.

    `qualified` are the steps that ask for a qualification. What else a step asks for stays.
    """
    protocol = protocol_named(campaign.protocol)
    known = set(grading.groups_of(protocol))
    with transaction.atomic():
        for step in protocol.steps:
            asked = Requirement.objects.filter(campaign=campaign, step=step.key)
            before = set(asked.values_list("group", flat=True))
            wanted = {one for one in before - known if not one.startswith(_PREFIX)}
            if reading:
                wanted.add(_reading(campaign))
            if step.key in qualified:
                wanted |= set(conduct.groups_of_chain(protocol, step))
            if wanted != before:
                abilities.ask_for(campaign, step.key, wanted, by=by)


def demanded(campaign: Campaign) -> set[str]:
    """The steps that ask for a qualification."""
    known = grading.groups_of(protocol_named(campaign.protocol))
    asked = Requirement.objects.filter(campaign=campaign, group__in=known)
    return set(asked.values_list("step", flat=True))


def state_of(annotator: Annotator, campaign: Campaign) -> str:
    """What comes next for this person here: READ, QUALIFY or WORK."""
    lacking = _lacking(annotator, campaign)
    if any(group.startswith(_PREFIX) for group in lacking):
        return READ
    protocol = protocol_named(campaign.protocol)
    barred = set(eligibility.terms_of(annotator, campaign).barred)
    barred |= conduct.barred_steps(annotator, campaign) if campaign.is_checked else set()
    is_barred = barred >= {step.key for step in steps.open_to_all(protocol)}
    return QUALIFY if is_barred and to_qualify_for(annotator, campaign) else WORK


def to_qualify_for(annotator: Annotator, campaign: Campaign) -> list[str]:
    """The groups that this person lacks, or lost, and that the qualification can grant."""
    lost = {
        one.group
        for one in conduct.standing(annotator, campaign)
        if one.kind == ConsequenceKind.TRAIN
    }
    wanted = _lacking(annotator, campaign) | lost
    return [group for group in offered(campaign) if group in wanted]


def offered(campaign: Campaign) -> list[str]:
    """The groups of questions that the campaign's qualification asks about."""
    protocol = protocol_named(campaign.protocol)
    first = set(_gold(campaign).values_list("step", flat=True))
    found = [
        group
        for step in steps.open_to_all(protocol)
        if step.key in first
        for group in conduct.groups_of_chain(protocol, step)
    ]
    return list(dict.fromkeys(found))


def _lacking(annotator: Annotator, campaign: Campaign) -> set[str]:
    held = Ability.objects.filter(
        annotator=annotator, campaign=campaign, state=AbilityState.GRANTED
    )
    asked = Requirement.objects.filter(campaign=campaign)
    return set(asked.exclude(group__in=held.values("group")).values_list("group", flat=True))


def _gold(campaign: Campaign) -> Any:
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
        now = timezone.now()
        found = _fit(annotator, campaign)
        for gold in found:
            for step in steps.together(protocol, protocol.step(gold.step)):
                _hand_out(annotator, gold, step.key, before[0].attempt + 1 if before else 1, now)
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
    found = list(_gold(campaign).order_by("?"))
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


def _hand_out(annotator: Annotator, gold: Gold, step: str, attempt: int, now: Any) -> None:
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
        leased_at=now,
        expires_at=now,
    )
    ledger.note(
        "check",
        by=annotator.user_id,
        dataset=gold.campaign.dataset_id,
        item=gold.item_id,
        subject=f"check:{check.pk}",
        after=CheckState.LEASED,
    )
