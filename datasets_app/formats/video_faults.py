"""Video faults: one row a film with what goes wrong in it, when, and how well it turned out.

Castor's own shape, because the published ones rate a film as a whole.
"""

from __future__ import annotations

from collections.abc import Sequence

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
from datasets_app.formats.reading import Reading, file_name
from datasets_app.record import MediaPart
from datasets_app.vocabulary import Modality

REFUSES = {
    "not_one_video": "It does not answer by one video.",
    "dialogue": "Its prompt is more than one question; the column is one string.",
    "no_verdict": "The quality has no verdict behind it.",
}

FEATURES: Features = {
    "prompt": "string",
    "video": "string",
    "model": "string",
    "duration_ms": "int64",
    "quality": "int64",
    "faults": [{"from": "int64", "to": "int64", "kind": "string", "note": "string"}],
    "marked_by": "int64",
    "judged_by": "int64",
}


def rows(reading: Reading) -> Rows:
    """One row for a film that was judged, or why there is none."""
    film, question, quality = _film(reading), reading.question, reading.of("quality", 0)
    if film is None:
        return Refusal("not_one_video")
    if question is None:
        return Refusal("dialogue")
    if quality is None:
        return Refusal("no_verdict")
    faults = reading.of("faults", 0) or []
    return [
        {
            "prompt": question,
            "video": _path(film),
            "model": reading.record["responses"][0]["model"],
            "duration_ms": film["duration_ms"],
            "quality": quality,
            "faults": [
                {name: span[name] for name in ("from", "to", "kind", "note")}
                for span in sorted(faults, key=lambda span: (span["from"], span["to"]))
            ],
            "marked_by": _voters(reading, "faults"),
            "judged_by": _voters(reading, "quality"),
        }
    ]


def _film(reading: Reading) -> MediaPart | None:
    if reading.is_pair:
        return None
    film = reading.media(reading.record["responses"][0]["media"])
    return film if film is not None and film["modality"] == Modality.VIDEO else None


def _voters(reading: Reading, question: str) -> int:
    return sum(len(verdict["votes"]) for verdict in reading.verdicts_on(question))


def _path(film: MediaPart) -> str:
    return f"videos/{file_name(film)}"


def files(reading: Reading) -> Sequence[Attachment]:
    """The film."""
    film = _film(reading)
    return [Attachment(_path(film), film["digest"])] if film else []


def tables(_shape: Shape) -> Sequence[Table]:
    return [Table(rows, FEATURES, Encoding.JSON_LINES, "{split}.jsonl", attachments=files)]


FORMAT = Format(
    key="video_faults",
    version=1,
    title="Video faults",
    summary="Films with spans of what goes wrong in them, and a rating.",
    refuses=REFUSES,
    tables=tables,
    protocols=frozenset({"video_faults"}),
    task_categories=("video-classification",),
    tags=("text-to-video", "quality"),
)
