"""Preferences that run in a circle: A over B, B over C, C over A. Pure.

Each preference may be what most people said and all of them together still be no order. Nobody
erred, perhaps; but no reward gives A more than B, B more than C and C more than A.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar
from uuid import UUID

Key = TypeVar("Key", bound=Hashable)


class Preference(NamedTuple, Generic[Key]):
    """One settled comparison: `better` is preferred to `worse`; `key` is whatever settled it."""

    key: Key
    better: Hashable
    worse: Hashable


@dataclass(frozen=True, slots=True)
class Circular:
    """What was found: how many `prompts` have comparisons enough to run in a circle, and of the
    items whose preference lies on one the questions in which it does, by prompt.
    """

    prompts: int
    found: Mapping[UUID, Mapping[UUID, frozenset[str]]]

    @property
    def items(self) -> dict[UUID, frozenset[str]]:
        """The same by item."""
        return {item: keys for items in self.found.values() for item, keys in items.items()}


_Ways = Mapping[Hashable, list[Hashable]]


def in_circles(preferences: Iterable[Preference[Key]]) -> set[Key]:
    """The keys of those preferences that lie on a directed circle.

    A preference lies on one if and only if other preferences lead from its worse end back to its
    better one, that is, if both ends are in one strongly connected part. Takes time in proportion
    to their number.
    """
    given = list(preferences)
    onward, back = _ways(given), _ways(Preference(k, worse, better) for k, better, worse in given)
    part = _parts(onward, back)
    return {each.key for each in given if part[each.better] == part[each.worse]}


def _ways(preferences: Iterable[Preference[Key]]) -> dict[Hashable, list[Hashable]]:
    """Where the preferences lead from each node; every node is there."""
    ways: dict[Hashable, list[Hashable]] = {}
    for preference in preferences:
        ways.setdefault(preference.better, []).append(preference.worse)
        ways.setdefault(preference.worse, [])
    return ways


def _parts(onward: _Ways, back: _Ways) -> dict[Hashable, Hashable]:
    """For each node one that stands for its strongly connected part (Kosaraju, 1978)."""
    part: dict[Hashable, Hashable] = {}
    for first in reversed(_left(onward)):
        if first in part:
            continue
        part[first], waiting = first, [first]
        while waiting:
            for node in back[waiting.pop()]:
                if node not in part:
                    part[node] = first
                    waiting.append(node)
    return part


def _left(ways: _Ways) -> list[Hashable]:
    """The nodes in the order in which a walk in depth leaves them; without recursion."""
    entered: set[Hashable] = set()
    left: list[Hashable] = []
    for start in ways:
        path = [] if start in entered else [(start, iter(ways[start]))]
        entered.add(start)
        while path:
            node, onward = path[-1]
            for following in onward:
                if following not in entered:
                    entered.add(following)
                    path.append((following, iter(ways[following])))
                    break
            else:
                path.pop()
                left.append(node)
    return left
