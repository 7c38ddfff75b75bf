"""Aligner and Stream Aligner: a question with an answer, or with the beginning and end of one.

{question, answer, correction} is a whole answer; {question, prefix, last, correction} the last
sentence of one: what comes before is a turn of the assistant that it goes on from. A second reader
cuts whole answers before their last sentence, so that rows of the first kind come as the second.
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
from datasets_app.readers.sentences import cut_before_last
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


def interpret_last(row: Row) -> Incoming:
    """The last sentence of an answer; rows that are cut already stay as they are. Raises Unusable.

    A correction of the whole answer becomes one of the sentence. Where it changes what comes before
    it cannot, and the row is refused.
    """
    if "answer" not in row.values or "last" in row.values or "prefix" in row.values:
        return interpret(row)
    prefix, last = cut_before_last(cells.text(row, "answer"))
    values = {name: value for name, value in row.values.items() if name != "answer"}
    values |= {"prefix": prefix, "last": last}
    if row.values.get("correction") is not None:
        values["correction"] = _after(prefix, cells.text(row, "correction"))
    return interpret(row._replace(values=values))


def _after(prefix: str, correction: str) -> str:
    if not correction.startswith(prefix.rstrip()):
        raise Unusable("has a correction that changes more than the last sentence of the answer")
    rest = correction[len(prefix.rstrip()) :].lstrip()
    if not rest:
        raise Unusable("has a correction that leaves out the last sentence of the answer")
    return rest


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


def _interpreter_of_last(options: ReadOptions) -> Interpret:
    return interpret_last


READER = Reader(
    key="correction",
    title="Aligner and Stream Aligner: a JSON list of questions, answers and corrections",
    protocol="correction",
    rows=read_rows,
    interpreter=_interpreter,
)
LAST_SENTENCE = Reader(
    key="correction_last",
    title="Aligner's questions and answers, each cut before its last sentence, for Stream Aligner",
    protocol="correction",
    rows=read_rows,
    interpreter=_interpreter_of_last,
)
