"""What the labelling page's forms carry: answers as fields, reasons to skip or report."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from annotation.judgement import SIDES
from annotation.page import by_hand
from annotation.vocabulary import SkipReason
from datasets_app.protocols.base import Of, Question, Step
from datasets_app.vocabulary import QuestionKind

LONGEST_NOTE = 2_000


def _lines() -> forms.Textarea:
    return forms.Textarea(attrs={"rows": 3})


class SkipForm(forms.Form):
    """Why an item is given back."""

    token = forms.UUIDField(widget=forms.HiddenInput)
    reason = forms.ChoiceField(
        label=_("Why?"), choices=SkipReason, widget=forms.RadioSelect, initial=""
    )
    note = forms.CharField(
        label=_("A note"), required=False, max_length=LONGEST_NOTE, widget=_lines()
    )


class ReportForm(forms.Form):
    """Why an item should be frozen for everybody."""

    token = forms.UUIDField(widget=forms.HiddenInput)
    reason = forms.CharField(
        label=_("What is wrong with it?"), max_length=LONGEST_NOTE, widget=_lines()
    )


def answers_from(fields: QueryDict, step: Step) -> dict[str, Any]:
    """The answers by side, as the page's script would send them, from the fields of a form.

    A field is named `<question>` or `<side>-<question>`. What is no value of its kind stays a
    string, for `judgement` to refuse.
    """
    answers: dict[str, Any] = {}
    for question in step.questions:
        if question.of is Of.ITEM:
            answers |= _item_answer(fields, question)
            continue
        by_side = {side: _value(fields, f"{side}-{question.key}", question) for side in SIDES}
        given = {side: value for side, value in by_side.items() if value is not None}
        if given:
            answers[question.key] = given
    return answers


def overrides_from(fields: QueryDict) -> dict[str, str]:
    """Reasons given against warnings, by rule: the fields named `override-<rule>`."""
    prefix = "override-"
    given = {
        name.removeprefix(prefix): " ".join(str(reason) for reason in fields.getlist(name)).strip()
        for name in fields
        if name.startswith(prefix)
    }
    return {rule: reason for rule, reason in given.items() if reason}


def field_value(question: Question, answers: Mapping[str, Any], side: str = "") -> Any:
    """The value of a question's field: the inverse of `answers_from`, for filled-in forms."""
    value = answers.get(question.key)
    if side:
        value = value.get(side) if isinstance(value, Mapping) else None
    if question.strength and value in SIDES:
        return f"{value}:{answers.get(question.strength_key, 1)}"
    if question.is_in_words or question.is_kept_as_given:
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int) else value


def _item_answer(fields: QueryDict, question: Question) -> dict[str, Any]:
    value = _value(fields, question.key, question)
    if value is None:
        return {}
    if question.strength and isinstance(value, str) and ":" in value:
        side, _colon, strength = value.partition(":")
        return {question.key: side, question.strength_key: _whole(strength)}
    return {question.key: value}


def _value(fields: QueryDict, name: str, question: Question) -> Any:
    if question.kind is QuestionKind.CATEGORIES:
        return fields.getlist(name) or None
    if question.kind is QuestionKind.EDIT:
        return _edit(fields, name)
    value = fields.get(name)
    if value in (None, ""):
        return None
    if question.is_kept_as_given:
        return by_hand.read_lines(question, str(value))
    if question.kind is QuestionKind.FLAG:
        return {"true": True, "false": False}.get(str(value), value)
    if question.kind in (QuestionKind.SEVERITY, QuestionKind.SCALE):
        return _whole(str(value))
    return value


def _edit(fields: QueryDict, name: str) -> dict[str, Any] | None:
    """A correction: its text, whether it is said to need none; None when the form has neither."""
    unchanged = f"{name}-unchanged" in fields
    text = fields.get(name)
    return {"text": text, "unchanged": unchanged} if text or unchanged else None


def _whole(text: str) -> int | str:
    """The number that a short text spells, else the text as it is."""
    digits = text.removeprefix("-")
    return int(text) if digits.isascii() and digits.isdecimal() and len(digits) < 10 else text
