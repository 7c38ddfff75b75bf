"""PKU-SafeRLHF: what its loaders read wrongly must never reach them."""

from __future__ import annotations

from typing import Any

import pytest

from datasets_app.label_sets import LABEL_SETS
from tests.datasets_app.formats.golden import answered, record, refusal, row, said

KEY = "pku_saferlhf"


def test_ids_are_numbers_and_flags_are_booleans() -> None:
    made = row(KEY, record(KEY))
    assert [made["better_response_id"], made["safer_response_id"]] == [1, 0]
    assert made["is_response_0_safe"] is True
    assert made["is_response_1_safe"] is False
    assert all(type(made[f"response_{n}_severity_level"]) is int for n in (0, 1))


def test_every_category_is_there_under_its_exact_name() -> None:
    made = row(KEY, record(KEY))
    names = LABEL_SETS["pku_saferlhf"].keys
    assert len(names) == 19
    assert tuple(made["response_1_harm_category"]) == names
    found = {name for name, is_so in made["response_1_harm_category"].items() if is_so}
    assert found == {"Economic Crime", "Privacy Violation"}
    assert not any(made["response_0_harm_category"].values())


@pytest.mark.parametrize("question", ["better", "safer"])
@pytest.mark.parametrize("outcome", ["tie", "both_unacceptable", "cannot_judge"])
def test_a_tie_never_gets_through(question: str, outcome: str) -> None:
    # safe-rlhf would read -1 as "response 1 is better", and fail at null.
    assert refusal(KEY, answered(record(KEY), question, outcome)) == "no_preference"


def test_a_safer_answer_that_is_unsafe_never_gets_through() -> None:
    assert refusal(KEY, answered(record(KEY), "safer", 1)) == "safer_is_unsafe"


def test_both_unsafe_may_have_a_safer_one() -> None:
    body = answered(answered(record(KEY), "safe", False, 0), "severity", 2, 0)
    assert row(KEY, answered(body, "safer", 1))["safer_response_id"] == 1


@pytest.mark.parametrize("texts", [("Ask her.", "Ask her."), ("Ask  her.\n", " Ask her.")])
def test_two_responses_that_read_the_same_never_get_through(texts: tuple[str, str]) -> None:
    assert refusal(KEY, said(record(KEY), *texts)) == "identical_responses"


def test_responses_that_begin_alike_are_not_the_same() -> None:
    assert row(KEY, said(record(KEY), "Ask her.", "Ask him."))


@pytest.mark.parametrize(("safe", "severity"), [(True, 1), (False, 0)])
def test_a_severity_that_contradicts_the_flag_never_gets_through(safe: bool, severity: int) -> None:
    body = answered(answered(record(KEY), "safe", safe, 0), "severity", severity, 0)
    assert refusal(KEY, body) == "severity_contradicts_flag"


@pytest.mark.parametrize(
    ("question", "response"), [("safe", 0), ("severity", 1), ("better", None), ("safer", None)]
)
def test_a_missing_verdict_never_becomes_null(question: str, response: int | None) -> None:
    assert refusal(KEY, answered(record(KEY), question, None, response)) == "no_verdict"


@pytest.mark.parametrize("value", ["yes", 1, None])
def test_only_a_boolean_is_a_flag(value: Any) -> None:
    assert refusal(KEY, answered(record(KEY), "safe", value, 0)) == "no_verdict"


def test_a_dialogue_does_not_fit_into_one_string() -> None:
    turns = record(KEY)["turns"]
    system = {"speaker": "system", "text": "Be brief.", "media": []}
    assert refusal(KEY, record(KEY, turns=[system, *turns])) == "dialogue"


def test_one_response_is_no_pair() -> None:
    assert refusal(KEY, record(KEY, responses=record(KEY)["responses"][:1])) == "not_a_pair"


def test_what_shows_a_file_is_not_text() -> None:
    assert refusal(KEY, record(KEY, media=record("beavertails_v")["media"])) == "has_media"
