"""BeaverTails: a prompt with one text, 14 kinds of harm, a flag; a repeated row is a vote."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from datasets_app.label_sets.beavertails import BEAVERTAILS
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
)
from datasets_app.readers.rows.by_ending import rows_by_ending
from datasets_app.vocabulary import Speaker

_CATEGORIES = frozenset(BEAVERTAILS.keys)
_USED = frozenset({"external_id", "prompt", "response", "category", "is_safe"})


def read_rows(path: Path, options: ReadOptions) -> Iterator[Row | BadRow]:
    """JSON lines, packed or plain, or Parquet; a folder of them (`round0/330k/train.jsonl.gz`)."""
    return rows_by_ending(path, options, needs=("prompt", "response"))


def interpret(row: Row) -> Incoming:
    """One response. Only prompt and response are required, `external_id` is ours. Raises Unusable.

    The source names nobody: rows that repeat a prompt with its response are votes of different
    people, told apart by their order.
    """
    answers = _answers(row)
    return Incoming(
        row.file,
        row.line,
        cells.word(row, "external_id"),
        (IncomingTurn(Speaker.USER.value, cells.text(row, "prompt")),),
        (IncomingResponse(cells.text(row, "response")),),
        meta=cells.rest(row, _USED),
        votes=(IncomingVote("", answers),) if answers else (),
    )


def _answers(row: Row) -> dict[str, Any]:
    """The labels of the row as one vote; a label that is absent or null is no answer."""
    return cells.given(
        {
            "safe": {"0": cells.flag(row, "is_safe")},
            "categories": {
                "0": cells.flags(row.values.get("category"), "category", _CATEGORIES),
            },
        }
    )


def _interpreter(options: ReadOptions) -> Interpret:
    return interpret


READER = Reader(
    key="beavertails",
    title="BeaverTails: JSON lines or Parquet, one row a vote; or a folder of them",
    protocol="beavertails",
    rows=read_rows,
    interpreter=_interpreter,
)
