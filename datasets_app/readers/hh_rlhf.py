"""HH-RLHF: two transcripts, `chosen` and `rejected`, which part at some turn of the assistant."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from datasets_app.readers import cells
from datasets_app.readers.base import (
    BadRow,
    Incoming,
    IncomingResponse,
    IncomingTurn,
    IncomingVote,
    Interpret,
    Reader,
    ReadOptions,
    Row,
    Unusable,
)
from datasets_app.readers.rows.json_rows import json_lines
from datasets_app.vocabulary import Speaker

_MARK = re.compile(r"\n\n(Human|Assistant):")
_SPEAKERS = {"Human": Speaker.USER.value, "Assistant": Speaker.ASSISTANT.value}
_USED = frozenset({"chosen", "rejected"})


def read_rows(path: Path, options: ReadOptions) -> Iterator[Row | BadRow]:
    """JSON lines, plain or gzip."""
    return json_lines(path, options)


def interpret(row: Row) -> Incoming:
    """The turns both share, and what the assistant said then. Raises Unusable.

    Where the dialogues part before the last turn, a response is all that follows, later turns
    included, with their marks: nothing of what was compared is lost.
    """
    chosen, rejected = _turns(row, "chosen"), _turns(row, "rejected")
    shared = _shared(chosen, rejected)
    if not shared:
        raise Unusable("chosen and rejected have no turn in common")
    return Incoming(
        row.file,
        row.line,
        "",
        tuple(IncomingTurn(_SPEAKERS[speaker], said) for speaker, said in chosen[:shared]),
        (_response(chosen[shared:], "chosen"), _response(rejected[shared:], "rejected")),
        meta=cells.rest(row, _USED),
        votes=(IncomingVote("", {"better": "0"}),),
    )


def _turns(row: Row, name: str) -> list[tuple[str, str]]:
    parts = _MARK.split("\n\n" + cells.text(row, name).lstrip())
    if parts[0].strip() or len(parts) < 5:
        raise Unusable(f"{name} is no dialogue of '\\n\\nHuman:' and '\\n\\nAssistant:' turns")
    return [(parts[at], parts[at + 1].strip()) for at in range(1, len(parts), 2)]


def _shared(chosen: list[tuple[str, str]], rejected: list[tuple[str, str]]) -> int:
    """How many turns are the prompt: both have them, and the assistant speaks next in both."""
    shortest = min(len(chosen), len(rejected)) - 1
    alike = 0
    while alike < shortest and chosen[alike] == rejected[alike]:
        alike += 1
    while alike and not (chosen[alike][0] == rejected[alike][0] == "Assistant"):
        alike -= 1
    return alike


def _response(turns: list[tuple[str, str]], name: str) -> IncomingResponse:
    (_, first), *later = turns
    said = "".join((first, *(f"\n\n{speaker}: {text}" for speaker, text in later)))
    if not said:
        raise Unusable(f"{name} ends with an empty turn of the assistant")
    return IncomingResponse(said)


def _interpreter(options: ReadOptions) -> Interpret:
    return interpret


READER = Reader(
    key="hh_rlhf",
    title="HH-RLHF: JSON lines of chosen and rejected dialogues",
    protocol="pku_saferlhf",
    rows=read_rows,
    interpreter=_interpreter,
)
