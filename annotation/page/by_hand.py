"""Marks and spans in writing, one to a line: how a page without script takes them, and reads them.

A mark is `box 10 20 30 40 note`, `point 50 50 note` or `line 10 10 90 90 note`, in percent of the
picture's width and height; `2: box …` is on the second picture. A span is `1.5-3.25 kind note`, in
seconds.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from annotation.judgement.marks import NUMBERS
from datasets_app.protocols.base import Question
from datasets_app.vocabulary import QuestionKind

_NUMBER = r"\d{1,6}(?:[.,]\d{1,6})?"
_MARK = re.compile(r"(?:(\d{1,4})\s*:\s*)?(\w+)\s+(.*)", re.DOTALL)
_SPAN = re.compile(rf"({_NUMBER})\s*[-–]\s*({_NUMBER})\s+(\S+)\s*(.*)", re.DOTALL)


def read_lines(question: Question, text: str) -> list[Any] | None:
    """What the lines say, as the page's script would send it; None when there is no line.

    A line that says no mark or span comes out as it is, for `judgement` to refuse.
    """
    read = _mark if question.kind is QuestionKind.MARKS else _span
    return [read(line) for line in map(str.strip, text.splitlines()) if line] or None


def lines_of(question: Question, value: object) -> str:
    """The inverse of `read_lines`."""
    write = _mark_line if question.kind is QuestionKind.MARKS else _span_line
    listed = value if isinstance(value, list) else []
    return "\n".join(each if isinstance(each, str) else write(each) for each in listed)


def in_words(question: Question, value: object) -> list[str]:
    """Each mark or span as a line to be read: where it is, and what was noted."""
    word = _mark_in_words if question.kind is QuestionKind.MARKS else _span_in_words
    return [word(question, each) for each in (value if isinstance(value, list) else [])]


def where(mark: Mapping[str, Any]) -> str:
    """Where a mark is, in words: “box from 10 %, 20 % to 30 %, 40 %”."""
    first, *second = [
        f"{_percent(x)} %, {_percent(y)} %"
        for x, y in zip(mark["at"][::2], mark["at"][1::2], strict=True)
    ]
    if mark["kind"] == "point":
        return _("point at %s") % first
    ends = {"from": first, "to": second[0]}
    if mark["kind"] == "box":
        return _("box from %(from)s to %(to)s") % ends
    return _("line from %(from)s to %(to)s") % ends


def _mark(line: str) -> Any:
    found = _MARK.fullmatch(line)
    needed = NUMBERS.get(found[2].lower(), 0) if found else 0
    words = found[3].split(maxsplit=needed) if found else []
    shares = [_share(word) for word in words[:needed]]
    if not found or not needed or len(shares) < needed or None in shares:
        return line
    note = words[needed] if len(words) > needed else ""
    return {"kind": found[2].lower(), "on": int(found[1] or 1) - 1, "at": shares, "note": note}


def _share(word: str) -> float | None:
    """A share of a side from its percentage, with a point or a comma, with or without a %."""
    bare = word.strip("%,;")
    return _float(bare) / 100 if re.fullmatch(_NUMBER, bare) else None


def _span(line: str) -> Any:
    found = _SPAN.fullmatch(line)
    if not found:
        return line
    start, end, kind, note = found.groups()
    return {"from": _ms(start), "to": _ms(end), "kind": kind, "note": note}


def _ms(seconds: str) -> int:
    return round(_float(seconds) * 1000)


def _float(text: str) -> float:
    return float(text.replace(",", "."))


def _mark_line(mark: Mapping[str, Any]) -> str:
    numbers = " ".join(_percent(share) for share in mark["at"])
    on = f"{mark['on'] + 1}: " if mark["on"] else ""
    return f"{on}{mark['kind']} {numbers} {mark['note']}".rstrip()


def _percent(share: float) -> str:
    return f"{100 * share:.2f}".rstrip("0").rstrip(".")


def _span_line(span: Mapping[str, Any]) -> str:
    times = f"{_seconds(span['from'])}-{_seconds(span['to'])}"
    return f"{times} {span['kind']} {span['note']}".rstrip()


def _seconds(milliseconds: int) -> str:
    return f"{milliseconds / 1000:.3f}".rstrip("0").rstrip(".")


def _mark_in_words(question: Question, mark: Mapping[str, Any]) -> str:
    said = where(mark)
    if mark["on"]:
        said = _("%(mark)s on picture %(number)d") % {"mark": said, "number": mark["on"] + 1}
    return f"{said}: {mark['note']}" if mark["note"] else said


def _span_in_words(question: Question, span: Mapping[str, Any]) -> str:
    kind = _((question.kinds or {}).get(span["kind"], span["kind"]))
    said = f"{_seconds(span['from'])}–{_seconds(span['to'])} s, {kind}"
    return f"{said}: {span['note']}" if span["note"] else said


def drawn_on(value: object, picture: int) -> Sequence[tuple[int, Mapping[str, Any]]]:
    """The marks on one picture, each with its number among all of them, from 1."""
    listed = value if isinstance(value, list) else []
    return [(n, mark) for n, mark in enumerate(listed, start=1) if mark["on"] == picture]
