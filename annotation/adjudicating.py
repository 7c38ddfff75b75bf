"""Adjudicating: a curator rules where the votes do not decide, or decided wrongly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import connection, transaction
from psycopg.types.json import Jsonb

from annotation import deciding
from annotation.coding import Coder
from annotation.models import Campaign
from annotation.verdicts import Decision, Spot
from datasets_app import ledger
from datasets_app.models import Item, Ruling, Verdict
from datasets_app.protocols import protocol_named
from datasets_app.protocols.base import Of, Protocol
from datasets_app.protocols.rules import questions_of
from datasets_app.vocabulary import ItemState, Outcome, VerdictMethod

# Question and response (None for a question of the item) → value, as in `protocols.base`.
Rulings = Mapping[tuple[str, UUID | None], Any]

MAY_RULE = (ItemState.DISPUTED, ItemState.SETTLED)


class RulingRefused(Exception):
    """A ruling that cannot stand; the text says why, in a line for the curator."""


def rule(item: Item, rulings: Rulings, *, by: User, reason: str = "") -> ItemState:
    """Give verdicts on questions of an item; the state it is then in.

    Each ruling is a row of its own, for ever; the verdict follows the last. What the votes
    decided stands; what was in dispute, or hangs on a ruled question, is decided anew. Without a
    dispute left the item is SETTLED, else DISPUTED. Raises RulingRefused when the item may not be
    ruled on, for a value that the question does not take, and when the rulings contradict a rule.
    """
    protocol = protocol_named(item.dataset.protocol)
    with transaction.atomic():
        locked = Item.objects.select_for_update(no_key=True).get(pk=item.pk)
        wanted = _checked(protocol, locked, rulings)
        before = ItemState(locked.state)
        decisions = _decided(protocol, locked, wanted)
        _refuse_contradictions(decisions, wanted)
        _store(locked, decisions, wanted, by=by, reason=reason)
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
    if question is None or not question.is_settled_by_votes:
        raise RulingRefused(f"There is nothing to rule on “{key}”.")
    if (question.of is Of.RESPONSE) != (response in names):
        raise RulingRefused(f"“{question.wording}”: this is about another response.")
    coder = Coder(protocol, question)
    code = coder.code(value, names)
    canonical = coder.answer(code, names) if code is not None else None
    is_whole = not coder.is_set or (code is not None and canonical == sorted(set(value)))
    if canonical is None or not is_whole or value == Outcome.CANNOT_JUDGE:
        raise RulingRefused(f"“{question.wording}” cannot be ruled so.")
    return canonical


def _decided(protocol: Protocol, item: Item, wanted: dict[Spot, Any]) -> list[Decision]:
    """All verdicts on the item, given the rulings: these, earlier ones, and what stood."""
    names = deciding.responses_of(item.first_id, item.second_id)
    campaign = Campaign.objects.filter(dataset=item.dataset_id).order_by("-state", "-pk").first()
    if campaign is None:
        raise RulingRefused("The dataset has no campaign, so there are no votes to rule on.")
    fixed = deciding.rulings_on([item.pk])[item.pk]
    fixed |= {
        spot: value
        for spot, value in _standing(item).items()
        if not _hangs_on(protocol, spot, wanted)
    }
    votes = deciding.counted(campaign, {item.pk: names}, VerdictMethod.MAJORITY)
    return votes.decide(item.pk, fixed | wanted)


def _standing(item: Item) -> dict[Spot, Any]:
    rows = Verdict.objects.filter(item=item, dispute="").exclude(method=VerdictMethod.RULING)
    return {
        (row.question, str(row.response_id) if row.response_id else None): row.value for row in rows
    }


def _hangs_on(protocol: Protocol, spot: Spot, wanted: dict[Spot, Any]) -> bool:
    key, response = spot
    parents = questions_of(protocol.question(key).when)
    return any((parent, place) in wanted for parent in parents for place in {response, None})


def _refuse_contradictions(decisions: list[Decision], wanted: dict[Spot, Any]) -> None:
    """A rule that only what is ruled or stands could have broken is the ruling's fault."""
    for decision in decisions:
        if decision.spot in wanted and decision.dispute:
            raise RulingRefused(decision.dispute.partition(": ")[2] or decision.dispute)


def _store(
    item: Item, decisions: list[Decision], wanted: dict[Spot, Any], *, by: User, reason: str
) -> None:
    for question, response in wanted:
        Ruling.objects.create(
            item=item,
            question=question,
            response_id=response,
            value=wanted[question, response],
            reason=reason,
            ruled_by=by,
        )
