"""Which items stay together, and on which side of a split each group falls; pure."""

from __future__ import annotations

import hashlib
import hmac
import math
from collections.abc import Hashable, Iterable, Mapping
from typing import Generic, TypeVar
from uuid import UUID

from datasets_app.vocabulary import Split

Node = TypeVar("Node", UUID, str)

# The order in which the unit interval is dealt out. Changing it would move published rows.
ORDER = (Split.TRAIN, Split.VALIDATION, Split.TEST)


class Groups(Generic[Node]):
    """Connected components over links, by union-find with path halving.

    The head of a group is its smallest member, whatever the order of the links. With members
    that sort by age (UUIDv7), a group that grows keeps its head, so nothing that was there moves.
    """

    def __init__(self, links: Iterable[tuple[Node, Node]] = ()) -> None:
        self._parent: dict[Node, Node] = {}
        for one, other in links:
            self.join(one, other)

    def join(self, one: Node, other: Node) -> None:
        """Put both, and all that is joined to either, into one group."""
        first, second = sorted((self.head(one), self.head(other)))
        if first != second:
            self._parent[second] = first

    def head(self, node: Node) -> Node:
        """The smallest member of the node's group; the node itself when it was never joined."""
        parent = self._parent
        while (above := parent.get(node, node)) != node:
            parent[node] = above = parent.get(above, above)
            node = above
        return node


def groups_by_shared_things(pairs: Iterable[tuple[Node, Hashable]]) -> Groups[Node]:
    """Group the nodes that share a thing (a file, a cluster of near-duplicates), given as pairs."""
    groups: Groups[Node] = Groups()
    holder: dict[Hashable, Node] = {}
    for node, thing in pairs:
        groups.join(holder.setdefault(thing, node), node)
    return groups


def lot(seed: int, group: str) -> float:
    """A number in [0, 1) that depends on nothing but the seed and the group."""
    drawn = hmac.digest(str(seed).encode(), group.encode(), hashlib.sha256)
    return int.from_bytes(drawn[:8], "big") / 2**64


def split_of(group: str, *, seed: int, ratios: Mapping[Split, float]) -> Split:
    """The side on which a group falls, for good: adding other groups moves none.

    `ratios` are shares of the groups, ≥ 0, summing to 1; the sizes come out near them, the more
    exactly the more groups there are. A split of share 0 gets nothing.
    """
    drawn = lot(seed, group)
    shares = [(split, ratios.get(split, 0.0)) for split in ORDER]
    reached = 0.0
    for split, share in shares:
        reached += share
        if share and drawn < reached:
            return split
    # The shares may sum to a hair below 1 in floating point: the last one that has any takes it.
    return next(split for split, share in reversed(shares) if share)


def are_shares(ratios: Iterable[float]) -> bool:
    """Whether these are non-negative numbers that sum to 1 (to one part in a million)."""
    given = list(ratios)
    return all(math.isfinite(r) and r >= 0 for r in given) and abs(sum(given) - 1) < 1e-6
