"""Agreement: raw pairs and Krippendorff's α, defined where they are and None elsewhere."""

from __future__ import annotations

import numpy as np
import pytest

from annotation.consensus import agreement


def test_all_alike_is_perfect() -> None:
    counts = np.array([[3, 0], [0, 3], [3, 0]])
    assert agreement.raw(counts) == 1.0
    assert agreement.alpha(counts) == pytest.approx(1.0)


def test_raw_counts_pairs_of_votes() -> None:
    assert agreement.raw(np.array([[2, 1], [3, 0]])) == pytest.approx((2 + 6) / 12)


def test_alpha_follows_krippendorffs_own_example() -> None:
    """Nominal data of 2011, p. 2 ff.: four observers, twelve units; α = 0.743."""
    rows = [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, 0, 0, 0],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, 0, 3],
        [0, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, 0],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, 0],
    ]
    units = np.array(rows).T
    counts = np.array([[int((unit == label).sum()) for label in range(1, 6)] for unit in units])
    assert agreement.alpha(counts) == pytest.approx(0.743, abs=5e-4)
    assert agreement.alpha(counts, is_ordered=True) == pytest.approx(0.815, abs=5e-3)


@pytest.mark.parametrize("counts", [[[1, 0], [0, 1]], [[3, 0], [2, 0]], [[0, 0]]])
def test_it_is_none_where_it_is_not_defined(counts: list[list[int]]) -> None:
    assert agreement.alpha(np.array(counts)) is None


def test_raw_is_none_without_any_pair() -> None:
    assert agreement.raw(np.array([[1, 0], [0, 0]])) is None
