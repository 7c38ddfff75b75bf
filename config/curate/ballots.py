"""Ballots: what a curator may rule on one question of an item, and the votes beside it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import QueryDict
from django.utils.translation import gettext as _

from annotation.models.annotator import pseudonym_of
from annotation.page.questions import SAFE_OR_NOT
from config.curate import wording
from datasets_app.edits import Edit, edit_of
from datasets_app.label_sets import LABEL_SETS
from datasets_app.models import Item, Verdict
from datasets_app.protocols.base import Flag, Of, Protocol, Question
from datasets_app.vocabulary import Outcome, QuestionKind, Severity

LETTERS = ("A", "B")


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer that a question takes: its value, its words, and a short form for narrow heads.

    `key` is the key that picks it, `looks` the class of its chip.
    """

    value: Any  # as in `protocols.base`
    label: str
    short: str
    key: str = ""
    looks: str = ""


@dataclass(frozen=True, slots=True)
class Option:
    """An answer on the ballot: `value` is its JSON, `votes` how many gave it.

    `is_ahead`: it is the verdict, or, while there is none, what more votes say than any other.
    """

    value: str
    answer: Answer
    votes: int
    is_ahead: bool
    is_settled: bool


@dataclass(frozen=True, slots=True)
class Vote:
    """What one person said: for every option of the ballot whether it was meant."""

    who: str
    marks: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class Ballot:
    """One question of an item (of one response) with its options; `name` is the form field's.

    `original` is the text that it asks to correct, "" where it asks for something else.
    """

    name: str
    question: Question
    response: UUID | None
    letter: str
    options: tuple[Option, ...]
    votes: tuple[Vote, ...]
    verdict: Verdict | None
    original: str = ""

    @property
    def is_many(self) -> bool:
        """Whether several options may hold at once."""
        return self.question.kind is QuestionKind.CATEGORIES

    @property
    def edits(self) -> list[tuple[Option, Edit]]:
        """Of corrections those that change something, with what they change of the response."""
        return [
            (option, edit_of(self.original, option.answer.value["text"]))
            for option in self.options
            if self.original and not option.answer.value.get("unchanged")
        ]

    @property
    def wording(self) -> str:
        return _(self.question.wording)

    @property
    def dispute(self) -> str:
        """Why there is no verdict that stands, as a sentence; "" if there is."""
        return wording.dispute(self.verdict.dispute) if self.verdict else ""

    @property
    def is_waiting(self) -> bool:
        """Whether it is in dispute only because another question is."""
        return self.verdict is not None and wording.is_waiting(self.verdict.dispute)

    @property
    def lines(self) -> list[tuple[Option, tuple[bool, ...]]]:
        """Of many options those that anybody named, each with its mark from every vote."""
        marks = list(zip(*(vote.marks for vote in self.votes), strict=True))
        named = zip(self.options, marks, strict=False)
        return [(option, own) for option, own in named if any(own) or option.is_settled]

    @property
    def settled(self) -> list[str]:
        """The verdict in words; of many options none says so."""
        words = [option.answer.label for option in self.options if option.is_settled]
        stands = self.verdict is not None and self.verdict.value is not None
        return words or ([_("none")] if stands and self.is_many else [])

    def in_words(self, value: Any) -> str:
        """A value of this question in words."""
        said = [o.answer.label for o in self.options if _says(value, o.answer.value)]
        return ", ".join(said) or _("none")


class BadRuling(Exception):
    """What came is no answer to the question; the text says which."""


def ballots(
    item: Item,
    protocol: Protocol,
    verdicts: Sequence[Verdict],
) -> list[Ballot]:
    """A ballot for every question that comes to one value, in the protocol's order."""
    by_place = {(v.question, v.response_id): v for v in verdicts}
    return [
        _ballot(item, protocol, question, response, by_place.get((question.key, response)))
        for question in protocol.questions
        if not question.is_kept_as_given
        for response in _responses(item, question)
        # Of what is folded on the labelling page, only what somebody wrote.
        if not question.folded or (question.key, response) in by_place
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
) -> Ballot:
    answers = _answers(item, protocol, question, verdict)
    # One response has no letter: there is nothing to tell it from.
    letter = "" if response is None or item.second_id is None else _letter(item, response)
    return Ballot(
        name=question.key
        if response is None
        else f"{question.key}:{_letter(item, response).lower()}",
        question=question,
        response=response,
        letter=letter,
        options=_options(answers, verdict),
        votes=tuple(
            Vote(_voter(vote), tuple(_says(vote[1], a.value) for a in answers))
            for vote in (verdict.votes if verdict else [])
        ),
        verdict=verdict,
        original=_original(item, question, response),
    )


