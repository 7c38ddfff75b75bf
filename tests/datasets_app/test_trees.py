"""Trees of responses: what is one, which leaf pairs come of it, where two leaves part."""

from __future__ import annotations

import pytest

from datasets_app.trees import NoTree, common, leaf_pairs, paths_of, segments, tree_of

#   a ─ b ─ d        e and f are leaves of a, d the only one of b
#   │   └ c
#   └ e
NODES = [("a", "", "A "), ("b", "a", "B "), ("c", "b", "C"), ("d", "b", "D"), ("e", "a", "E")]


def test_every_parting_is_judged_once_whatever_the_order_of_the_file() -> None:
    pairs = {frozenset(pair) for pair in leaf_pairs(tree_of(NODES))}
    assert frozenset("cd") in pairs
    assert len(pairs) == 2
    (other,) = pairs - {frozenset("cd")}
    assert "e" in other
    assert {frozenset(pair) for pair in leaf_pairs(tree_of(NODES[::-1]))} == pairs


def test_first_segments_part_at_the_prompt() -> None:
    assert len(leaf_pairs(tree_of([(key, "", key) for key in "xyz"]))) == 3


def test_a_path_goes_from_the_first_node_to_the_leaf() -> None:
    paths = paths_of(tree_of(NODES))
    assert {leaf: "".join(n.text for n in path) for leaf, path in paths.items()} == {
        "c": "A B C",
        "d": "A B D",
        "e": "A E",
    }


@pytest.mark.parametrize(
    ("nodes", "reason"),
    [
        ([("a", "", "A"), ("a", "", "B")], "two nodes of one id"),
        ([("a", "z", "A")], "goes on from 'z', which is not there"),
        ([("a", "b", "A"), ("b", "a", "B")], "in a circle"),
        ([(str(n), "", "A") for n in range(2001)], "at most 2,000"),
    ],
)
def test_what_is_no_tree_is_refused(nodes: list[tuple[str, str, str]], reason: str) -> None:
    with pytest.raises(NoTree, match=reason):
        tree_of(nodes)


def test_a_tree_too_deep_is_refused() -> None:
    chain = [(str(n), str(n - 1) if n else "", "x") for n in range(65)]
    with pytest.raises(NoTree, match="deeper than 64"):
        paths_of(tree_of(chain))


def test_segments_are_cut_out_of_the_whole_and_counted_from_the_first() -> None:
    one, other = segments("A B C", [2, 4]), segments("A E", [2])
    assert (one, other) == (["A ", "B ", "C"], ["A ", "E"])
    assert common(one, other) == 1
    assert segments("whole", []) == ["whole"]
