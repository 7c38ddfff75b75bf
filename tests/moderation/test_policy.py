"""Routing: what a machine said decides who sees an item first, and nothing else."""

from __future__ import annotations

import pytest

from datasets_app.vocabulary import ItemState
from moderation.classifiers.contract import Judgement
from moderation.policy import Thresholds, named, route

SAFE = Judgement({"Violence": 0.01, "Drugs": 0.02}, 0, 0.97)
MINOR = Judgement({"Violence": 0.7, "Drugs": 0.1}, 1, 0.3)
SEVERE = Judgement({"Violence": 0.6, "Drugs": 0.9}, 3, 0.02)
FAILED = Judgement.failed("out of memory")


def test_it_opens_what_every_judgement_calls_safe() -> None:
    assert route([SAFE, SAFE]).state is ItemState.OPEN
    assert route([SAFE, SAFE]).reason == ""


def test_one_severe_judgement_among_safe_ones_quarantines() -> None:
    decision = route([SAFE, SEVERE, SAFE])
    assert (decision.state, decision.severity) == (ItemState.QUARANTINED, 3)
    assert decision.categories == ("Drugs", "Violence")
    assert "severe" in decision.reason


@pytest.mark.parametrize(
    ("severity", "state"),
    [(1, ItemState.QUARANTINED), (2, ItemState.OPEN), (3, ItemState.OPEN), (4, ItemState.OPEN)],
)
def test_the_threshold_of_severity_is_reached_not_passed(severity: int, state: ItemState) -> None:
    assert route([MINOR], Thresholds(severity=severity)).state is state


def test_severity_four_never_quarantines_for_severity() -> None:
    assert route([SEVERE], Thresholds(severity=4)).state is ItemState.OPEN


def test_what_is_opened_keeps_its_severity_and_categories_for_the_warning() -> None:
    decision = route([SAFE, MINOR])
    assert (decision.state, decision.severity, decision.categories) == (
        ItemState.OPEN,
        1,
        ("Violence",),
    )


def test_a_probability_above_the_threshold_quarantines_whatever_the_severity() -> None:
    assert route([MINOR], Thresholds(unsafe_probability=0.6)).state is ItemState.QUARANTINED
    assert route([MINOR], Thresholds(unsafe_probability=0.7)).state is ItemState.OPEN


def test_a_failed_judgement_is_never_safe() -> None:
    decision = route([SAFE, FAILED])
    assert (decision.state, decision.severity) == (ItemState.QUARANTINED, 3)
    assert decision.reason == "the classifier failed: out of memory"


def test_without_its_error_the_same_judgement_would_be_opened() -> None:
    # The control: it is the error that quarantines, even where thresholds let everything through.
    lenient = Thresholds(severity=4)
    assert route([FAILED], lenient).state is ItemState.QUARANTINED
    pretended = Judgement(FAILED.probabilities, FAILED.severity, FAILED.is_safe_probability)
    assert route([pretended], lenient).state is ItemState.OPEN


def test_no_judgement_at_all_is_never_safe() -> None:
    assert route([]).state is ItemState.QUARANTINED


@pytest.mark.parametrize(
    "impossible",
    [
        Judgement({"Violence": float("nan")}, 0, 0.9),
        Judgement({"Violence": 0.1}, 0, float("nan")),
        Judgement({"Violence": 1.5}, 0, 0.9),
        Judgement({"Violence": 0.1}, 0, float("inf")),
        Judgement({"Violence": 0.1}, 7, 0.1),
        Judgement({"Violence": 0.1}, -1, 0.9),
    ],
)
def test_impossible_numbers_are_never_safe(impossible: Judgement) -> None:
    decision = route([impossible])
    assert decision.state is ItemState.QUARANTINED
    assert decision.reason.startswith("the classifier failed")
    assert decision.categories == ()


@pytest.mark.parametrize("severity", [0, 5, -1, 2.5])
def test_a_threshold_of_severity_that_means_nothing_is_refused(severity: int) -> None:
    with pytest.raises(ValueError, match="severity"):
        Thresholds(severity=severity)


@pytest.mark.parametrize("probability", [-0.1, 1.1, float("nan")])
def test_a_probability_that_is_none_is_refused(probability: float) -> None:
    with pytest.raises(ValueError, match="unsafe_probability"):
        Thresholds(unsafe_probability=probability)
    with pytest.raises(ValueError, match="category_probability"):
        Thresholds(category_probability=probability)


@pytest.mark.parametrize(
    ("judgement", "categories"),
    [
        (SAFE, ()),
        (FAILED, ()),
        (MINOR, ("Violence",)),
        (SEVERE, ("Drugs", "Violence")),
        (Judgement({"Violence": 0.2, "Drugs": 0.4}, 1, 0.3), ("Drugs",)),  # none likely: likeliest
        (Judgement({"Violence": 0.6, "Drugs": 0.6}, 1, 0.3), ("Violence", "Drugs")),  # a tie
        (Judgement({}, 1, 0.3), ()),
    ],
)
def test_it_names_the_categories_of_what_is_unsafe(
    judgement: Judgement, categories: tuple[str, ...]
) -> None:
    assert named(judgement) == categories
