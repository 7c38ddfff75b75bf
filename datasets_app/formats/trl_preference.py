"""TRL's preference data set: an explicit prompt, chosen and rejected, all conversational.

One config for each of the two labels: `helpful` is what loads by default, `harmless` by name. With
images in the prompts, contents are lists of parts and a column `images` holds the pictures in the
order of the image parts. There is no `margin`: the reward trainer would use it unasked.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from datasets_app.formats import base
from datasets_app.formats.base import (
    Encoding,
    Feature,
    Features,
    Format,
    Refusal,
    Row,
    Rows,
    Shape,
    Table,
)
from datasets_app.formats.reading import Reading
from datasets_app.record import TurnPart
from datasets_app.vocabulary import Modality

# The config, and the question that decides it. The first one loads by default.
DIMENSIONS = (("helpful", "better"), ("harmless", "safer"))

REFUSES = {
    "not_a_pair": base.NOT_A_PAIR,
    "response_has_media": "A response is a file; the trainer reads texts.",
    "not_an_image": "Its prompt shows something other than images; the trainer knows only those.",
    "not_the_users_turn": "The last turn of its prompt is not the user's.",
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
        "prompt": [_message(turn, has_images=has_images) for turn in reading.record["turns"]],
        "chosen": [_answer(texts[chosen], has_images=has_images)],
        "rejected": [_answer(texts[1 - chosen], has_images=has_images)],
    }
    return [row | {"images": reading.images}] if has_images else [row]


def _unsayable(reading: Reading) -> str:
    if not reading.is_pair:
        return "not_a_pair"
    record = reading.record
    if record["media"] and any(part["media"] for part in record["responses"]):
        return "response_has_media"
    if reading.images is None:
        return "not_an_image"
    if not record["turns"] or record["turns"][-1]["speaker"] != "user":
        return "not_the_users_turn"
    return "identical_responses" if reading.reads_the_same else ""


def _message(turn: TurnPart, *, has_images: bool) -> Row:
    if not has_images:
        return {"role": turn["speaker"], "content": turn["text"]}
    pictures: list[Row] = [{"type": "image", "text": None} for _ in turn["media"]]
    return {"role": turn["speaker"], "content": [*pictures, {"type": "text", "text": turn["text"]}]}


def _answer(text: str, *, has_images: bool) -> Row:
    return _message({"speaker": "assistant", "text": text, "media": []}, has_images=has_images)


def features(*, has_images: bool) -> Features:
    """The columns, with or without images."""
    content: Feature = [{"type": "string", "text": "string"}] if has_images else "string"
    messages: Feature = [{"role": "string", "content": content}]
    columns: Features = {"prompt": messages, "chosen": messages, "rejected": messages}
    return columns | {"images": ["image"]} if has_images else columns


def tables(shape: Shape) -> Sequence[Table]:
    has_images = Modality.IMAGE.value in shape.prompt_media
    return [
        Table(
            rows=partial(rows, question=question, has_images=has_images),
            features=features(has_images=has_images),
            encoding=Encoding.PARQUET,
            path="{config}/{split}.parquet",
            config=config,
        )
        for config, question in DIMENSIONS
    ]


FORMAT = Format(
    key="trl_preference",
    version=1,
    title="TRL preference",
    summary="Explicit prompt, chosen and rejected as messages; configs helpful and harmless.",
    refuses=REFUSES,
    tables=tables,
    protocols=frozenset({"pku_saferlhf", "beavertails_v"}),
    task_categories=("text-generation",),
    tags=("trl", "preference", "rlhf", "dpo"),
)
