"""Spans of time in a film: from when to when, of which kind, with a note, as they are stored."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from annotation.judgement.misfit import Misfit
from annotation.judgement.notes import read_note
from datasets_app.protocols.base import Question

MOST = 50
_PARTS = {"from", "to", "kind", "note"}
# Containers and browsers disagree by a frame on where a film ends.
_LEEWAY_MS = 100
_DAY_MS = 86_400_000


def read_spans(
    question: Question, value: object, *, duration_ms: int | None
) -> list[dict[str, Any]] | None:
    """The canonical form of spans, by their beginning; None when there are none.

    `duration_ms` is the film's, None where it is not known. An end that lies a frame beyond it is
    set to it. Raises Misfit, with one line that says which span and why.
    """
    if not isinstance(value, list):
        raise Misfit(_("“%s” takes a list of spans.") % _(question.wording))
    if len(value) > MOST:
        raise Misfit(_("At most %d spans: keep those that matter most.") % MOST)
    read = [_span(question, each, n, duration_ms) for n, each in enumerate(value, start=1)]
    return sorted(read, key=lambda span: (span["from"], span["to"])) or None


def _span(question: Question, span: Any, number: int, duration_ms: int | None) -> dict[str, Any]:
    if not isinstance(span, dict) or set(span) - _PARTS:
        raise Misfit(_("Span %d is no span of time.") % number)
    if span.get("kind") not in [*(question.kinds or ())]:
        raise Misfit(_("Span %d has no kind: say what is wrong there.") % number)
    start, end = span.get("from"), span.get("to")
    if type(start) is not int or type(end) is not int or start < 0:
        raise Misfit(_("Span %d needs a beginning and an end, in whole milliseconds.") % number)
    # A film of unknown length is at most a day long.
    last = _DAY_MS if duration_ms is None else duration_ms
    if end > last + _LEEWAY_MS:
        seconds = {"number": number, "length": f"{last / 1000:.1f}"}
        message = _("Span %(number)d ends after the film, which is %(length)s s long.")
        raise Misfit(message % seconds)
    end = min(end, last)
    if end <= start:
        raise Misfit(_("Span %d ends before it begins.") % number)
    note = read_note(span.get("note", ""), _("span %d") % number)
    return {"from": start, "to": end, "kind": span["kind"], "note": note}
