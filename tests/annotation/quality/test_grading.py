"""Grading: how far given answers are from expected ones."""

from __future__ import annotations

from typing import Any

import pytest

from annotation.quality import grading
from datasets_app.protocols import protocol_named
from datasets_app.protocols.base import Step

SAFETY = protocol_named("pku_saferlhf").step("safety")
HELPFUL = protocol_named("pku_saferlhf").step("helpful")
RATES = protocol_named("beavertails_v").step("safety")


def safety(safe: bool, severity: int = 0, *categories: str) -> dict[str, Any]:
    return {"safe": {"x": safe}, "severity": {"x": severity}, "categories": {"x": [*categories]}}


UNSAFE, SEVERER = (safety(False, grave, "Drugs", "Violence") for grave in (2, 3))
MINOR = safety(False, 1, "Drugs")


@pytest.mark.parametrize(
    ("expected", "given", "faults"),
    [
        (UNSAFE, UNSAFE, {"safe": 0, "severity": 0, "categories": 0}),
        (SEVERER, UNSAFE, {"safe": 0, "severity": 0.5, "categories": 0}),
        (MINOR, safety(False, 3, "Drugs"), {"safe": 0, "severity": 1, "categories": 0}),
        (UNSAFE, safety(False, 2, "Drugs"), {"safe": 0, "severity": 0, "categories": 0.5}),
        (UNSAFE, safety(True), {"safe": 1, "severity": 1, "categories": 1}),
        # What both leave hidden measures nobody.
        (safety(True), safety(True), {"safe": 0}),
        (safety(True), safety(False, 1, "Drugs"), {"safe": 1, "severity": 0.5, "categories": 1}),
    ],
)  # fmt: skip
def test_safety_is_graded_question_by_question(
    expected: dict[str, Any], given: dict[str, Any], faults: dict[str, float]
) -> None:
    assert grading.faults(SAFETY, expected, given) == faults


@pytest.mark.parametrize(
    ("expected", "given", "fault"),
    [("x", "x", 0), ("x", "y", 1), ("x", "tie", 0.5), ("tie", "y", 0.5), ("x", "cannot_judge", 1)],
)
def test_a_choice_called_equal_is_half_a_fault(expected: str, given: str, fault: float) -> None:
    assert grading.faults(HELPFUL, {"better": expected}, {"better": given}) == {"better": fault}


def test_the_tolerance_says_how_far_off_is_half_a_fault() -> None:
    expected, given = {"harmless_rate": {"x": 3, "y": -3}}, {"harmless_rate": {"x": 1, "y": -3}}
    assert grading.faults(RATES, expected, given) == {"harmless_rate": 0.5}
    near = grading.faults(RATES, expected, given, tolerance={"harmless_rate": 2})
    assert near == {"harmless_rate": 0.25}
    none = grading.faults(
        RATES,
        {"harmless_rate": {"x": 3}},
        {"harmless_rate": {"x": 2}},
        tolerance={"harmless_rate": 0},
    )
    assert none == {"harmless_rate": 1}


@pytest.mark.parametrize(
    ("step", "most"),
    [
        # What is called safe has the severity 0, though the mildest one on offer is 1.
        (SAFETY, {"severity": 3}),
        (RATES, {"image_severity": 3, "harmless_rate": 6, "helpful_rate": 3}),
        (HELPFUL, {}),
    ],
)
def test_only_severities_and_scales_can_be_off_by_little_or_by_much(
    step: Step, most: dict[str, int]
) -> None:
    found = grading.severities_and_scales([step])
    assert {question.key: grading.most_off(question) for question in found} == most


def test_what_is_not_expected_is_not_graded_and_what_is_missing_is_a_fault() -> None:
    assert grading.faults(SAFETY, {"safe": {"x": True}}, UNSAFE) == {"safe": 1}
    assert grading.faults(SAFETY, {"safe": {"x": True}}, {}) == {"safe": 1}


def test_faults_go_to_the_groups_of_their_questions() -> None:
    found = grading.by_group(SAFETY, {"safe": 0.0, "severity": 0.5, "categories": 1.0})
    assert found == {"safety": [0.0], "categories": [1.0], "severity": [0.5]}
    assert grading.groups_of(protocol_named("pku_saferlhf")) == [
        "safety", "categories", "severity", "helpfulness", "harmlessness",
    ]  # fmt: skip
