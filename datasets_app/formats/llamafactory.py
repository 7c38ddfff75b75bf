"""LLaMA-Factory's ranking data: ShareGPT turns, chosen and rejected, with the table that names it.

`dataset_info.json` lies beside the rows, so `dataset_dir` is the export's folder and a data set is
called by its label and split: `helpful_train`, `harmless_test`. Pictures are files, named by the
column `images`; every one has its mark `<image>` in the text of the turn that shows it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from datasets_app.formats import base
from datasets_app.formats.base import (
    Attachment,
    Encoding,
    Feature,
    Features,
    Format,
    Refusal,
    Row,
    Rows,
    Shape,
    Table,
    Written,
)
from datasets_app.formats.reading import Picture, Reading
from datasets_app.formats.trl_preference import DIMENSIONS
from datasets_app.record import TurnPart
from datasets_app.vocabulary import Modality, Speaker

# LLaMA-Factory's default names for who speaks; it wants people and models to take turns.
SPEAKERS = {Speaker.USER: "human", Speaker.ASSISTANT: "gpt", Speaker.SYSTEM: "system"}
# It counts these in every text, and stops where they are not as many as the files.
MARKS = ("<image>", "<video>", "<audio>")
MARK = MARKS[0]

REFUSES = {
    "not_a_pair": base.NOT_A_PAIR,
    "response_has_media": "A response is a file; the trainer reads texts.",
    "not_an_image": "Its prompt shows something other than images.",
    "not_in_turns": "User and assistant do not take turns, or the user's is not the last.",
    "mark_in_text": "A text holds one of the marks that stand for files.",
    "identical_responses": base.SAME_TEXT,
    "no_verdict": base.NO_VERDICT,
    "no_preference": base.NO_PREFERENCE,
    "safer_is_unsafe": base.SAFER_IS_UNSAFE,
}


def rows(reading: Reading, *, question: str, has_images: bool) -> Rows:
    """One row for a pair, or why there is none."""
    if reason := _unsayable(reading):
        return Refusal(reason)
    chosen = reading.chosen(question)
    if chosen is None:
        return Refusal("no_verdict" if reading.of(question) is None else "no_preference")
    safe = reading.flags("safe") if question == "safer" else None
    if safe is not None and base.contradicts_safety(chosen, safe):
        return Refusal("safer_is_unsafe")
    texts = [part["text"] for part in reading.record["responses"]]
    row: Row = {
        "conversations": [_said(turn) for turn in reading.record["turns"]],
        "chosen": {"from": "gpt", "value": texts[chosen]},
        "rejected": {"from": "gpt", "value": texts[1 - chosen]},
    }
    return [row | {"images": [_path(image) for image in _images(reading)]} if has_images else row]


def _unsayable(reading: Reading) -> str:
    if not reading.is_pair:
        return "not_a_pair"
    record = reading.record
    if any(part["media"] for part in record["responses"]):
        return "response_has_media"
    if reading.images is None:
        return "not_an_image"
    if not _take_turns([turn["speaker"] for turn in record["turns"]]):
        return "not_in_turns"
    texts = [part["text"] for part in (*record["turns"], *record["responses"])]
    if any(mark in text for text in texts for mark in MARKS):
        return "mark_in_text"
    return "identical_responses" if reading.reads_the_same else ""


def _take_turns(speakers: Sequence[str]) -> bool:
    """Whether they are, after a system message, user, assistant, user … up to a user's."""
    said = speakers[1:] if speakers[:1] == [Speaker.SYSTEM] else speakers
    turns = (Speaker.USER, Speaker.ASSISTANT)
    return len(said) % 2 == 1 and all(who == turns[n % 2] for n, who in enumerate(said))


def _said(turn: TurnPart) -> Row:
    marks = MARK * len(turn["media"])
    return {"from": SPEAKERS[Speaker(turn["speaker"])], "value": marks + turn["text"]}


def _images(reading: Reading) -> list[Picture]:
    return reading.images or []


def _path(image: Picture) -> str:
    return f"images/{image.name}"


def attachments(reading: Reading) -> list[Attachment]:
    """The pictures of the prompt."""
    return [Attachment(_path(image), image.digest) for image in _images(reading)]


def tables(shape: Shape) -> Sequence[Table]:
    has_images = Modality.IMAGE.value in shape.prompt_media
    said: Feature = {"from": "string", "value": "string"}
    features: Features = {"conversations": [said], "chosen": said, "rejected": said}
    return [
        Table(
            rows=partial(rows, question=question, has_images=has_images),
            features=features | ({"images": ["string"]} if has_images else {}),
            encoding=Encoding.JSON_LINES,
            path="{config}/{split}.jsonl",
            config=config,
            attachments=attachments if has_images else None,
        )
        for config, question in DIMENSIONS
    ]


def dataset_info(shape: Shape, written: Sequence[Written]) -> Mapping[str, bytes]:
    """The table that LLaMA-Factory looks its data sets up in."""
    columns = {"messages": "conversations", "chosen": "chosen", "rejected": "rejected"}
    if Modality.IMAGE.value in shape.prompt_media:
        columns["images"] = "images"
    named: dict[str, Any] = {
        f"{file.config}_{file.split}": {
            "file_name": file.path,
            "formatting": "sharegpt",
            "ranking": True,
            "columns": columns,
        }
        for file in written
    }
    return {"dataset_info.json": json.dumps(named, indent=2).encode() + b"\n"}


FORMAT = Format(
    key="llamafactory_preference",
    version=1,
    title="LLaMA-Factory preference",
    summary="ShareGPT turns, chosen and rejected, pictures as files, and dataset_info.json.",
    refuses=REFUSES,
    tables=tables,
    beside=dataset_info,
    protocols=frozenset({"pku_saferlhf", "beavertails_v"}),
    task_categories=("text-generation",),
    tags=("llama-factory", "preference", "rlhf", "dpo"),
)
