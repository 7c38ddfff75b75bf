"""Adjudicating: a curator rules where the votes do not decide, or decided wrongly."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models.functions import Now

from annotation.consensus import deciding
from annotation.consensus.coding import Coder
from annotation.consensus.verdicts import Decision, Spot
from annotation.models import Campaign
from datasets_app import ledger
from datasets_app.models import Item, Ruling, Verdict
from datasets_app.protocols import protocol_named
from datasets_app.protocols.base import Of, Protocol, Question
from datasets_app.protocols.rules import questions_of
from datasets_app.vocabulary import ItemState, Outcome, QuestionKind, VerdictMethod

# Question and response (None for a question of the item) → value, as in `protocols.base`.
Rulings = Mapping[tuple[str, UUID | None], Any]

MAY_RULE = (ItemState.DISPUTED, ItemState.SETTLED)


class RulingRefused(Exception):
    """A ruling that cannot stand; the text says why, in a line for the curator."""


def rule(item: Item, rulings: Rulings, *, by: User, reason: str = "") -> ItemState:
    """Give verdicts on questions of an item; the state it is then in.

    Each ruling is a row of its own, for ever; the verdict follows the last. What the votes
    decided stands, unless it contradicts a ruling by a rule: then it is in dispute. What was in
    dispute, or hangs on a ruled question, is decided anew. Without a dispute left the item is
    SETTLED, else DISPUTED. Raises RulingRefused when the item may not be ruled on, for a value
    that the question does not take, and when a ruling is what breaks a rule.
    """
    protocol = protocol_named(item.dataset.protocol)
    with transaction.atomic():
        locked = Item.objects.select_for_update(no_key=True).get(pk=item.pk)
        wanted = _checked(protocol, locked, rulings)
        before = ItemState(locked.state)
        ruled, kept = _standing(protocol, locked, wanted)
        decisions = _decided(locked, ruled | wanted, kept)
        _refuse_contradictions(decisions, ruled | wanted)
        given = _give(locked, wanted, by=by, reason=reason)
        _store(locked, [d for d in decisions if d.spot not in ruled | kept], given)
        _dispute(locked, [d for d in decisions if d.spot in kept and d.dispute])
        _drop_unasked(locked, decisions)
        after = ItemState.DISPUTED if any(d.dispute for d in decisions) else ItemState.SETTLED
        if after is not before:
            ledger.move(
                [locked.pk], before=before, after=after, verb="rule", by=by.pk, reason=reason
            )
        ledger.note(
            "ruling",
            by=by.pk,
            dataset=locked.dataset_id,
            subject=f"item:{locked.pk}",
            reason=reason,
            data={"questions": sorted({question for question, _response in wanted})},
        )
    item.state = after
    return after


def _checked(protocol: Protocol, item: Item, rulings: Rulings) -> dict[Spot, Any]:
    if item.state not in MAY_RULE:
        raise RulingRefused(f"The item is {ItemState(item.state).label.lower()}: nothing to rule.")
    if not rulings:
        raise RulingRefused("Nothing was ruled.")
    names = deciding.responses_of(item.first_id, item.second_id)
    return {
        (question, str(response) if response else None): _checked_value(
            protocol, names, question, str(response) if response else None, value
        )
        for (question, response), value in rulings.items()
    }


def _checked_value(
    protocol: Protocol, names: tuple[str, ...], key: str, response: str | None, value: Any
) -> Any:
    """The value in its canonical form."""
    question = next((q for q in protocol.questions if q.key == key), None)
    if question is None or question.is_kept_as_given:
        raise RulingRefused(f"There is nothing to rule on “{key}”.")
    if (question.of is Of.RESPONSE) != (response in names):
        raise RulingRefused(f"“{question.wording}”: this is about another response.")
    if question.is_in_words:
        return _checked_words(question, value)
    coder = Coder(protocol, question)
    code = coder.code(value, names)
    canonical = coder.answer(code, names) if code is not None else None
    is_whole = not coder.is_set or (code is not None and canonical == sorted(set(value)))
    if canonical is None or not is_whole or value == Outcome.CANNOT_JUDGE:
        raise RulingRefused(f"“{question.wording}” cannot be ruled so.")
    return canonical


def _checked_words(question: Question, value: Any) -> Any:
    """Words shaped as people give them."""
    text = value
    if question.kind is QuestionKind.EDIT:
        is_edit = isinstance(value, dict) and set(value) == {"text", "unchanged"}
        text = value["text"] if is_edit and isinstance(value["unchanged"], bool) else None
    if not isinstance(text, str) or not text.strip():
        raise RulingRefused(f"“{question.wording}” cannot be ruled so.")
    return value


def _standing(
    protocol: Protocol, item: Item, wanted: dict[Spot, Any]
) -> tuple[dict[Spot, Any], dict[Spot, Any]]:
    """What stood before and does not hang on what is ruled now: ruled earlier, and by votes."""
    ruled: dict[Spot, Any] = {}
    kept: dict[Spot, Any] = {}
    # How strongly people prefer what is chosen follows from their votes, whatever is ruled.
    strengths = [question.strength_key for question in protocol.questions if question.strength]
    standing = Verdict.objects.filter(item=item, dispute="").exclude(question__in=strengths)
    for row in standing:
        spot = row.question, str(row.response_id) if row.response_id else None
        if spot not in wanted and not _hangs_on(protocol, spot, wanted):
            (ruled if row.method == VerdictMethod.RULING else kept)[spot] = row.value
    return ruled, kept


def _decided(item: Item, ruled: dict[Spot, Any], kept: dict[Spot, Any]) -> list[Decision]:
    names = deciding.responses_of(item.first_id, item.second_id)
    campaign = Campaign.objects.filter(dataset=item.dataset_id).order_by("-state", "-pk").first()
    if campaign is None:
        raise RulingRefused("The dataset has no campaign, so there are no votes to rule on.")
    votes = deciding.counted(campaign, {item.pk: names}, VerdictMethod.MAJORITY)
    return votes.decide(item.pk, ruled, kept)


def _hangs_on(protocol: Protocol, spot: Spot, wanted: dict[Spot, Any]) -> bool:
    key, response = spot
    parents = questions_of(protocol.question(key).when)
    return any((parent, place) in wanted for parent in parents for place in {response, None})


def _refuse_contradictions(decisions: list[Decision], ruled: dict[Spot, Any]) -> None:
    """What was ruled is blamed only when there is nothing else to blame."""
    for decision in decisions:
        if decision.spot in ruled and decision.dispute:
            raise RulingRefused(decision.dispute.partition(": ")[2] or decision.dispute)


def _give(item: Item, wanted: dict[Spot, Any], *, by: User, reason: str) -> dict[Spot, Ruling]:
    return {
        (question, response): Ruling.objects.create(
            item=item,
            question=question,
            response_id=UUID(response) if response else None,
            value=value,
            reason=reason,
            ruled_by=by,
        )
        for (question, response), value in wanted.items()
    }


def _store(item: Item, decisions: list[Decision], given: dict[Spot, Ruling]) -> None:
    responses = {str(one.pk): one for one in (item.first, item.second) if one is not None}
    for decision in decisions:
        ruling = given.get(decision.spot)
        about = responses.get(decision.response or "")
        values: dict[str, Any] = {
            "value": decision.value,
            "votes": decision.votes,
            "agreement": decision.agreement,
            "posterior": decision.posterior,
            "method": VerdictMethod.RULING if ruling else VerdictMethod.MAJORITY,
            "dispute": decision.dispute,
            "ruling": ruling,
            "decided_at": Now(),
        }
        Verdict.objects.update_or_create(
            item=item, question=decision.question, response=about, defaults=values
        )


def _dispute(item: Item, decisions: list[Decision]) -> None:
    """What the votes had decided, and a ruling now contradicts."""
    for decision in decisions:
        rows = Verdict.objects.filter(item=item, question=decision.question)
        about = UUID(decision.response) if decision.response else None
        rows.filter(response=about).update(dispute=decision.dispute, decided_at=Now())


def _drop_unasked(item: Item, decisions: list[Decision]) -> None:
    """Verdicts on what, after the ruling, is no longer asked of the item."""
    kept = {decision.spot for decision in decisions}
    for row in Verdict.objects.filter(item=item):
        if (row.question, str(row.response_id) if row.response_id else None) not in kept:
            row.delete()
