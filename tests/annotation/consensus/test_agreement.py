"""Agreement: raw pairs and Krippendorff's α, defined where they are and None elsewhere."""

from __future__ import annotations

import numpy as np
import pytest

from annotation.consensus import agreement
from annotation.consensus.methods import Codes


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


def votes(seed: int, *, alike: float, n_items: int = 200, labels: int = 4) -> Codes:
    """Three votes on each item; each says what is true with the chance `alike`."""
    random = np.random.default_rng(seed)
    truth = random.integers(labels, size=n_items)
    said = np.where(
        random.random((3, n_items)) < alike, truth, random.integers(labels, size=(3, n_items))
    )
    return np.stack([(said == label).sum(axis=0) for label in range(labels)], axis=1)


@pytest.mark.parametrize("is_ordered", [False, True])
def test_the_tables_of_the_bootstrap_give_krippendorffs_alpha(is_ordered: bool) -> None:
    more = np.array([[1, 0, 0, 0], [0, 0, 0, 0], [2, 0, 0, 3]])
    counts = np.concatenate([votes(1, alike=0.6), more])
    whole = agreement._coincidences(counts).sum(axis=0, keepdims=True)
    (found,) = agreement._alphas(whole, is_ordered=is_ordered)
    assert found == pytest.approx(agreement.alpha(counts, is_ordered=is_ordered))


def test_the_interval_lies_around_alpha_and_narrows_with_more_items() -> None:
    widths = []
    for n_items in (50, 800):
        counts = votes(2, alike=0.7, n_items=n_items)
        low, high = agreement.interval(counts, n_items=n_items) or (0, 0)
        found = agreement.alpha(counts)
        assert found is not None
        assert low < found < high
        widths.append(high - low)
    # By the root of the number: a quarter.
    assert 3 < widths[0] / widths[1] < 5.5


def test_it_holds_what_is_true_as_often_as_it_says() -> None:
    truth = agreement.alpha(votes(0, alike=0.7, n_items=100_000))
    assert truth is not None
    edges = [
        agreement.interval(votes(seed, alike=0.7, n_items=100), n_items=100) or (1, 0)
        for seed in range(100, 200)
    ]
    assert 87 <= sum(low <= truth <= high for low, high in edges) <= 100


def test_what_is_said_of_one_item_hangs_together() -> None:
    """The same votes on each item written down four times make nobody surer."""
    counts = votes(3, alike=0.7, n_items=100)
    once = agreement.interval(counts, n_items=100)
    four = agreement.interval(np.repeat(counts, 4, axis=0), n_items=100)
    assert once is not None
    assert four == pytest.approx(once, abs=0.01)
    apart = agreement.interval(np.repeat(counts, 4, axis=0), n_items=400)
    assert apart is not None
    assert apart[1] - apart[0] < 0.7 * (once[1] - once[0])


def test_the_same_votes_give_the_same_interval() -> None:
    counts = votes(4, alike=0.5)
    assert agreement.interval(counts, n_items=200) == agreement.interval(counts, n_items=200)


@pytest.mark.parametrize("counts", [[[3, 0], [2, 0]], [[2, 1]], [[1, 0], [0, 1]]])
def test_there_is_no_interval_where_alpha_is_not_defined_or_one_item_is_all(
    counts: list[list[int]],
) -> None:
    assert agreement.interval(np.array(counts), n_items=len(counts)) is None
