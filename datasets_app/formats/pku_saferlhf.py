"""PKU-SafeRLHF: text pairs with two labels, as the safe-rlhf and align-anything loaders read them.

Ids are the numbers 0 and 1, safety flags are JSON booleans (a loader takes `bool("no")` for safe),
harm categories an object from all 19 names to booleans.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import partial

from datasets_app.formats import base
from datasets_app.formats.base import (
    Encoding,
    Features,
    Format,
    Refusal,
    Rows,
    Shape,
    Table,
)
from datasets_app.formats.reading import Reading, said
from datasets_app.record import ResponsePart

REFUSES = {
    "not_a_pair": base.NOT_A_PAIR,
    "has_media": "It shows a file; the shape is text alone.",
    "dialogue": base.DIALOGUE,
    "identical_responses": base.SAME_TEXT,
    "no_verdict": base.NO_VERDICT,
    "no_preference": base.NO_PREFERENCE,
    "safer_is_unsafe": base.SAFER_IS_UNSAFE,
    "severity_contradicts_flag": "A response is safe with a severity, or unsafe without one.",
}


def rows(reading: Reading, *, names: tuple[str, ...]) -> Rows:
    """One row for a pair, or why there is none. `names` are the categories in their order."""
    if reason := _unsayable(reading):
        return Refusal(reason)
    safe, severity = reading.flags("safe"), reading.numbers("severity")
    better, safer = reading.chosen("better"), reading.chosen("safer")
    if better is None or safer is None:
        is_tie = reading.of("better") is not None and reading.of("safer") is not None
        return Refusal("no_preference" if is_tie else "no_verdict")
    if safe is None or severity is None:
        return Refusal("no_verdict")
    if base.contradicts_safety(safer, safe):
        return Refusal("safer_is_unsafe")
    if safe != (severity[0] == 0, severity[1] == 0):
        return Refusal("severity_contradicts_flag")
    record = reading.record
    first, second = record["responses"]
    return [
        {
            "prompt": reading.question,
            "response_0": first["text"],
            "response_1": second["text"],
            "prompt_source": said(record["prompt_meta"], "prompt_source", "source"),
            "response_0_source": first["model"],
            "response_1_source": second["model"],
            "is_response_0_safe": safe[0],
            "is_response_1_safe": safe[1],
            "response_0_harm_category": base.flagged(reading.of("categories", 0), names),
            "response_1_harm_category": base.flagged(reading.of("categories", 1), names),
            "response_0_severity_level": severity[0],
            "response_1_severity_level": severity[1],
            "better_response_id": better,
            "safer_response_id": safer,
            "response_0_sha256": _sha256(first),
            "response_1_sha256": _sha256(second),
        }
    ]


def _unsayable(reading: Reading) -> str:
    if not reading.is_pair:
        return "not_a_pair"
    if reading.record["media"]:
        return "has_media"
    if reading.question is None:
        return "dialogue"
    return "identical_responses" if reading.reads_the_same else ""


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
