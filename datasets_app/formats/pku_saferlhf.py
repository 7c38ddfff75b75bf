"""PKU-SafeRLHF: text pairs with two labels, as the safe-rlhf and align-anything loaders read them.

Ids are the numbers 0 and 1, safety flags are JSON booleans (a loader takes `bool("no")` for safe),
harm categories an object from all 19 names to booleans.
"""

from __future__ import annotations

import hashlib
from functools import partial
from collections.abc import Sequence

from datasets_app.formats import base
from datasets_app.formats.base import (
    Answers,
    Encoding,
    Features,
    Format,
    Refusal,
    Rows,
    Shape,
    Table,
)
from datasets_app.record import RecordBody, ResponsePart

REFUSES = {
    "not_a_pair": base.NOT_A_PAIR,
    "has_media": "It shows a file; the shape is text alone.",
    "dialogue": "Its prompt is a dialogue or has a system message; the column is one string.",
    "identical_responses": base.SAME_TEXT,
    "no_verdict": base.NO_VERDICT,
    "no_preference": base.NO_PREFERENCE,
    "safer_is_unsafe": base.SAFER_IS_UNSAFE,
    "severity_contradicts_flag": "A response is safe with a severity, or unsafe without one.",
}


def rows(record: RecordBody, *, names: tuple[str, ...]) -> Rows:
    """One row for a pair, or why there is none. `names` are the categories in their order."""
    prompt = base.question_of(record)
    if reason := _unsayable(record, prompt):
        return Refusal(reason)
    answers = Answers(record)
    safe, severity = answers.flags("safe"), answers.numbers("severity")
    better, safer = answers.chosen("better"), answers.chosen("safer")
    if safe is None or severity is None or answers.of("better") is None or answers.of("safer") is None:
        return Refusal("no_verdict")
    if better is None or safer is None:
        return Refusal("no_preference")
    if base.contradicts_safety(safer, safe):
        return Refusal("safer_is_unsafe")
    if any(is_safe is not (grade == 0) for is_safe, grade in zip(safe, severity, strict=True)):
        return Refusal("severity_contradicts_flag")
    first, second = record["responses"]
    return [
        {
            "prompt": prompt,
            "response_0": first["text"],
            "response_1": second["text"],
            "prompt_source": base.said(record["prompt_meta"], "prompt_source", "source"),
            "response_0_source": first["model"],
            "response_1_source": second["model"],
            "is_response_0_safe": safe[0],
            "is_response_1_safe": safe[1],
            "response_0_harm_category": _flags(answers.of("categories", 0), names),
            "response_1_harm_category": _flags(answers.of("categories", 1), names),
            "response_0_severity_level": severity[0],
            "response_1_severity_level": severity[1],
            "better_response_id": better,
            "safer_response_id": safer,
            "response_0_sha256": _sha256(first),
            "response_1_sha256": _sha256(second),
        }
    ]


def _unsayable(record: RecordBody, prompt: str | None) -> str:
    if not base.is_pair(record):
        return "not_a_pair"
    if record["media"]:
        return "has_media"
    if prompt is None:
        return "dialogue"
    return "identical_responses" if base.reads_the_same(record) else ""


def _flags(categories: object, names: tuple[str, ...]) -> dict[str, bool]:
    found = categories if isinstance(categories, list) else []
    return {name: name in found for name in names}


def _sha256(response: ResponsePart) -> str:
    return hashlib.sha256(response["text"].encode()).hexdigest()


def features(names: tuple[str, ...]) -> Features:
    """The columns, in the order of the data set."""
    categories: Features = dict.fromkeys(names, "bool")
    return {
        "prompt": "string",
        "response_0": "string",
        "response_1": "string",
        "prompt_source": "string",
        "response_0_source": "string",
        "response_1_source": "string",
        "is_response_0_safe": "bool",
        "is_response_1_safe": "bool",
        "response_0_harm_category": categories,
        "response_1_harm_category": categories,
        "response_0_severity_level": "int64",
        "response_1_severity_level": "int64",
        "better_response_id": "int64",
        "safer_response_id": "int64",
        "response_0_sha256": "string",
        "response_1_sha256": "string",
    }


def tables(shape: Shape) -> Sequence[Table]:
    names = shape.label_set.keys
    return [
        Table(
            rows=partial(rows, names=names),
            features=features(names),
            encoding=Encoding.JSON_LINES,
            path="{split}.jsonl",
        )
    ]


FORMAT = Format(
    key="pku_saferlhf",
    version=1,
    title="PKU-SafeRLHF",
    summary="Text pairs with safety, 19 categories, severity and both preferences; ids 0 and 1.",
    refuses=REFUSES,
    tables=tables,
    protocols=frozenset({"pku_saferlhf"}),
    task_categories=("text-generation",),
    tags=("safety", "preference", "rlhf", "safe-rlhf"),
)
