"""Janus: a pair decided under a system message, in the columns of the data set and in axolotl's.

`chosen` and `rejected` are the user's message and the assistant's, in that order: axolotl's
`orpo.chat_template` reads the answer at position 1. The config `axolotl` says the same in the
columns that the repository's configurations name.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

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
from datasets_app.formats.reading import Reading, said

REFUSES = {
    "not_a_pair": base.NOT_A_PAIR,
    "has_media": "It shows a file; the shape is text alone.",
    "no_system_message": "Its prompt is not one system message and one question.",
    "identical_responses": base.SAME_TEXT,
    "no_verdict": base.NO_VERDICT,
    "no_preference": base.NO_PREFERENCE,
}

_MESSAGES: Feature = [{"content": "string", "role": "string"}]
FEATURES: Features = {
    "main_source": "string",
    "original_source": "string",
    "system": "string",
    "prompt": "string",
    "chosen": _MESSAGES,
    "rejected": _MESSAGES,
}
AXOLOTL_FEATURES: Features = {
    "instruction": "string",
    "system": "string",
    "chosen_response": "string",
    "rejected_response": "string",
}


@dataclass(frozen=True, slots=True)
class _Decided:
    """A pair that was decided, and under what."""

    system: str
    prompt: str
    chosen: str
    rejected: str


def rows(reading: Reading) -> Rows:
    """One row for a pair in the columns of the data set, or why there is none."""
    return _rows(reading, _published)


def axolotl_rows(reading: Reading) -> Rows:
    """The same in the columns of the repository's axolotl configurations."""
    return _rows(reading, _aliased)


def _rows(reading: Reading, make: Callable[[Reading, _Decided], Row]) -> Rows:
    found = _decided(reading)
    return found if isinstance(found, Refusal) else [make(reading, found)]


def _decided(reading: Reading) -> _Decided | Refusal:
    if reason := _unsayable(reading):
        return Refusal(reason)
    chosen = reading.chosen("follows")
    if chosen is None:
        return Refusal("no_verdict" if reading.of("follows") is None else "no_preference")
    system, prompt = (turn["text"] for turn in reading.record["turns"])
    texts = [part["text"] for part in reading.record["responses"]]
    return _Decided(system, prompt, texts[chosen], texts[1 - chosen])


def _unsayable(reading: Reading) -> str:
    if not reading.is_pair:
        return "not_a_pair"
    if reading.record["media"]:
        return "has_media"
    if [turn["speaker"] for turn in reading.record["turns"]] != ["system", "user"]:
        return "no_system_message"
    return "identical_responses" if reading.reads_the_same else ""


def _published(reading: Reading, found: _Decided) -> Row:
    meta = reading.record["meta"]
    return {
        "main_source": said(meta, "main_source"),
        "original_source": said(meta, "original_source"),
        "system": found.system,
        "prompt": found.prompt,
        "chosen": _messages(found.prompt, found.chosen),
        "rejected": _messages(found.prompt, found.rejected),
    }


def _messages(prompt: str, answer: str) -> list[Row]:
    return [{"content": prompt, "role": "user"}, {"content": answer, "role": "assistant"}]


def _aliased(_reading: Reading, found: _Decided) -> Row:
    return {
        "instruction": found.prompt,
        "system": found.system,
        "chosen_response": found.chosen,
        "rejected_response": found.rejected,
    }


def tables(_shape: Shape) -> Sequence[Table]:
    return [
        Table(rows, FEATURES, Encoding.JSON_LINES, "{split}.jsonl"),
        Table(
            axolotl_rows, AXOLOTL_FEATURES, Encoding.JSON_LINES, "axolotl/{split}.jsonl", "axolotl"
        ),
    ]


FORMAT = Format(
    key="janus_orpo",
    version=1,
    title="Janus ORPO",
    summary="System, prompt, chosen and rejected as messages; config axolotl has its column names.",
    refuses=REFUSES,
    tables=tables,
    protocols=frozenset({"system_message"}),
    task_categories=("text-generation",),
    tags=("preference", "orpo", "dpo", "system-message"),
)
