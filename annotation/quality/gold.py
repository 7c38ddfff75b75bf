"""Gold: proposed from what people agree on, or by hand; edited; retired."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import connection, transaction
from django.db.models.functions import Now

from annotation import steps
from annotation.gravity import GRAVITY
from annotation.judgement import AnswersRefused, broken_rules, by_side, read_answers
from annotation.models import Campaign, Gold
from annotation.vocabulary import GoldPurpose
from annotation.wellbeing import covers
from datasets_app import holding, ledger
from datasets_app.models import Item, Verdict
from datasets_app.protocols import protocol_named
from datasets_app.protocols.base import Protocol, Step, Weight
from datasets_app.vocabulary import ItemState, Outcome, QuestionKind, Severity

REASON = "gold: people are measured by it"
LONGEST_EXPLANATION = 2_000
MILDER = "Nobody is measured by what hurts most: take a milder item."


class GoldRefused(Exception):
    """This cannot be gold; the text is one line that says why."""


# Settled by votes that all say the same, of enough people; not severe; in no version.
_LIKELY = f"""
SELECT v.item_id, min(v.agreement) AS least, min(jsonb_array_length(v.votes)) AS votes
FROM datasets_app_verdict v JOIN datasets_app_item i ON i.id = v.item_id
WHERE i.dataset_id = %(dataset)s AND i.state = 'settled' AND v.question = ANY(%(questions)s)
  AND {GRAVITY} < 3
  AND NOT EXISTS (SELECT FROM annotation_gold g
                  WHERE g.campaign_id = %(campaign)s AND g.item_id = i.id)
  AND NOT EXISTS (SELECT FROM datasets_app_record r WHERE r.item_id = i.id)
GROUP BY v.item_id
HAVING bool_and(v.dispute = '') AND min(coalesce(v.agreement, 0)) >= %(agreement)s
   AND min(jsonb_array_length(v.votes)) >= %(votes)s
ORDER BY least DESC, votes DESC, sha256(convert_to(v.item_id::text, 'UTF8')) LIMIT %(limit)s
"""  # noqa: S608  pieces of ours


def likely(
    campaign: Campaign, step: Step, *, agreement: float = 1.0, votes: int = 2, limit: int = 20
) -> list[UUID]:
    """Settled items on whose step people agree so much that they may serve as gold, best first."""
    protocol = protocol_named(campaign.protocol)
    values: dict[str, Any] = {
        "dataset": campaign.dataset_id,
        "campaign": campaign.pk,
        "questions": sorted(_asked(protocol, step)),
        "agreement": agreement,
        "votes": votes,
        "limit": limit,
    }
    with connection.cursor() as cursor:
        cursor.execute(_LIKELY, values)
        return [row[0] for row in cursor.fetchall()]


def settled_answers(item: Item, protocol: Protocol, step: Step) -> dict[str, Any]:
    """What the verdicts say to the step's chain, as answers: what gold expects unless edited."""
    asked = _asked(protocol, step)
    found: dict[str, Any] = {}
    for verdict in Verdict.objects.filter(item=item, question__in=asked, dispute=""):
        if verdict.response_id is None:
            found[verdict.question] = verdict.value
        else:
            found.setdefault(verdict.question, {})[str(verdict.response_id)] = verdict.value
    return found


def make(
    campaign: Campaign,
    item: Item,
    step: str,
    *,
    expected: Mapping[str, Any],
    purpose: GoldPurpose = GoldPurpose.SILENT,
    tolerance: Mapping[str, int] | None = None,
    explanation: str = "",
    instruction: str = "",
    by: User | None,
) -> Gold:
    """Make a settled item gold in a step; `expected` are canonical answers to its chain.

    It is kept out of versions from now on. Raises GoldRefused.
    """
    protocol = protocol_named(campaign.protocol)
    with transaction.atomic():
        locked = Item.objects.select_for_update(no_key=True).get(pk=item.pk)
        _refuse_unfit(campaign, protocol, locked, step, purpose)
        checked = _checked(protocol, protocol.step(step), locked, expected)
        told = _said(purpose, explanation, instruction)
        try:
            holding.hold_back(locked, reason=REASON, by=by.pk if by else None)
        except holding.AlreadyFrozen as frozen:
            raise GoldRefused(str(frozen)) from None
        made = Gold.objects.create(
            campaign=campaign,
            item=locked,
            step=step,
            purpose=purpose,
            expected=checked,
            tolerance=dict(tolerance or {}),
            proposed_by=by,
            **told,
        )
        _note(made, "make_gold", by=by, after=purpose.value)
    return made


def edit(
    gold: Gold,
    *,
    expected: Mapping[str, Any],
    tolerance: Mapping[str, int] | None = None,
    explanation: str = "",
    instruction: str = "",
    by: User | None,
) -> None:
    """Expect something else from now on; what was graded stays as it was. Raises GoldRefused."""
    protocol = protocol_named(gold.campaign.protocol)
    with transaction.atomic():
        locked = Gold.objects.select_for_update(no_key=True, of=("self",)).get(pk=gold.pk)
        if locked.retired_at is not None:
            raise GoldRefused("It is retired: make the item gold anew.")
        locked.expected = _checked(protocol, protocol.step(locked.step), locked.item, expected)
        locked.tolerance = dict(tolerance or {})
        told = _said(GoldPurpose(locked.purpose), explanation, instruction)
        locked.explanation, locked.instruction = told["explanation"], told["instruction"]
        locked.save(update_fields=["expected", "tolerance", "explanation", "instruction"])
        _note(locked, "edit_gold", by=by)


