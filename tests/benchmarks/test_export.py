"""The export benchmark measures what it says, at a size where its figures mean nothing."""

from __future__ import annotations

import pytest

from benchmarks.export import BENCHMARK, MEASURED, VOTES_AN_ITEM
from datasets_app.models import Record, Verdict, Version


@pytest.mark.django_db
def test_every_format_is_measured_beside_its_limits() -> None:
    figures = {figure.name: figure for figure in BENCHMARK.run({"items": 6, "rounds": 1})}
    assert set(MEASURED) < set(figures)
    assert {"raw COPY of the records", "raw COPY of the join of pairs"} < set(figures)
    assert all(figure.value > 0 for name, figure in figures.items() if "memory" not in name)
    # Everything that was made up is sound: nothing stays out of the version.
    assert (Version.objects.get().size, Record.objects.count()) == (6, 6)
    assert sum(len(verdict.votes) for verdict in Verdict.objects.all()) == 6 * VOTES_AN_ITEM
