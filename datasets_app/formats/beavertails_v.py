"""BeaverTails-V: an image with a question; the dual-preference form and the QA-moderation form.

Both forms have one config for each category, in data/<category>/{train,evaluation}.parquet. Ids are
the strings "1" and "2" and flags the strings "yes" and "no", because that is what the loaders
compare with; rates are int64.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from datasets_app.formats import base
from datasets_app.formats.base import (
    Encoding,
    Features,
    Format,
    Refusal,
    Row,
    Rows,
    Shape,
    Table,
)
from datasets_app.formats.reading import Picture, Reading
from datasets_app.vocabulary import Split

SPLITS = {Split.TRAIN: "train", Split.VALIDATION: "validation", Split.TEST: "evaluation"}
PATH = "data/{config}/{split}.parquet"

_SHARED_REFUSALS = {
    "not_one_image": "Its prompt does not show exactly one image; the column holds one.",
    "response_has_media": "A response is a file; the shape wants texts.",
    "dialogue": base.DIALOGUE,
    "no_verdict": base.NO_VERDICT,
}
PAIR_REFUSES = {
    "not_a_pair": base.NOT_A_PAIR,
    **_SHARED_REFUSALS,
    "identical_responses": base.SAME_TEXT,
    "no_preference": base.NO_PREFERENCE,
    "safer_is_unsafe": base.SAFER_IS_UNSAFE,
    "rate_contradicts_flag": "A harmless rate of 0 or more means safe; here they differ.",
}
QA_REFUSES = {
    **_SHARED_REFUSALS,
    "repeated": "The same response to the same prompt was written already, from another pair.",
}

PAIR_FEATURES: Features = {
    "question": "string",
    "image": "image",
    "category": "string",
    "image_severity": "int64",
    "response_1": "string",
    "response_2": "string",
    "response_1_from": "string",
    "response_2_from": "string",
    "more_helpful_response_id": "string",
    "is_response_1_safe": "string",
    "is_response_2_safe": "string",
    "safer_response_id": "string",
    "response_1_harmless_rate": "int64",
    "response_2_harmless_rate": "int64",
    "response_1_helpful_rate": "int64",
    "response_2_helpful_rate": "int64",
}
QA_FEATURES: Features = {
    "question": "string",
    "image": "image",
    "category": "string",
    "image_severity": "int64",
    "response": "string",
    "is_response_safe": "string",
}


@dataclass(frozen=True, slots=True)
class _Question:
    """What both forms say of the prompt."""

    text: str
    image: Picture
    category: str
    severity: int


def pair_rows(reading: Reading, *, names: frozenset[str]) -> Rows:
    """One row for a pair, or why there is none. `names` are the categories there may be."""
    if not reading.is_pair:
        return Refusal("not_a_pair")
    asked = _question(reading, names)
    if isinstance(asked, Refusal):
        return asked
    if reading.reads_the_same:
        return Refusal("identical_responses")
    safe, harmless = reading.flags("safe"), reading.numbers("harmless_rate")
    helpful = reading.numbers("helpful_rate")
    if safe is None or harmless is None or helpful is None:
        return Refusal("no_verdict")
    if reason := _contradiction(reading, safe, harmless):
        return Refusal(reason)
    first, second = reading.record["responses"]
    return [
        {
            "question": asked.text,
            "image": asked.image,
            "category": asked.category,
            "image_severity": asked.severity,
            "response_1": first["text"],
            "response_2": second["text"],
            "response_1_from": first["model"],
            "response_2_from": second["model"],
            "more_helpful_response_id": _id(reading.chosen("better")),
            "is_response_1_safe": _word(safe[0]),
            "is_response_2_safe": _word(safe[1]),
            "safer_response_id": _id(reading.chosen("safer")),
            "response_1_harmless_rate": harmless[0],
            "response_2_harmless_rate": harmless[1],
            "response_1_helpful_rate": helpful[0],
            "response_2_helpful_rate": helpful[1],
        }
    ]


def _contradiction(reading: Reading, safe: tuple[bool, bool], harmless: tuple[int, int]) -> str:
    if reading.of("better") is None or reading.of("safer") is None:
        return "no_verdict"
    safer = reading.chosen("safer")
    if safer is None or reading.chosen("better") is None:
        return "no_preference"
    if any(is_safe is not (rate >= 0) for is_safe, rate in zip(safe, harmless, strict=True)):
        return "rate_contradicts_flag"
    return "safer_is_unsafe" if base.contradicts_safety(safer, safe) else ""


def qa_rows(reading: Reading, *, names: frozenset[str]) -> Rows:
    """One row for each response, or why there is none. `names` are the categories there may be."""
    asked = _question(reading, names)
    if isinstance(asked, Refusal):
        return asked
    responses = reading.record["responses"]
    safe = [reading.of("safe", part["position"]) for part in responses]
    if not all(isinstance(flag, bool) for flag in safe):
        return Refusal("no_verdict")
    return [
        {
            "question": asked.text,
            "image": asked.image,
            "category": asked.category,
            "image_severity": asked.severity,
            "response": part["text"],
            "is_response_safe": _word(flag),
        }
        for part, flag in zip(responses, safe, strict=True)
    ]


def _question(reading: Reading, names: frozenset[str]) -> _Question | Refusal:
    images, text = reading.images, reading.question
    if images is None or len(images) != 1:
        return Refusal("not_one_image")
    if any(part["media"] for part in reading.record["responses"]):
        return Refusal("response_has_media")
    if text is None:
        return Refusal("dialogue")
    severity, categories = reading.of("image_severity"), reading.of("category")
    if type(severity) is not int or not isinstance(categories, list) or len(categories) != 1:
        return Refusal("no_verdict")
    # The category names a folder, so only one that the label set knows will do.
    if categories[0] not in names:
        return Refusal("no_verdict")
    return _Question(text, images[0], categories[0], severity)


def _id(position: int | None) -> str:
    return "" if position is None else str(position + 1)


def _word(is_safe: object) -> str:
    return "yes" if is_safe is True else "no"


def _said_before(row: Row) -> str:
    """What two rows of the moderation form have in common when they are the same row."""
    return "\n".join((row["image"].digest, row["question"], row["response"]))


def pair_tables(shape: Shape) -> Sequence[Table]:
    return [
        Table(
            rows=partial(pair_rows, names=frozenset(shape.label_set.keys)),
            features=PAIR_FEATURES,
            encoding=Encoding.PARQUET,
            path=PATH,
            config_column="category",
            splits=SPLITS,
        )
    ]


def qa_tables(shape: Shape) -> Sequence[Table]:
    return [
        Table(
            rows=partial(qa_rows, names=frozenset(shape.label_set.keys)),
            features=QA_FEATURES,
            encoding=Encoding.PARQUET,
            path=PATH,
            config_column="category",
            splits=SPLITS,
            once=_said_before,
        )
    ]


PAIR_FORMAT = Format(
    key="beavertails_v",
    version=1,
    title="BeaverTails-V, preferences",
    summary="An image, a question, two texts, preferences and rates; one config a category.",
    refuses=PAIR_REFUSES,
    tables=pair_tables,
    protocols=frozenset({"beavertails_v"}),
    task_categories=("image-text-to-text", "visual-question-answering"),
    tags=("safety", "preference", "rlhf", "safe-rlhf-v"),
)
QA_FORMAT = Format(
    key="beavertails_v_qa",
    version=1,
    title="BeaverTails-V, moderation",
    summary="An image, a question, one text and whether it is safe; one row a response.",
    refuses=QA_REFUSES,
    tables=qa_tables,
    protocols=frozenset({"beavertails_v"}),
    task_categories=("image-text-to-text", "visual-question-answering"),
    tags=("safety", "moderation"),
)
