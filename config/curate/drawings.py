"""Marks and spans as a curator sees them: in words with who gave them, and as shapes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from annotation.models import Annotation
from annotation.page.by_hand import drawn_on, in_words
from annotation.vocabulary import Standing
from datasets_app.models import Item, Verdict
from datasets_app.protocols.base import Of, Protocol, Question
from datasets_app.vocabulary import Modality, QuestionKind


@dataclass(frozen=True, slots=True)
class Shape:
    """A mark on a picture: an SVG element's name and attributes, coordinates in percent."""

    kind: str
    number: int
    at: tuple[str, ...]
    width: str = ""
    height: str = ""


@dataclass(frozen=True, slots=True)
class Drawing:
    """All marks, or spans, that people gave to one question: each in words, with who gave it."""

    question: Question
    response: str
    parts: Sequence[Mapping[str, Any]]
    lines: Sequence[tuple[str, str]]

    @property
    def wording(self) -> str:
        return _(self.question.wording)


def drawings(
    found: Item, protocol: Protocol, verdicts: Sequence[Verdict], voter: Callable[[str], str]
) -> list[Drawing]:
    """The drawings of an item, those of its verdicts before those that still wait for one.

    `voter` gives the name under which an annotator's key is shown.
    """
    votes = {(v.question, str(v.response_id or "")): v.votes for v in verdicts}
    given = Annotation.objects.filter(item=found, standing=Standing.COUNTED)
    said = [(str(key), answers) for key, answers in given.values_list("annotator__key", "answers")]
    places = ["", str(found.first_id), str(found.second_id or "")]
    made = [
        _drawing(question, place, votes.get((question.key, place)) or _own(question, place, said))
        for question in protocol.questions
        if question.is_kept_as_given
        for place in (places[:1] if question.of is Of.ITEM else [p for p in places[1:] if p])
    ]
    return [_named(drawing, voter) for drawing in made if drawing.parts]


def _own(question: Question, place: str, said: Sequence[tuple[str, Any]]) -> list[list[Any]]:
    """Votes that no verdict holds yet."""
    values = [(who, answers.get(question.key)) for who, answers in said]
    found = [(who, (value or {}).get(place) if place else value) for who, value in values]
    return [[who, value, False] for who, value in found if value]


def _drawing(question: Question, place: str, votes: Sequence[Sequence[Any]]) -> Drawing:
    parts: list[Mapping[str, Any]] = []
    lines: list[tuple[str, str]] = []
    for who, value, _imported in votes:
        parts += value
        lines += [(str(who), words) for words in in_words(question, value)]
    return Drawing(question, place, parts, lines)


def _named(drawing: Drawing, voter: Callable[[str], str]) -> Drawing:
    lines = [(voter(who), words) for who, words in drawing.lines]
    return Drawing(drawing.question, drawing.response, drawing.parts, lines)


def shapes(made: Sequence[Drawing], *, response: str, picture: int) -> list[Shape]:
    """The marks on one picture of a response, "" for the prompt; numbered as in their list."""
    return [
        _shape(mark, number)
        for drawing in made
        if drawing.response == response and drawing.question.kind is QuestionKind.MARKS
        for number, mark in drawn_on(list(drawing.parts), picture)
    ]


def _shape(mark: Mapping[str, Any], number: int) -> Shape:
    at = [_percent(share) for share in mark["at"]]
    if mark["kind"] != "box":
        return Shape(mark["kind"], number, tuple(at))
    x1, y1, x2, y2 = mark["at"]
    return Shape("box", number, tuple(at), _percent(x2 - x1), _percent(y2 - y1))


def _percent(share: float) -> str:
    # Not by the template: it would put a comma where the language has one.
    return f"{100 * share:.2f}".rstrip("0").rstrip(".") + "%"


def shown_media(found: Item, made: Sequence[Drawing]) -> list[tuple[Any, list[Shape]]]:
    """What the prompt shows, each file with the marks on it."""
    shown = []
    pictures = 0
    for link in found.prompt.media_links.select_related("media").order_by("position"):
        marks: list[Shape] = []
        if link.media.modality == Modality.IMAGE:
            marks = shapes(made, response="", picture=pictures)
            pictures += 1
        shown.append((link.media, marks))
    return shown
