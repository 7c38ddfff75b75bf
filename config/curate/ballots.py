"""Ballots: what a curator may rule on one question of an item, and the votes beside it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import QueryDict

from datasets_app.label_sets import LABEL_SETS
from datasets_app.models import Item, Verdict
from datasets_app.protocols.base import Of, Protocol, Question
from datasets_app.vocabulary import Outcome, QuestionKind, Severity

LETTERS = ("A", "B")


@dataclass(frozen=True, slots=True)
class Option:
    """One answer that may be ruled: `value` is its JSON, `votes` who gave it."""

    value: str
    label: str
    votes: int
    is_settled: bool


@dataclass(frozen=True, slots=True)
class Ballot:
    """One question of an item (of one response) with its options; `name` is the form field's."""

    name: str
    question: Question
    response: UUID | None
    letter: str
    options: tuple[Option, ...]
    voters: tuple[tuple[str, str], ...]
    verdict: Verdict | None

    @property
    def is_many(self) -> bool:
        """Whether several options may hold at once."""
        return self.question.kind is QuestionKind.CATEGORIES

    @property
    def dispute(self) -> str:
        return self.verdict.dispute if self.verdict else ""


class BadRuling(Exception):
    """What came is no answer to the question; the text says which."""


def ballots(
    item: Item,
    protocol: Protocol,
    verdicts: Sequence[Verdict],
    pseudonyms: Mapping[str, str],
) -> list[Ballot]:
    """A ballot for every question that votes settle, in the protocol's order.

    `pseudonyms` names the annotators' keys in `Verdict.votes`.
    """
    by_place = {(v.question, v.response_id): v for v in verdicts}
    return [
        _ballot(
            item, protocol, question, response, by_place.get((question.key, response)), pseudonyms
        )
        for question in protocol.questions
        if question.is_settled_by_votes
        for response in _responses(item, question)
    ]


def _responses(item: Item, question: Question) -> list[UUID | None]:
    if question.of is Of.ITEM:
        return [None]
    return [pk for pk in (item.first_id, item.second_id) if pk is not None]


def _ballot(
    item: Item,
    protocol: Protocol,
    question: Question,
    response: UUID | None,
    verdict: Verdict | None,
    pseudonyms: Mapping[str, str],
) -> Ballot:
    answers = _answers(item, protocol, question)
    votes = verdict.votes if verdict else []
    settled = verdict.value if verdict else None
    letter = "" if response is None else LETTERS[response == item.second_id]
    return Ballot(
        name=question.key if response is None else f"{question.key}:{letter.lower()}",
        question=question,
        response=response,
        letter=letter,
        options=tuple(
            Option(
                value=json.dumps(value),
                label=label,
                votes=sum(_says(vote[1], value) for vote in votes),
                is_settled=verdict is not None and _says(settled, value),
            )
            for value, label in answers
        ),
        voters=tuple(
            (pseudonyms.get(vote[0], str(vote[0])), _worded(vote[1], answers)) for vote in votes
        ),
        verdict=verdict,
    )


def _says(answer: Any, value: Any) -> bool:
    if isinstance(answer, list):
        return value in answer
    # True == 1 in Python; a flag is no severity.
    return type(answer) is type(value) and bool(answer == value)


def _worded(answer: Any, answers: Sequence[tuple[Any, str]]) -> str:
    said = [label for value, label in answers if _says(answer, value)]
    return ", ".join(said) or "–"


def _answers(item: Item, protocol: Protocol, question: Question) -> list[tuple[Any, str]]:
    match question.kind:
        case QuestionKind.CHOICE:
            sides = [(str(item.first_id), "A"), (str(item.second_id), "B")]
            return sides + [(o.value, str(Outcome(o).label)) for o in question.outcomes]
        case QuestionKind.FLAG:
            return [(True, "yes"), (False, "no")]
        case QuestionKind.SEVERITY:
            return [(s.value, str(s.label)) for s in Severity]
        case QuestionKind.SCALE:
            anchors = question.anchors or {}
            points = range(question.low, question.high + 1)
            return [(n, f"{n} {anchors.get(n, '')}".strip()) for n in points]
        case _:
            return [(c.key, c.name) for c in LABEL_SETS[protocol.label_set].categories]


def read_rulings(form: QueryDict, papers: Sequence[Ballot]) -> dict[tuple[str, UUID | None], Any]:
    """What the form rules, by question and response; questions left alone are left out.

    Raises BadRuling for a value that the ballot does not offer.
    """
    rulings: dict[tuple[str, UUID | None], Any] = {}
    for paper in papers:
        given = [value for value in form.getlist(paper.name) if value]
        if f"{paper.name}:ruled" in form or given:
            rulings[paper.question.key, paper.response] = _read(paper, given)
    return rulings


def _read(paper: Ballot, given: Sequence[str]) -> Any:
    offered = {option.value for option in paper.options}
    if not set(given) <= offered or (not paper.is_many and len(given) != 1):
        raise BadRuling(f"That is no answer to “{paper.question.wording}”.")
    values = [json.loads(value) for value in given]
    return sorted(values) if paper.is_many else values[0]
