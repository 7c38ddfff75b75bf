"""Whose side is whose: left and right exist only on the screen, response ids only off it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from datasets_app.protocols.base import Of, Protocol
from datasets_app.protocols.rules import Broken
from datasets_app.vocabulary import QuestionKind

SIDES = ("a", "b")


def sides_of(responses: Sequence[object], *, flipped: bool) -> dict[str, str]:
    """Side → response id, left to right. `responses` are the item's ids, first then second."""
    names = [str(response) for response in responses]
    return dict(zip(SIDES, reversed(names) if flipped else names, strict=False))


def by_side(
    protocol: Protocol, answers: Mapping[str, Any], *, responses: Sequence[object], flipped: bool
) -> dict[str, Any]:
    """Canonical answers with the responses named by side: for the page and for revisions."""
    sides = sides_of(responses, flipped=flipped)
    return _renamed(protocol, answers, {name: side for side, name in sides.items()})


def by_response(
    protocol: Protocol, answers: Mapping[str, Any], *, responses: Sequence[object], flipped: bool
) -> dict[str, Any]:
    """Answers by side with the responses named by id. What names no side stays as it is."""
    return _renamed(protocol, answers, sides_of(responses, flipped=flipped))


def turned(protocol: Protocol, answers: Mapping[str, Any]) -> dict[str, Any]:
    """Answers by side as they are where the two sides have changed places; as far as given."""
    if protocol.responses < len(SIDES):
        return dict(answers)
    return _renamed(protocol, answers, dict(zip(SIDES, reversed(SIDES), strict=True)))


def worded(broken: Broken, *, responses: Sequence[object], flipped: bool) -> str:
    """The message of a broken rule, in the language in force, with the letters of the sides."""
    letters = {name: side.upper() for side, name in sides_of(responses, flipped=flipped).items()}
    return _(broken.message).format(x=letters[broken.x], y=letters.get(broken.y or "", ""))


def _renamed(
    protocol: Protocol, answers: Mapping[str, Any], names: Mapping[str, str]
) -> dict[str, Any]:
    renamed = dict(answers)
    for question in protocol.questions:
        value = renamed.get(question.key)
        if question.of is Of.RESPONSE and isinstance(value, Mapping):
            renamed[question.key] = {names.get(name, name): given for name, given in value.items()}
        elif question.kind is QuestionKind.CHOICE and isinstance(value, str):
            renamed[question.key] = names.get(value, value)
    return renamed
