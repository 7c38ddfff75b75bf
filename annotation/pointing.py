"""Pointing: the marks and spans that simulated annotators give, where they find fault. Pure.

What is wrong with an item lies in certain places. Who finds fault with it points at most of them, a
little beside, and now and then at a place where nothing is; who finds none points at nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from datasets_app.protocols.base import Of, Protocol, Question
from datasets_app.vocabulary import QuestionKind, Severity

# A mark or a span, as in `protocols.base`.
Part = dict[str, Any]

NOTES = ("", "", "Here.", "Look here first.", "This is what gives it away.")
# How far somebody's mark lies from where the fault is, in shares of a side or of the film.
OFF = 0.03
SHORTEST_MS = 200
# Of two faults, who looks carefully misses one now and then.
OVERLOOKS = 0.15


@dataclass(frozen=True, slots=True)
class Scene:
    """What there is to point at: so many `pictures` with the prompt, and by response its picture
    (1 or 0) and its length in ms, None where it has none.
    """

    pictures: int = 0
    shown: Mapping[str, int] = field(default_factory=dict)
    lengths: Mapping[str, int | None] = field(default_factory=dict)

    def holds(self, question: Question, response: str | None) -> bool:
        """Whether there is anything that the question may be pointed at."""
        if question.kind is QuestionKind.SPANS:
            return (self._length(response) or 0) >= SHORTEST_MS
        return self.count(response) > 0

    def count(self, response: str | None) -> int:
        """How many pictures a question about the response, or about the item, is about."""
        return self.pictures if response is None else self.shown.get(response, 0)

    def _length(self, response: str | None) -> int | None:
        return None if response is None else self.lengths.get(response)

    def length(self, response: str | None) -> int:
        """The length of a film that `holds` said is there, in ms."""
        return self._length(response) or 0


NOTHING = Scene()


def places_of(question: Question, responses: Sequence[str]) -> Sequence[str | None]:
    """The responses that a question is asked of; None for the item."""
    return responses if question.of is Of.RESPONSE else (None,)


def faults(
    protocol: Protocol,
    answers: Mapping[str, Any],
    responses: Sequence[str],
    random: Random,
    scene: Scene,
) -> dict[str, Any]:
    """Where the faults lie that `answers` find: marks and spans by question, those alone."""
    found: dict[str, Any] = {}
    for question, response in _pointed(protocol, responses, scene):
        if is_at_fault(protocol, answers, response):
            parts = [
                _drawn(question, response, random, scene) for _ in range(random.choice((1, 2)))
            ]
            _put(found, question, response, parts)
    return found


def pointed_at(
    protocol: Protocol,
    belief: Mapping[str, Any],
    truth: Mapping[str, Any],
    responses: Sequence[str],
    random: Random,
    scene: Scene,
    *,
    errs: float,
) -> dict[str, Any]:
    """What somebody who believes so points at, of the places that the truth knows."""
    found: dict[str, Any] = {}
    for question, response in _pointed(protocol, responses, scene):
        if not is_at_fault(protocol, belief, response):
            continue
        there = truth.get(question.key) or {}
        there = there if response is None else there.get(response) or []
        seen = [part for part in there or [] if random.random() >= OVERLOOKS]
        parts = [_beside(part, random, scene.length(response)) for part in seen]
        if not parts or random.random() < errs:
            parts.append(_drawn(question, response, random, scene))
        _put(found, question, response, parts)
    return found


def is_at_fault(protocol: Protocol, answers: Mapping[str, Any], response: str | None) -> bool:
    """Whether the answers find anything wrong with a response, or with any where it is None."""
    return any(
        _is_bad(question, value)
        for question in protocol.questions
        for named, value in _given(answers.get(question.key), question)
        if response in (None, named)
    )


def _given(value: Any, question: Question) -> list[tuple[str, Any]]:
    return list(value.items()) if question.of is Of.RESPONSE and isinstance(value, dict) else []


def _is_bad(question: Question, value: Any) -> bool:
    match question.kind:
        case QuestionKind.FLAG:
            return value is (question.flag.is_bad if question.flag else False)
        case QuestionKind.SCALE:
            return type(value) is int and value < question.high
        case QuestionKind.SEVERITY:
            return type(value) is int and value > Severity.NONE
        case _:
            return False


def _pointed(
    protocol: Protocol, responses: Sequence[str], scene: Scene
) -> list[tuple[Question, str | None]]:
    return [
        (question, response)
        for question in protocol.questions
        if question.is_kept_as_given
        for response in places_of(question, responses)
        if scene.holds(question, response)
    ]


def _put(
    found: dict[str, Any], question: Question, response: str | None, parts: list[Part]
) -> None:
    if response is None:
        found[question.key] = parts
    else:
        found.setdefault(question.key, {})[response] = parts


def _drawn(question: Question, response: str | None, random: Random, scene: Scene) -> Part:
    """Any mark, or span, that fits what is shown."""
    if question.kind is QuestionKind.SPANS:
        return _span(question, random, scene.length(response))
    kind = random.choice(("box", "box", "point", "line"))
    x, y = random.uniform(0.05, 0.6), random.uniform(0.05, 0.6)
    far = [x + random.uniform(0.1, 0.35), y + random.uniform(0.1, 0.35)]
    at = [x, y] if kind == "point" else [x, y, *far]
    on = random.randrange(scene.count(response))
    return {"kind": kind, "on": on, "at": _rounded(at), "note": random.choice(NOTES)}


def _span(question: Question, random: Random, length: int) -> Part:
    start = round(random.uniform(0, 0.7) * length)
    end = start + max(SHORTEST_MS, round(random.uniform(0.1, 0.3) * length))
    kind = random.choice(list(question.kinds or ()))
    start, end = _within(start, end, length)
    return {"from": start, "to": end, "kind": kind, "note": random.choice(NOTES)}


def _beside(part: Part, random: Random, length: int) -> Part:
    """The same place as somebody else would point at it."""
    if "at" in part:
        shares = [min(1.0, max(0.0, share + random.uniform(-OFF, OFF))) for share in part["at"]]
        return {**part, "at": _rounded(shares), "note": random.choice(NOTES)}
    off = [round(random.uniform(-OFF, OFF) * length) for _ in range(2)]
    start, end = _within(part["from"] + off[0], part["to"] + off[1], length)
    return {**part, "from": start, "to": end, "note": random.choice(NOTES)}


def _within(start: int, end: int, length: int) -> tuple[int, int]:
    """The span put where the film is, and long enough to be one."""
    start = max(0, min(start, length - SHORTEST_MS))
    return start, min(max(end, start + SHORTEST_MS), length)


def _rounded(shares: Sequence[float]) -> list[float]:
    return [round(share, 4) for share in shares]
