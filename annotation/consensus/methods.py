"""Consensus: what many votes say together, by majority or after Dawid and Skene. Pure numpy.

Votes are three arrays of equal length: the vote's task (0 … n_tasks-1), its worker, its label. A
label of -1 in a result says that the votes name none: there were none, or the best are tied.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Codes: TypeAlias = "NDArray[np.int64]"
Shares: TypeAlias = "NDArray[np.float64]"

# As crowd-kit has it, so that both come to the same labels.
_SMALLEST = 1e-10
# Two posteriors closer than this are the same.
_SAME = 1e-9


@dataclass(frozen=True, slots=True)
class Consensus:
    """For each task: the label, the share of its votes that say so, its probability, its votes.

    Of tied labels the share is that of each; `label` is then -1. `posterior` is 0-1 under the
    method (for majority it is the share); all are 0 where nobody voted.
    """

    label: Codes
    share: Shares
    posterior: Shares
    votes: Codes


def counts_of(tasks: Codes, labels: Codes, *, n_tasks: int, n_labels: int) -> Codes:
    """How many votes each label has in each task, as n_tasks × n_labels."""
    flat = np.bincount(tasks * n_labels + labels, minlength=n_tasks * n_labels)
    return flat.reshape(n_tasks, n_labels)


def majority(tasks: Codes, labels: Codes, *, n_tasks: int, n_labels: int) -> Consensus:
    """The label with most votes. Ties are not broken: the label is -1."""
    counts = counts_of(tasks, labels, n_tasks=n_tasks, n_labels=n_labels)
    votes = counts.sum(axis=1)
    most = counts.max(axis=1)
    is_tied = (counts == most[:, None]).sum(axis=1) > 1
    label = np.where(is_tied | (votes == 0), -1, counts.argmax(axis=1))
    share = most / np.maximum(votes, 1)
    return Consensus(label, share, share, votes)


def dawid_skene(
    tasks: Codes,
    workers: Codes,
    labels: Codes,
    *,
    n_tasks: int,
    n_workers: int,
    n_labels: int,
    most_rounds: int = 100,
    tolerance: float = 1e-5,
) -> Consensus:
    """The most probable label when each worker errs in ways of his own.

    A. P. Dawid and A. M. Skene, Maximum Likelihood Estimation of Observer Error-Rates Using the
    EM Algorithm, Applied Statistics 28 (1979). Begins with the shares of the votes and ends when
    the evidence grows by less than `tolerance` a vote, as crowd-kit does. Labels that nobody gave
    are no candidates. Equal posteriors are not broken: the label is -1.
    """
    counts = counts_of(tasks, labels, n_tasks=n_tasks, n_labels=n_labels)
    given = np.flatnonzero(counts.sum(axis=0))
    voted = np.flatnonzero(counts.sum(axis=1))
    posterior = np.zeros((n_tasks, n_labels))
    if len(voted):
        dense = np.full(n_labels, -1)
        dense[given] = np.arange(len(given))
        place = np.full(n_tasks, -1)
        place[voted] = np.arange(len(voted))
        start = counts[np.ix_(voted, given)] / counts[voted].sum(axis=1, keepdims=True)
        model = _Votes(place[tasks], workers * len(given) + dense[labels], workers)
        posterior[np.ix_(voted, given)] = model.settled(start, most_rounds, tolerance)
    return _most_probable(posterior, counts)


def _most_probable(posterior: Shares, counts: Codes) -> Consensus:
    best = posterior.argmax(axis=1)
    top = posterior.max(axis=1)
    is_tied = (posterior > (top - _SAME)[:, None]).sum(axis=1) > 1
    votes = counts.sum(axis=1)
    for_best = counts[np.arange(len(counts)), best]
    label = np.where(is_tied | (votes == 0), -1, best)
    return Consensus(label, for_best / np.maximum(votes, 1), top, votes)


class _Votes:
    """The votes in the two orders that expectation and maximisation add them up in.

    `said` codes who gave which label. Sums over runs of equal keys are `np.add.reduceat`; no
    loop sees a vote.
    """

    def __init__(self, tasks: Codes, said: Codes, workers: Codes) -> None:
        by_task = np.argsort(tasks, kind="stable")
        self.said_by_task = said[by_task]
        self.task_starts = _starts(tasks[by_task])
        by_said = np.argsort(said, kind="stable")
        self.task_by_said = tasks[by_said]
        self.said_starts = _starts(said[by_said])
        firsts = by_said[self.said_starts]
        # What was said, numbered without gaps, and the runs of one worker among it.
        self.said_by_task = np.searchsorted(said[firsts], self.said_by_task)
        self.worker_starts = _starts(workers[firsts])
        self.worker_sizes = np.diff(np.append(self.worker_starts, len(firsts)))

    def settled(self, posterior: Shares, most_rounds: int, tolerance: float) -> Shares:
        """The posteriors, tasks × labels, after as many rounds as it takes."""
        evidence = -np.inf
        prior = posterior.mean(axis=0)
        errors, _expected = self._maximised(posterior)
        for _round in range(most_rounds):
            posterior = self._expected(prior, errors)
            prior = posterior.mean(axis=0)
            errors, expected = self._maximised(posterior)
            before, evidence = evidence, self._evidence(posterior, prior, errors, expected)
            if evidence - before < tolerance:
                break
        return posterior

    def _maximised(self, posterior: Shares) -> tuple[Shares, Shares]:
        """How often a worker says this label of each true one; and the sums it comes from."""
        expected = np.add.reduceat(posterior[self.task_by_said], self.said_starts, axis=0)
        errors = np.maximum(expected, _SMALLEST)
        totals = np.add.reduceat(errors, self.worker_starts, axis=0)
        return errors / np.repeat(totals, self.worker_sizes, axis=0), expected

    def _expected(self, prior: Shares, errors: Shares) -> Shares:
        """How probable each label of a task is, given how its workers err."""
        surprise = np.log(errors)[self.said_by_task]
        likelihood = np.add.reduceat(surprise, self.task_starts, axis=0)
        likelihood += np.log(np.maximum(prior, _SMALLEST))
        likelihood -= likelihood.max(axis=1, keepdims=True)
        np.exp(likelihood, out=likelihood)
        return likelihood / likelihood.sum(axis=1, keepdims=True)

    def _evidence(
        self, posterior: Shares, prior: Shares, errors: Shares, expected: Shares
    ) -> float:
        """The lower bound of the log-likelihood, a vote."""
        joint = np.sum(expected * (np.log(errors) + np.log(np.maximum(prior, _SMALLEST))))
        certain = np.maximum(posterior, _SMALLEST)
        return float(joint - np.sum(np.log(certain) * certain)) / len(self.said_by_task)


def _starts(ordered: Codes) -> Codes:
    """Where each run of equal keys begins."""
    return np.flatnonzero(np.diff(ordered, prepend=ordered[0] - 1))
