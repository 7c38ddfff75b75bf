"""Votes: the long form of crowdsourcing, ready for Crowd-Kit."""

from __future__ import annotations

from copy import deepcopy

import pandas as pd
import pytest

from datasets_app.formats.base import Refusal
from datasets_app.formats.votes import label
from tests.datasets_app.formats.golden import record, rows

KEY = "votes"
TEXT = "pku_saferlhf"


def made(question: str) -> list[dict[str, object]]:
    found = rows(KEY, record(TEXT), question)
    assert not isinstance(found, Refusal)
    return found


def test_there_is_a_row_for_each_vote() -> None:
    assert [row["label"] for row in made("better")] == ["1", "1", "0"]
    assert {row["task"] for row in made("better")} == {"lodge-7"}


def test_what_is_asked_of_each_response_is_a_task_of_its_own() -> None:
    assert {row["task"] for row in made("safe")} == {"lodge-7#0", "lodge-7#1"}
    assert [row["response"] for row in made("safe")] == [0, 0, 0, 1, 1, 1]


def test_nobody_votes_twice_on_a_task() -> None:
    for question in ("safe", "categories", "severity", "better", "safer"):
        pairs = [(row["task"], row["worker"]) for row in made(question)]
        assert len(set(pairs)) == len(pairs)


def test_it_aggregates_as_it_stands() -> None:
    from crowdkit.aggregation import MajorityVote

    frame = pd.DataFrame(made("safe"))[["task", "worker", "label"]]
    assert MajorityVote().fit_predict(frame).to_dict() == {"lodge-7#0": "yes", "lodge-7#1": "no"}


@pytest.mark.parametrize(
    ("value", "word"),
    [
        (True, "yes"),
        (False, "no"),
        (2, "2"),
        ("tie", "tie"),
        ([], "[]"),
        (["terrorism,organized_crime"], '["terrorism,organized_crime"]'),
    ],
)
def test_a_label_is_one_word_and_sets_are_json(value: object, word: str) -> None:
    assert label(value) == word


def test_a_ruling_without_votes_makes_no_rows() -> None:
    body = deepcopy(record(TEXT))
    for verdict in body["verdicts"]:
        verdict["votes"] = []
    assert rows(KEY, body, "better") == []
