"""Turns the outputs of a model into judgements, by a map from its labels to a label set."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from moderation.classifiers.contract import ClassifierError, Judgement

MAPS = Path(__file__).parent / "maps"
MAP_FILE = "classifier.toml"

Floats = NDArray[np.float64]
_KEYS = frozenset(
    {"label_set", "activation", "reads", "window", "categories", "safe", "severity", "severity_of", "ignore"}
)


@dataclass(frozen=True, slots=True)
class LabelMap:
    """How to read one model's outputs; docs/guard.md describes the file it is read from.

    `labels`: the model's own labels, by output. `categories`: label → category of the label set.
    `safe`: labels that mean "no harm". `severity`: label → 0…3, for models with a severity head.
    `severity_of`: category → 1…3, for models without.
    """

    label_set: str
    labels: tuple[str, ...]
    activation: str = "sigmoid"
    reads: str = "pair"
    window: int | None = None
    categories: Mapping[str, str] = field(default_factory=dict)
    safe: tuple[str, ...] = ()
    severity: Mapping[str, int] = field(default_factory=dict)
    severity_of: Mapping[str, int] = field(default_factory=dict)

    @property
    def category_keys(self) -> tuple[str, ...]:
        """The categories it speaks of, in the order of the model's outputs, each once."""
        return tuple(dict.fromkeys(self.categories[name] for name in self.labels if name in self.categories))

    def judgements(self, logits: Floats, windows: Sequence[int]) -> list[Judgement]:
        """One judgement per passage from the logits of its windows, the worst window counting.

        `logits` has one row per window and one column per label; the first `windows[0]` rows
        belong to the first passage, and so on, and each passage has at least one. Rows that are
        not finite, or logits of another shape, make failed judgements.
        """
        if logits.ndim != 2 or logits.shape != (sum(windows), len(self.labels)):
            reason = f"the model gave outputs of shape {logits.shape}, not one per label"
            return [Judgement.failed(reason) for _ in windows]
        starts = np.cumsum([0, *windows[:-1]]) if windows else np.zeros(0, dtype=np.int64)
        finite = np.isfinite(logits).all(axis=1)
        with np.errstate(all="ignore"):  # Rows that are not finite are judged failed below.
            worst, safe, level = self._read(logits)
        if len(windows) != len(logits):
            worst = np.maximum.reduceat(worst, starts)
            safe = np.minimum.reduceat(safe, starts)
            level = np.maximum.reduceat(level, starts)
            finite = np.logical_and.reduceat(finite, starts)
        return self._spoken(worst, safe, level, finite)

    def _spoken(self, worst: Floats, safe: Floats, level: NDArray[np.int64], finite: NDArray[np.bool_]) -> list[Judgement]:
        keys = self.category_keys
        rows = zip(worst.tolist(), safe.tolist(), level.tolist(), finite.tolist(), strict=True)
        return [
            Judgement(dict(zip(keys, row, strict=True)), severity, safety)
            if is_finite
            else Judgement.failed("the model gave a number that is not finite")
            for row, safety, severity, is_finite in rows
        ]

    def _read(self, logits: Floats) -> tuple[Floats, Floats, NDArray[np.int64]]:
        """Of each window: a probability per category, that of being safe, and the severity."""
        head = [n for n, label in enumerate(self.labels) if label not in self.severity]
        probabilities = np.zeros_like(logits)
        activate = _softmax if self.activation == "softmax" else _sigmoid
        probabilities[:, head] = activate(logits[:, head])
        worst = self._by_category(probabilities)
        if self.severity:
            levels = _softmax(logits[:, [self.labels.index(_label_of(self.severity, n)) for n in range(4)]])
            return worst, levels[:, 0], _severity(levels[:, 0], levels[:, 1:].argmax(axis=1) + 1)
        safe = self._safety(probabilities, worst)
        return worst, safe, _severity(safe, self._graded(worst))

    def _by_category(self, probabilities: Floats) -> Floats:
        """Labels of one category together: exclusive ones add up, of independent ones the likelier."""
        together = np.sum if self.activation == "softmax" else np.max
        columns = [
            together(
                probabilities[:, [n for n, label in enumerate(self.labels) if self.categories.get(label) == key]],
                axis=1,
            )
            for key in self.category_keys
        ]
        return np.stack(columns, axis=1)

    def _safety(self, probabilities: Floats, worst: Floats) -> Floats:
        if not self.safe:
            return 1.0 - worst.max(axis=1)
        safe = probabilities[:, [self.labels.index(label) for label in self.safe]]
        return safe.sum(axis=1) if self.activation == "softmax" else safe.max(axis=1)

    def _graded(self, worst: Floats) -> NDArray[np.int64]:
        """The gravest of the categories that are likely; of the likeliest, where none is."""
        grades = np.array([self.severity_of[key] for key in self.category_keys])
        likely = np.maximum(worst >= 0.5, worst >= worst.max(axis=1, keepdims=True))
        return np.asarray((likely * grades).max(axis=1), dtype=np.int64)


def _sigmoid(logits: Floats) -> Floats:
    return np.asarray(1.0 / (1.0 + np.exp(-logits)))


def _softmax(logits: Floats) -> Floats:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def _severity(safe: Floats, graded: NDArray[np.int64]) -> NDArray[np.int64]:
    """Severity 0 if and only if being safe is at least as likely as not."""
    return np.where(safe >= 0.5, 0, graded)


def _label_of(severity: Mapping[str, int], level: int) -> str:
    return next(label for label, value in severity.items() if value == level)


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
    if not isinstance(table.get("label_set"), str) or not isinstance(table.get("categories"), dict):
        return "label_set and [categories] are required"
    if not table["categories"] or not all(isinstance(key, str) for key in table["categories"].values()):
        return "[categories] maps at least one label to a category"
    if table.get("activation", "sigmoid") not in ("sigmoid", "softmax"):
        return "activation is sigmoid or softmax"
    if table.get("reads", "pair") not in ("pair", "response"):
        return "reads is pair or response"
    window = table.get("window")
    if window is not None and (type(window) is not int or window < 16):
        return "window is a number of tokens, at least 16"
    for key, kind in (("severity", dict), ("severity_of", dict), ("safe", list), ("ignore", list)):
        if not isinstance(table.get(key, kind()), kind):
            return f"{key} is of the wrong kind"
    return None


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
        levels = [level for level in head.values() if type(level) is int]
        return None if sorted(levels) == [0, 1, 2, 3] else "[severity] names one label for each of 0, 1, 2, 3"
    graded = table.get("severity_of", {})
    for key in table["categories"].values():
        if type(graded.get(key)) is not int or not 1 <= graded[key] <= 3:
            return f"[severity_of] must give the category {key!r} a severity of 1, 2 or 3"
    return None
