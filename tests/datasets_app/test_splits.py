"""Groups and splits: what belongs together stays on one side, and nothing moves later."""

from __future__ import annotations

import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datasets_app.splits import ORDER, Groups, are_shares, groups_by_shared_things, lot, split_of
from datasets_app.vocabulary import Split

NODES = st.text("abcdefgh", min_size=1, max_size=2)
LINKS = st.lists(st.tuples(NODES, NODES), max_size=30)
RATIOS = {Split.TRAIN: 0.8, Split.VALIDATION: 0.1, Split.TEST: 0.1}


def components(links: list[tuple[str, str]]) -> dict[str, frozenset[str]]:
    """The connected components, found the slow way."""
    found = {node: frozenset({node}) for link in links for node in link}
    for one, other in links * len(links):
        both = found[one] | found[other]
        found |= dict.fromkeys(both, both)
    return found


@given(LINKS)
def test_groups_are_the_connected_components(links: list[tuple[str, str]]) -> None:
    groups: Groups[str] = Groups(links)
    for node, whole in components(links).items():
        assert groups.head(node) == min(whole)


@given(LINKS, st.randoms())
def test_the_order_of_the_links_makes_no_difference(
    links: list[tuple[str, str]], dice: random.Random
) -> None:
    shuffled = dice.sample(links, len(links))
    one: Groups[str] = Groups(links)
    other: Groups[str] = Groups(shuffled)
    assert all(one.head(node) == other.head(node) for link in links for node in link)


def test_who_was_never_joined_is_alone() -> None:
    assert Groups[str]([("a", "b")]).head("z") == "z"


def test_a_group_that_grows_by_younger_members_keeps_its_head() -> None:
    groups: Groups[str] = Groups([("b", "c")])
    before = groups.head("c")
    groups.join("c", "d")
    assert groups.head("d") == before == "b"


def test_who_shares_a_thing_is_of_one_group() -> None:
    groups = groups_by_shared_things(
        [("p1", "x"), ("p2", "x"), ("p2", "y"), ("p3", "y"), ("p4", "z")]
    )
    assert {groups.head(node) for node in ("p1", "p2", "p3")} == {"p1"}
    assert groups.head("p4") == "p4"


@given(st.integers(0, 2**31), st.text(max_size=20))
def test_a_lot_is_a_share_and_always_the_same(seed: int, group: str) -> None:
    assert 0 <= lot(seed, group) < 1
    assert lot(seed, group) == lot(seed, group)


def test_a_split_is_fixed_for_good() -> None:
    # Versions were published with these: they must never change.
    ratios = {Split.TRAIN: 0.4, Split.VALIDATION: 0.3, Split.TEST: 0.3}
    drawn = [split_of(f"group-{n}", seed=0, ratios=ratios).value for n in range(6)]
    assert drawn == ["validation", "train", "train", "test", "train", "test"]


def test_sizes_come_out_near_the_shares() -> None:
    drawn = Counter(split_of(str(n), seed=7, ratios=RATIOS) for n in range(20_000))
    for split, share in RATIOS.items():
        assert abs(drawn[split] / 20_000 - share) < 0.01


def test_another_seed_draws_anew() -> None:
    one = [split_of(str(n), seed=1, ratios=RATIOS) for n in range(200)]
    assert one != [split_of(str(n), seed=2, ratios=RATIOS) for n in range(200)]


def test_growing_the_last_part_moves_nothing_out_of_it() -> None:
    more = {Split.TRAIN: 0.7, Split.VALIDATION: 0.1, Split.TEST: 0.2}
    for n in range(500):
        before = split_of(str(n), seed=3, ratios=RATIOS)
        after = split_of(str(n), seed=3, ratios=more)
        assert ORDER.index(after) >= ORDER.index(before)


@pytest.mark.parametrize("only", list(Split))
def test_a_part_of_share_one_takes_all(only: Split) -> None:
    assert {split_of(str(n), seed=0, ratios={only: 1.0}) for n in range(50)} == {only}


def test_shares_that_sum_to_a_hair_below_one_leave_nobody_out() -> None:
    thirds = dict.fromkeys(Split, 0.333333)
    assert {split_of(str(n), seed=0, ratios=thirds) for n in range(5000)} == set(Split)


@pytest.mark.parametrize(
    ("ratios", "are"),
    [
        ([1.0], True),
        ([0.1] * 10, True),
        ([0.5, 0.4], False),
        ([1.5, -0.5], False),
        ([float("nan"), 1.0], False),
        ([float("inf")], False),
        ([], False),
    ],
)
def test_shares_are_numbers_that_sum_to_one(ratios: list[float], are: bool) -> None:
    assert are_shares(ratios) is are
