"""What a label set is: a versioned taxonomy of harm categories, never merged in place."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Category:
    """One kind of harm.

    `key` is the exact spelling of the source data set, commas and capitals included: it goes
    into exports as it stands. `letter` is the key an annotator presses for it.
    """

    key: str
    name: str
    definition: str
    letter: str


@dataclass(frozen=True, slots=True)
class LabelSet:
    """A taxonomy; `key` and `version` together never change their meaning once published."""

    key: str
    version: int
    title: str
    source: str
    categories: tuple[Category, ...]

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(category.key for category in self.categories)

    def __getitem__(self, key: str) -> Category:
        """The category of that key; KeyError if this set has none."""
        for category in self.categories:
            if category.key == key:
                return category
        raise KeyError(key)
