"""Reward Generalization: leaf pairs as the flat list that was published, and with their trees.

The flat list is what `json.load` in the published data sets takes. The second table has every pair
in its segments, so that the trees can be put together again and where pairs part be recomputed.
"""

from __future__ import annotations

from collections.abc import Sequence

from datasets_app.formats import base
from datasets_app.formats.base import Encoding, Features, Format, Refusal, Row, Rows, Shape, Table
from datasets_app.formats.reading import Reading
from datasets_app.trees import common, segments

REFUSES = {
    "not_a_pair": base.NOT_A_PAIR,
    "has_media": "It shows a file; the shape is text alone.",
    "dialogue": base.DIALOGUE,
    "identical_responses": base.SAME_TEXT,
    "no_verdict": base.NO_VERDICT,
    "no_preference": base.NO_PREFERENCE,
}

FLAT: Features = {
    "prompt": "string",
    "response_0": "string",
    "response_1": "string",
    "better_response_id": "int64",
}
PATHS: Features = {
    "tree": "string",
    "prompt": "string",
    "segments_0": ["string"],
    "segments_1": ["string"],
    "shared": "int64",
    "better_response_id": "int64",
}


def flat_rows(reading: Reading) -> Rows:
    """The pair as two whole responses, or why there is none."""
    if reason := _unsayable(reading):
        return Refusal(reason)
    texts = [part["text"] for part in reading.record["responses"]]
    row: Row = {"prompt": reading.question, "response_0": texts[0], "response_1": texts[1]}
    return [row | {"better_response_id": reading.chosen("better")}]


def path_rows(reading: Reading) -> Rows:
    """The pair in its segments; `shared` is how many of them both have, counted here anew."""
    if reason := _unsayable(reading):
        return Refusal(reason)
    one, other = (segments(p["text"], p.get("cuts", [])) for p in reading.record["responses"])
    return [
        {
            "tree": reading.record["prompt_external_id"] or reading.record["prompt_id"],
            "prompt": reading.question,
            "segments_0": one,
            "segments_1": other,
            "shared": common(one, other),
            "better_response_id": reading.chosen("better"),
        }
    ]


def _unsayable(reading: Reading) -> str:
    if not reading.is_pair:
        return "not_a_pair"
    if reading.record["media"]:
        return "has_media"
    if reading.question is None:
        return "dialogue"
    if reading.reads_the_same:
        return "identical_responses"
    if reading.of("better") is None:
        return "no_verdict"
    return "" if reading.chosen("better") is not None else "no_preference"


def tables(_shape: Shape) -> Sequence[Table]:
    return [
        Table(flat_rows, FLAT, Encoding.JSON_LIST, "{split}.json"),
        Table(path_rows, PATHS, Encoding.JSON_LINES, "tree/{split}.jsonl", config="tree"),
    ]


FORMAT = Format(
    key="tree",
    version=1,
    title="Response trees",
    summary="Leaf pairs as a flat list; a second config has them in the segments of their trees.",
    refuses=REFUSES,
    tables=tables,
    protocols=frozenset({"tree"}),
    task_categories=("text-generation",),
    tags=("preference", "reward-model", "tree"),
)
