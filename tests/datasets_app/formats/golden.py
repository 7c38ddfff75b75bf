"""The golden records, and the rows that each format makes of them."""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

from datasets_app.formats import FORMATS
from datasets_app.formats.base import Refusal, Rows, Shape, Table
from datasets_app.formats.reading import Picture, Reading
from datasets_app.protocols import protocol_named
from datasets_app.record import RecordBody

FOLDER = Path(__file__).parents[2] / "golden" / "formats"
# Which golden record a format's rows are made of.
SHOWN = {
    "align_anything": "align_anything_t2a",
    "align_anything_llf": "align_anything_ti2t",
    "pickapic": "align_anything_t2i",
    "aligner_correction": "correction_whole",
    "beavertails": "beavertails",
    "beavertails_votes": "beavertails",
    "beavertails_v": "beavertails_v",
    "beavertails_v_qa": "beavertails_v",
    "janus_orpo": "system_message",
    "llamafactory_preference": "pku_saferlhf",
    "mm_deception": "mm_deception",
    "pku_saferlhf": "pku_saferlhf",
    "records": "pku_saferlhf",
    "safesora": "safesora",
    "safesora_label": "safesora",
    "stream_aligner_correction": "correction",
    "tree": "tree",
    "trl_preference": "pku_saferlhf",
    "video_faults": "video_faults",
    "votes": "pku_saferlhf",
}


def record(protocol: str, **changes: Any) -> RecordBody:
    """The golden record of a protocol, with some of its fields replaced."""
    found: RecordBody = json.loads((FOLDER / "records" / f"{protocol}.json").read_text())
    return {**found, **changes}  # type: ignore[typeddict-item]


def answered(
    body: RecordBody, question: str, value: Any, response: int | None = None
) -> RecordBody:
    """The record with another verdict on a question; None takes the verdict away."""
    changed = deepcopy(body)
    spot = (question, response)
    changed["verdicts"] = [
        {**verdict, "value": value}
        if (verdict["question"], verdict["response"]) == spot
        else verdict
        for verdict in changed["verdicts"]
        if (verdict["question"], verdict["response"]) != spot or value is not None
    ]
    return changed


def said(body: RecordBody, *texts: str) -> RecordBody:
    """The record with other texts for its responses."""
    changed = deepcopy(body)
    for part, text in zip(changed["responses"], texts, strict=True):
        part["text"] = text
    return changed


def shape(body: RecordBody) -> Shape:
    """The shape of a version that holds this record alone."""
    modality = {part["digest"]: part["modality"] for part in body["media"]}
    asked = {modality[digest] for turn in body["turns"] for digest in turn["media"]}
    return Shape(protocol_named(body["protocol"]), frozenset(asked))


def table(key: str, body: RecordBody, config: str = "") -> Table:
    """A format's table for a record: the first, or the one of that config."""
    tables = FORMATS[key].tables(shape(body))
    return next(t for t in tables if config in ("", t.config))


def rows(key: str, body: RecordBody, config: str = "") -> Rows:
    """What a format makes of a record."""
    return table(key, body, config).rows(Reading(body))


def refusal(key: str, body: RecordBody, config: str = "") -> str:
    """Why a format refuses a record; the reason must be one that the format owns up to."""
    found = rows(key, body, config)
    assert isinstance(found, Refusal), found
    assert found.reason in FORMATS[key].refuses
    return found.reason


def row(key: str, body: RecordBody, config: str = "") -> dict[str, Any]:
    """The one row that a format makes of a record."""
    found = rows(key, body, config)
    assert not isinstance(found, Refusal), found
    (only,) = found
    return only


def literal(value: Any) -> Any:
    """A row as JSON shows it: a picture by its name."""
    if isinstance(value, Picture):
        return {"bytes": "…", "path": value.name}
    if isinstance(value, dict):
        return {key: literal(part) for key, part in value.items()}
    return [literal(part) for part in value] if isinstance(value, list) else value
