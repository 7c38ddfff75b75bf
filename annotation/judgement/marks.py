"""Marks on pictures: boxes, points and lines, each with a note, as they are stored."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from annotation.judgement.misfit import Misfit
from annotation.judgement.notes import read_note
from datasets_app.protocols.base import Question

MOST = 50
# How many numbers each kind of mark has; see `protocols.base`.
NUMBERS = {"box": 4, "point": 2, "line": 4}
# A ten-thousandth of a side is less than a pixel of any picture that a screen shows.
DIGITS = 4
# What has less than this of a side is no box, and no line.
SMALLEST = 0.002
_PARTS = {"kind", "on", "at", "note"}


def read_marks(question: Question, value: object, *, pictures: int) -> list[dict[str, Any]] | None:
    """The canonical form of marks; None when there are none.

    `pictures` is how many pictures the question is about. Corners of a box come out in order,
    coordinates rounded to `DIGITS`. Raises Misfit, with one line that says which mark and why.
    """
    if not isinstance(value, list):
        raise Misfit(_("“%s” takes a list of marks.") % _(question.wording))
    if len(value) > MOST:
        raise Misfit(_("At most %d marks: keep those that matter most.") % MOST)
    return [_mark(mark, number, pictures) for number, mark in enumerate(value, start=1)] or None


def _mark(mark: Any, number: int, pictures: int) -> dict[str, Any]:
    if not isinstance(mark, dict) or set(mark) - _PARTS or mark.get("kind") not in [*NUMBERS]:
        raise Misfit(_("Mark %d is no box, point or line.") % number)
    on = mark.get("on", 0)
    if type(on) is not int or not 0 <= on < pictures:
        raise Misfit(_("Mark %d lies on a picture that is not there.") % number)
    kind, at = mark["kind"], mark.get("at")
    if not isinstance(at, list) or len(at) != NUMBERS[kind] or not all(map(_is_share, at)):
        raise Misfit(_("Mark %d lies outside the picture, or nowhere.") % number)
    where = [round(float(share), DIGITS) for share in at]
    return {
        "kind": kind,
        "on": on,
        "at": _in_order(kind, where, number),
        "note": read_note(mark.get("note", ""), _("mark %d") % number),
    }


def _is_share(value: object) -> bool:
    """Whether it is a number from 0 to 1: neither NaN nor a bool is one."""
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1


def _in_order(kind: str, at: list[float], number: int) -> list[float]:
    """The corners of a box from top left to bottom right. Raises Misfit for what has no extent."""
    if kind == "point":
        return at
    x1, y1, x2, y2 = at
    width, height = abs(x2 - x1), abs(y2 - y1)
    is_too_small = min(width, height) < SMALLEST if kind == "box" else max(width, height) < SMALLEST
    if is_too_small:
        raise Misfit(_("Mark %d is too small to be seen.") % number)
    return [min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2)] if kind == "box" else at
