"""What a benchmark is: figures, each beside its limit and its goal, measured in one run."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Figure:
    """One number. `goal` is the least it must be, or the most if `less_is_better`."""

    name: str
    value: float
    unit: str
    goal: float | None = None
    less_is_better: bool = False

    @property
    def is_met(self) -> bool:
        """Whether the goal is reached; without one, yes."""
        if self.goal is None:
            return True
        return self.value <= self.goal if self.less_is_better else self.value >= self.goal

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        return {
            "name": self.name,
            "value": self.value,
            "unit": self.unit,
            "goal": self.goal,
            "met": self.is_met,
        }


@dataclass(frozen=True, slots=True)
class Benchmark:
    """One of `manage.py benchmark NAME`.

    `run` gets the options that `arguments` declared and finds an empty, migrated database, which
    is dropped afterwards.
    """

    key: str
    title: str
    arguments: Callable[[ArgumentParser], None]
    run: Callable[[Mapping[str, Any]], list[Figure]]
