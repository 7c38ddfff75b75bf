"""The questions of a step as fields of the page: the choices, their wording, their keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, pgettext

from annotation.judgement import SIDES, Judged
from annotation.judgement.misfit import Misfit
from annotation.judgement.values import read_value
from annotation.page import by_hand
from annotation.page.forms import field_value
from annotation.page.keys import KEYS
from datasets_app.label_sets import LABEL_SETS
from datasets_app.protocols.base import IN_WORDS, KEPT_AS_GIVEN, Flag, Of, Protocol, Question, Step
from datasets_app.vocabulary import Outcome, QuestionKind, Severity

SAFE_OR_NOT = Flag(gettext_noop("Safe"), gettext_noop("Unsafe"), is_bad=False)

# No prompt shows more.
MOST_PICTURES = 1_000
_CAPS = {key.act: key.shown for key in KEYS}


@dataclass(frozen=True, slots=True)
class Option:
    """One radio button or checkbox. `act` or `letter` is the key that picks it."""

    value: str
    label: str
    title: str = ""
    act: str = ""
    letter: str = ""
    classes: str = ""
    is_checked: bool = False

    @property
    def cap(self) -> str:
        """What stands on the key: a capital is typed with Shift."""
        if self.letter:
            return f"⇧{self.letter}" if self.letter.isupper() else self.letter
        return _CAPS.get(self.act, "")


@dataclass(frozen=True, slots=True)
class Field:
    """A question as a group of options. `extras` stand apart: what is no point between A and B.

    A question in words has a `text` instead, what was written so far; in a correction that begins
    as the `original`. One that `is_folded` opens when somebody wants to write. Marks and spans are
    `text` as well, a line each; the `options` are the kinds.
    """

    key: str
    side: str
    kind: str
    legend: str
    help: str
    takes: str
    classes: str
    options: tuple[Option, ...]
    extras: tuple[Option, ...] = ()
    caps: tuple[str, ...] = ()
    text: str = ""
    original: str = ""
    is_folded: bool = False

    @property
    def name(self) -> str:
        return f"{self.side}-{self.key}" if self.side else self.key

    @property
    def is_in_words(self) -> bool:
        return self.kind in IN_WORDS

    @property
    def is_drawn(self) -> bool:
        return self.kind in KEPT_AS_GIVEN

    @property
    def is_rated(self) -> bool:
        """Whether the chosen point is worded in full under the scale."""
        return self.kind in (QuestionKind.SCALE, QuestionKind.SEVERITY)


def fields_of(
    protocol: Protocol,
    step: Step,
    side: str = "",
    answers: Mapping[str, Any] | None = None,
    original: str = "",
) -> list[Field]:
    """The fields about one side, or with no side those about the item, filled from `answers`.

    `original` is the text of the response at that side, for corrections of it.
    """
    wanted = Of.RESPONSE if side else Of.ITEM
    questions = [question for question in step.questions if question.of is wanted]
    scales = [q.key for q in questions if q.kind is QuestionKind.SCALE]
    fields = []
    for question in questions:
        if question.is_in_words:
            fields.append(_words(question, side, answers or {}, original))
        elif question.is_kept_as_given:
            fields.append(_drawn(question, side, answers or {}))
        else:
            fields.append(_field(protocol, question, side, answers or {}, scales))
    return fields


def without_originals(step: Step, answers: Mapping[str, Any]) -> dict[str, Any]:
    """Answers by side without the texts that corrections took over from a response as they are."""
    edits = {question.key for question in step.questions if question.kind is QuestionKind.EDIT}
    return {
        key: {side: _without_original(one) for side, one in value.items()}
        if key in edits and isinstance(value, Mapping)
        else value
        for key, value in answers.items()
    }


def _without_original(value: Any) -> Any:
    is_unchanged = isinstance(value, Mapping) and value.get("unchanged") is True
    return {"unchanged": True} if is_unchanged else value


def _words(question: Question, side: str, answers: Mapping[str, Any], original: str) -> Field:
    value = field_value(question, answers, side)
    is_edit = question.kind is QuestionKind.EDIT
    found = value if isinstance(value, Mapping) else {}
    text = found.get("text") if is_edit else value
    tick = Option("yes", _("No change needed"), act="unchanged")
    return Field(
        key=question.key,
        side=side,
        kind=question.kind,
        legend=_(question.wording),
        help=_(question.help),
        takes="checkbox",
        classes="",
        options=(_checked(tick, {"yes"} if found.get("unchanged") is True else set()),)
        if is_edit
        else (),
        text=text if isinstance(text, str) else original,
        original=original,
        is_folded=question.folded,
    )


def _drawn(question: Question, side: str, answers: Mapping[str, Any]) -> Field:
    kinds = question.kinds or {}
    return Field(
        key=question.key,
        side=side,
        kind=question.kind,
        legend=_(question.wording),
        help=_(question.help),
        takes="",
        classes="",
        options=tuple(Option(kind, _(wording)) for kind, wording in kinds.items()),
        text=_written(question, field_value(question, answers, side)),
    )


def _written(question: Question, value: object) -> str:
    """The lines of marks or spans; what a draft holds and nobody could have drawn is left out."""
    listed = value if isinstance(value, list) else []
    shown = [each for each in listed if isinstance(each, str) or _is_sound(question, each)]
    return by_hand.lines_of(question, shown)


def _is_sound(question: Question, part: object) -> bool:
    judged = Judged(pictures=MOST_PICTURES)
    try:
        read_value(question, [part], sides={}, categories=(), judged=judged)
    except Misfit:
        return False
    return True


def _field(
    protocol: Protocol, question: Question, side: str, answers: Mapping[str, Any], scales: list[str]
) -> Field:
    chosen = field_value(question, answers, side)
    picked = set(chosen) if isinstance(chosen, list) else {chosen}
    options = tuple(
        _checked(option, picked) for option in _OPTIONS[question.kind](protocol, question)
    )
    is_many = question.kind is QuestionKind.CATEGORIES and question.at_most != 1
    return Field(
        key=question.key,
        side=side,
        kind=question.kind,
        legend=_(question.wording),
        help=_(question.help),
        takes="checkbox" if is_many else "radio",
        classes=_CLASSES.get(question.kind, ""),
        options=options,
        extras=tuple(_checked(option, picked) for option in _extras(question)),
        caps=_scale_caps(question, scales),
    )


def _checked(option: Option, picked: set[Any]) -> Option:
    if option.value not in picked:
        return option
    return Option(
        option.value, option.label, option.title, option.act, option.letter, option.classes, True
    )


_CLASSES = {
    QuestionKind.CATEGORIES: "dense",
    QuestionKind.CHOICE: "joined",
    QuestionKind.SCALE: "joined",
}


def _scale_caps(question: Question, scales: list[str]) -> tuple[str, ...]:
    """The two keys that lower and raise a scale: there are keys for the first two of a side."""
    if question.key not in scales[:2]:
        return ()
    nth = ("first", "second")[scales.index(question.key)]
    return tuple(_CAPS[f"{nth}-scale-{way}"] for way in ("down", "up"))


def _flag(protocol: Protocol, question: Question) -> Iterator[Option]:
    flag = question.flag or SAFE_OR_NOT
    good, bad = ("false", "true") if flag.is_bad else ("true", "false")
    words = {"true": _(flag.yes), "false": _(flag.no)}
    yield Option(good, words[good], act="safe", classes="good")
    yield Option(bad, words[bad], act="unsafe", classes="bad")


def _categories(protocol: Protocol, question: Question) -> Iterator[Option]:
    for category in LABEL_SETS[protocol.label_set].categories:
        yield Option(category.key, _(category.name), _(category.definition), letter=category.letter)


def _severities(protocol: Protocol, question: Question) -> Iterator[Option]:
    for number in range(question.low, question.high + 1):
        yield Option(
            str(number),
            str(Severity(number).label),
            _((question.anchors or {})[number]),
            act=f"severity-{number}",
            classes=f"severity-chip-{number}",
        )


def _points(protocol: Protocol, question: Question) -> Iterator[Option]:
    for number in range(question.low, question.high + 1):
        # A true minus sign is as wide as a plus; the value keeps the hyphen.
        shown = f"{number:+d}".replace("-", "−") if question.low < 0 and number else str(number)
        yield Option(str(number), shown, _((question.anchors or {})[number]))


def _choice(protocol: Protocol, question: Question) -> Iterator[Option]:
    a, b = SIDES
    if question.strength:
        yield Option(f"{a}:2", _("A much"))
    yield Option(f"{a}:1" if question.strength else a, pgettext("side", "A"), act="prefer-a")
    if Outcome.TIE in question.outcomes:
        yield Option(Outcome.TIE.value, str(Outcome.TIE.label), act="tie")
    yield Option(f"{b}:1" if question.strength else b, pgettext("side", "B"), act="prefer-b")
    if question.strength:
        yield Option(f"{b}:2", _("B much"))


_ACTS = {
    Outcome.CANNOT_JUDGE: "cannot-judge",
    Outcome.BOTH_UNACCEPTABLE: "both-unacceptable",
}


def _extras(question: Question) -> Iterator[Option]:
    for outcome in question.outcomes:
        if outcome is not Outcome.TIE:
            yield Option(outcome.value, str(outcome.label), act=_ACTS[outcome])


_OPTIONS = {
    QuestionKind.FLAG: _flag,
    QuestionKind.CATEGORIES: _categories,
    QuestionKind.SEVERITY: _severities,
    QuestionKind.SCALE: _points,
    QuestionKind.CHOICE: _choice,
}


def in_words(protocol: Protocol, step: Step, answers: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Answers by side as (question, answer) for reading; what is empty is said to be none.

    Of what is folded, only what somebody wrote is there to be read.
    """
    said = []
    sides = SIDES[: protocol.responses]
    for side in ("", *sides):
        for field in fields_of(protocol, step, side, answers):
            if field.is_folded and not field.text:
                continue
            labels = [o.label for o in (*field.options, *field.extras) if o.is_checked]
            if field.is_drawn:
                question = protocol.question(field.key)
                labels = by_hand.in_words(question, field_value(question, answers, side))
            # A letter tells two responses apart; a single one has none.
            is_one_of_two = bool(side) and len(sides) > 1
            legend = f"{side.upper()}: {field.legend}" if is_one_of_two else field.legend
            said.append((legend, ", ".join(labels) or field.text or _("none")))
    return said
