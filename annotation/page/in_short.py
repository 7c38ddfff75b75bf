"""Answers in short: by what their person knows them again in a list.

What somebody wrote is counted, not shown: it may quote what is covered.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from annotation.judgement import SIDES
from annotation.page.forms import field_value
from annotation.page.questions import Field, fields_of
from annotation.page.sheets import words_in
from datasets_app.protocols.base import Protocol, Step
from datasets_app.vocabulary import QuestionKind

# So many answers of a side are named; of more, the first ones.
NAMED = 3
# Their answers say by themselves what was asked.
_SPEAKING = (QuestionKind.FLAG, QuestionKind.CATEGORIES)


def in_short(protocol: Protocol, step: Step, answers: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Answers by side as (letter, what was said of it), with no letter for the item itself."""
    sides = SIDES[: protocol.responses]
    said = []
    for side in ("", *sides):
        fields = fields_of(protocol, step, side, answers)
        given = [text for field in fields if (text := _said(protocol, field, answers))]
        if fields:
            letter = side.upper() if len(sides) > 1 else ""
            said.append((letter, _joined(given) or _("none")))
    return said


def instead_of_prompt(
    protocol: Protocol, text: str, *, is_open: bool, is_covered: bool = False
) -> str:
    """What stands where a prompt is not shown: why, or what it is of, and how long it is."""
    words = length(text)
    what = str(protocol.prompt_modality.label)
    if not is_open or is_covered:
        what = _("covered") if is_open else _("closed")
    return _("%(what)s, %(words)s") % {"what": what, "words": words} if words else what


def length(text: str) -> str:
    """How long a text is, in words of its reader's language; "" for nothing."""
    number = words_in(text)
    said = ngettext("%(words)d word", "%(words)d words", number) % {"words": number}
    return said if number else ""


def _joined(given: list[str]) -> str:
    return ", ".join([*given[:NAMED], "…"] if len(given) > NAMED else given)


def _said(protocol: Protocol, field: Field, answers: Mapping[str, Any]) -> str:
    value = field_value(protocol.question(field.key), answers, field.side)
    said = ", ".join(each.label for each in (*field.options, *field.extras) if each.is_checked)
    if field.is_in_words and not said:
        said = length(value["text"] if isinstance(value, Mapping) else value or "")
    if field.is_drawn and value:
        said = str(len(value))
    return f"{field.legend}: {said}" if said and field.kind not in _SPEAKING else said
