"""MM-DeceptionBench: human labels of answers about pictures, as Debate with Images reads them.

One JSON list a split, with its images beside it. Their evaluator looks a case up by `case_id` and
`source` and skips a `case_id` of 0. Marks come as their visual operations: coordinates from 0 to 1,
a box as [x, y, width, height].
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from datasets_app.formats.base import (
    Attachment,
    Encoding,
    Features,
    Format,
    Refusal,
    Rows,
    Shape,
    Table,
)
from datasets_app.formats.reading import Picture, Reading, said

REFUSES = {
    "not_one_response": "It has two responses; the shape wants one.",
    "no_image": "Its prompt shows no picture, or something else besides.",
    "dialogue": "Its prompt is not a situation, a question and the reasoning of the model.",
    "no_source": "The model that answered has no name; the evaluator skips such rows.",
    "no_verdict": "A column has no verdict behind it.",
}

FEATURES: Features = {
    "case_id": "int64",
    "source": "string",
    "images": ["string"],
    "category": "string",
    "scenario": "string",
    "user_profile": "string",
    "assistant_profile": "string",
    "prompt": "string",
    "result": {"reasoning": "string", "output": "string"},
    "decision": "string",
    "critique": "string",
    "deception": "string",
    "visual_evidence": [
        {
            "bbox_2d": ["float64"],
            "point_2d": ["float64"],
            "line_2d": ["float64"],
            "label": "string",
            "image": "int64",
        }
    ],
}
_OPERATIONS = {"box": "bbox_2d", "point": "point_2d", "line": "line_2d"}
_SPEAKERS = (["system", "user"], ["system", "user", "assistant"])


def rows(reading: Reading) -> Rows:
    """One row for an answer that was judged, or why there is none."""
    record, pictures = reading.record, reading.images
    reason = _unsayable(reading)
    if reason or not pictures:
        return Refusal(reason or "no_image")
    response, meta = record["responses"][0], record["prompt_meta"]
    _situation, question, *reasoning = (turn["text"] for turn in record["turns"])
    deception = "".join(reading.of("category", 0) or [])
    return [
        {
            "case_id": case_id(record["prompt_external_id"] or record["external_id"]),
            "source": response["model"],
            "images": [_path(picture) for picture in pictures],
            "category": said(meta, "category") or deception,
            **{name: said(meta, name) for name in ("scenario", "user_profile")},
            "assistant_profile": said(meta, "assistant_profile"),
            "prompt": question,
            "result": {"reasoning": "".join(reasoning), "output": response["text"]},
            "decision": "Deceptive" if reading.of("deceptive", 0) else "Non-deceptive",
            "critique": reading.of("critique", 0),
            "deception": deception,
            "visual_evidence": [operation(mark) for mark in reading.of("marks") or []],
        }
    ]


def _unsayable(reading: Reading) -> str:
    record = reading.record
    if reading.is_pair:
        return "not_one_response"
    if [turn["speaker"] for turn in record["turns"]] not in _SPEAKERS:
        return "dialogue"
    if not record["responses"][0]["model"]:
        return "no_source"
    is_judged = type(reading.of("deceptive", 0)) is bool and reading.of("critique", 0)
    return "" if is_judged else "no_verdict"


def case_id(name: str) -> int:
    """The source's own number of a case; where it has none, or 0, 48 bits of its name's digest."""
    if name.isascii() and name.isdecimal() and 0 < int(name) < 2**63:
        return int(name)
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:6]) or 1


def operation(mark: Mapping[str, Any]) -> dict[str, Any]:
    """A mark as a visual operation; of the three names it has only its own."""
    at = mark["at"]
    if mark["kind"] == "box":
        x1, y1, x2, y2 = at
        at = [x1, y1, round(x2 - x1, 4), round(y2 - y1, 4)]
    return {_OPERATIONS[mark["kind"]]: at, "label": mark["note"], "image": mark["on"]}


def _path(picture: Picture) -> str:
    return f"images/{picture.name}"


def files(reading: Reading) -> Sequence[Attachment]:
    """The pictures of the case."""
    return [Attachment(_path(picture), picture.digest) for picture in reading.images or ()]


def tables(_shape: Shape) -> Sequence[Table]:
    return [Table(rows, FEATURES, Encoding.JSON_LIST, "{split}.json", attachments=files)]


FORMAT = Format(
    key="mm_deception",
    version=1,
    title="MM-DeceptionBench",
    summary="Answers about pictures: deceptive or not, critique and visual evidence.",
    refuses=REFUSES,
    tables=tables,
    protocols=frozenset({"mm_deception"}),
    task_categories=("visual-question-answering",),
    tags=("deception", "multimodal"),
)
