"""Agreement: how alike people answer a question, beyond and with what chance would give. Pure.

Both measures take counts, as `consensus.counts_of` makes them: tasks × labels.
"""

from __future__ import annotations

from typing import Literal

import krippendorff
import numpy as np

from annotation.consensus.methods import Codes


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
