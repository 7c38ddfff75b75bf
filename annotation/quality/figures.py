"""Figures: what a person's answers say of the person, group by group. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from annotation.consensus.verdicts import Spot
from annotation.judgement import by_side
from annotation.quality import grading
from datasets_app.protocols.base import Of, Protocol, Question, Step
from datasets_app.vocabulary import QuestionKind


@dataclass(frozen=True, slots=True)
class Given:
    """One counted annotation, with what its item's verdicts say; the oldest come first.

    `verdicts` are those that stand, by question and response.
    """

    step: str
    answers: Mapping[str, Any]
    seconds: float | None
    flipped: bool
    responses: Sequence[str]
    verdicts: Mapping[Spot, Any]


@dataclass(frozen=True, slots=True)
class Graded:
    """One answered check: its faults by question; `is_repeat` tells against what."""

    step: str
    faults: Mapping[str, float]
    is_repeat: bool


# The categories that a verdict and a person named of the same, by group and question.
_Categories = defaultdict[tuple[str, str], list[tuple[set[str], set[str]]]]


@dataclass(slots=True)
class Figures:
    """The sums of one group; see `models.Measure`."""

    gold: float = 0
    gold_faults: float = 0
    compared: int = 0
    agreed: float = 0
    timed: int = 0
    seconds: float = 0
    sided: int = 0
    left: int = 0
    chained: int = 0
    runs: int = 0
    repeated: float = 0
    same: float = 0
    confusion: dict[str, dict[str, dict[str, int]]] = field(default_factory=dict)

    def as_fields(self) -> dict[str, Any]:
        """For the row."""
        return asdict(self)


def figures(
    protocol: Protocol, given: Sequence[Given], graded: Iterable[Graded]
) -> dict[str, Figures]:
    """The figures by group of questions, of those that were answered or checked."""
    found: defaultdict[str, Figures] = defaultdict(Figures)
    categories: _Categories = defaultdict(list)
    known = {step.key: step for step in protocol.steps}
    for check in graded:
        if check.step in known:
            _add_check(found, known[check.step], check)
    for one in given:
        if one.step in known:
            _add_answers(found, categories, known[one.step], one)
    for (group, key), pairs in categories.items():
        found[group].confusion[key] = _by_category(pairs)
    _add_times(found, known, given)
    _add_runs(found, protocol, known, given)
    return dict(found)


def _add_check(found: defaultdict[str, Figures], step: Step, check: Graded) -> None:
    for group, each in grading.by_group(step, check.faults).items():
        fault, row = sum(each) / len(each), found[group]
        if check.is_repeat:
            row.repeated += 1
            row.same += 1 - fault
        else:
            row.gold += 1
            row.gold_faults += fault


def _add_answers(
    found: defaultdict[str, Figures], categories: _Categories, step: Step, one: Given
) -> None:
    """Agreement with the verdicts, what was confused with what, and which side was preferred."""
    settled = _settled(step, one.verdicts)
    for group, each in grading.by_group(step, grading.faults(step, settled, one.answers)).items():
        found[group].compared += 1
        found[group].agreed += 1 - sum(each) / len(each)
    for question in step.questions:
        group = grading.group_of(step, question)
        row = found[group]
        if question.kind is QuestionKind.CHOICE:
            _add_side(row, one, one.answers.get(question.key))
        if question.key not in settled:
            continue
        pairs = list(_pairs(question, settled[question.key], one.answers.get(question.key)))
        if question.kind is QuestionKind.CATEGORIES:
            categories[group, question.key] += [
                (set(verdict), set(said)) for verdict, said in pairs
            ]
        else:
            _add_confusion(row, question, pairs, one)


def _settled(step: Step, verdicts: Mapping[Spot, Any]) -> dict[str, Any]:
    """The verdicts on a step's questions in the shape of answers."""
    settled: dict[str, Any] = {}
    asked = {question.key: question for question in step.questions}
    for (key, response), value in verdicts.items():
        if key in asked and asked[key].is_settled_by_votes and value is not None:
            if response is None:
                settled[key] = value
            else:
                settled.setdefault(key, {})[response] = value
    return settled


def _add_side(row: Figures, one: Given, said: Any) -> None:
    if len(one.responses) < 2 or said not in one.responses:
        return
    row.sided += 1
    row.left += (said == one.responses[0]) != one.flipped


def _pairs(question: Question, settled: Any, said: Any) -> Iterator[tuple[Any, Any]]:
    """Verdict and answer, of each response or of the item; not where nothing was answered."""
    if question.of is Of.ITEM:
        pairs = [(settled, said)]
    else:
        mine = said if isinstance(said, Mapping) else {}
        pairs = [(value, mine.get(response)) for response, value in settled.items()]
    return (pair for pair in pairs if pair[1] is not None)


def _add_confusion(
    row: Figures, question: Question, pairs: Iterable[tuple[Any, Any]], one: Given
) -> None:
    counts = row.confusion.setdefault(question.key, {})
    for verdict, answer in pairs:
        cells = counts.setdefault(_named(verdict, one), {})
        name = _named(answer, one)
        cells[name] = cells.get(name, 0) + 1


def _by_category(pairs: Sequence[tuple[set[str], set[str]]]) -> dict[str, dict[str, int]]:
    """How often each category was named by both, by the verdict or the person alone, by neither.

    Of those that were named at all.
    """
    verdict = Counter(name for settled, _said in pairs for name in settled)
    person = Counter(name for _settled, said in pairs for name in said)
    both = Counter(name for settled, said in pairs for name in settled & said)
    return {
        name: {
            "both": both[name],
            "verdict": verdict[name] - both[name],
            "person": person[name] - both[name],
            "neither": len(pairs) - verdict[name] - person[name] + both[name],
        }
        for name in sorted({*verdict, *person})
    }


def _named(value: Any, one: Given) -> str:
    """A value as a key: a response by its place in the item, the rest as it is written."""
    if value in one.responses and isinstance(value, str):
        return ("first", "second")[list(one.responses).index(value)]
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def _add_times(
    found: defaultdict[str, Figures], known: Mapping[str, Step], given: Sequence[Given]
) -> None:
    times: defaultdict[str, list[float]] = defaultdict(list)
    for one in given:
        if one.step in known and one.seconds is not None:
            for group in _groups(known[one.step]):
                times[group].append(one.seconds)
    for group, seconds in times.items():
        found[group].timed = len(seconds)
        found[group].seconds = float(np.median(seconds))


def _add_runs(
    found: defaultdict[str, Figures],
    protocol: Protocol,
    known: Mapping[str, Step],
    given: Sequence[Given],
) -> None:
    """How often an annotation says, side for side, what the one before it in its step said."""
    last: dict[str, Any] = {}
    for one in given:
        if one.step not in known:
            continue
        seen = by_side(protocol, one.answers, responses=one.responses, flipped=one.flipped)
        if one.step in last:
            for group in _groups(known[one.step]):
                found[group].chained += 1
                found[group].runs += seen == last[one.step]
        last[one.step] = seen


def _groups(step: Step) -> set[str]:
    return {
        grading.group_of(step, question)
        for question in step.questions
        if question.is_settled_by_votes
    }
