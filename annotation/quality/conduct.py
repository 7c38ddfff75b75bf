"""Conduct: what a person's record of checks brings about, by the rules that the campaign declares.

The rules are rows, shown to everybody they are about. They are tried in the transaction in which
a check is answered, and whatever comes of it has its event there.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.db import connection, transaction
from django.db.models import Max
from django.db.models.functions import Now

from annotation import steps
from annotation.models import Annotator, Campaign, Check, ConductRule, Consequence
from annotation.quality import grading
from annotation.vocabulary import CheckPurpose, CheckState, ConsequenceKind
from datasets_app import ledger
from datasets_app.protocols import protocol_named
from datasets_app.protocols.base import Protocol, Step

MEASURED = (CheckPurpose.SILENT, CheckPurpose.ATTENTION)
# Kinds after which no step of the group is handed out.
BARS = (ConsequenceKind.TRAIN, ConsequenceKind.PAUSE, ConsequenceKind.QUARANTINE)
# Checks looked through for those that measured a group; others of their step did not.
LOOKED_THROUGH = 400


class BadRule(Exception):
    """A rule that cannot be; the text is one line that says why."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule as it is declared; an empty `group` stands for every group by itself."""

    group: str
    below: float
    over: int
    then: ConsequenceKind


def declare(campaign: Campaign, rules: Sequence[Rule], *, by: User | None) -> None:
    """Let these rules hold from now on, in place of those before. Raises BadRule."""
    known = {"", *grading.groups_of(protocol_named(campaign.protocol))}
    for rule in rules:
        if rule.group not in known:
            raise BadRule(f"No questions of {campaign.protocol} are in a group “{rule.group}”.")
        if not 0 < rule.below <= 1 or not 1 <= rule.over <= 100:
            raise BadRule("A rule takes an accuracy of at most 1 over 1 to 100 checks.")
    if len({(rule.group, rule.then) for rule in rules}) < len(rules):
        raise BadRule("Two rules say the same of one group: keep one of them.")
    with transaction.atomic():
        ConductRule.objects.filter(campaign=campaign).delete()
        ConductRule.objects.bulk_create(
            ConductRule(campaign=campaign, group=r.group, below=r.below, over=r.over, then=r.then)
            for r in rules
        )
        ledger.note(
            "declare_rules",
            by=by.pk if by else None,
            dataset=campaign.dataset_id,
            subject=f"campaign:{campaign.pk}",
            data={"rules": [[r.group, r.below, r.over, r.then.value] for r in rules]},
        )


def weigh(annotator: Annotator, campaign_id: int, groups: Collection[str]) -> list[Consequence]:
    """Try the campaign's rules on these groups of a person's record; what came of it.

    In the caller's transaction. A rule looks only at checks answered since it last applied.
    """
    rules = list(ConductRule.objects.filter(campaign=campaign_id).select_related("campaign"))
    found = [
        _tried(annotator, rule, group)
        for rule in rules
        for group in groups
        if rule.group in ("", group)
    ]
    return [one for one in found if one is not None]


def _tried(annotator: Annotator, rule: ConductRule, group: str) -> Consequence | None:
    since = Consequence.objects.filter(
        annotator=annotator, campaign=rule.campaign_id, group=group, kind=rule.then
    ).aggregate(last=Max("created_at"))["last"]
    each = _record(annotator, rule.campaign, group, since)[: rule.over]
    accuracy = grading.accuracy(each)
    if accuracy is None or len(each) < rule.over or accuracy >= rule.below:
        return None
    return _imposed(annotator, rule, group, accuracy)


def _record(annotator: Annotator, campaign: Campaign, group: str, since: Any) -> list[float]:
    """The faults of this person in a group, check by check, the latest first."""
    protocol = protocol_named(campaign.protocol)
    asked = {step.key: step for step in protocol.steps if group in _groups(step)}
    checks = Check.objects.filter(
        annotator=annotator,
        campaign=campaign,
        purpose__in=MEASURED,
        state=CheckState.ANSWERED,
        step__in=asked,
    )
    if since is not None:
        checks = checks.filter(answered_at__gt=since)
    latest = checks.order_by("-answered_at").values_list("step", "faults")[:LOOKED_THROUGH]
    graded = [grading.by_group(asked[step], faults).get(group) for step, faults in latest]
    return [sum(each) / len(each) for each in graded if each]


