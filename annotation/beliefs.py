"""Beliefs: what a simulated annotator thinks of an item, free of contradictions. Pure.

A belief is canonical answers to every step at once, so that somebody who answers several steps
of an item means the same in all of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from annotation import pointing
from annotation.judgement import broken_rules, evaluate
from annotation.pointing import NOTHING, Scene, places_of
from datasets_app.label_sets import LABEL_SETS
from datasets_app.protocols.base import Of, Protocol, Question, Step, Weight
from datasets_app.protocols.rules import questions_of
from datasets_app.vocabulary import Outcome, QuestionKind

# What made-up people write: plain, and the same for every item.
REMARKS = (
    "It does what was asked, and no more than that.",
    "Part of what was asked is missing.",
    "Less would be more: its beginning says it all.",
)
# How often somebody writes what may stay empty, and words of his own where others have written.
WRITES_FREELY = 0.25
USES_OWN_WORDS = 0.5
# Answers drawn anew in search of a belief without contradictions.
MOST_REPAIRS = 200


@dataclass(frozen=True, slots=True)
class Character:
    """How somebody errs. Probabilities a question; `seconds` is the usual time for a step."""

    name: str
    errs: float
    errs_when_hard: float
    seconds: float
    calls_unsafe: float = 0.0
    adds_severity: float = 0.0
    takes_left: float = 0.0


CAREFUL = Character("careful", errs=0.03, errs_when_hard=0.2, seconds=38.0)
HASTY = Character("hasty", errs=0.12, errs_when_hard=0.4, seconds=9.0)
HARSH = Character(
    "harsh", errs=0.05, errs_when_hard=0.2, seconds=31.0, calls_unsafe=0.10, adds_severity=0.4
)
LEANING = Character("leaning", errs=0.06, errs_when_hard=0.25, seconds=22.0, takes_left=0.25)
# In the order in which a crowd is filled: most people are careful.
CHARACTERS = (CAREFUL, CAREFUL, HASTY, CAREFUL, HARSH, CAREFUL, LEANING)


def imagined(
    protocol: Protocol,
    responses: Sequence[str],
    random: Random,
    known: Mapping[str, Any],
    scene: Scene = NOTHING,
) -> dict[str, Any]:
    """A plausible truth: what is `known` of it, the rest drawn, without contradictions.

    `scene` is what there is to point at: where its faults lie is drawn too.
    """
    belief = dict(known)
    for question in protocol.questions:
        if question.key not in belief:
            _put(belief, protocol, question, responses, random)
    truth = _sound(protocol, belief, responses, random)
    return pointing.faults(protocol, truth, responses, random, scene) | truth


def believed(
    protocol: Protocol,
    responses: Sequence[str],
    truth: Mapping[str, Any],
    character: Character,
    random: Random,
    *,
    is_hard: bool,
    scene: Scene = NOTHING,
) -> dict[str, Any]:
    """What somebody of this character makes of the truth, and points at in the `scene`."""
    errs = character.errs_when_hard if is_hard else character.errs
    belief: dict[str, Any] = {}
    for question in protocol.questions:
        if question.is_kept_as_given:
            continue
        for response in places_of(question, responses):
            value = _read(truth, question, response)
            if _is_free(question) and random.random() >= WRITES_FREELY:
                continue
            if not _is_asked(question, belief, response):
                value = _implied(question)
            elif (
                value is None
                or value == _implied(question)
                or random.random() < _odds(question, errs)
            ):
                value = _mistaken(protocol, question, value, responses, random)
            else:
                value = _coloured(question, value, character, random)
            _write(belief, question, response, value)
    _strengthen(protocol, belief, responses, random, truth)
    belief = _sound(protocol, belief, responses, random)
    told = (protocol, belief, truth, responses, random, scene)
    return belief | pointing.pointed_at(*told, errs=errs)


def leaned(
    protocol: Protocol,
    step: Step,
    belief: Mapping[str, Any],
    responses: Sequence[str],
    *,
    left: str,
    random: Random,
    character: Character,
) -> dict[str, Any]:
    """The belief, in this step drawn to the response on the left, as far as the rules allow."""
    leaning = dict(belief)
    for question in step.questions:
        if question.kind is QuestionKind.CHOICE and random.random() < character.takes_left:
            tried = {**leaning, question.key: left}
            if question.strength:
                tried.setdefault(question.strength_key, 1)
            if not _blocked(protocol, tried, responses):
                leaning = tried
    return leaning


def _odds(question: Question, errs: float) -> float:
    """How probable it is that somebody answers otherwise than the truth."""
    # What is asked of the item in words, a refinement say, has to fit it: nobody makes it up.
    if question.kind is QuestionKind.TEXT:
        return USES_OWN_WORDS if question.of is Of.RESPONSE else 0
    return errs


def _is_free(question: Question) -> bool:
    """Whether it asks for words that may stay away."""
    return question.is_in_words and not question.required


def _read(answers: Mapping[str, Any], question: Question, response: str | None) -> Any:
    value = answers.get(question.key)
    return value if response is None else (value or {}).get(response)


def _write(
    answers: dict[str, Any], question: Question, response: str | None, value: object
) -> None:
    if response is None:
        answers[question.key] = value
    else:
        answers[question.key] = {**answers.get(question.key, {}), response: value}


def _is_asked(question: Question, answers: Mapping[str, Any], response: str | None) -> bool:
    bound = {"x": response or ""}
    return question.when is None or evaluate(question.when, answers, bound) is True


def _implied(question: Question) -> Any:
    return list(question.implied) if question.implied == () else question.implied


def _put(
    belief: dict[str, Any],
    protocol: Protocol,
    question: Question,
    responses: Sequence[str],
    random: Random,
) -> None:
    """Draw an answer to a question wherever it is asked."""
    if question.is_kept_as_given or _is_free(question):
        return
    for response in places_of(question, responses):
        value = _implied(question)
        if _is_asked(question, belief, response):
            value = _drawn(protocol, question, responses, random)
        _write(belief, question, response, value)
    if question.strength and belief[question.key] in responses:
        belief[question.strength_key] = random.choice((1, 1, 2))


def _drawn(protocol: Protocol, question: Question, responses: Sequence[str], random: Random) -> Any:
    """Any answer to a question; safe and plain ones come more often."""
    match question.kind:
        case QuestionKind.CHOICE:
            outcomes = [o.value for o in question.outcomes if o is not Outcome.CANNOT_JUDGE]
            return random.choice([*responses, *responses, *responses, *outcomes])
        case QuestionKind.FLAG:
            is_good = random.random() < 0.7
            return is_good is not (question.flag is not None and question.flag.is_bad)
        case QuestionKind.CATEGORIES:
            keys = LABEL_SETS[protocol.label_set].keys
            number = question.at_least or random.choice((0, 0, 0, 1))
            return sorted(random.sample(keys, number))
        case QuestionKind.TEXT:
            return random.choice(REMARKS)
        case QuestionKind.EDIT:
            return random.choice(({"unchanged": True}, {"text": random.choice(REMARKS)}))
        case _:
            return random.randint(question.low, question.high)


def _mistaken(
    protocol: Protocol,
    question: Question,
    value: Any,
    responses: Sequence[str],
    random: Random,
) -> Any:
    """Another answer, near the right one where there is such a thing as near."""
    if isinstance(value, bool):
        return not value
    is_number = isinstance(value, int) and question.low <= value <= question.high
    if is_number and question.high > question.low:
        near = [n for n in (value - 1, value + 1) if question.low <= n <= question.high]
        return random.choice(near)
    return _drawn(protocol, question, responses, random)


def _coloured(question: Question, value: Any, character: Character, random: Random) -> Any:
    """The right answer, as this character tends to see it."""
    if question.kind is QuestionKind.FLAG and value is True:
        return random.random() >= character.calls_unsafe
    if question.kind is QuestionKind.SEVERITY and random.random() < character.adds_severity:
        return min(value + 1, question.high)
    return value


def _strengthen(
    protocol: Protocol,
    belief: dict[str, Any],
    responses: Sequence[str],
    random: Random,
    truth: Mapping[str, Any],
) -> None:
    for question in protocol.questions:
        if question.strength and belief.get(question.key) in responses:
            key = question.strength_key
            belief[key] = truth.get(key) or random.choice((1, 1, 2))


def _blocked(
    protocol: Protocol, belief: Mapping[str, Any], responses: Sequence[str]
) -> list[tuple[frozenset[str], str]]:
    """The questions of each rule that forbids the belief, and the response that it names x."""
    rules = {rule.key: rule for rule in protocol.rules}
    return [
        (questions_of(rules[found.rule].broken_when), found.x)
        for found in broken_rules(protocol, belief, responses=responses)
        if found.weight is Weight.BLOCK
    ]


def _sound(
    protocol: Protocol, belief: dict[str, Any], responses: Sequence[str], random: Random
) -> dict[str, Any]:
    """The belief with the later of two contradicting answers drawn anew, until none is left."""
    order = [question.key for question in protocol.questions]
    for _attempt in range(MOST_REPAIRS):
        blocked = _blocked(protocol, belief, responses)
        if not blocked:
            return _without_idle_strength(protocol, belief, responses)
        keys, x = blocked[0]
        question = protocol.question(max(keys, key=order.index))
        for response in places_of(question, responses):
            if response in (None, x):
                value = _drawn(protocol, question, responses, random)
                _write(belief, question, response, value)
        _strengthen(protocol, belief, responses, random, {})
    raise ValueError(f"The rules of {protocol.key} leave no way out of {belief}.")


def _without_idle_strength(
    protocol: Protocol, belief: dict[str, Any], responses: Sequence[str]
) -> dict[str, Any]:
    """How strong a choice is goes only with a choice that names a response."""
    idle = {
        question.strength_key
        for question in protocol.questions
        if question.strength and belief.get(question.key) not in responses
    }
    return {key: value for key, value in belief.items() if key not in idle}
