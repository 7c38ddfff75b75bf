"""Label maps: from a model's outputs to categories, severity and safety."""

from __future__ import annotations

import math

import numpy as np
import pytest

from moderation.classifiers.label_maps import LabelMap

HEADED = LabelMap(
    "pku_saferlhf",
    ("Violence", "Drugs", "s0", "s1", "s2", "s3"),
    categories={"Violence": "Violence", "Drugs": "Drugs"},
    severity={"s0": 0, "s1": 1, "s2": 2, "s3": 3},
)
PLAIN = LabelMap(
    "pku_saferlhf",
    ("hate", "threat", "insult"),
    categories={
        "hate": "Discriminatory Behavior",
        "threat": "Violence",
        "insult": "Discriminatory Behavior",
    },
    severity_of={"Discriminatory Behavior": 1, "Violence": 3},
)
EXCLUSIVE = LabelMap(
    "pku_saferlhf",
    ("fine", "violence", "weapons"),
    activation="softmax",
    categories={"violence": "Violence", "weapons": "Violence"},
    safe=("fine",),
    severity_of={"Violence": 2},
)


def odds(*probabilities: float) -> list[float]:
    """Logits whose sigmoid, or whose softmax when they sum to one, gives the probabilities."""
    return [math.log(p / (1 - p)) for p in probabilities]


def logs(*probabilities: float) -> list[float]:
    return [math.log(p) for p in probabilities]


def test_a_severity_head_says_how_safe_and_how_grave() -> None:
    rows = [[*odds(0.9, 0.2), *logs(0.1, 0.2, 0.6, 0.1)]]
    (one,) = HEADED.judgements(np.array(rows), [1])
    assert one.probabilities == pytest.approx({"Violence": 0.9, "Drugs": 0.2})
    assert (one.severity, one.error) == (2, None)
    assert one.is_safe_probability == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("levels", "severity"),
    [
        ((0.97, 0.01, 0.01, 0.01), 0),
        ((0.5, 0.3, 0.1, 0.1), 0),  # as likely safe as not
        ((0.4, 0.2, 0.2, 0.2), 1),  # safe is the likeliest level, and still unlikely
        ((0.1, 0.3, 0.29, 0.31), 2),  # the median
        ((0.01, 0.01, 0.01, 0.97), 3),
    ],
)
def test_severity_is_the_median_and_zero_only_if_safe_is_likely(
    levels: tuple[float, ...], severity: int
) -> None:
    rows = [[0.0, 0.0, *logs(*levels)]]
    (one,) = HEADED.judgements(np.array(rows), [1])
    assert one.severity == severity
    assert (one.severity == 0) == (one.is_safe_probability >= 0.5 - 1e-12)


def test_the_worst_window_of_a_long_text_counts() -> None:
    harmless = [*odds(0.01, 0.3), *logs(0.9, 0.05, 0.03, 0.02)]
    severe = [*odds(0.8, 0.1), *logs(0.05, 0.05, 0.1, 0.8)]
    rows = np.array([harmless, harmless, severe, harmless, harmless])
    first, second = HEADED.judgements(rows, [4, 1])
    assert (first.severity, second.severity) == (3, 0)
    assert first.is_safe_probability == pytest.approx(0.05)
    assert first.probabilities == pytest.approx({"Violence": 0.8, "Drugs": 0.3})


def test_without_a_severity_head_the_likely_categories_grade() -> None:
    rows = np.array([odds(0.9, 0.1, 0.2), odds(0.9, 0.6, 0.2), odds(0.1, 0.2, 0.1)])
    insult, threat, calm = PLAIN.judgements(rows, [1, 1, 1])
    assert (insult.severity, threat.severity, calm.severity) == (1, 3, 0)
    assert calm.is_safe_probability == pytest.approx(0.8)


def test_independent_labels_of_one_category_count_by_the_likelier() -> None:
    (one,) = PLAIN.judgements(np.array([odds(0.3, 0.1, 0.8)]), [1])
    assert one.probabilities["Discriminatory Behavior"] == pytest.approx(0.8)


def test_exclusive_labels_of_one_category_add_up() -> None:
    (one,) = EXCLUSIVE.judgements(np.array([logs(0.4, 0.3, 0.3)]), [1])
    assert one.probabilities == pytest.approx({"Violence": 0.6})
    assert one.is_safe_probability == pytest.approx(0.4)
    assert one.severity == 2


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_a_number_that_is_not_finite_fails_its_passage_alone(bad: float) -> None:
    fine = [*odds(0.01, 0.01), *logs(0.97, 0.01, 0.01, 0.01)]
    broken = [*fine[:-1], bad]
    first, second, third = HEADED.judgements(np.array([fine, broken, fine]), [1, 1, 1])
    assert (first.error, third.error) == (None, None)
    assert second.error is not None
    assert (second.severity, second.is_safe_probability) == (3, 0.0)


@pytest.mark.parametrize("shape", [(1, 5), (1, 7), (2, 6), (6,), (1, 2, 6)])
def test_outputs_of_another_shape_fail_every_passage(shape: tuple[int, ...]) -> None:
    (one,) = HEADED.judgements(np.zeros(shape), [1])
    assert one.error is not None
    assert "shape" in one.error


def test_nothing_judged_is_nothing_said() -> None:
    assert HEADED.judgements(np.zeros((0, 6)), []) == []
