"""Records: everything that a version holds, one JSON line a record, with its media files.

What may be of any type (a verdict's value, what a source said) is JSON text in a string, so that
every column has one type.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import cast

from datasets_app.formats.base import (
    Attachment,
    Encoding,
    Feature,
    Features,
    Format,
    Row,
    Rows,
    Shape,
    Table,
)
from datasets_app.formats.reading import Reading, file_name
from datasets_app.record import ResponsePart, canonical

_VOTE: Feature = {"worker": "string", "value": "string", "imported": "bool"}

FEATURES: Features = {
    "item": "string",
    "external_id": "string",
    "dataset": "string",
    "protocol": "string",
    "label_set": "string",
    "group": "string",
    "split": "string",
    "meta": "string",
    "turns": [{"speaker": "string", "text": "string", "media": ["string"]}],
    "prompt_id": "string",
    "prompt_external_id": "string",
    "prompt_meta": "string",
    "responses": [
        {
            "id": "string",
            "position": "int64",
            "text": "string",
            "media": "string",
            "model": "string",
            "parent": "string",
            "meta": "string",
        }
    ],
    "media": [
        {
            "digest": "string",
            "modality": "string",
            "mime": "string",
            "size": "int64",
            "width": "int64",
            "height": "int64",
            "duration_ms": "int64",
            "path": "string",
        }
    ],
    "verdicts": [
        {
            "question": "string",
            "response": "int64",
            "value": "string",
            "method": "string",
            "agreement": "float64",
            "posterior": "float64",
            "votes": [_VOTE],
        }
    ],
    "machine": {"severity": "int64", "categories": ["string"]},
}


def rows(reading: Reading, *, has_trees: bool = False) -> Rows:
    """The record, with what has no fixed type as JSON text."""
    record = reading.record
    return [
        {
            **record,
            "meta": _text(record["meta"]),
            "prompt_meta": _text(record["prompt_meta"]),
            "responses": [_response(part, has_trees=has_trees) for part in record["responses"]],
            "media": [{**part, "path": _path(file_name(part))} for part in record["media"]],
            "verdicts": [
                {
                    **verdict,
                    "value": _text(verdict["value"]),
                    "votes": [{**vote, "value": _text(vote["value"])} for vote in verdict["votes"]],
                }
                for verdict in record["verdicts"]
            ],
        }
    ]


def _response(part: ResponsePart, *, has_trees: bool) -> Row:
    row: Row = {**part, "meta": _text(part["meta"])}
    if has_trees:
        return {**row, "cuts": part.get("cuts", [])}
    row.pop("cuts", None)
    return row


def _text(value: object) -> str:
    """A value as JSON text; most of a record's forty are flags and small numbers."""
    if type(value) is bool:
        return "true" if value else "false"
    return str(value) if type(value) is int else canonical(value).decode()


def _path(name: str) -> str:
    # At most some ten thousand files lie well in one folder; a digest's first byte spreads them.
    return f"media/{name[:2]}/{name}"


def files(reading: Reading) -> Sequence[Attachment]:
    """Every file that the record shows."""
    return [Attachment(_path(file_name(part)), part["digest"]) for part in reading.record["media"]]


def features(*, has_trees: bool) -> Features:
    """The columns; of leaves of trees also where they were cut."""
    (response,) = cast(list[dict[str, Feature]], FEATURES["responses"])
    return FEATURES | {"responses": [{**response, "cuts": ["int64"]}]} if has_trees else FEATURES


def tables(shape: Shape) -> Sequence[Table]:
    has_trees = shape.protocol.reads_tree
    return [
        Table(
            rows=partial(rows, has_trees=has_trees),
            features=features(has_trees=has_trees),
            encoding=Encoding.JSON_LINES,
            path="{split}.jsonl",
            attachments=files,
        )
    ]


FORMAT = Format(
    key="records",
    version=1,
    title="Records",
    summary="Everything: texts, media, verdicts with agreement and votes, splits and groups.",
    refuses={},
    tables=tables,
    task_categories=("other",),
    tags=("safety", "preference", "annotator-disagreement"),
)
