"""Judgement: what answers are taken, what they become, and which rules they break."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotation import judgement
from annotation.judgement import AnswersRefused
from datasets_app.protocols import PROTOCOLS

GOLDEN = json.loads((Path(__file__).parents[1] / "golden" / "rules.json").read_text())
FIRST, SECOND = "0192-first", "0192-second"
PKU, BEAVER, SORA = (PROTOCOLS[key] for key in ("pku_saferlhf", "beavertails_v", "safesora"))

SAFE_AND_UNSAFE = {
    "safe": {"a": True, "b": False},
    "categories": {"b": ["Violence", "Drugs"]},
    "severity": {"b": 2},
}


def read(
    protocol: Any, step: str, raw: object, *, flipped: bool = False, **more: Any
) -> dict[str, Any]:
    return judgement.read_answers(
        protocol, protocol.step(step), raw, responses=(FIRST, SECOND), flipped=flipped, **more
    )


def problems(protocol: Any, step: str, raw: object) -> list[tuple[str, str]]:
    with pytest.raises(AnswersRefused) as refused:
        read(protocol, step, raw)
    return [(problem.question, problem.side) for problem in refused.value.problems]


# --- Rules: the table that the browser is held to as well ---------------------------------------


@pytest.mark.parametrize("case", GOLDEN["expressions"], ids=lambda case: case["name"])
def test_an_expression_is_worth_what_the_golden_table_says(case: dict[str, Any]) -> None:
    value = judgement.evaluate(case["expression"], case["answers"], case["bound"])
    assert json.dumps(value) == json.dumps(case["value"])


@pytest.mark.parametrize("case", GOLDEN["rules"], ids=lambda case: case["name"])
def test_answers_break_the_rules_that_the_golden_table_says(case: dict[str, Any]) -> None:
    protocol = PROTOCOLS[case["protocol"]]
    broken = judgement.broken_rules(protocol, case["answers"], responses=("a", "b"))
    assert [[one.rule, one.x, one.y] for one in broken] == case["broken"]


def test_every_rule_of_every_protocol_is_broken_somewhere_in_the_golden_table() -> None:
    shown = {
        (case["protocol"], rule) for case in GOLDEN["rules"] for rule, _x, _y in case["broken"]
    }
    declared = {(key, rule.key) for key, p in PROTOCOLS.items() for rule in p.rules}
    assert shown == declared


def test_an_unknown_operator_is_an_error_and_not_a_false() -> None:
    with pytest.raises(ValueError, match="no operator 'eval'"):
        judgement.evaluate(["eval", "1"], {}, {})


def test_rules_find_the_responses_in_the_answers_when_none_are_named() -> None:
    answers = {"safe": {FIRST: False, SECOND: True}, "safer": FIRST}
    (broken,) = judgement.broken_rules(PKU, answers)
    assert (broken.rule, broken.x, broken.y) == ("unsafe_is_not_safer", FIRST, SECOND)


@pytest.mark.parametrize(("flipped", "message"), [(False, "A is unsafe"), (True, "B is unsafe")])
def test_a_broken_rule_is_worded_with_the_letters_that_the_annotator_saw(
    flipped: bool, message: str
) -> None:
    answers = {"safe": {FIRST: False, SECOND: True}, "safer": FIRST}
    (broken,) = judgement.broken_rules(PKU, answers)
    said = judgement.worded(broken, responses=(FIRST, SECOND), flipped=flipped)
    assert said.startswith(message)


# --- Sides ---------------------------------------------------------------------------------------


def test_a_side_becomes_the_response_that_stood_there() -> None:
    straight = read(PKU, "helpful", {"better": "a", "better_strength": 2})
    flipped = read(PKU, "helpful", {"better": "a", "better_strength": 2}, flipped=True)
    assert straight == {"better": FIRST, "better_strength": 2}
    assert flipped == {"better": SECOND, "better_strength": 2}


@given(
    flipped=st.booleans(),
    safe=st.tuples(st.booleans(), st.booleans()),
    safer=st.sampled_from(["a", "b", "tie", "cannot_judge"]),
)
def test_answers_come_back_to_the_sides_they_were_given_at(
    flipped: bool, safe: tuple[bool, bool], safer: str
) -> None:
    given_answers = {"safe": {"a": safe[0], "b": safe[1]}, "safer": safer}
    seating: dict[str, Any] = {"responses": (FIRST, SECOND), "flipped": flipped}
    canonical = judgement.by_response(PKU, given_answers, **seating)
    assert judgement.by_side(PKU, canonical, **seating) == given_answers
    assert set(canonical["safe"]) == {FIRST, SECOND}


@given(flipped=st.booleans(), better=st.sampled_from([FIRST, SECOND]))
def test_what_is_stored_does_not_depend_on_the_side_it_was_shown_at(
    flipped: bool, better: str
) -> None:
    seats = judgement.sides_of((FIRST, SECOND), flipped=flipped)
    side = next(side for side, name in seats.items() if name == better)
    assert read(PKU, "helpful", {"better": side}, flipped=flipped)["better"] == better


def test_the_property_above_notices_a_side_that_is_stored_unturned() -> None:
    """Negative control: with the flip left out, the two halves disagree."""
    seats = judgement.sides_of((FIRST, SECOND), flipped=True)
    side = next(side for side, name in seats.items() if name == FIRST)
    assert read(PKU, "helpful", {"better": side}, flipped=False)["better"] != FIRST


# --- What is taken -------------------------------------------------------------------------------


def test_a_safe_response_gets_severity_0_and_no_category_without_being_asked() -> None:
    assert read(PKU, "safety", SAFE_AND_UNSAFE) == {
        "safe": {FIRST: True, SECOND: False},
        "categories": {FIRST: [], SECOND: ["Drugs", "Violence"]},
        "severity": {FIRST: 0, SECOND: 2},
    }


def test_implied_answers_may_be_sent_as_well() -> None:
    spelt_out = {
        **SAFE_AND_UNSAFE,
        "categories": {"a": [], "b": ["Violence", "Drugs", "Drugs"]},
        "severity": {"a": 0, "b": 2},
    }
    assert read(PKU, "safety", spelt_out) == read(PKU, "safety", SAFE_AND_UNSAFE)


def test_a_choice_that_can_be_strong_says_1_when_nothing_was_said() -> None:
    assert read(PKU, "helpful", {"better": "b"}) == {"better": SECOND, "better_strength": 1}


def test_a_tie_has_no_strength() -> None:
    assert read(PKU, "helpful", {"better": "tie"}) == {"better": "tie"}
    assert problems(PKU, "helpful", {"better": "tie", "better_strength": 2}) == [("better", "")]


def test_a_picture_is_judged_as_a_whole_and_its_answers_one_by_one() -> None:
    raw = {
        "image_severity": 0,
        "category": ["false_information"],
        "safe": {"a": True, "b": False},
        "harmless_rate": {"a": 3, "b": -1},
        "helpful_rate": {"a": 0, "b": 3},
    }
    assert read(BEAVER, "safety", raw, flipped=True) == {
        "image_severity": 0,
        "category": ["false_information"],
        "safe": {SECOND: True, FIRST: False},
        "harmless_rate": {SECOND: 3, FIRST: -1},
        "helpful_rate": {SECOND: 0, FIRST: 3},
    }


def test_no_category_is_an_answer_where_it_means_safe() -> None:
    choices = dict.fromkeys(
        ("instruction_following", "correctness", "informativeness", "aesthetics"), "tie"
    )
    taken = read(SORA, "pilot", {**choices, "categories": {"b": ["crime"]}})
    assert taken["categories"] == {FIRST: [], SECOND: ["crime"]}


# --- What is refused -----------------------------------------------------------------------------


def test_all_that_is_missing_is_named_at_once() -> None:
    assert problems(PKU, "safety", {}) == [("safe", "a"), ("safe", "b")]
    unsafe = {"safe": {"a": False, "b": False}, "severity": {"b": 1}}
    assert problems(PKU, "safety", unsafe) == [
        ("categories", "a"),
        ("categories", "b"),
        ("severity", "a"),
    ]


def test_a_hidden_question_takes_no_answer() -> None:
    raw = {"safe": {"a": True, "b": True}, "severity": {"a": 2}, "categories": {"b": ["Drugs"]}}
    assert problems(PKU, "safety", raw) == [("categories", "b"), ("severity", "a")]


@pytest.mark.parametrize(
    "raw",
    [
        {"better": "c"},
        {"better": FIRST},
        {"better": "both_unacceptable"},
        {"better": True},
        {"better": ["a"]},
        {"better": {"a": True}},
        {"better": None},
        {"better": "a", "better_strength": 3},
        {"better": "a", "better_strength": True},
        {"better": "a", "better_strength": "2"},
        {"better": "a", "safer": "a"},
        {"better": "a", "__proto__": {}},
    ],
)
def test_a_choice_takes_only_what_it_offers(raw: dict[str, Any]) -> None:
    assert problems(PKU, "helpful", raw)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("safe", {"a": 1, "b": False}),
        ("safe", {"a": "true", "b": False}),
        ("safe", [True, False]),
        ("safe", {"a": True, "b": False, "c": True}),
        ("severity", {"b": True}),
        ("severity", {"b": 4}),
        ("severity", {"b": 0}),
        ("severity", {"b": 2.0}),
        ("severity", {"b": float("nan")}),
        ("severity", {"b": 10**5000}),
        ("severity", 2),
        ("categories", {"b": ["drugs"]}),
        ("categories", {"b": "Drugs"}),
        ("categories", {"b": [["Drugs"]]}),
        ("categories", {"b": [{"Drugs": True}]}),
        ("categories", {"b": [None]}),
        ("categories", {"b": ["\ud800"]}),
        ("categories", {"b": []}),
    ],
)
def test_a_question_about_a_response_takes_only_its_kind(key: str, value: object) -> None:
    assert problems(PKU, "safety", {**SAFE_AND_UNSAFE, key: value})


def test_two_categories_are_too_many_where_one_is_asked_for() -> None:
    raw = {"image_severity": 1, "category": ["animal_abuse", "sexual_crimes"]}
    assert ("category", "") in problems(BEAVER, "safety", raw)


@pytest.mark.parametrize("raw", [None, [], "better", 7, True])
def test_answers_that_are_no_object_are_refused_whole(raw: object) -> None:
    assert problems(PKU, "helpful", raw) == [("", "")]


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    ),
    st.sampled_from(["safe", "categories", "severity"]),
)
def test_whatever_comes_is_taken_or_refused_and_nothing_else_happens(
    junk: object, key: str
) -> None:
    for raw in (junk, {key: junk}, {**SAFE_AND_UNSAFE, key: {"a": junk, "b": junk}}):
        with suppress(AnswersRefused):
            assert set(read(PKU, "safety", raw)) == {"safe", "categories", "severity"}
