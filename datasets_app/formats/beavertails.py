"""BeaverTails: a text with its safety flag and 14 booleans; one row an item, or one row a vote.

Both forms have the columns of the data set and its splits: `30k_train` … for the verdicts,
`330k_train` … for the votes, which repeat the prompt and the response for everybody who judged
them. Rows say nothing of who voted. `is_safe` holds exactly if no category does.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

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
from datasets_app.formats.reading import Reading
from datasets_app.vocabulary import Split

_CONTRADICTS = "It is safe with a kind of harm, or unsafe without one."
_SHARED_REFUSALS = {
    "not_one_response": "It has two responses; the shape wants one.",
    "has_media": "It shows a file; the shape is text alone.",
    "dialogue": base.DIALOGUE,
}
REFUSES = {
    **_SHARED_REFUSALS,
    "no_verdict": base.NO_VERDICT,
    "flag_contradicts_categories": _CONTRADICTS,
}
VOTES_REFUSES = {
    **_SHARED_REFUSALS,
    "no_votes": "No vote on it says both whether it is safe and in which ways it is not.",
}


def rows(reading: Reading, *, names: tuple[str, ...]) -> Rows:
    """One row for an item, or why there is none. `names` are the categories in their order."""
    if reason := _unsayable(reading):
        return Refusal(reason)
    safe, categories = reading.of("safe", 0), reading.of("categories", 0)
    if not isinstance(safe, bool) or not isinstance(categories, list):
        return Refusal("no_verdict")
    if safe is bool(categories):
        return Refusal("flag_contradicts_categories")
    return [_row(reading, names, categories)]


def vote_rows(reading: Reading, *, names: tuple[str, ...]) -> Rows:
    """One row for every vote that is whole, or why there is none.

    A vote is not whole when it says only one of the two, or unsafe without a kind of harm: its
    row would read as the opposite. The order is that of the rows' content, which tells of nobody.
    """
    if reason := _unsayable(reading):
        return Refusal(reason)
    votes = sorted(found for found in _votes(reading).values() if found is not None)
    return [_row(reading, names, categories) for categories in votes] or Refusal("no_votes")


def _unsayable(reading: Reading) -> str:
    if reading.is_pair:
        return "not_one_response"
    if reading.record["media"]:
        return "has_media"
    return "dialogue" if reading.question is None else ""


def _row(reading: Reading, names: Sequence[str], categories: list[str]) -> Row:
    return {
        "prompt": reading.question,
        "response": reading.record["responses"][0]["text"],
        "category": base.flagged(categories, names),
        "is_safe": not categories,
    }


def _votes(reading: Reading) -> dict[tuple[str, bool], list[str] | None]:
    """By voter: the kinds of harm that a whole vote names, None for one that is not whole."""
    safe, categories = _by_voter(reading, "safe"), _by_voter(reading, "categories")
    return {voter: _whole(flag, categories.get(voter)) for voter, flag in safe.items()}


def _by_voter(reading: Reading, question: str) -> dict[tuple[str, bool], Any]:
    return {
        # People who came with the data and people here may bear the same name.
        (vote["worker"], vote["imported"]): vote["value"]
        for verdict in reading.verdicts_on(question)
        for vote in verdict["votes"]
    }


def _whole(flag: object, categories: object) -> list[str] | None:
    if isinstance(categories, list) and flag is (not categories):
        return categories
    return None


def features(names: tuple[str, ...]) -> Features:
    """The columns, in the order of the data set."""
    categories: Features = dict.fromkeys(names, "bool")
    return {"prompt": "string", "response": "string", "category": categories, "is_safe": "bool"}


def _splits(size: str) -> dict[Split, str]:
    return {split: f"{size}_{split.value}" for split in Split}


def tables(shape: Shape) -> Sequence[Table]:
    return [_table(shape, "30k", partial(rows, names=shape.label_set.keys))]


def vote_tables(shape: Shape) -> Sequence[Table]:
    return [_table(shape, "330k", partial(vote_rows, names=shape.label_set.keys))]


def _table(shape: Shape, size: str, make: partial[Rows]) -> Table:
    return Table(
        rows=make,
        features=features(shape.label_set.keys),
        encoding=Encoding.JSON_LINES_GZ,
        path=f"round0/{size}/{{part}}.jsonl.gz",
        splits=_splits(size),
    )


FORMAT = Format(
    key="beavertails",
    version=1,
    title="BeaverTails",
    summary="A prompt, a response, 14 categories and is_safe; one row an item, as in its 30k form.",
    refuses=REFUSES,
    tables=tables,
    protocols=frozenset({"beavertails"}),
    task_categories=("text-classification",),
    tags=("safety", "moderation", "beavertails"),
)
VOTES_FORMAT = Format(
    key="beavertails_votes",
    version=1,
    title="BeaverTails, one row a vote",
    summary="A prompt, a response, 14 categories and is_safe; one row a vote, as in its 330k form.",
    refuses=VOTES_REFUSES,
    tables=vote_tables,
    protocols=frozenset({"beavertails"}),
    task_categories=("text-classification",),
    tags=("safety", "moderation", "beavertails", "annotator-disagreement"),
)
