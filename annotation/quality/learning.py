"""Learning: what a person reads and passes before work begins, and what a campaign demands of it.

Both are abilities: reading a version of the guideline to its end grants one, passing the
qualification grants one for each group of questions. Leasing goes by them.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from django.contrib.auth.models import User
from django.db import transaction

from annotation import eligibility, steps
from annotation.models import (
    Ability,
    Annotator,
    Campaign,
    Reading,
    Requirement,
)
from annotation.quality import abilities, conduct, grading, qualifying
from annotation.vocabulary import (
    AbilityState,
    ConsequenceKind,
)
from datasets_app import ledger
from datasets_app.protocols import protocol_named

READ, QUALIFY, WORK = "read", "qualify", "work"
_PREFIX = "guideline:"


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
        locked = _locked(campaign)
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


def _locked(campaign: Campaign) -> Campaign:
    return Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)


def read_to_the_end(annotator: Annotator, campaign: Campaign, *, version: int) -> bool:
    """Note that this person has read that version of the guideline.

    False when another one holds by now: then nothing is noted.
    """
    with transaction.atomic():
        # Nobody writes another one meanwhile, and nobody reads this one while that is written.
        if _locked(campaign).guideline_version != version:
            return False
        _row, is_new = Reading.objects.get_or_create(
            annotator=annotator, campaign=campaign, version=version
        )
        if is_new:
            ledger.note(
                "read_guideline",
                by=annotator.user_id,
                dataset=campaign.dataset_id,
                subject=f"campaign:{campaign.pk}",
                after=str(version),
            )
        abilities.grant(annotator, campaign, f"{_PREFIX}{version}", reason="read to its end")
        conduct.read(annotator, campaign)
    return True


def has_read(annotator: Annotator, campaign: Campaign) -> bool:
    """Whether this person has read the guideline in its present version."""
    return Reading.objects.filter(
        annotator=annotator, campaign=campaign, version=campaign.guideline_version
    ).exists()


def demand(
    campaign: Campaign, *, reading: bool, qualified: Collection[str], by: User | None
) -> None:
    """Let steps go only to people who have read the guideline, or qualified for their questions.

    `qualified` are the steps that ask for a qualification. What else a step asks for stays.
    """
    protocol = protocol_named(campaign.protocol)
    known = set(grading.groups_of(protocol))
    with transaction.atomic():
        version = _locked(campaign).guideline_version
        for step in protocol.steps:
            asked = Requirement.objects.filter(campaign=campaign, step=step.key)
            before = set(asked.values_list("group", flat=True))
            wanted = {one for one in before - known if not one.startswith(_PREFIX)}
            if reading:
                wanted.add(f"{_PREFIX}{version}")
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
    first = set(qualifying.golden(campaign).values_list("step", flat=True))
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