def _original(item: Item, question: Question, response: UUID | None) -> str:
    if question.kind is not QuestionKind.EDIT:
        return ""
    judged = item.second if response == item.second_id else item.first
    return judged.text if judged else ""


def _letter(item: Item, response: UUID) -> str:
    return LETTERS[response == item.second_id]


def _voter(vote: Sequence[Any]) -> str:
    if vote[2]:
        return _("%(who)s, imported") % {"who": vote[0]}
    return pseudonym_of(vote[0])


def _options(answers: Sequence[Answer], verdict: Verdict | None) -> tuple[Option, ...]:
    votes = verdict.votes if verdict else []
    numbers = [sum(_says(vote[1], answer.value) for vote in votes) for answer in answers]
    settled = [verdict is not None and _says(verdict.value, answer.value) for answer in answers]
    # Of many options each has its own majority.
    is_many = any(isinstance(vote[1], list) for vote in votes)
    needed = len(votes) // 2 + 1 if is_many else max(numbers, default=0)
    is_tied = not is_many and numbers.count(needed) > 1
    return tuple(
        Option(
            value=json.dumps(answer.value),
            answer=answer,
            votes=number,
            is_ahead=is_settled if any(settled) else not is_tied and 0 < needed <= number,
            is_settled=is_settled,
        )
        for answer, number, is_settled in zip(answers, numbers, settled, strict=True)
    )


def _says(answer: Any, value: Any) -> bool:
    if isinstance(answer, list):
        return value in answer
    # True == 1 in Python; a flag is no severity.
    return type(answer) is type(value) and bool(answer == value)


def _answers(
    item: Item, protocol: Protocol, question: Question, verdict: Verdict | None
) -> list[Answer]:
    given = verdict.votes if verdict and question.is_in_words else []
    found = _given(given) if question.is_in_words else _of_kind(item, protocol, question)
    if question.kind is QuestionKind.CATEGORIES:
        return found
    return [
        Answer(a.value, a.label, a.short, str(number), a.looks)
        for number, a in enumerate(found, start=1)
    ]


def _given(votes: Sequence[Sequence[Any]]) -> list[Answer]:
    """The texts that people gave, each once: one of them may be ruled."""
    texts: list[Any] = []
    for _voter_key, value, _imported in votes:
        if value not in texts:
            texts.append(value)
    return [
        Answer(value, _text_of(value), _("Text %(n)d") % {"n": number})
        for number, value in enumerate(texts, start=1)
    ]


def _text_of(value: Any) -> str:
    if not isinstance(value, dict):
        return str(value)
    return _("No change: %s") % value["text"] if value.get("unchanged") else str(value["text"])


def _of_kind(item: Item, protocol: Protocol, question: Question) -> list[Answer]:
    match question.kind:
        case QuestionKind.CHOICE:
            sides = [Answer(str(item.first_id), "A", "A"), Answer(str(item.second_id), "B", "B")]
            said = [(o.value, str(Outcome(o).label)) for o in question.outcomes]
            return sides + [Answer(value, label, label) for value, label in said]
        case QuestionKind.FLAG:
            flag = question.flag or SAFE_OR_NOT
            words = [(value, _(flag.yes if value else flag.no)) for value in _good_first(flag)]
            looks = ("good", "bad")
            return [
                Answer(value, word, word, looks=looks[n]) for n, (value, word) in enumerate(words)
            ]
        case QuestionKind.SEVERITY:
            return [
                Answer(s.value, str(s.label), str(s.label), looks=f"severity-chip-{s.value}")
                for s in Severity
            ]
        case QuestionKind.SCALE:
            return [_point(question, number) for number in range(question.low, question.high + 1)]
        case _:
            known = LABEL_SETS[protocol.label_set].categories
            return [Answer(c.key, _(c.name), _(c.name), c.letter) for c in known]


def _good_first(flag: Flag) -> tuple[bool, bool]:
    return not flag.is_bad, flag.is_bad


def _point(question: Question, number: int) -> Answer:
    # A true minus sign is as wide as a digit.
    short = f"{number:+d}".replace("-", "−") if question.low < 0 and number else str(number)
    anchor = (question.anchors or {}).get(number, "")
    return Answer(number, f"{short} · {_(anchor)}" if anchor else short, short)


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
        raise BadRuling(_("That is no answer to “%s”.") % paper.wording)
    values = [json.loads(value) for value in given]
    return sorted(values) if paper.is_many else values[0]
