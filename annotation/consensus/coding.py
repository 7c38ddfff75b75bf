"""Coding: votes on a question as numbers for `consensus`, and numbers back as answers. Pure.

A *spot* is what a question is about: an item, or one response of it. Spots are numbered item by
item: item 0's responses, item 1's … Categories are coded as one bit each.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from annotation.consensus.methods import Codes
from datasets_app.label_sets import LABEL_SETS
from datasets_app.protocols.base import Of, Protocol, Question
from datasets_app.vocabulary import QuestionKind

# Where a choice names a response, by its position in the item.
_POSITIONS = (0, 1)


class Coder:
    """How the answers to one question become small whole numbers.

    `n_labels` bounds the codes, but for categories: theirs are sets of `n_labels` bits.
    """

    def __init__(self, protocol: Protocol, question: Question) -> None:
        self.question = question
        self.is_set = question.kind is QuestionKind.CATEGORIES
        self._values: list[Any] = _values(protocol, question)
        self._codes = {(type(value), value): code for code, value in enumerate(self._values)}
        self.n_labels = len(self._values)

    def code(self, value: object, responses: Sequence[str]) -> int | None:
        """The code of an answer; None for what is no answer to this question."""
        if self.is_set:
            if not isinstance(value, list):
                return None
            bits = [self._codes.get((str, key)) for key in value if isinstance(key, str)]
            return sum(1 << bit for bit in {bit for bit in bits if bit is not None})
        if self.question.kind is QuestionKind.CHOICE:
            if value in responses:
                return responses.index(str(value))
            return self._codes.get((str, value)) if isinstance(value, str) else None
        return self._codes.get((type(value), value)) if isinstance(value, int) else None

    def answer(self, code: int, responses: Sequence[str]) -> Any:
        """The answer that a code stands for."""
        if self.is_set:
            return sorted(key for bit, key in enumerate(self._values) if code >> bit & 1)
        value = self._values[code]
        is_response = self.question.kind is QuestionKind.CHOICE and code in _POSITIONS
        return responses[value] if is_response else value


def _values(protocol: Protocol, question: Question) -> list[Any]:
    match question.kind:
        case QuestionKind.CHOICE:
            return [*_POSITIONS, *(outcome.value for outcome in question.outcomes)]
        case QuestionKind.FLAG:
            return [False, True]
        case QuestionKind.CATEGORIES:
            return list(LABEL_SETS[protocol.label_set].keys)
        case _:
            points = range(question.low, question.high + 1)
            implied = question.implied
            return [*points] if implied is None or implied in points else [implied, *points]


@dataclass(slots=True)
class Ballots:
    """The votes on one question: for each its spot, its voter, its code.

    `asked` says whether the voter had to answer, or only implied it by another answer.
    """

    coder: Coder
    spots: array[int] = field(default_factory=lambda: array("q"))
    voters: array[int] = field(default_factory=lambda: array("q"))
    codes: array[int] = field(default_factory=lambda: array("q"))
    asked: array[int] = field(default_factory=lambda: array("b"))

    def add(self, spot: int, voter: int, value: object, responses: Sequence[str]) -> None:
        """Take one vote; what is no answer to the question is left out."""
        code = self.coder.code(value, responses)
        if code is None:
            return
        question = self.coder.question
        implied = list(question.implied) if question.implied == () else question.implied
        self.spots.append(spot)
        self.voters.append(voter)
        self.codes.append(code)
        self.asked.append(question.when is None or value != implied)

    def arrays(self) -> tuple[Codes, Codes, Codes, Codes]:
        """Spots, voters, codes and whether asked, as numpy sees them, without a copy."""
        return (
            np.frombuffer(self.spots, dtype=np.int64),
            np.frombuffer(self.voters, dtype=np.int64),
            np.frombuffer(self.codes, dtype=np.int64),
            np.frombuffer(self.asked, dtype=np.int8).astype(np.int64),
        )


class BallotBox:
    """All votes on a number of items, by question.

    `items` are the items' responses, by id, in the order of the items.
    """

    def __init__(self, protocol: Protocol, items: Sequence[Sequence[str]]) -> None:
        self.protocol = protocol
        self.items = items
        self.voters: dict[tuple[str, bool], int] = {}
        self.ballots = {
            question.key: Ballots(Coder(protocol, question))
            for question in protocol.questions
            if question.is_settled_by_votes
        }
        # Words, marks and spans are not coded: by question and spot, who said what, in order.
        self.uncoded: dict[str, defaultdict[int, list[tuple[int, Any]]]] = {
            question.key: defaultdict(list)
            for question in protocol.questions
            if not question.is_settled_by_votes
        }

        # How strongly: by question and item, who chose which response, and 1 or 2.
        self.strengths: dict[str, defaultdict[int, list[tuple[int, str, int]]]] = {
            question.key: defaultdict(list) for question in protocol.questions if question.strength
        }

    def add(self, item: int, voter: str, answers: dict[str, Any], *, imported: bool) -> None:
        """Take one voter's canonical answers to any of the questions of the item-th item."""
        number = self.voters.setdefault((voter, imported), len(self.voters))
        responses = self.items[item]
        for key, ballots in self.ballots.items():
            for spot, value in self._said(item, ballots.coder.question, answers.get(key)):
                ballots.add(spot, number, value, responses)
        for key, given in self.uncoded.items():
            for spot, value in self._said(item, self.protocol.question(key), answers.get(key)):
                given[spot].append((number, value))
        for key, strong in self.strengths.items():
            chosen, how = answers.get(key), answers.get(self.protocol.question(key).strength_key)
            if chosen in responses and isinstance(how, int):
                strong[item].append((number, str(chosen), how))

    def _said(self, item: int, question: Question, value: Any) -> Iterator[tuple[int, Any]]:
        """An answer by the spots that it is about."""
        if value is None:
            return
        if question.of is Of.ITEM:
            yield item, value
        elif isinstance(value, dict):
            for position, response in enumerate(self.items[item]):
                if response in value:
                    yield item * self.protocol.responses + position, value[response]

    def spots(self, question: Question) -> int:
        """How many spots a question has."""
        each = 1 if question.of is Of.ITEM else self.protocol.responses
        return len(self.items) * each
