"""Circles of preferences, as tables and as laws."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datasets_app.circles import Preference, in_circles

# What is preferred to what, and which of it lies on a circle.
TABLE = {
    "": "",
    "A>B": "",
    "A>B B>C A>C": "",
    "A>B B>C C>A": "A>B B>C C>A",
    "A>B B>C C>A A>D D>E": "A>B B>C C>A",  # what a circle is preferred to is on none
    "F>A A>B B>C C>A": "A>B B>C C>A",  # nor is what is preferred to it
    "A>B B>C C>D D>A": "A>B B>C C>D D>A",
    "A>B B>C C>A A>X X>D D>E E>F F>D": "A>B B>C C>A D>E E>F F>D",  # two, and a bridge
    "A>B B>C C>A C>D D>A": "A>B B>C C>A C>D D>A",  # two that share a comparison
}


def preferences(table: str) -> list[Preference[str]]:
    return [Preference(each, *each.split(">")) for each in table.split()]


@pytest.mark.parametrize(("said", "circular"), TABLE.items())
def test_those_on_a_circle_are_found_and_no_others(said: str, circular: str) -> None:
    assert in_circles(preferences(said)) == set(circular.split())


GRAPHS = st.sets(st.sampled_from(list(permutations("ABCDEF", 2))), max_size=20)


def circular(graph: set[tuple[str, str]]) -> set[tuple[str, str]]:
    return in_circles(Preference(each, *each) for each in sorted(graph))


@given(GRAPHS)
def test_each_of_them_and_no_other_leads_back_to_where_it_began(
    graph: set[tuple[str, str]],
) -> None:
    found = circular(graph)
    for better, worse in graph:
        reached, before = {worse}, set[str]()
        while reached != before:
            before = reached
            reached = before | {end for start, end in graph if start in before}
        assert ((better, worse) in found) == (better in reached)


@given(GRAPHS)
def test_without_them_there_is_an_order(graph: set[tuple[str, str]]) -> None:
    assert circular(graph - circular(graph)) == set()


@given(st.permutations("ABCDEFGH"))
def test_whoever_prefers_by_an_order_runs_in_no_circle(order: list[str]) -> None:
    pairs = {(one, two) for at, one in enumerate(order) for two in order[at + 1 :]}
    assert circular(pairs) == set()


@given(GRAPHS)
def test_turned_round_the_same_ones_are_on_a_circle(graph: set[tuple[str, str]]) -> None:
    turned = {(worse, better) for better, worse in graph}
    assert circular(turned) == {(worse, better) for better, worse in circular(graph)}


def test_a_long_circle_needs_no_deep_stack() -> None:
    number = 20_000
    ring = [Preference(at, at, (at + 1) % number) for at in range(number)]
    assert len(in_circles(ring)) == number
