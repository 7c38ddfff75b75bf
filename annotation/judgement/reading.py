"""Reading the answers of one step: from what the page sent to what is stored, or what is wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from annotation.judgement.misfit import Misfit
from annotation.judgement.sides import sides_of
from annotation.judgement.values import Judged, read_value, say
from datasets_app.label_sets import LABEL_SETS
from datasets_app.protocols.base import Of, Protocol, Question, Step
from datasets_app.protocols.rules import evaluate
from datasets_app.vocabulary import QuestionKind

STRENGTHS = (1, 2)


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one answer. `side` is "a", "b", or "" for a question of the item."""

    question: str
    side: str
    message: str


class AnswersRefused(Exception):
    """Answers that do not fit their step; `problems` says what, in the order of the questions."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(" ".join(problem.message for problem in problems))
        self.problems = tuple(problems)


def read_answers(
    protocol: Protocol,
    step: Step,
    raw: object,
    *,
    responses: Sequence[object],
    flipped: bool,
    own_earlier: Mapping[str, Any] | None = None,
    judged: Mapping[str, Judged] | None = None,
) -> dict[str, Any]:
    """The canonical form of what came for a step, responses named by id instead of by side.

    `responses` are the item's ids, first then second; `flipped` says that the first stood at the
    right. `own_earlier` are this annotator's canonical answers to the item's other steps. `judged`
    is what the answers must fit, by response id, "" for what the prompt shows: needed where the
    step asks for a correction, for marks or for spans. Hidden
    questions get what they imply; categories come out sorted; a choice that can be strong says 1
    when nothing was said. Raises AnswersRefused.
    """
    if not isinstance(raw, dict):
        raise AnswersRefused([Problem("", "", _("The answers must be one JSON object."))])
    sides = sides_of(responses, flipped=flipped)
    return _Sheet(protocol, step, sides, dict(own_earlier or {}), judged or {}).read(raw)


# Stands for a value that was refused: neither missing nor an answer.
_REFUSED = object()


class _Sheet:
    """One step being read: collects all that is wrong instead of stopping at the first fault."""

    def __init__(
        self,
        protocol: Protocol,
        step: Step,
        sides: Mapping[str, str],
        own_earlier: dict[str, Any],
        judged: Mapping[str, Judged],
    ) -> None:
        self.step = step
        self.sides = sides
        self.categories = LABEL_SETS[protocol.label_set].keys
        self.own_earlier = own_earlier
        self.judged = judged
        self.problems: list[Problem] = []
        # Question → response id ("" for the item) → value, as far as given.
        self.given: dict[str, dict[str, Any]] = {}

    def read(self, raw: dict[str, Any]) -> dict[str, Any]:
        self._refuse_strangers(raw)
        for question in self.step.questions:
            self.given[question.key] = self._parsed(question, raw.get(question.key))
        answers: dict[str, Any] = {}
        for question in self.step.questions:
            answers |= self._settled(question)
            answers |= self._strength(question, raw)
        if self.problems:
            raise AnswersRefused(self.problems)
        return answers

    def _refuse_strangers(self, raw: Mapping[str, Any]) -> None:
        known = {question.key for question in self.step.questions}
        known |= {question.strength_key for question in self.step.questions if question.strength}
        if set(raw) - known:
            self._complain("", "", _("The answers hold a question that this step does not ask."))

    def _parsed(self, question: Question, value: Any) -> dict[str, Any]:
        if question.of is Of.ITEM:
            return {"": self._value(question, "", value)}
        if value is not None and (not isinstance(value, dict) or set(value) - set(self.sides)):
            self._complain(question.key, "", _("“%s” is answered side by side.") % say(question))
            return dict.fromkeys(self.sides.values(), _REFUSED)
        given = value or {}
        return {
            name: self._value(question, side, given.get(side)) for side, name in self.sides.items()
        }

    def _value(self, question: Question, side: str, value: object) -> object:
        if value is None:
            return None
        try:
            return read_value(
                question,
                value,
                sides=self.sides,
                categories=self.categories,
                judged=self.judged.get(self.sides.get(side, ""), Judged()),
            )
        except Misfit as misfit:
            self._complain(question.key, side, str(misfit))
            return _REFUSED

    def _settled(self, question: Question) -> dict[str, Any]:
        """The question's part of the canonical answers; complains of what is missing."""
        placed = {
            name: self._judged(question, name, value)
            for name, value in self.given[question.key].items()
        }
        placed = {name: value for name, value in placed.items() if value is not None}
        if not placed:
            return {}
        return {question.key: placed[""] if question.of is Of.ITEM else placed}

    def _judged(self, question: Question, name: str, value: Any) -> Any:
        side = next((side for side, seated in self.sides.items() if seated == name), "")
        if value is _REFUSED:
            return None
        implied = list(question.implied) if question.implied == () else question.implied
        if not self._is_asked(question, name):
            if value is not None and value not in (implied, []):
                self._complain(question.key, side, _must_be_empty(self._at(question, side)))
            return implied
        if value == implied:
            value = None  # what goes without saying of a hidden question answers no open one
        if question.kind is QuestionKind.CATEGORIES:
            value = value or []
            if len(value) >= question.at_least:
                return value
        elif value is not None or not question.required:
            return value
        self._complain(question.key, side, _is_missing(self._at(question, side)))
        return None

    def _strength(self, question: Question, raw: Mapping[str, Any]) -> dict[str, int]:
        if not question.strength:
            return {}
        key = question.strength_key
        strength = raw.get(key)
        names_response = self.given[question.key][""] in self.sides.values()
        if strength is None:
            return {key: 1} if names_response else {}
        if not names_response or isinstance(strength, bool) or strength not in STRENGTHS:
            self._complain(question.key, "", _("“%s”: by how much?") % say(question))
            return {}
        return {key: int(strength)}

    def _is_asked(self, question: Question, name: str) -> bool:
        if question.when is None:
            return True
        answers = self.own_earlier | {
            key: values.get("", values) for key, values in self.given.items()
        }
        return evaluate(question.when, answers, {"x": name}) is True

    def _at(self, question: Question, side: str) -> str:
        # A letter tells two responses apart; a single one has none.
        is_one_of_two = bool(side) and len(self.sides) > 1
        return f"{side.upper()}: {say(question)}" if is_one_of_two else say(question)

    def _complain(self, question: str, side: str, message: str) -> None:
        self.problems.append(Problem(question, side, message))


def _is_missing(what: str) -> str:
    return _("“%s” is not answered yet.") % what


def _must_be_empty(what: str) -> str:
    return _("“%s” must stay empty, going by the other answers.") % what
