"""Aligner and Stream Aligner: a question with an answer, or with the beginning and end of one.

{question, answer, correction} is a whole answer; {question, prefix, last, correction} the last
sentence of one: what comes before is a turn of the assistant that it goes on from.
"""

from __future__ import annotations

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
from datasets_app.readers.rows.json_rows import json_any
from datasets_app.vocabulary import Speaker

_USED = frozenset({"external_id", "question", "answer", "prefix", "last", "correction"})


def read_rows(path: Path, options: ReadOptions) -> Iterator[Row | BadRow]:
    """A JSON list, JSON lines, or a folder of them."""
    return json_any(path, options)


def interpret(row: Row) -> Incoming:
    """One answer, or sentence. Its correction, where there is one, is a vote. Raises Unusable."""
    if "answer" in row.values and "last" in row.values:
        raise Unusable("has an answer and a last sentence: which of them is corrected?")
    column = "last" if "last" in row.values else "answer"
    said = cells.text(row, column)
    votes = _votes(row, said)
    return Incoming(
        row.file,
        row.line,
        cells.word(row, "external_id"),
        tuple(_turns(row)),
        (IncomingResponse(said),),
        meta=cells.rest(row, _USED),
        votes=votes,
    )


def _turns(row: Row) -> Iterator[IncomingTurn]:
    yield IncomingTurn(Speaker.USER.value, cells.text(row, "question"))
    prefix = row.values.get("prefix")
    # The first sentence of an answer has nothing before it.
    if prefix is not None and prefix != "":
        if "last" not in row.values:
            raise Unusable("has a prefix, but no last")
        yield IncomingTurn(Speaker.ASSISTANT.value, cells.text(row, "prefix"))


def _votes(row: Row, said: str) -> tuple[IncomingVote, ...]:
    if row.values.get("correction") is None:
        return ()
    correction = cells.text(row, "correction")
    unchanged = correction.strip() == said.strip()
    answer = {"text": said if unchanged else correction, "unchanged": unchanged}
    return (IncomingVote("", {"correction": {"0": answer}}),)


def _interpreter(options: ReadOptions) -> Interpret:
    return interpret


READER = Reader(
    key="correction",
    title="Aligner and Stream Aligner: a JSON list of questions, answers and corrections",
    protocol="correction",
    rows=read_rows,
    interpreter=_interpreter,
)
