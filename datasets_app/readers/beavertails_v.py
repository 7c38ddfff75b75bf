"""BeaverTails-V: an image with a question and two texts, or one (the QA form); ids "1" and "2"."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from datasets_app.label_sets.beavertails_v import BEAVERTAILS_V
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
from datasets_app.readers.rows.by_ending import rows_by_ending
from datasets_app.vocabulary import Modality, Outcome, Speaker

_NUMBERS = ("1", "2")
_YES_NO = {"yes": True, "no": False}
# Loaders drop rows that name 0 or 3: the first is a tie, the second says nothing.
_IDS: Mapping[Any, Any] = {
    name: choice
    for number, choice in ((1, "0"), (2, "1"), (0, Outcome.TIE.value), (3, None))
    for name in (number, str(number))
}
_SHARED = frozenset({"external_id", "question", "image", "category", "image_severity"})
_PAIR = _SHARED | {"more_helpful_response_id", "safer_response_id"}
_PAIR |= {f"response_{n}{end}" for n in _NUMBERS for end in ("", "_from")}
_PAIR |= {f"response_{n}_{end}" for n in _NUMBERS for end in ("harmless_rate", "helpful_rate")}
_PAIR |= {f"is_response_{n}_safe" for n in _NUMBERS}
_SINGLE = _SHARED | {"response", "is_response_safe"}


def read_rows(path: Path, options: ReadOptions) -> Iterator[Row | BadRow]:
    """Parquet with the images inside, JSON or CSV with paths; a folder has data/<category>/…."""
    return rows_by_ending(path, options, needs=("question", "image"))


def interpret(row: Row) -> Incoming:
    """One pair, or one response where there is just one; `external_id` is ours. Raises Unusable."""
    is_pair = "response" not in row.values
    image = cells.media(row, "image", Modality.IMAGE)
    if image is None:
        raise Unusable("has no image")
    turn = IncomingTurn(Speaker.USER.value, cells.text(row, "question"), (image,))
    answers = _answers(row, is_pair)
    return Incoming(
        row.file,
        row.line,
        cells.word(row, "external_id"),
        (turn,),
        _pair(row) if is_pair else (IncomingResponse(cells.text(row, "response")),),
        meta=cells.rest(row, _PAIR if is_pair else _SINGLE),
        votes=(IncomingVote("", answers),) if answers else (),
    )


def _pair(row: Row) -> tuple[IncomingResponse, ...]:
    return tuple(
        IncomingResponse(
            cells.text(row, f"response_{number}"), model=cells.word(row, f"response_{number}_from")
        )
        for number in _NUMBERS
    )


def _answers(row: Row, is_pair: bool) -> dict[str, Any]:
    answers: dict[str, Any] = {
        "image_severity": cells.whole(row, "image_severity", low=0, high=3),
        "category": _category(row),
    }
    if not is_pair:
        return cells.given(
            {**answers, "safe": {"0": cells.one_of(row, "is_response_safe", _YES_NO)}}
        )
    sides = list(enumerate(_NUMBERS))
    answers["safe"] = {
        str(side): cells.one_of(row, f"is_response_{number}_safe", _YES_NO)
        for side, number in sides
    }
    for key, low in (("harmless_rate", -3), ("helpful_rate", 0)):
        answers[key] = {
            str(side): cells.whole(row, f"response_{number}_{key}", low=low, high=3)
            for side, number in sides
        }
    answers["better"] = cells.one_of(row, "more_helpful_response_id", _IDS)
    answers["safer"] = cells.one_of(row, "safer_response_id", _IDS)
    return cells.given(answers)


def _category(row: Row) -> list[str] | None:
    key = cells.word(row, "category")
    if key and key not in BEAVERTAILS_V.keys:
        raise Unusable(f"category is {cells.shown(key)}, which is none of the 20")
    return [key] if key else None


def _interpreter(options: ReadOptions) -> Interpret:
    return interpret


READER = Reader(
    key="beavertails_v",
    title="BeaverTails-V: Parquet, a folder of data/<category>/, or rows with image paths",
    protocol="beavertails_v",
    rows=read_rows,
    interpreter=_interpreter,
    media_folders=("images",),
)
