"""Sure or not: arithmetic of the sequential strategy, without a database."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from annotation.consensus.sequential import chains_to_widen, surety
from annotation.consensus.verdicts import Decision
from datasets_app.protocols import protocol_named

PROTOCOL = protocol_named("pku_saferlhf")


@pytest.mark.parametrize(
    ("counts", "sure"),
    [
        ({}, 0.5),
        ({"a": 1}, 0.8),
        ({"a": 2}, 16 / 17),
        ({"a": 3, "b": 1}, 16 / 17),  # the lead alone counts
        ({"a": 3, "b": 1, "tie": 1}, 16 / 17),
        ({"a": 2, "b": 2}, 0.5),
        ({"b": 3}, 64 / 65),
    ],
)
def test_how_probable_the_leading_answer_is(counts: dict[str, int], sure: float) -> None:
    assert surety(Counter(counts)) == pytest.approx(sure)


def decision(question: str, *values: Any, response: str | None = None, **more: Any) -> Decision:
    votes = [[f"v{number}", value, False] for number, value in enumerate(values)]
    return Decision(question, response, values[0] if values else None, votes, None, None, **more)


def widened(*decisions: Decision, free: int = 1, certainty: float = 0.9) -> list[str]:
    chains = {step.key: free for step in PROTOCOL.steps}
    return chains_to_widen(PROTOCOL, decisions, certainty=certainty, free=chains)


def test_two_who_agree_on_three_answers_are_enough() -> None:
    assert widened(decision("better", "a", "a")) == []


def test_two_who_differ_ask_for_a_third_where_a_lead_of_one_is_enough() -> None:
    assert widened(decision("better", "a", "b"), certainty=0.8) == ["helpful"]


def test_where_no_vote_that_is_left_can_decide_nobody_is_asked() -> None:
    """One apart, and one place left: the lead would be one, and two are wanted."""
    split = decision("safe", True, False, response="x")
    assert widened(split, free=1) == []
    assert widened(split, free=2) == ["safety"]


def test_without_a_place_left_nobody_is_asked() -> None:
    assert widened(decision("safe", True, False, response="x"), free=0, certainty=0.8) == []


def test_what_goes_without_saying_asks_for_nobody() -> None:
    """Both say safe, so nobody was asked how severe; or the question before is still open."""
    safe = decision("safe", True, True, response="x")
    mild = decision("severity", 0, 0, response="x")
    waiting = decision("severity", 1, 3, response="x", dispute="waits for “Is it safe?”")
    assert widened(safe, mild, certainty=0.93) == []
    assert widened(safe, waiting, certainty=0.93, free=5) == []


def test_of_categories_each_has_to_be_sure() -> None:
    votes = (["Drugs", "Violence"], ["Drugs"])
    named = decision("categories", *votes, response="x")
    assert widened(named, free=3) == ["safety"]
    assert widened(decision("categories", ["Drugs"], ["Drugs"], response="x"), free=3) == []


def test_what_the_model_is_sure_of_is_believed() -> None:
    split = decision("better", "a", "b")
    modelled = Decision("better", None, "a", split.votes, 0.5, 0.97)
    assert widened(modelled, free=5) == []
    assert widened(split, free=5) == ["helpful"]
