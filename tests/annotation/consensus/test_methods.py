"""Consensus is what crowd-kit says, faster, and never breaks a tie by chance."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from annotation.consensus import methods
from annotation.consensus.methods import Codes

# crowd-kit 1.4 speaks to pandas in ways that pandas is about to give up.
pytestmark = pytest.mark.filterwarnings("ignore::pandas.errors.Pandas4Warning")


def crowd(*, seed: int, n_labels: int, n_tasks: int = 300) -> tuple[Codes, Codes, Codes]:
    """Votes of 12 workers, good and bad, each at most once on a task."""
    dice = np.random.default_rng(seed)
    skill = dice.uniform(0.3, 0.95, 12)
    truth = dice.integers(0, n_labels, n_tasks)
    tasks, workers = np.nonzero(dice.random((n_tasks, 12)) < 0.4)
    right = dice.random(len(tasks)) < skill[workers]
    labels = np.where(right, truth[tasks], dice.integers(0, n_labels, len(tasks)))
    return tasks, workers, labels


def as_frame(tasks: Codes, workers: Codes, labels: Codes) -> pd.DataFrame:
    return pd.DataFrame({"task": tasks, "worker": workers, "label": labels})


def test_it_names_the_label_with_most_votes() -> None:
    found = methods.majority(np.array([0, 0, 0, 1]), np.array([2, 2, 1, 0]), n_tasks=2, n_labels=3)
    assert found.label.tolist() == [2, 0]
    assert found.share.tolist() == [pytest.approx(2 / 3), 1.0]
    assert found.votes.tolist() == [3, 1]


def test_it_names_no_label_when_the_best_are_tied() -> None:
    found = methods.majority(np.array([0, 0]), np.array([0, 1]), n_tasks=1, n_labels=2)
    assert found.label.tolist() == [-1]
    assert found.share.tolist() == [0.5]


def test_it_names_no_label_where_nobody_voted() -> None:
    empty = np.array([], dtype=np.int64)
    for found in (
        methods.majority(empty, empty, n_tasks=2, n_labels=2),
        methods.dawid_skene(empty, empty, empty, n_tasks=2, n_workers=0, n_labels=2),
    ):
        assert found.label.tolist() == [-1, -1]
        assert found.posterior.tolist() == [0.0, 0.0]


@pytest.mark.parametrize("seed", range(3))
def test_majority_agrees_with_crowd_kit_where_there_is_no_tie(seed: int) -> None:
    from crowdkit.aggregation import MajorityVote

    tasks, workers, labels = crowd(seed=seed, n_labels=4)
    ours = methods.majority(tasks, labels, n_tasks=300, n_labels=4).label
    theirs = MajorityVote().fit_predict(as_frame(tasks, workers, labels))
    decided = [task for task in theirs.index if ours[task] >= 0]
    assert len(decided) > 200
    assert [ours[task] for task in decided] == theirs[decided].tolist()


@pytest.mark.parametrize("n_labels", [2, 5, 20])
@pytest.mark.parametrize("seed", range(2))
def test_dawid_skene_agrees_with_crowd_kit(seed: int, n_labels: int) -> None:
    from crowdkit.aggregation import DawidSkene

    tasks, workers, labels = crowd(seed=seed, n_labels=n_labels)
    ours = methods.dawid_skene(tasks, workers, labels, n_tasks=300, n_workers=12, n_labels=n_labels)
    theirs = DawidSkene(n_iter=100).fit(as_frame(tasks, workers, labels))
    assert theirs.labels_ is not None
    assert theirs.probas_ is not None
    decided = [task for task in theirs.labels_.index if ours.label[task] >= 0]
    assert len(decided) > 280
    assert [ours.label[task] for task in decided] == theirs.labels_[decided].tolist()
    assert [ours.posterior[task] for task in decided] == pytest.approx(
        theirs.probas_.loc[decided].max(axis=1).tolist(), abs=1e-6
    )


def test_dawid_skene_learns_whom_to_believe() -> None:
    """Worker 2 always says the opposite: two against one, and still the one is right."""
    truth = np.tile([0, 1], 50)
    tasks = np.repeat(np.arange(100), 3)
    workers = np.tile([0, 1, 2], 100)
    labels = np.where(workers == 2, 1 - truth[tasks], truth[tasks])
    last = np.array([100, 100])
    found = methods.dawid_skene(
        np.concatenate([tasks, last]),
        np.concatenate([workers, [2, 2]])[: len(tasks) + 2],
        np.concatenate([labels, [0, 0]]),
        n_tasks=101,
        n_workers=3,
        n_labels=2,
    )
    assert found.label[:100].tolist() == truth.tolist()
    assert found.label[100] == 1


def test_dawid_skene_breaks_no_tie() -> None:
    found = methods.dawid_skene(
        np.array([0, 0]), np.array([0, 1]), np.array([0, 1]), n_tasks=1, n_workers=2, n_labels=2
    )
    assert found.label.tolist() == [-1]


def test_labels_that_nobody_gave_change_nothing() -> None:
    tasks, workers, labels = crowd(seed=1, n_labels=3)
    few = methods.dawid_skene(tasks, workers, labels, n_tasks=300, n_workers=12, n_labels=3)
    more = methods.dawid_skene(tasks, workers, labels, n_tasks=300, n_workers=12, n_labels=9)
    assert few.label.tolist() == more.label.tolist()
    assert few.posterior == pytest.approx(more.posterior)
