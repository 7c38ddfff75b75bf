"""One value of one question: what each kind takes, in canonical form."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from annotation.judgement.marks import read_marks
from annotation.judgement.misfit import Misfit
from annotation.judgement.spans import read_spans
from annotation.judgement.words import read_words
from datasets_app.protocols.base import Question
from datasets_app.vocabulary import QuestionKind


@dataclass(frozen=True, slots=True)
class Judged:
    """What an answer must fit: a response, or with `pictures` alone what the prompt shows.

    `text` is what a correction is of, `pictures` how many there are to be marked, `duration_ms`
    the length of the film, None where it is not known.
    """

    text: str = ""
    pictures: int = 0
    duration_ms: int | None = None


def read_value(
    question: Question,
    value: object,
    *,
    sides: Mapping[str, str],
    categories: Collection[str],
    judged: Judged,
) -> object:
    """The canonical form of a value as the page sends it.

    A choice comes as a side of `sides` (side → response id) and leaves as that id. `categories`
    are the keys of the label set; they leave sorted, each once. `judged` is what the answer is
    about, for kinds that must fit it. Raises Misfit.
    """
    if question.kind is QuestionKind.CHOICE:
        return _choice(question, value, sides)
    if question.kind is QuestionKind.CATEGORIES:
        return _categories(question, value, categories)
    if question.is_in_words:
        return read_words(question, value, original=judged.text)
    if question.kind is QuestionKind.MARKS:
        return read_marks(question, value, pictures=judged.pictures)
    if question.kind is QuestionKind.SPANS:
        return read_spans(question, value, duration_ms=judged.duration_ms)
    return _PLAIN[question.kind](question, value)


def say(question: Question) -> str:
    """The question's wording in the language in force."""
    return _(question.wording)


def _choice(question: Question, value: object, sides: Mapping[str, str]) -> str:
    if isinstance(value, str) and value in sides:
        return sides[value]
    if isinstance(value, str) and value in {outcome.value for outcome in question.outcomes}:
        return value
    raise Misfit(_("“%s” does not take this answer.") % say(question))


def _categories(question: Question, value: object, known: Collection[str]) -> list[str]:
    is_list = isinstance(value, list) and all(isinstance(k, str) and k in known for k in value)
    if not isinstance(value, list) or not is_list:
        raise Misfit(_("“%s” takes categories of the label set.") % say(question))
    named = sorted(set(value))
    if question.at_most and len(named) > question.at_most:
        message = _("“%(question)s” takes at most %(most)d.")
        raise Misfit(message % {"question": say(question), "most": question.at_most})
    return named


def _flag(question: Question, value: object) -> bool:
    if not isinstance(value, bool):
        raise Misfit(_("“%s” is answered by yes or no.") % say(question))
    return value


def _number(question: Question, value: Any) -> int:
    # Any: what came from outside, narrowed here.
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    # A hidden severity may come as what it implies, which lies below what is on offer.
    if is_whole and (question.low <= value <= question.high or value == question.implied):
        return int(value)
    message = _("“%(question)s” takes a whole number from %(low)d to %(high)d.")
    bounds = {"question": say(question), "low": question.low, "high": question.high}
    raise Misfit(message % bounds)


_PLAIN: dict[QuestionKind, Callable[[Question, object], object]] = {
    QuestionKind.FLAG: _flag,
    QuestionKind.SEVERITY: _number,
    QuestionKind.SCALE: _number,
}
