"""Votes: who said what, as (task, worker, label), the long form that Crowd-Kit aggregates.

One config for each question, so that its rows can be aggregated as they load. Workers are
pseudonyms that hold within the version.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from datasets_app.formats.base import Encoding, Features, Format, Row, Rows, Shape, Table
from datasets_app.formats.reading import Reading
from datasets_app.protocols.base import Protocol
from datasets_app.record import VerdictPart, canonical

FEATURES: Features = {
    "task": "string",
    "worker": "string",
    "label": "string",
    "question": "string",
    "item": "string",
    "response": "int64",
    "imported": "bool",
}


def rows(reading: Reading, *, question: str) -> Rows:
    """One row for each vote on a question; none where a curator ruled without votes."""
    item = reading.record["external_id"]
    return [row for verdict in reading.verdicts_on(question) for row in _votes(item, verdict)]


def _votes(item: str, verdict: VerdictPart) -> list[Row]:
    response = verdict["response"]
    # What is asked of each response is a task of its own for each.
    task = item if response is None else f"{item}#{response}"
    return [
        {
            "task": task,
            "worker": vote["worker"],
            "label": label(vote["value"]),
            "question": verdict["question"],
            "item": item,
            "response": response,
            "imported": vote["imported"],
        }
        for vote in verdict["votes"]
    ]


def label(value: Any) -> str:  # Any: whatever the question asks for
    """A vote's value as one label: yes or no, a number, a response's position, an outcome, a text;
    a set of categories as a JSON list, because a category's name may hold a comma; a correction as
    a JSON object, marks and spans as a JSON list of objects."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value) if isinstance(value, int | str) else canonical(value).decode()


def tables(shape: Shape) -> Sequence[Table]:
    return [
        Table(
            rows=partial(rows, question=key),
            features=FEATURES,
            encoding=Encoding.PARQUET,
            path="{config}/{split}.parquet",
            config=key,
        )
        for key in _asked(shape.protocol)
    ]


def _asked(protocol: Protocol) -> list[str]:
    """Every question, a choice followed by how strong it is where people say so."""
    return [
        key
        for question in protocol.questions
        for key in (question.key, *([question.strength_key] if question.strength else []))
    ]


FORMAT = Format(
    key="votes",
    version=2,
    title="Votes",
    summary="Every vote as task, worker, label; one config a question; workers as pseudonyms.",
    refuses={},
    tables=tables,
    task_categories=("other",),
    tags=("crowdsourcing", "annotator-disagreement"),
)
