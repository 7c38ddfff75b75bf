"""A recipe: which settled items go into a version, and how they are divided."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from datasets_app.splits import are_shares
from datasets_app.vocabulary import Split

MOST_BYTES = 1 << 20


class BadRecipe(Exception):
    """The recipe cannot be followed; the text is one line: what, where, what to do."""


class Ties(StrEnum):
    """What becomes of an item whose people chose neither response."""

    # It is frozen; a format that cannot say "equal" refuses it by itself, and counts it.
    KEEP = "keep"
    EXCLUDE = "exclude"


class Rulings(StrEnum):
    """What becomes of an item that a curator had to rule on."""

    INCLUDE = "include"
    EXCLUDE = "exclude"


class Circles(StrEnum):
    """What becomes of an item whose preference lies on a circle: A over B, B over C, C over A."""

    # Each was settled by people; a trainer may want them all the same, and the card counts them.
    KEEP = "keep"
    EXCLUDE = "exclude"


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a version is chosen.

    `minimum_agreement` (0-1) and `minimum_votes` hold for every verdict that votes settled, or
    for the questions named in `agreement_on` where any are; a ruling stands above both. `splits`
    are shares that sum to 1. `size` is the most records to take: the first in an order drawn
    from `seed`, so that a smaller version is contained in a larger one of the same seed.
    """

    minimum_agreement: float = 0.0
    minimum_votes: int = 1
    agreement_on: tuple[str, ...] = ()
    ties: Ties = Ties.KEEP
    rulings: Rulings = Rulings.INCLUDE
    circles: Circles = Circles.KEEP
    splits: Mapping[Split, float] = field(
        default_factory=lambda: {Split.TRAIN: 0.9, Split.VALIDATION: 0.0, Split.TEST: 0.1}
    )
    seed: int = 0
    size: int | None = None

    def as_json(self) -> dict[str, Any]:
        """The recipe as plain values, every setting said: what a version keeps of it."""
        plain = asdict(self)
        plain["agreement_on"] = list(self.agreement_on)
        plain["splits"] = {split.value: float(self.splits.get(split, 0.0)) for split in Split}
        return plain


def read_recipe(path: Path) -> Recipe:
    """The recipe in a .toml or .json file. Raises BadRecipe."""
    parsers: dict[str, Callable[[str], Any]] = {".toml": tomllib.loads, ".json": _json}
    parse = parsers.get(path.suffix.lower())
    if parse is None:
        raise BadRecipe(f"{path}: a recipe is a .toml or a .json file.")
    try:
        content = path.read_bytes()
        if len(content) > MOST_BYTES:
            raise BadRecipe(f"{path}: a recipe has at most {MOST_BYTES:,} bytes.")
        value = parse(content.decode())
    except OSError as error:
        raise BadRecipe(f"{path}: {error.strerror or error}.") from error
    except (ValueError, RecursionError) as error:
        raise BadRecipe(f"{path}: not {path.suffix[1:].upper()}: {_first_line(error)}.") from error
    return parse_recipe(value, where=str(path))


def parse_recipe(value: Any, *, where: str = "recipe") -> Recipe:  # Any: it comes from a file
    """The recipe in a mapping. Raises BadRecipe naming the first setting that is wrong."""
    if not isinstance(value, dict):
        raise BadRecipe(f"{where}: a recipe is a table of settings.")
    unknown = sorted(set(value) - set(_SETTINGS))
    if unknown:
        raise BadRecipe(
            f"{where}: there is no setting {unknown[0]!r}. Known: {', '.join(_SETTINGS)}."
        )
    try:
        return Recipe(**{key: _SETTINGS[key](given) for key, given in value.items()})
    except BadRecipe as error:
        raise BadRecipe(f"{where}: {error}") from None


def _json(text: str) -> Any:
    return json.loads(text, object_pairs_hook=_said_once, parse_constant=_no_constant)


def _said_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    said: dict[str, Any] = {}
    for key, value in pairs:
        if key in said:
            raise ValueError(f"{key!r} is said twice")
        said[key] = value
    return said


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no number of JSON")


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")


def _agreement(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise BadRecipe("minimum_agreement is a number from 0 to 1.")
    return float(value)


def _votes(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 1000:
        raise BadRecipe("minimum_votes is a whole number from 0 to 1000.")
    return value


def _questions(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(key, str) and key for key in value):
        raise BadRecipe("agreement_on is a list of question keys.")
    return tuple(value)


def _ties(value: object) -> Ties:
    try:
        return Ties(str(value))
    except ValueError:
        raise BadRecipe(f"ties is one of: {', '.join(Ties)}.") from None


def _rulings(value: object) -> Rulings:
    try:
        return Rulings(str(value))
    except ValueError:
        raise BadRecipe(f"rulings is one of: {', '.join(Rulings)}.") from None


def _circles(value: object) -> Circles:
    try:
        return Circles(str(value))
    except ValueError:
        raise BadRecipe(f"circles is one of: {', '.join(Circles)}.") from None


def _splits(value: object) -> Mapping[Split, float]:
    wrong = BadRecipe("splits maps train, validation and test to shares that sum to 1.")
    if not isinstance(value, dict) or not set(value) <= set(Split.values):
        raise wrong
    if not all(
        isinstance(share, int | float) and not isinstance(share, bool) for share in value.values()
    ):
        raise wrong
    if not are_shares(value.values()):
        raise wrong
    return {split: float(value.get(split.value, 0.0)) for split in Split}


def _seed(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 2**31 - 1:
        raise BadRecipe("seed is a whole number, 0 or more.")
    return value


def _size(value: object) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value <= 2**31 - 1:
        raise BadRecipe("size is a whole number above 0; leave it out to take everything.")
    return value


_SETTINGS: Mapping[str, Callable[[object], Any]] = {
    "minimum_agreement": _agreement,
    "minimum_votes": _votes,
    "agreement_on": _questions,
    "ties": _ties,
    "rulings": _rulings,
    "circles": _circles,
    "splits": _splits,
    "seed": _seed,
    "size": _size,
}
