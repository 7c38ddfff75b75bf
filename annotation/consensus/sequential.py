"""Sequential voting: whether the votes on an item are sure, or could still become so. Pure.

The law is in docs/consensus.md.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from annotation.consensus.verdicts import Decision
from annotation.steps import open_to_all, together
from datasets_app.protocols.base import Protocol, Question
from datasets_app.vocabulary import QuestionKind

# How often a person is taken to be right when nothing is known of the person.
ACCURACY = 0.8
# Kinds that more votes can make sure. People hardly ever give one number of a long scale or the
# same words, so scales and texts would always go on to the maximum.
DECIDED = (
    QuestionKind.CHOICE,
    QuestionKind.FLAG,
    QuestionKind.CATEGORIES,
    QuestionKind.SEVERITY,
)


def chains_to_widen(
    protocol: Protocol,
    decisions: Sequence[Decision],
    *,
    certainty: float,
    free: Mapping[str, int],
) -> list[str]:
    """First steps of the chains that one more person should answer.

    Those with a question whose leading answer is less probable than `certainty`, and would reach
    it if as many people more as are `free` (by first step) all gave it.
    """
    return [
        first.key
        for first in open_to_all(protocol)
        if free.get(first.key, 0) > 0
        and any(
            _is_open(question, decisions, certainty, free[first.key])
            for step in together(protocol, first)
            for question in step.questions
            if question.kind in DECIDED
        )
    ]


def _is_open(
    question: Question,
    decisions: Sequence[Decision],
    certainty: float,
    free: int,
) -> bool:
    for decision in decisions:
        if decision.question != question.key or _goes_without_saying(question, decision):
            continue
        for counts in tallies(question, decision):
            posterior = decision.posterior
            is_sure = (surety(counts) if posterior is None else posterior) >= certainty
            if not is_sure and surety(counts, more=free) >= certainty:
                return True
    return False


def _goes_without_saying(question: Question, decision: Decision) -> bool:
    """Whether the answer follows another question, so that votes on this one decide nothing."""
    if question.when is None:
        return False
    is_waiting = decision.dispute.startswith("waits for")
    return is_waiting or (not decision.dispute and decision.value == _implied(question))


def _implied(question: Question) -> Any:
    return list(question.implied) if question.implied == () else question.implied


def tallies(question: Question, decision: Decision) -> Iterator[Counter[Any]]:
    """How many of those who were asked gave which answer.

    For categories, of each that anybody named: whether it is there.
    """
    votes = [vote[1] for vote in decision.votes]
    if question.when is not None:
        votes = [value for value in votes if value != _implied(question)]
    if question.kind is not QuestionKind.CATEGORIES:
        yield Counter(votes)
        return
    for category in sorted({name for value in votes for name in value}):
        yield Counter(category in value for value in votes)


def surety(counts: Mapping[Any, int], *, more: int = 0) -> float:
    """How probable the leading answer is against the next one, 0-1, after `more` votes for it.

    By Bayes, from a flat prior, for people who are right with `ACCURACY` and, when they err, all
    fall for the same other answer (A. Wald, Sequential Tests of Statistical Hypotheses, 1945). It
    depends on the lead alone: 0.80 for a lead of one, 0.94 for two, 0.98 for three.
    """
    most, next_to_it, *_rest = sorted((*counts.values(), 0, 0), reverse=True)
    odds = (ACCURACY / (1 - ACCURACY)) ** (most + more - next_to_it)
    return odds / (1 + odds)
