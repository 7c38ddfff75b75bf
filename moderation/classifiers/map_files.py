"""Reads label maps from TOML, the folder's own or a shipped one, and refuses what is incomplete."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from moderation.classifiers.contract import ClassifierError
from moderation.classifiers.label_maps import LabelMap

MAPS = Path(__file__).parent / "maps"
MAP_FILE = "classifier.toml"

_TABLES = {"categories": dict, "severity": dict, "severity_of": dict, "safe": list, "ignore": list}
_KEYS = frozenset(("label_set", "activation", "reads", "window", *_TABLES))


def read_map(folder: Path, labels: Sequence[str]) -> LabelMap:
    """The map of a model with these labels: the folder's own, or the shipped one that fits.

    Raises ClassifierError if there is none, or if it does not account for every label.
    """
    own = folder / MAP_FILE
    if own.is_file():
        return _parsed(own, labels)
    for path in sorted(MAPS.glob("*.toml")):
        if set(_named(_table(path))) == set(labels):
            return _parsed(path, labels)
    raise ClassifierError(
        f"{folder}: no label map for the labels {', '.join(labels)}; add a {MAP_FILE} that says "
        "which label is which category (docs/screening.md)"
    )


def _table(path: Path) -> dict[str, Any]:  # Any: TOML, checked by _parsed.
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ClassifierError(f"{path}: not a label map: {error}") from error


def _named(table: Mapping[str, Any]) -> list[str]:
    """Every label that a map speaks of."""
    tables = [*table.get("categories", {}), *table.get("severity", {})]
    return [*tables, *table.get("safe", ()), *table.get("ignore", ())]


def _parsed(path: Path, labels: Sequence[str]) -> LabelMap:
    table = _table(path)
    problem = _problem(table, labels)
    if problem:
        raise ClassifierError(f"{path}: {problem}")
    return LabelMap(
        label_set=table["label_set"],
        labels=tuple(labels),
        activation=table.get("activation", "sigmoid"),
        reads=table.get("reads", "pair"),
        window=table.get("window"),
        categories=table["categories"],
        safe=tuple(table.get("safe", ())),
        severity=table.get("severity", {}),
        severity_of=table.get("severity_of", {}),
    )


def _problem(table: Mapping[str, Any], labels: Sequence[str]) -> str | None:
    """What is wrong with a map, for a model with these labels; None if nothing is."""
    return _shape_problem(table) or _label_problem(table, labels) or _severity_problem(table)


def _shape_problem(table: Mapping[str, Any]) -> str | None:
    unknown = sorted(set(table) - _KEYS)
    if unknown:
        return f"unknown key {unknown[0]}"
    for key, kind in _TABLES.items():
        if not isinstance(table.get(key, kind()), kind):
            return f"{key} is of the wrong kind"
    if not isinstance(table.get("label_set"), str) or not table.get("categories"):
        return "label_set and [categories] are required"
    if not all(isinstance(key, str) for key in table["categories"].values()):
        return "[categories] maps labels to the names of categories"
    if table.get("activation", "sigmoid") not in ("sigmoid", "softmax"):
        return "activation is sigmoid or softmax"
    if table.get("reads", "pair") not in ("pair", "response"):
        return "reads is pair or response"
    window = table.get("window", 16)
    return None if type(window) is int and window >= 16 else "window is at least 16 tokens"


def _label_problem(table: Mapping[str, Any], labels: Sequence[str]) -> str | None:
    named = _named(table)
    absent = [label for label in named if label not in labels]
    if absent:
        return f"the model has no label {absent[0]!r}; it has {', '.join(labels)}"
    open_labels = [label for label in labels if label not in named]
    if open_labels:
        return f"says nothing about the label {open_labels[0]!r}; map it, or list it under ignore"
    if len(set(named)) != len(named):
        return "names a label twice"
    return None


def _severity_problem(table: Mapping[str, Any]) -> str | None:
    head = table.get("severity", {})
    if head:
        levels = sorted(level for level in head.values() if type(level) is int)
        return None if levels == [0, 1, 2, 3] else "[severity] names a label for each of 0, 1, 2, 3"
    graded = table.get("severity_of", {})
    for key in table["categories"].values():
        if type(graded.get(key)) is not int or not 1 <= graded[key] <= 3:
            return f"[severity_of] must give the category {key!r} a severity of 1, 2 or 3"
    return None
