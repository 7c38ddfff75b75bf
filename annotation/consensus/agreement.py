"""Agreement: how alike people answer a question, beyond and with what chance would give. Pure.

The measures take counts, as `consensus.counts_of` makes them: tasks × labels.
"""

from __future__ import annotations

from typing import Literal

import krippendorff
import numpy as np

from annotation.consensus.methods import Codes

# Drawings of an interval, and the share of them that lies within.
DRAWINGS = 500
WITHIN = 0.95


def raw(counts: Codes) -> float | None:
    """The share of pairs of votes on the same task that are alike; None without any pair."""
    votes = counts.sum(axis=1)
    pairs = (votes * (votes - 1)).sum()
    if pairs == 0:
        return None
    return float((counts * (counts - 1)).sum() / pairs)


def alpha(counts: Codes, *, is_ordered: bool = False) -> float | None:
    """Krippendorff's α: 1 is perfect, 0 what chance would give, below 0 is systematic dissent.

    `is_ordered` says that the labels are ranks, so that near misses weigh less. None where it
    is not defined: fewer than two votes on every task, or only one label ever given. K.
    Krippendorff, Computing Krippendorff's Alpha-Reliability (2011).
    """
    shared = counts[counts.sum(axis=1) > 1]
    if np.count_nonzero(shared.sum(axis=0)) < 2:
        return None
    level: Literal["ordinal", "nominal"] = "ordinal" if is_ordered else "nominal"
    return float(krippendorff.alpha(value_counts=shared, level_of_measurement=level))


def interval(
    counts: Codes, *, n_items: int, is_ordered: bool = False
) -> tuple[float, float] | None:
    """Between which values α lies with 95 %: the percentile bootstrap over items.

    `counts` has as many rows for one item as for the other, item by item, because what is said of
    one item hangs together. The same votes give the same interval. None where α is not defined, or
    there is only one item.
    """
    if n_items < 2 or alpha(counts, is_ordered=is_ordered) is None:
        return None
    pairs = _coincidences(counts).reshape(n_items, -1, counts.shape[1] ** 2).sum(axis=1)
    drawn = np.random.default_rng(0).multinomial(n_items, np.full(n_items, 1 / n_items), DRAWINGS)
    alphas = _alphas((drawn @ pairs).reshape(DRAWINGS, counts.shape[1], -1), is_ordered=is_ordered)
    known = alphas[~np.isnan(alphas)]
    edges = np.quantile(known, [(1 - WITHIN) / 2, (1 + WITHIN) / 2])
    return float(edges[0]), float(edges[1])


def _coincidences(counts: Codes) -> np.ndarray[tuple[int, int, int], np.dtype[np.float64]]:
    """For each task, how often which label met which one in it: tasks × labels × labels."""
    votes = counts.sum(axis=1)
    met = counts[:, :, None] * counts[:, None, :] - counts[:, :, None] * np.eye(counts.shape[1])
    return np.asarray(met / np.maximum(votes - 1, 1)[:, None, None], dtype=np.float64)


def _alphas(
    pairs: np.ndarray[tuple[int, int, int], np.dtype[np.float64]], *, is_ordered: bool
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """α of each table of coincidences; NaN where only one label was given."""
    given = pairs.sum(axis=2)
    if is_ordered:  # ranks: how many lie between two labels, each end counted by half
        middle = given.cumsum(axis=1) - given / 2
        apart = (middle[:, :, None] - middle[:, None, :]) ** 2
    else:
        apart = np.broadcast_to(1 - np.eye(pairs.shape[1]), pairs.shape)
    observed = (pairs * apart).sum(axis=(1, 2)) * (given.sum(axis=1) - 1)
    expected = (given[:, :, None] * given[:, None, :] * apart).sum(axis=(1, 2))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(expected > 0, 1 - observed / expected, np.nan)
