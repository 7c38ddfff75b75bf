"""Grading: how far given answers are from expected ones, question by question. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from datasets_app.protocols.base import Of, Protocol, Question, Step
from datasets_app.vocabulary import Outcome, QuestionKind

HALF, WHOLE = 0.5, 1.0
NEAR = 1
IN_STEPS = (QuestionKind.SEVERITY, QuestionKind.SCALE)


def group_of(step: Step, question: Question) -> str:
    """The group of questions that a record is kept for; a question without one has its step's."""
    return question.group or step.key


def groups_of(protocol: Protocol) -> list[str]:
    """All groups that can be measured, in the protocol's order."""
    named = [
        group_of(step, question)
        for step in protocol.steps
        for question in step.questions
        if question.is_settled_by_votes
    ]
    return list(dict.fromkeys(named))


def severities_and_scales(asked: Iterable[Step]) -> list[Question]:
    """Of what these steps ask: where an answer can be off by little or by much."""
    return [question for step in asked for question in step.questions if question.kind in IN_STEPS]


def most_off(question: Question) -> int:
    """How far off an answer to a severity or scale can be, where it is hidden as well."""
    implied = question.low if question.implied is None else question.implied
    return question.high - int(min(question.low, implied))


def faults(
    step: Step,
    expected: Mapping[str, Any],
    given: Mapping[str, Any],
    *,
    tolerance: Mapping[str, int] | None = None,
) -> dict[str, float]:
    """Faults from 0 to 1 by question, of those that `expected` answers; both are canonical.

    A question of each response has the mean over the responses. What is neither expected nor
    given, because another answer hides it, is not measured. `tolerance` is how far off a
    severity or scale still is half a fault; NEAR where it says nothing. Words are not measured.
    """
    found: dict[str, float] = {}
    for question in step.questions:
        if not question.is_settled_by_votes or question.key not in expected:
            continue
        near = (tolerance or {}).get(question.key, NEAR)
        pairs = _pairs(question, expected[question.key], given.get(question.key))
        each = [_fault(question, wanted, said, near) for wanted, said in pairs]
        if each:
            found[question.key] = sum(each) / len(each)
    return found


def by_group(step: Step, found: Mapping[str, float]) -> dict[str, list[float]]:
    """The faults of a step by group of questions."""
    grouped: dict[str, list[float]] = {}
    for question in step.questions:
        if question.key in found:
            grouped.setdefault(group_of(step, question), []).append(found[question.key])
    return grouped


def accuracy(each: Iterable[float]) -> float | None:
    """1 less the mean fault; None of none."""
    listed = list(each)
    return 1 - sum(listed) / len(listed) if listed else None


def _pairs(question: Question, expected: Any, given: Any) -> Iterator[tuple[Any, Any]]:
    """Expected and given values, one pair for each response, or one for the item."""
    implied = list(question.implied) if question.implied == () else question.implied
    if question.of is Of.ITEM:
        pairs = [(expected, given)]
    else:
        said = given if isinstance(given, Mapping) else {}
        pairs = [(wanted, said.get(response)) for response, wanted in expected.items()]
    for wanted, said in pairs:
        is_hidden = question.when is not None and wanted == implied and said in (implied, None)
        if wanted is not None and not is_hidden:
            yield wanted, said


def _fault(question: Question, expected: Any, given: Any, near: int) -> float:
    if given == expected:
        return 0.0
    if given is None:
        return WHOLE
    if question.kind in IN_STEPS:
        return HALF if abs(given - expected) <= near else WHOLE
    if question.kind is QuestionKind.CATEGORIES:
        wanted, said = set(expected), set(given)
        return WHOLE - len(wanted & said) / len(wanted | said)
    if question.kind is QuestionKind.CHOICE:
        # To call it equal is half as wrong as to prefer the other one.
        return HALF if Outcome.TIE in (expected, given) else WHOLE
    return WHOLE
