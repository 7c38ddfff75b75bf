"""Charts as numbers for SVG attributes: the templates draw, nothing here knows markup."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a chart whose box is 400 × 120 units, the base line at y = 100."""

    label: str
    number: int
    x: float
    y: float
    width: float
    height: float


def bars(series: Sequence[tuple[str, int]]) -> list[Bar]:
    """Bars of equal width for (label, number) pairs, the tallest 90 units high."""
    tallest = max((number for _, number in series), default=0) or 1
    pitch = 400 / max(len(series), 1)
    return [
        Bar(
            label=label,
            number=number,
            x=round(index * pitch + pitch * 0.15, 2),
            y=round(100 - 90 * number / tallest, 2),
            width=round(pitch * 0.7, 2),
            height=round(90 * number / tallest, 2),
        )
        for index, (label, number) in enumerate(series)
    ]


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a heat map; `heat` is 0 for none and 1-9 by its share of the largest."""

    number: int
    heat: int


def heat(rows: Sequence[tuple[str, Sequence[int]]]) -> list[tuple[str, list[Cell]]]:
    """The rows as cells, on one scale for the whole table."""
    largest = max((number for _, numbers in rows for number in numbers), default=0) or 1
    return [
        (label, [Cell(n, 0 if n == 0 else max(1, round(9 * n / largest))) for n in numbers])
        for label, numbers in rows
    ]


@dataclass(frozen=True, slots=True)
class Band:
    """A stretch of a scale from 0 to 1."""

    x: float
    width: float


def band(low: float | None, high: float | None) -> Band | None:
    """From `low` to `high`; what lies below 0 is cut off. None where there is nothing to draw."""
    if low is None or high is None or high <= 0:
        return None
    return Band(round(max(low, 0), 4), round(high - max(low, 0), 4))


def line(points: Sequence[tuple[int, float | None]], *, days: int) -> str:
    """Points of a line for (day, value) pairs in a box of 100 × 20 units, values from 0 to 1.

    A value below 0 lies at the bottom. "" of fewer than two points on the last `days` days.
    """
    known = [(day, value) for day, value in points if value is not None and 0 <= day < days]
    if len(known) < 2:
        return ""
    return " ".join(
        f"{100 * day / (days - 1):.1f},{20 - 20 * max(value, 0):.1f}" for day, value in known
    )
