"""Believes nothing that a child says: facts of the right shape, or none."""

from __future__ import annotations

import re
from typing import Any

from datasets_app.media.facts import Facts
from datasets_app.media.wire import Silence

_MOST = 2**53
_RATE = re.compile(r"(?:\d{1,9}/[1-9]\d{0,8})?")
_MIMES = re.compile(r"(image|video|audio)/[a-z0-9]{2,10}")


def facts_from(answer: dict[str, Any]) -> Facts:
    """Return the facts in a child's answer. Raises Silence when any of them is not believable."""
    modality, mime, rate = answer.get("modality"), answer.get("mime"), answer.get("frame_rate")
    if not isinstance(mime, str) or not isinstance(rate, str) or not isinstance(modality, str):
        raise Silence
    found = _MIMES.fullmatch(mime)
    if not found or found[1] != modality or not _RATE.fullmatch(rate):
        raise Silence
    return Facts(
        modality,
        mime,
        width=_count(answer.get("width")),
        height=_count(answer.get("height")),
        duration_ms=_count(answer.get("duration_ms")),
        frames=_count(answer.get("frames")),
        frame_rate=rate,
        has_audio=answer.get("has_audio") is True,
        is_animated=answer.get("is_animated") is True,
        notes=_notes(answer.get("notes")),
    )


def one_line(text: str, *, most: int = 300) -> str:
    """Return text that may stand in a report: printable, on one line, not longer than `most`."""
    plain = "".join(letter if letter.isprintable() else " " for letter in text)
    words = " ".join(plain.split())
    return words if len(words) <= most else words[: most - 1] + "…"


def _count(value: Any) -> int | None:
    if value is None:
        return None
    if type(value) is not int or not 0 <= value < _MOST:
        raise Silence
    return value


def _notes(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(note, str) for note in value):
        raise Silence
    return tuple(one_line(note) for note in value[:10])
