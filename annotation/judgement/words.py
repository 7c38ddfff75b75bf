"""Answers in words: a text of one's own, or a response's text corrected."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from annotation.judgement.misfit import Misfit
from datasets_app.protocols.base import Question
from datasets_app.vocabulary import QuestionKind

# In characters; a page of print has some three thousand.
LONGEST = 100_000


def read_words(question: Question, value: object, *, original: str) -> Any:
    """The canonical form of a text or a correction. Raises Misfit.

    `original` is the response's text, for a correction. Line ends become "\\n", whichever the
    browser sent. A correction that changes nothing must say so, and one that says so must change
    nothing: then neither a forgotten answer nor a forgotten tick is taken for the other.
    """
    if question.kind is QuestionKind.TEXT:
        return _plain(value)
    text, unchanged = _parts(question, value)
    if unchanged and text is None:
        return {"text": original, "unchanged": True}
    corrected = _plain(text)
    # White space at the ends is nothing that a reader sees, and a browser may drop some.
    is_the_same = corrected.strip() == unified(original).strip()
    if is_the_same and not unchanged:
        raise Misfit(_("Change the text, or say that no change is needed."))
    if unchanged and not is_the_same:
        raise Misfit(_("You changed the text and say that no change is needed: which is it?"))
    return {"text": original if unchanged else corrected, "unchanged": unchanged}


def _parts(question: Question, value: object) -> tuple[object, bool]:
    """Text and statement of a correction."""
    if isinstance(value, dict) and not set(value) - {"text", "unchanged"}:
        unchanged = value.get("unchanged", False)
        if isinstance(unchanged, bool):
            return value.get("text"), unchanged
    raise Misfit(_("“%s” takes a corrected text.") % _(question.wording))


def unified(text: str) -> str:
    """The text with every line end as "\\n"."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _plain(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise Misfit(_("The text is empty."))
    # A form sends every line end as two characters.
    if len(unified(value)) > LONGEST:
        raise Misfit(_("The text has more than %d characters.") % LONGEST)
    # What PostgreSQL cannot keep.
    if any(letter == "\x00" or "\ud800" <= letter <= "\udfff" for letter in value):
        raise Misfit(_("The text holds characters that cannot be kept."))
    return unified(value)