def _imposed(
    annotator: Annotator, rule: ConductRule, group: str, accuracy: float
) -> Consequence | None:
    made, is_new = Consequence.objects.get_or_create(
        annotator=annotator,
        campaign=rule.campaign,
        group=group,
        kind=rule.then,
        lifted_at=None,
        defaults={"accuracy": accuracy, "below": rule.below, "over": rule.over},
    )
    if not is_new:
        return None
    ledger.note(
        "consequence",
        dataset=rule.campaign.dataset_id,
        subject=f"annotator:{annotator.pk}",
        after=rule.then,
        reason=f"accuracy {accuracy:.2f} in {group} over {rule.over} checks, below {rule.below}",
        data={"group": group, "campaign": rule.campaign_id},
    )
    return made


def standing(annotator: Annotator, campaign: Campaign) -> list[Consequence]:
    """What stands against this person in the campaign, the latest first."""
    return list(
        Consequence.objects.filter(annotator=annotator, campaign=campaign, lifted_at=None).order_by(
            "-pk"
        )
    )


def told(annotator: Annotator, campaign: Campaign) -> list[Consequence]:
    """What this person is to be told: what stands; a warning until it was read."""
    return [
        one
        for one in standing(annotator, campaign)
        if one.kind != ConsequenceKind.WARN or one.read_at is None
    ]


def read(annotator: Annotator, campaign: Campaign) -> None:
    """This person has been shown what stands; a warning has then done its work."""
    unread = Consequence.objects.filter(annotator=annotator, campaign=campaign, read_at=None)
    unread.update(read_at=Now())
    Consequence.objects.filter(
        annotator=annotator, campaign=campaign, kind=ConsequenceKind.WARN, lifted_at=None
    ).update(lifted_at=Now())


_LIFT = """
WITH lifted AS (
    UPDATE annotation_consequence SET lifted_at = now(), lifted_by_id = %(by)s
    WHERE annotator_id = %(annotator)s AND campaign_id = %(campaign)s AND lifted_at IS NULL
      AND kind = ANY(%(kinds)s) AND (%(group)s = '' OR "group" = %(group)s)
    RETURNING "group", kind
), noted AS (
    INSERT INTO datasets_app_event (actor_id, verb, dataset_id, subject, before, reason, data)
    SELECT %(by)s, 'lift', %(dataset)s, 'annotator:' || %(annotator)s::bigint, kind, %(reason)s,
           jsonb_build_object('group', "group", 'campaign', %(campaign)s::bigint)
    FROM lifted
)
SELECT count(*) FROM lifted
"""


def lift(
    annotator: Annotator,
    campaign: Campaign,
    *,
    kinds: Collection[ConsequenceKind] = tuple(ConsequenceKind),
    group: str = "",
    by: User | None,
    reason: str,
) -> int:
    """End what stands against a person, of these kinds, in a group or in all; how many."""
    values: dict[str, Any] = {
        "annotator": annotator.pk,
        "campaign": campaign.pk,
        "dataset": campaign.dataset_id,
        "kinds": [kind.value for kind in kinds],
        "group": group,
        "by": by.pk if by else None,
        "reason": reason,
    }
    with connection.cursor() as cursor:
        cursor.execute(_LIFT, values)
        return int(cursor.fetchall()[0][0])


def barred_steps(annotator: Annotator, campaign: Campaign) -> set[str]:
    """The steps that this person may not begin, because of what stands: whole chains of them."""
    stands = Consequence.objects.filter(
        annotator=annotator, campaign=campaign, lifted_at=None, kind__in=BARS
    ).values_list("group", "kind")
    found = list(stands)
    if not found:
        return set()
    protocol = protocol_named(campaign.protocol)
    if any(kind == ConsequenceKind.QUARANTINE for _group, kind in found):
        return {step.key for step in protocol.steps}
    groups = {group for group, _kind in found}
    return {
        step.key
        for step in steps.open_to_all(protocol)
        if groups & {one for link in steps.together(protocol, step) for one in _groups(link)}
    }


def _groups(step: Step) -> set[str]:
    return {grading.group_of(step, question) for question in step.questions}


def groups_of_chain(protocol: Protocol, step: Step) -> list[str]:
    """The groups that the step and what follows it for the same person ask."""
    found = [
        grading.group_of(link, question)
        for link in steps.together(protocol, step)
        for question in link.questions
        if question.is_settled_by_votes
    ]
    return list(dict.fromkeys(found))
