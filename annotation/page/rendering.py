"""The labelling page's HTML: one set of templates for whole pages, for fragments and for blanks.

Content is rendered for every assignment; a step's questions are the same for everybody until
somebody answers them, so their blank form is rendered once a language.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from django.template.loader import render_to_string
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from annotation.judgement import SIDES
from annotation.page.questions import Field, fields_of
from annotation.page.sheets import Pane, Sheet
from datasets_app.protocols import protocol_named
from datasets_app.protocols.base import Protocol, Step
from datasets_app.vocabulary import QuestionKind

# What is asked of the item below the responses: it is about them, not about the prompt.
_BELOW = (QuestionKind.CHOICE, QuestionKind.TEXT)

# Keys: "prompt_media", "prompt_text", "reminder", "playing"; for each side "a" and "about_a", and
# where the step asks for a correction "original_a". What is covered is in none of them.
Parts = dict[str, SafeString]


def parts_of(sheet: Sheet, *, is_revealed: bool = False) -> Parts:
    """The content of an assignment, ready to be put into its step's blank sheet."""
    context = {"sheet": sheet, "is_revealed": is_revealed}
    parts = {
        name: _rendered(f"label/parts/{name}.html", context) if is_there else SafeString()
        for name, is_there in (
            ("prompt_media", any(turn.media for turn in sheet.turns)),
            ("prompt_text", True),
            ("reminder", bool(sheet.reminder)),
            ("playing", bool(sheet.view)),
        )
    }
    for pane in sheet.panes:
        parts[pane.side] = _rendered("label/parts/response.html", {**context, "pane": pane})
        parts[f"about_{pane.side}"] = _about(pane)
        if _corrects(sheet.step) and (is_revealed or not sheet.cover):
            parts[f"original_{pane.side}"] = escape(pane.text)
    return parts


def covered_parts(sheet: Sheet) -> dict[str, str]:
    """What belongs behind each door of the sheet, for who opened them: HTML by the door's name,
    and as plain text the "original_a" that a correction starts from."""
    parts: dict[str, str] = {}
    if sheet.prompt_cover:
        parts["prompt"] = _rendered("label/parts/turns.html", {"sheet": sheet})
    for pane in sheet.panes if sheet.cover else ():
        context = {"sheet": sheet, "pane": pane}
        parts[pane.side] = _rendered("label/parts/response_text.html", context) if pane.text else ""
        if _corrects(sheet.step):
            parts[f"original_{pane.side}"] = pane.text
    return parts


def sheet_html(
    protocol: Protocol, step: Step, parts: Parts, answers: Mapping[str, Any] | None = None
) -> SafeString:
    """A step's sheet with the content of `parts` and the answers so far."""
    is_blank = not answers and not (parts and _corrects(step))
    questions = (
        _blank(*_name(protocol, step)) if is_blank else _asked(protocol, step, answers or {}, parts)
    )
    return _rendered(
        "label/parts/sheet.html",
        {
            "protocol": protocol,
            "step": step,
            "heading": heading(protocol, step),
            "parts": parts,
            "questions": questions,
            "sides": [
                {
                    "side": side,
                    "letter": side.upper(),
                    "body": parts.get(side, ""),
                    "about": parts.get(f"about_{side}", ""),
                    "questions": questions[side],
                }
                for side in SIDES[: protocol.responses]
            ],
        },
    )


def blank_sheet(protocol: Protocol, step: Step) -> SafeString:
    """The sheet of a step without content: what the page fills for each assignment."""
    return _blank_sheet(*_name(protocol, step))


def helps(protocol: Protocol) -> SafeString:
    """What each question means, and each of its answers: opened from beside the question."""
    return _helps(f"{protocol.key}@{protocol.version}", get_language() or "")


def heading(protocol: Protocol, step: Step) -> str:
    """Where this step stands among the others."""
    number = protocol.steps.index(step) + 1
    return _("step %(number)d of %(all)d: %(step)s") % {
        "number": number,
        "all": len(protocol.steps),
        "step": _(step.title),
    }


def payload(sheet: Sheet, draft: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """An assignment for the page's script, with what its person had answered so far."""
    return {
        "token": str(sheet.token),
        "step": sheet.step.key,
        "parts": parts_of(sheet),
        "earlier": sheet.earlier,
        "draft": draft,
    }


def _name(protocol: Protocol, step: Step) -> tuple[str, str, str]:
    return f"{protocol.key}@{protocol.version}", step.key, get_language() or ""


@lru_cache(maxsize=64)
def _blank(protocol: str, step: str, language: str) -> dict[str, SafeString]:
    known = protocol_named(protocol)
    return _asked(known, known.step(step), {}, {})


@lru_cache(maxsize=64)
def _blank_sheet(protocol: str, step: str, language: str) -> SafeString:
    known = protocol_named(protocol)
    return sheet_html(known, known.step(step), {})


@lru_cache(maxsize=32)
def _helps(protocol: str, language: str) -> SafeString:
    known = protocol_named(protocol)
    fields = {
        field.key: field
        for step in known.steps
        for side in ("", SIDES[0])
        for field in fields_of(known, step, side)
        # What is folded says it in the fold.
        if not field.is_folded
    }
    return _rendered("label/parts/helps.html", {"fields": list(fields.values())})


def _about(pane: Pane) -> SafeString:
    """How long the response is; nothing where it has no text."""
    number = pane.words
    words = ngettext("%(words)d word", "%(words)d words", number) % {"words": number}
    return escape(words) if pane.text else SafeString()


def _corrects(step: Step) -> bool:
    return any(question.kind is QuestionKind.EDIT for question in step.questions)


def _asked(
    protocol: Protocol, step: Step, answers: Mapping[str, Any], parts: Parts
) -> dict[str, SafeString]:
    """The questions as HTML: about the item, to choose between the sides, and of each side."""
    about_item = fields_of(protocol, step, "", answers)
    groups: dict[str, list[Field]] = {
        "about": [field for field in about_item if field.kind not in _BELOW],
        "choices": [field for field in about_item if field.kind in _BELOW],
    }
    groups |= {
        side: fields_of(protocol, step, side, answers, parts.get(f"original_{side}", ""))
        for side in SIDES
    }
    return {
        name: _rendered("label/parts/questions.html", {"fields": fields})
        if fields
        else SafeString()
        for name, fields in groups.items()
    }


def _rendered(template: str, context: Mapping[str, Any]) -> SafeString:
    # Stripped, so that a part without content is empty to the style sheet as well.
    return mark_safe(render_to_string(template, dict(context)).strip())  # noqa: S308  our templates
