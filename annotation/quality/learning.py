"""Learning: what a person reads and passes before work begins, and what a campaign demands of it.

Both are abilities: reading a version of the guideline to its end grants one, passing the
qualification grants one for each group of questions. Leasing goes by them.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from random import SystemRandom
from typing import Any
from uuid import uuid4

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from annotation import eligibility, steps
from annotation.models import Ability, Annotator, Campaign, Check, Gold, Reading, Requirement
from annotation.quality import abilities, conduct, grading
from annotation.vocabulary import (
    AbilityState,
    CheckPurpose,
    CheckState,
    ConsequenceKind,
    GoldPurpose,
)
from annotation.wellbeing import covers
from datasets_app import ledger
from datasets_app.protocols import protocol_named

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
    """When the last item of an attempt is answered: grant what was passed, lift what it made up.

    In the transaction of the submit, whichever door that came by. Running it again changes
    nothing.
    """
    campaign = Campaign.objects.get(pk=campaign_id)
    checks = trials(annotator, campaign)
    if not checks or any(check.state == CheckState.LEASED for check in checks):
        return
    for group, accuracy in accuracies(checks).items():
        if accuracy >= campaign.pass_mark:
            reason = f"qualified with an accuracy of {accuracy:.2f}"
            abilities.grant(annotator, campaign, group, reason=reason)
            conduct.lift(
                annotator, campaign, kinds=(ConsequenceKind.TRAIN,), group=group, by=None,
                reason=reason,
            )  # fmt: skip


def begin(annotator: Annotator, campaign: Campaign) -> list[Check]:
    """A new attempt at the qualification; the one that is open, if one is. [] where there is none.

    Each item comes with all steps that follow one another for the same person.
    """
    protocol = protocol_named(campaign.protocol)
    with transaction.atomic():
        Annotator.objects.select_for_update(no_key=True).get(pk=annotator.pk)
        before = trials(annotator, campaign)
        if any(check.state == CheckState.LEASED for check in before):
            return before
        now = timezone.now()
        for gold in _fit(campaign):
            for step in steps.together(protocol, protocol.step(gold.step)):
                _hand_out(annotator, gold, step.key, before[0].attempt + 1 if before else 1, now)
    return trials(annotator, campaign)


def _fit(campaign: Campaign) -> list[Gold]:
    """So many items in an order of their own; none of those that hurt most."""
    found = list(_gold(campaign).order_by("?"))
    severe = covers.severe([gold.item_id for gold in found])
    return [gold for gold in found if gold.item_id not in severe][:ITEMS]


def _hand_out(annotator: Annotator, gold: Gold, step: str, attempt: int, now: Any) -> None:
    # Open to its person until it is answered: nobody else waits for it.
    Check.objects.create(
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
