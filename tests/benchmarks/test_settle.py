"""The settling benchmark compares like with like."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.settle import BENCHMARK, OVERLAP, votes_of

# crowd-kit 1.4 speaks to pandas in ways that pandas is about to give up.
pytestmark = pytest.mark.filterwarnings("ignore::pandas.errors.Pandas4Warning")


def test_both_come_to_the_same_labels() -> None:
    found = {figure.name: figure for figure in BENCHMARK.run({"votes": 2_000, "workers": 20})}
    same = [figure for name, figure in found.items() if "same labels" in name]
    assert [figure.value for figure in same] == [100.0, 100.0]
    assert all(figure.value > 0 for figure in found.values())


def test_nobody_votes_twice_on_a_task() -> None:
    tasks, workers, labels = votes_of(2_000, 20, 5)
    assert len(tasks) == len(workers) == len(labels) == 2_000
    assert len(np.unique(tasks * 20 + workers)) == 2_000
    assert set(np.bincount(tasks)) == {OVERLAP}
