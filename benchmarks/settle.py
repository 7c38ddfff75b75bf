"""How fast a million votes become labels after Dawid and Skene, beside crowd-kit on the same."""

from __future__ import annotations

import time
import warnings
from argparse import ArgumentParser
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from annotation.consensus import methods
from annotation.consensus.methods import Codes
from benchmarks.base import Benchmark, Figure

CLASSES = (2, 20)
# An item is judged by so many people.
OVERLAP = 5
MOST_ROUNDS = 100

Found = TypeVar("Found")


def arguments(parser: ArgumentParser) -> None:
    """How many votes, of how many people."""
    parser.add_argument("--votes", type=int, default=1_000_000, help="Votes in all.")
    parser.add_argument("--workers", type=int, default=200, help="People who gave them.")


def run(options: Mapping[str, Any]) -> list[Figure]:
    """Both, one after the other, for few classes and for many."""
    return [
        figure
        for classes in CLASSES
        for figure in _beside(options["votes"], options["workers"], classes)
    ]


def votes_of(number: int, workers: int, classes: int, *, seed: int = 1) -> tuple[Codes, ...]:
    """Tasks, workers and labels of so many votes: good people and bad, each once on a task."""
    dice = np.random.default_rng(seed)
    tasks = number // OVERLAP
    truth = dice.integers(0, classes, tasks)
    skill = dice.uniform(0.5, 0.95, workers)
    task = np.repeat(np.arange(tasks), OVERLAP)
    # Neighbours in a ring that begins anywhere: nobody comes twice to a task.
    worker = (dice.integers(0, workers, tasks)[:, None] + np.arange(OVERLAP)).ravel() % workers
    is_right = dice.random(len(task)) < skill[worker]
    label = np.where(is_right, truth[task], dice.integers(0, classes, len(task)))
    return task, worker, label


def _beside(number: int, workers: int, classes: int) -> Iterator[Figure]:
    # Only here: it takes seconds, which the other benchmarks need not wait.
    from crowdkit.aggregation import DawidSkene

    tasks, people, labels = votes_of(number, workers, classes)
    counts = {"n_tasks": int(tasks.max()) + 1, "n_workers": workers, "n_labels": classes}
    frame = pd.DataFrame({"task": tasks, "worker": people, "label": labels})
    ours, seconds = _timed(
        lambda: methods.dawid_skene(tasks, people, labels, most_rounds=MOST_ROUNDS, **counts)
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # crowd-kit 1.4 speaks to pandas as it did in the past
        theirs, their_seconds = _timed(lambda: DawidSkene(n_iter=MOST_ROUNDS).fit_predict(frame))
    same = ours.label[theirs.index.to_numpy()] == theirs.to_numpy()
    what = f"{number:,} votes, {classes} classes"
    yield Figure(f"{what}: crowd-kit", their_seconds, "s")
    yield Figure(f"{what}: Castor", seconds, "s", goal=their_seconds, less_is_better=True)
    yield Figure(f"{what}: the same labels", 100 * float(same.mean()), "%", goal=99.99)


def _timed(act: Callable[[], Found]) -> tuple[Found, float]:
    began = time.perf_counter()
    found = act()
    return found, time.perf_counter() - began


BENCHMARK = Benchmark("settle", "Settling by Dawid–Skene", arguments, run)
