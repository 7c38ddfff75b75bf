"""Conduct: what a person's record of checks brings about, by the rules that the campaign declares.

The rules are rows, shown to everybody they are about. They are tried before anything is handed out,
for everybody alike and by one statement, so that nobody can tell by the time it takes that the
last answers were to a check. Whatever comes of it has its event there.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.db import connection, transaction
from django.db.models.functions import Now

from annotation import prepared, steps
from annotation.models import Annotator, Campaign, ConductRule, Consequence
from annotation.prepared import compact
from annotation.quality import grading
from annotation.vocabulary import ConsequenceKind
from datasets_app import ledger
from datasets_app.protocols import protocol_named
from datasets_app.protocols.base import Protocol, Step

# Kinds after which no step of the group is handed out.
BARS = (ConsequenceKind.TRAIN, ConsequenceKind.PAUSE, ConsequenceKind.QUARANTINE)
# A person's latest checks, among which those that measured a group are looked for.
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
    """Let these rules hold from now on, in place of those before. Raises BadRule.

    The same rules once more change nothing. Of two who declare at once the last one's hold.
    """
    known = {"", *grading.groups_of(protocol_named(campaign.protocol))}
    for rule in rules:
        if rule.group not in known:
            raise BadRule(f"No questions of {campaign.protocol} are in a group “{rule.group}”.")
        if not 0 < rule.below <= 1 or not 1 <= rule.over <= 100:
            raise BadRule("A rule takes an accuracy of at most 1 over 1 to 100 checks.")
    if len({(rule.group, rule.then) for rule in rules}) < len(rules):
        raise BadRule("Two rules say the same of one group: keep one of them.")
    with transaction.atomic():
        _lock(campaign)
        declared = ConductRule.objects.filter(campaign=campaign)
        wanted = [(r.group, r.below, r.over, r.then.value) for r in rules]
        if sorted(declared.values_list("group", "below", "over", "then")) == sorted(wanted):
            return
        declared.delete()
        ConductRule.objects.bulk_create(
            ConductRule(campaign=campaign, group=r.group, below=r.below, over=r.over, then=r.then)
            for r in rules
        )
        ledger.note(
            "declare_rules",
            by=by.pk if by else None,
            dataset=campaign.dataset_id,
            subject=f"campaign:{campaign.pk}",
            data={"rules": wanted},
        )


def _lock(campaign: Campaign) -> None:
    Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)


# Each rule against each of its groups: the latest `over` checks that measured the group, of those
# answered since what the rule brought about last was over. While it stands none are looked at.
_APPLY = compact("""
WITH asked AS (
    SELECT * FROM unnest(%(steps)s::text[], %(groups)s::text[], %(questions)s::text[])
        AS w(step, "group", question)
), rule AS MATERIALIZED (
    SELECT r."then" AS kind, g."group", r.below, r.over, (
        SELECT max(coalesce(q.lifted_at, 'infinity')) FROM annotation_consequence q
        WHERE q.annotator_id = %(annotator)s AND q.campaign_id = r.campaign_id
          AND q."group" = g."group" AND q.kind = r."then") AS since
    FROM annotation_conductrule r
    JOIN (SELECT DISTINCT "group" FROM asked) AS g ON r."group" IN ('', g."group")
    WHERE r.campaign_id = %(campaign)s
), graded AS MATERIALIZED (
    SELECT k.answered_at, asked."group", avg(f.value::float8) AS fault
    FROM (
        SELECT id, step, faults, answered_at FROM annotation_check
        WHERE annotator_id = %(annotator)s AND campaign_id = %(campaign)s AND state = 'answered'
          AND purpose IN ('silent', 'attention') AND EXISTS (SELECT FROM rule)
        ORDER BY answered_at DESC LIMIT %(looked_through)s
    ) AS k CROSS JOIN jsonb_each_text(k.faults) AS f(question, value)
    JOIN asked ON asked.step = k.step AND asked.question = f.question
    GROUP BY k.id, k.answered_at, asked."group"
), recent AS (
    SELECT rule.*, graded.fault, row_number() OVER (
        PARTITION BY rule.kind, rule."group" ORDER BY graded.answered_at DESC) AS number
    FROM rule JOIN graded ON graded."group" = rule."group"
        AND (rule.since IS NULL OR graded.answered_at > rule.since)
), imposed AS (
    INSERT INTO annotation_consequence
        (annotator_id, campaign_id, "group", kind, accuracy, below, over)
    SELECT %(annotator)s, %(campaign)s, "group", kind, 1 - avg(fault), below, over
    FROM recent WHERE number <= over
    GROUP BY "group", kind, below, over
    HAVING count(*) = over AND 1 - avg(fault) < below
    ON CONFLICT DO NOTHING
    RETURNING "group", kind, accuracy, below, over
), noted AS (
    INSERT INTO datasets_app_event (verb, dataset_id, subject, after, reason, data)
    SELECT 'consequence', %(dataset)s, 'annotator:' || %(annotator)s::bigint, kind,
           format('accuracy %%s in %%s over %%s checks, below %%s',
                  to_char(accuracy, 'FM0.00'), "group", over, below),
           jsonb_build_object('group', "group", 'campaign', %(campaign)s::bigint)
    FROM imposed
)
SELECT "group", kind FROM annotation_consequence
WHERE annotator_id = %(annotator)s AND campaign_id = %(campaign)s AND lifted_at IS NULL
UNION ALL SELECT "group", kind FROM imposed
""")


def bar(annotator: Annotator, campaign: Campaign) -> set[str]:
    """Apply the campaign's rules to a person's record; the steps that may not be begun then.

    What a rule brings about has its event. It looks only at checks answered since what it brought
    about before was lifted. Before anything is handed out, in the caller's transaction.
    """
    protocol = protocol_named(campaign.protocol)
    asked = [
        (step.key, grading.group_of(step, question), question.key)
        for step in protocol.steps
        for question in step.questions
        if question.is_settled_by_votes
    ]
    steps_, groups, questions = (list(column) for column in zip(*asked, strict=True))
    values = {
        "annotator": annotator.pk,
        "campaign": campaign.pk,
        "dataset": campaign.dataset_id,
        "steps": steps_,
        "groups": groups,
        "questions": questions,
        "looked_through": LOOKED_THROUGH,
    }
    stands = prepared.fetch(_APPLY, values)
    return _barred(campaign, [(group, kind) for group, kind in stands if kind in BARS])


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
    UPDATE annotation_consequence SET lifted_at = clock_timestamp(), lifted_by_id = %(by)s
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
    return _barred(campaign, list(stands))


def _barred(campaign: Campaign, stands: Collection[tuple[str, str]]) -> set[str]:
    if not stands:
        return set()
    protocol = protocol_named(campaign.protocol)
    if any(kind == ConsequenceKind.QUARANTINE for _group, kind in stands):
        return {step.key for step in protocol.steps}
    groups = {group for group, _kind in stands}
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
