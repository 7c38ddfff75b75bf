"""Abilities: what a step asks of its people, granted and withdrawn; leasing goes by it at once."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.contrib.auth.models import User
from django.db import connection, transaction

from annotation.models import Ability, Annotator, Campaign, Requirement
from annotation.vocabulary import AbilityState
from datasets_app import ledger
from datasets_app.protocols import protocol_named


class NoSuchStep(Exception):
    """The campaign's protocol has no such step; the text says which there are."""


def ask_for(
    campaign: Campaign, step: str, groups: Collection[str], *, by: User | None = None
) -> None:
    """Let a step go only to people who have all of these abilities; none: to everybody.

    Steps that one person answers together ask for what any of them asks for. Of two who ask at once
    the last one's abilities hold. Raises NoSuchStep.
    """
    protocol = protocol_named(campaign.protocol)
    if step not in {known.key for known in protocol.steps}:
        raise NoSuchStep(
            f"{campaign.protocol} has no step {step!r}: take one of "
            f"{', '.join(known.key for known in protocol.steps)}."
        )
    wanted = sorted(set(groups))
    with transaction.atomic():
        _lock(campaign)
        known = Requirement.objects.filter(campaign=campaign, step=step)
        before = sorted(known.values_list("group", flat=True))
        known.exclude(group__in=wanted).delete()
        Requirement.objects.bulk_create(
            [Requirement(campaign=campaign, step=step, group=group) for group in wanted],
            ignore_conflicts=True,
        )
        ledger.note(
            "ask_for",
            by=by.pk if by else None,
            dataset=campaign.dataset_id,
            subject=f"campaign:{campaign.pk}",
            data={"step": step, "before": before, "after": wanted},
        )


def _lock(campaign: Campaign) -> None:
    Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)


# The event only when something changed: whoever passes twice has it once.
_SET = """
WITH changed AS (
    INSERT INTO annotation_ability AS a (annotator_id, campaign_id, "group", state)
    VALUES (%(annotator)s, %(campaign)s, %(group)s, %(state)s)
    ON CONFLICT (annotator_id, campaign_id, "group")
    DO UPDATE SET state = excluded.state, changed_at = now() WHERE a.state <> excluded.state
    RETURNING id
), noted AS (
    INSERT INTO datasets_app_event (actor_id, verb, dataset_id, subject, after, reason, data)
    SELECT %(actor)s, %(verb)s, %(dataset)s, 'annotator:' || %(annotator)s::bigint, %(state)s,
           %(reason)s,
           jsonb_build_object('group', %(group)s::text, 'campaign', %(campaign)s::bigint)
    FROM changed
)
SELECT count(*) FROM changed
"""


def grant(
    annotator: Annotator, campaign: Campaign, group: str, *, by: User | None = None, reason: str
) -> bool:
    """Let this person be given what asks for `group`; False when it was so already."""
    return _set(annotator, campaign, group, AbilityState.GRANTED, by=by, reason=reason)


def withdraw(
    annotator: Annotator, campaign: Campaign, group: str, *, by: User | None = None, reason: str
) -> bool:
    """No longer, from the next lease on; what was done counts on. False when it was so already."""
    return _set(annotator, campaign, group, AbilityState.WITHDRAWN, by=by, reason=reason)


def _set(
    annotator: Annotator,
    campaign: Campaign,
    group: str,
    state: AbilityState,
    *,
    by: User | None,
    reason: str,
) -> bool:
    values: dict[str, Any] = {
        "annotator": annotator.pk,
        "campaign": campaign.pk,
        "dataset": campaign.dataset_id,
        "group": group,
        "state": state.value,
        "verb": "grant" if state is AbilityState.GRANTED else "withdraw_ability",
        "actor": by.pk if by else None,
        "reason": reason,
    }
    with connection.cursor() as cursor:
        cursor.execute(_SET, values)
        return bool(cursor.fetchall()[0][0])


def has(annotator: Annotator, campaign: Campaign, group: str) -> bool:
    """Whether this person has it now."""
    return Ability.objects.filter(
        annotator=annotator, campaign=campaign, group=group, state=AbilityState.GRANTED
    ).exists()
