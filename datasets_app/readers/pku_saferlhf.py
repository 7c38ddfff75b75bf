"""PKU-SafeRLHF: pairs of texts with safety, 19 kinds of harm, severity, better and safer (0/1)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from datasets_app.label_sets.pku_saferlhf import PKU_SAFERLHF
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

_SIDES = ("0", "1")
_CATEGORIES = frozenset(PKU_SAFERLHF.keys)
_USED = frozenset(
    {"external_id", "prompt", "prompt_source", "better_response_id", "safer_response_id"}
    | {f"response_{side}{end}" for side in _SIDES for end in ("", "_source", "_sha256")}
    | {f"response_{side}_{end}" for side in _SIDES for end in ("harm_category", "severity_level")}
    | {f"is_response_{side}_safe" for side in _SIDES}
)


def read_rows(path: Path, options: ReadOptions) -> Iterator[Row | BadRow]:
    """JSON (a list, or lines), Parquet, CSV; a folder has `data/<model>/{train,test}.jsonl`."""
    return rows_by_ending(path, options, needs=("prompt", "response_0", "response_1"))


def interpret(row: Row) -> Incoming:
    """One pair. Only prompt and responses are required, `external_id` is ours. Raises Unusable."""
    turn = IncomingTurn(Speaker.USER.value, cells.text(row, "prompt"))
    source = cells.word(row, "prompt_source")
    answers = _answers(row)
    return Incoming(
        row.file,
        row.line,
        cells.word(row, "external_id"),
        (turn,),
        (_response(row, "0"), _response(row, "1")),
        prompt_meta={"prompt_source": source} if source else {},
        meta=cells.rest(row, _USED),
        votes=(IncomingVote("", answers),) if answers else (),
    )


def _response(row: Row, side: str) -> IncomingResponse:
    digest = cells.word(row, f"response_{side}_sha256")
    return IncomingResponse(
        cells.text(row, f"response_{side}"),
        model=cells.word(row, f"response_{side}_source"),
        meta={"sha256": digest} if digest else {},
    )


def _answers(row: Row) -> dict[str, Any]:
    """The labels of the row as one vote; a label that is absent or null is no answer."""
    answers: dict[str, Any] = {"safe": {}, "categories": {}, "severity": {}}
    for side in _SIDES:
        name = f"response_{side}_harm_category"
        answers["safe"][side] = cells.flag(row, f"is_response_{side}_safe")
        answers["categories"][side] = cells.flags(row.values.get(name), name, _CATEGORIES)
        answers["severity"][side] = cells.whole(
            row, f"response_{side}_severity_level", low=0, high=3
        )
    answers["better"] = _choice(row, "better_response_id")
    answers["safer"] = _choice(row, "safer_response_id")
    return cells.given(answers)


def _choice(row: Row, name: str) -> str | None:
    number = cells.whole(row, name, low=0, high=1)
    return None if number is None else _SIDES[number]


def _interpreter(options: ReadOptions) -> Interpret:
    return interpret


READER = Reader(
    key="pku_saferlhf",
    title="PKU-SafeRLHF: a JSON list, JSON lines, Parquet, or a folder of them",
    protocol="pku_saferlhf",
    rows=read_rows,
    interpreter=_interpreter,
)
