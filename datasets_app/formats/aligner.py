"""Aligner and Stream Aligner: corrections, as `correction-json` and `correction-plus` read them.

One JSON list a split. Where no change was needed the correction is the answer itself: that such
answers stay as they are is what a corrector has to learn as well.
"""

from __future__ import annotations

from collections.abc import Sequence

from datasets_app.formats.base import (
    Encoding,
    Features,
    Format,
    Refusal,
    Rows,
    Shape,
    Table,
)
from datasets_app.formats.reading import Reading

_SHARED_REFUSALS = {
    "not_one_response": "It has two responses; the shape wants one.",
    "has_media": "It shows a file; the shape is text alone.",
    "dialogue": "Its prompt is more than one question; the column is one string.",
    "no_verdict": "Nobody corrected it, nor said that no change is needed.",
}
REFUSES = {
    **_SHARED_REFUSALS,
    "has_beginning": "Only its last sentence was corrected; the shape wants whole answers.",
}
STREAM_REFUSES = _SHARED_REFUSALS

FEATURES: Features = {"question": "string", "answer": "string", "correction": "string"}
STREAM_FEATURES: Features = {
    "question": "string",
    "prefix": "string",
    "last": "string",
    "correction": "string",
}


def rows(reading: Reading) -> Rows:
    """One row for an answer that was corrected as a whole, or why there is none."""
    if reason := _unsayable(reading):
        return Refusal(reason)
    question, *beginning = (turn["text"] for turn in reading.record["turns"])
    if beginning:
        return Refusal("has_beginning")
    answer = reading.record["responses"][0]["text"]
    return [{"question": question, "answer": answer, "correction": _correction(reading)}]


def stream_rows(reading: Reading) -> Rows:
    """One row for a sentence that was corrected, or why there is none.

    An answer without a fixed beginning has an empty prefix.
    """
    if reason := _unsayable(reading):
        return Refusal(reason)
    question, *beginning = (turn["text"] for turn in reading.record["turns"])
    return [
        {
            "question": question,
            "prefix": "".join(beginning),
            "last": reading.record["responses"][0]["text"],
            "correction": _correction(reading),
        }
    ]


def _unsayable(reading: Reading) -> str:
    record = reading.record
    if reading.is_pair:
        return "not_one_response"
    if record["media"]:
        return "has_media"
    if [turn["speaker"] for turn in record["turns"]] not in (["user"], ["user", "assistant"]):
        return "dialogue"
    return "" if _correction(reading) else "no_verdict"


def _correction(reading: Reading) -> str:
    value = reading.of("correction", 0)
    text = value.get("text") if isinstance(value, dict) else None
    return text if isinstance(text, str) and text.strip() else ""


def tables(_shape: Shape) -> Sequence[Table]:
    return [Table(rows, FEATURES, Encoding.JSON_LIST, "{split}.json")]


def stream_tables(_shape: Shape) -> Sequence[Table]:
    return [Table(stream_rows, STREAM_FEATURES, Encoding.JSON_LIST, "{split}.json")]


FORMAT = Format(
    key="aligner_correction",
    version=1,
    title="Aligner",
    summary="A question, an answer and its correction; one JSON list a split.",
    refuses=REFUSES,
    tables=tables,
    protocols=frozenset({"correction"}),
    task_categories=("text-generation",),
    tags=("correction", "alignment", "aligner"),
)
STREAM_FORMAT = Format(
    key="stream_aligner_correction",
    version=1,
    title="Stream Aligner",
    summary="A question, the beginning of an answer, its last sentence and that one's correction.",
    refuses=STREAM_REFUSES,
    tables=stream_tables,
    protocols=frozenset({"correction"}),
    task_categories=("text-generation",),
    tags=("correction", "alignment", "aligner"),
)
