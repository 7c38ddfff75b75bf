"""Trees of responses: each goes on from its parent's text, two leaves part at a node. Pure.

A response's text is whole, from the root on; its parent's is a beginning of it. So a leaf reads the
same with and without its tree, and where two leaves part is a length. After Reward Generalization.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import combinations, pairwise

# How deep a tree may be, and how many nodes it may have: more is a fault of the file.
DEEPEST = 64
MOST_NODES = 2_000


class NoTree(Exception):
    """These nodes are no tree; the text says why, in words a curator understands."""


@dataclass(slots=True)
class Node:
    """A piece of text that goes on from another node's, or from the prompt."""

    key: str
    text: str
    children: list[Node] = field(default_factory=list)


def tree_of(nodes: Sequence[tuple[str, str, str]]) -> list[Node]:
    """The nodes that go on from the prompt, of (key, parent's key or "", text). Raises NoTree."""
    if len(nodes) > MOST_NODES:
        raise NoTree(f"has {len(nodes):,} nodes; a tree has at most {MOST_NODES:,}")
    made = {key: Node(key, text) for key, _, text in nodes}
    if len(made) < len(nodes):
        raise NoTree("has two nodes of one id")
    first: list[Node] = []
    for key, parent, _ in nodes:
        if parent and parent not in made:
            raise NoTree(f"has a node that goes on from {parent!r}, which is not there")
        (made[parent].children if parent else first).append(made[key])
    reached = len(_walk(first))
    if reached < len(nodes):
        raise NoTree("has nodes that go on from each other in a circle")
    return first


def paths_of(first: Sequence[Node]) -> dict[str, tuple[Node, ...]]:
    """Every leaf by its key, with the nodes from the first to it. Raises NoTree when too deep."""
    paths = {path[-1].key: path for path in _walk(first) if not path[-1].children}
    if any(len(path) > DEEPEST for path in paths.values()):
        raise NoTree(f"is deeper than {DEEPEST} nodes")
    return paths


def _walk(first: Sequence[Node]) -> list[tuple[Node, ...]]:
    found: list[tuple[Node, ...]] = [(node,) for node in first]
    for path in found:  # grows while it is walked
        found += [(*path, child) for child in path[-1].children]
    return found


def leaf_pairs(first: Sequence[Node]) -> list[tuple[str, str]]:
    """For each two branches that part at a node, one leaf of either: keys of leaves.

    So every parting is judged, and as many pairs come of a tree as it has partings, whatever its
    size. Which leaf speaks for a branch depends on the texts alone: the one whose digest, taken
    together with the other branch, is smallest. The order in the file means nothing.
    """
    partings = [first, *(path[-1].children for path in _walk(first))]
    return [
        (_spokesman(one, against=other), _spokesman(other, against=one))
        for branches in partings
        for one, other in combinations(sorted(branches, key=lambda node: node.text), 2)
    ]


def _spokesman(branch: Node, *, against: Node) -> str:
    leaves = [path for path in _walk([branch]) if not path[-1].children]
    texts = {"".join(node.text for node in path): path[-1].key for path in leaves}
    chosen = min(texts, key=lambda text: sha256(f"{text}\x1f{against.text}".encode()).digest())
    return texts[chosen]


def common(one: Sequence[str], other: Sequence[str]) -> int:
    """How many segments two leaves share, from the first on."""
    same = 0
    for mine, theirs in zip(one, other, strict=False):
        if mine != theirs:
            break
        same += 1
    return same


def segments(text: str, cuts: Sequence[int]) -> list[str]:
    """A leaf's text in the pieces of its tree; `cuts` are the lengths of the texts above it."""
    edges = [0, *cuts, len(text)]
    return [text[start:end] for start, end in pairwise(edges)]