def retire(gold: Gold, *, by: User | None, reason: str = "") -> bool:
    """Hand it out no more; its item may be in a version again. False when it was retired."""
    with transaction.atomic():
        ended = Gold.objects.filter(pk=gold.pk, retired_at=None).update(retired_at=Now())
        if ended:
            _note(gold, "retire_gold", by=by, reason=reason)
            _let_go(gold.item_id, gold.campaign.dataset_id, by.pk if by else None)
    return bool(ended)


def retire_all_of(item: UUID, *, reason: str) -> None:
    """The same for all gold on an item that was reported.

    By nobody: who reported it stands in the report alone, where people go by their pseudonyms.
    """
    for gold in Gold.objects.filter(item=item, retired_at=None).select_related("campaign"):
        retire(gold, by=None, reason=reason)


def _let_go(item: UUID, dataset: int, by: int | None) -> None:
    if not Gold.objects.filter(item=item, retired_at=None).exists():
        holding.let_go(item, dataset=dataset, by=by)


def _asked(protocol: Protocol, step: Step) -> set[str]:
    """The keys that the step's chain asks and that can be measured."""
    return {
        question.key
        for link in steps.together(protocol, step)
        for question in link.questions
        if question.is_settled_by_votes
    }


def _refuse_unfit(
    campaign: Campaign, protocol: Protocol, item: Item, step: str, purpose: GoldPurpose
) -> None:
    if step not in {one.key for one in steps.open_to_all(protocol)}:
        raise GoldRefused(f"No step of {protocol.title} begins with “{step}”.")
    if item.dataset_id != campaign.dataset_id:
        raise GoldRefused("The item is in another dataset.")
    if item.state != ItemState.SETTLED:
        raise GoldRefused(f"{item.external_id} is not settled: rule on it first.")
    if covers.severe([item.pk]):
        raise GoldRefused(
            f"{item.external_id} is severe, by what a machine, its source or people say of it. "
            + MILDER
        )
    live = Gold.objects.filter(campaign=campaign, item=item, retired_at=None)
    if live.filter(step=step).exists():
        raise GoldRefused(f"{item.external_id} is gold in this step already.")
    is_trial = GoldPurpose.QUALIFICATION
    others = set(live.values_list("purpose", flat=True)) - {purpose.value}
    if others and is_trial in {purpose, *others}:
        raise GoldRefused(
            "A qualification tells its answers, so the item cannot be silent gold as well."
        )


def _said(purpose: GoldPurpose, explanation: str, instruction: str) -> dict[str, str]:
    is_attention = purpose is GoldPurpose.ATTENTION
    if is_attention and not instruction.strip():
        raise GoldRefused("An attention check says in its instruction what to answer.")
    if purpose is GoldPurpose.QUALIFICATION and not explanation.strip():
        raise GoldRefused("An item of the qualification says why: it is read after the answer.")
    if len(explanation) > LONGEST_EXPLANATION or len(instruction) > 500:
        raise GoldRefused("The explanation or the instruction is too long.")
    told = instruction.strip() if is_attention else ""
    return {"explanation": explanation.strip(), "instruction": told}


def _checked(
    protocol: Protocol, step: Step, item: Item, expected: Mapping[str, Any]
) -> dict[str, Any]:
    """The answers as `labelling` would take them, over the whole chain. Raises GoldRefused."""
    names = [str(pk) for pk in (item.first_id, item.second_id) if pk is not None]
    found: dict[str, Any] = {}
    for link in steps.together(protocol, step):
        measured = [question for question in link.questions if question.is_settled_by_votes]
        keys = {q.key for q in measured} | {q.strength_key for q in measured if q.strength}
        # Words are not measured: the step without them.
        asked = replace(link, questions=tuple(measured))
        seen = by_side(
            protocol,
            {key: value for key, value in expected.items() if key in keys},
            responses=names,
            flipped=False,
        )
        given = {q.key for q in measured if q.key in seen}
        if not given:
            continue
        try:
            found |= read_answers(
                protocol, asked, seen, responses=names, flipped=False, own_earlier=found
            )
        except AnswersRefused as refused:
            raise GoldRefused(refused.problems[0].message) from None
    if not found:
        raise GoldRefused("Nothing is expected yet: answer at least one question.")
    for question in protocol.questions:
        value = found.get(question.key)
        if question.kind is QuestionKind.SEVERITY and Severity.SEVERE in _values(value):
            raise GoldRefused(f"These answers call it severe. {MILDER}")
        if question.kind is QuestionKind.CHOICE and value == Outcome.CANNOT_JUDGE:
            raise GoldRefused("What cannot be judged measures nobody.")
    blocked = [
        b for b in broken_rules(protocol, found, responses=names) if b.weight is Weight.BLOCK
    ]
    if blocked:
        raise GoldRefused(f"These answers contradict each other ({blocked[0].rule}).")
    return found


def _values(answer: Any) -> list[Any]:
    """What an answer says: of each response, or of the item."""
    return list(answer.values()) if isinstance(answer, Mapping) else [answer]


def _note(gold: Gold, verb: str, *, by: User | None, after: str = "", reason: str = "") -> None:
    ledger.note(
        verb,
        by=by.pk if by else None,
        dataset=gold.campaign.dataset_id,
        item=gold.item_id,
        subject=f"gold:{gold.pk}",
        after=after,
        reason=reason,
        data={"step": gold.step},
    )
