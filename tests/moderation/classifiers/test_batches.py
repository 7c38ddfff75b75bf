"""Batches: every window once, likes together, none over its budget."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.classifiers.batches import halves, planned


@given(st.lists(st.integers(1, 200), max_size=60), st.integers(1, 1000))
def test_every_window_is_in_one_batch_and_no_batch_over_budget(
    lengths: list[int], budget: int
) -> None:
    batches = planned(lengths, budget=budget)
    assert sorted(index for batch in batches for index in batch) == list(range(len(lengths)))
    for batch in batches:
        longest = max(lengths[index] for index in batch)
        assert len(batch) == 1 or len(batch) * longest <= budget


def test_the_longest_come_first() -> None:
    assert planned([3, 9, 1, 9], budget=18) == [[1, 3], [0, 2]]


@pytest.mark.parametrize(("size", "sizes"), [(2, (1, 1)), (3, (2, 1)), (8, (4, 4))])
def test_it_halves_down_to_one(size: int, sizes: tuple[int, int]) -> None:
    first, second = halves(range(size))
    assert (len(first), len(second)) == sizes
    assert [*first, *second] == list(range(size))
