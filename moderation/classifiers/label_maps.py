"""Turns the outputs of a model into judgements, by a map from its labels to a label set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from moderation.classifiers.contract import Judgement

Floats: TypeAlias = NDArray[np.float64]
Integers: TypeAlias = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class LabelMap:
    """How to read one model's outputs; `map_files` reads it, docs/screening.md describes it.

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
        return tuple(
            dict.fromkeys(self.categories[name] for name in self.labels if name in self.categories)
        )

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

    def _spoken(
        self, worst: Floats, safe: Floats, level: Integers, finite: NDArray[np.bool_]
    ) -> list[Judgement]:
        keys = self.category_keys
        rows = zip(worst.tolist(), safe.tolist(), level.tolist(), finite.tolist(), strict=True)
        return [
            Judgement(dict(zip(keys, row, strict=True)), severity, safety)
            if is_finite
            else Judgement.failed("the model gave a number that is not finite")
            for row, safety, severity, is_finite in rows
        ]

    def _read(self, logits: Floats) -> tuple[Floats, Floats, Integers]:
        """Of each window: a probability per category, that of being safe, and the severity."""
        head = [n for n, label in enumerate(self.labels) if label not in self.severity]
        probabilities = np.zeros_like(logits)
        activate = _softmax if self.activation == "softmax" else _sigmoid
        probabilities[:, head] = activate(logits[:, head])
        worst = self._by_category(probabilities)
        if self.severity:
            return worst, *self._by_level(logits)
        safe = self._safety(probabilities, worst)
        return worst, safe, np.where(safe >= 0.5, 0, self._graded(worst))

    def _by_level(self, logits: Floats) -> tuple[Floats, Integers]:
        """From a severity head: the probability of level 0, and the median level.

        The median, not the likeliest: levels are ordered, and "2 or 3, either" is no 1. It is 0 if
        and only if level 0 is at least as likely as all others together.
        """
        columns = [self.labels.index(_label_of(self.severity, level)) for level in range(4)]
        levels = _softmax(logits[:, columns])
        at_most = levels.cumsum(axis=1)
        return levels[:, 0], np.asarray((at_most[:, :3] < 0.5).sum(axis=1))

    def _by_category(self, probabilities: Floats) -> Floats:
        """Labels of one category: exclusive ones add up, of independent ones the likelier."""
        together = np.sum if self.activation == "softmax" else np.max
        columns = [self._columns(key) for key in self.category_keys]
        return np.stack([together(probabilities[:, some], axis=1) for some in columns], axis=1)

    def _columns(self, key: str) -> list[int]:
        """The outputs that speak of a category."""
        return [n for n, label in enumerate(self.labels) if self.categories.get(label) == key]

    def _safety(self, probabilities: Floats, worst: Floats) -> Floats:
        if not self.safe:
            return 1.0 - worst.max(axis=1)
        safe = probabilities[:, [self.labels.index(label) for label in self.safe]]
        return safe.sum(axis=1) if self.activation == "softmax" else safe.max(axis=1)

    def _graded(self, worst: Floats) -> Integers:
        """The gravest of the categories that are likely; of the likeliest, where none is."""
        grades = np.array([self.severity_of[key] for key in self.category_keys])
        likely = (worst >= 0.5) | (worst >= worst.max(axis=1, keepdims=True))
        return np.asarray((likely * grades).max(axis=1), dtype=np.int64)


def _sigmoid(logits: Floats) -> Floats:
    return np.asarray(1.0 / (1.0 + np.exp(-logits)))


def _softmax(logits: Floats) -> Floats:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def _label_of(severity: Mapping[str, int], level: int) -> str:
    return next(label for label, value in severity.items() if value == level)
