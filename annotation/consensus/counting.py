"""Counting: the votes on one question over all items, by majority or Dawid–Skene. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from annotation.consensus import agreement, methods
from annotation.consensus.coding import Ballots
from annotation.consensus.methods import Codes, Consensus
from datasets_app.vocabulary import QuestionKind, VerdictMethod

# Kinds whose labels are ranks.
ORDERED = (QuestionKind.SEVERITY, QuestionKind.SCALE)


@dataclass(frozen=True, slots=True)
class Agreement:
    """How alike people answer a question: `raw` 0-1, `alpha` after Krippendorff, at most 1."""

    votes: int
    raw: float | None
    alpha: float | None


class CountedQuestion:
    """One question's votes, counted over all spots; for categories, each category by itself."""

    def __init__(
        self, ballots: Ballots, n_spots: int, n_voters: int, method: VerdictMethod
    ) -> None:
        self.ballots = ballots
        self.question = ballots.coder.question
        self.spots, self.voters, self.codes, asked = ballots.arrays()
        self.asked = asked.astype(bool)
        self._n_spots = n_spots
        self._n_voters = n_voters
        self._method = method
        self._order = np.argsort(self.spots, kind="stable")
        self._edges = np.searchsorted(self.spots[self._order], np.arange(n_spots + 1))

    def rows(self, spot: int) -> Codes:
        """Which of the votes are about this spot."""
        return self._order[self._edges[spot] : self._edges[spot + 1]]

    @cached_property
    def whole(self) -> Consensus:
        """The consensus of those who were asked."""
        return self._consensus(self.codes[self.asked], self.ballots.coder.n_labels)

    @cached_property
    def by_category(self) -> dict[int, Consensus]:
        """For each category that anybody named: whether it is there (label 1) or not (0)."""
        codes = self.codes[self.asked]
        named = int(np.bitwise_or.reduce(codes)) if len(codes) else 0
        bits = [bit for bit in range(self.ballots.coder.n_labels) if named >> bit & 1]
        return {bit: self._consensus(codes >> bit & 1, 2) for bit in bits}

    def agreement(self) -> Agreement:
        """For categories: whether each of those ever named is there."""
        counts = self._counts()
        return Agreement(
            int(self.asked.sum()),
            agreement.raw(counts),
            agreement.alpha(counts, is_ordered=self._is_ordered),
        )

    def interval(self, n_items: int) -> tuple[float, float] | None:
        """Between which values α lies with 95 %; the votes are on so many items."""
        return agreement.interval(self._counts(), n_items=n_items, is_ordered=self._is_ordered)

    @property
    def _is_ordered(self) -> bool:
        return self.question.kind in ORDERED

    def _counts(self) -> Codes:
        """Votes by spot and label, of categories by spot and category and whether it is there."""
        spots, codes = self.spots[self.asked], self.codes[self.asked]
        n_labels = self.ballots.coder.n_labels
        if self.ballots.coder.is_set:
            bits = list(self.by_category)
            spots = np.concatenate([spots * n_labels + bit for bit in bits] or [spots[:0]])
            codes = np.concatenate([codes >> bit & 1 for bit in bits] or [codes[:0]])
            n_spots, n_labels = self._n_spots * n_labels, 2
        else:
            n_spots = self._n_spots
        return methods.counts_of(spots, codes, n_tasks=n_spots, n_labels=n_labels)

    def _consensus(self, labels: Codes, n_labels: int) -> Consensus:
        spots, voters = self.spots[self.asked], self.voters[self.asked]
        if self._method is VerdictMethod.DAWID_SKENE:
            return methods.dawid_skene(
                spots,
                voters,
                labels,
                n_tasks=self._n_spots,
                n_workers=self._n_voters,
                n_labels=n_labels,
            )
        return methods.majority(spots, labels, n_tasks=self._n_spots, n_labels=n_labels)
