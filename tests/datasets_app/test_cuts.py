"""Cuts as rows: one at a time, one version each, and progress that others see meanwhile."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import connection

from datasets_app import cuts, jobs, versions
from datasets_app.models import Cut, Dataset, Event, Record, Version
from datasets_app.recipe import Recipe
from datasets_app.vocabulary import JobState
from tests import build
from tests.datasets_app import settled

pytestmark = pytest.mark.django_db


def a_dataset(items: int = 4) -> Dataset:
    dataset = build.dataset("pku_saferlhf", slug="lodge")
    for number in range(items):
        settled.item(dataset, asks=f"Question {number}?")
    return dataset


def test_a_worker_cuts_what_waits() -> None:
    dataset = a_dataset()
    cut = cuts.request(dataset, Recipe(size=3, seed=7), None)
    assert (cut.state, cut.total_rows) == (JobState.QUEUED, 4)
    assert cuts.run_waiting() == 1
    assert cuts.run_waiting() == 0
    cut.refresh_from_db()
    assert (cut.state, cut.version.size, cut.version.recipe["seed"]) == (JobState.DONE, 3, 7)
    told = Event.objects.filter(verb="cut", subject=f"cut:{cut.pk}").order_by("id")
    assert [event.after for event in told] == ["queued", "running", "done"]


def test_it_is_the_version_that_the_command_would_have_cut() -> None:
    dataset = a_dataset()
    by_hand = versions.cut(dataset, Recipe(), None)
    cut = cuts.request(dataset, Recipe(), None)
    cuts.run_waiting()
    assert Version.objects.get(asked=cut).recipe == by_hand.recipe
    bodies = [
        list(Record.objects.filter(version=version).values_list("item", flat=True))
        for version in (by_hand, cut.version)
    ]
    assert bodies[0] == bodies[1]


def test_one_at_a_time() -> None:
    dataset = a_dataset()
    cuts.request(dataset, Recipe(), None)
    with pytest.raises(cuts.AlreadyCutting):
        cuts.request(dataset, Recipe(), None)
    cuts.run_waiting()
    cuts.request(dataset, Recipe(), None)


def test_nothing_to_cut_is_said_once_and_not_tried_again() -> None:
    cut = cuts.request(a_dataset(), Recipe(minimum_votes=9), None)
    assert cuts.run_waiting() == 1
    cut.refresh_from_db()
    assert (cut.state, cut.attempts) == (JobState.FAILED, 1)
    assert "4" in cut.error
    assert not Version.objects.exists()


def test_a_worker_that_died_after_the_cut_leaves_one_version() -> None:
    cut = cuts.request(a_dataset(), Recipe(), None)
    assert jobs.claim(Cut) is not None
    versions.cut(cut.dataset, Recipe(), None, asked=cut)
    Cut.objects.update(leased_until="2000-01-01T00:00:00Z")
    assert cuts.run_waiting() == 1
    cut.refresh_from_db()
    assert (cut.state, Version.objects.count()) == (JobState.DONE, 1)


@pytest.mark.django_db(transaction=True)
def test_others_see_how_far_it_is_before_its_transaction_ends(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[int] = []
    seen_three = threading.Event()
    renew = jobs.renew

    def watched(job: Cut, **progress: Any) -> None:
        renew(job, **progress)
        seen.append(progress["done_rows"])
        if progress["done_rows"] == 3:
            seen_three.set()

    cut = cuts.request(a_dataset(), Recipe(), None)
    claimed = jobs.claim(Cut)
    assert claimed is not None
    monkeypatch.setattr(jobs, "TELL_SECONDS", 0.001)
    monkeypatch.setattr(jobs, "renew", watched)
    with jobs.kept_beside(claimed) as tell:
        tell(3)
        assert seen_three.wait(20)
    cut.refresh_from_db()
    assert cut.done_rows == 3


@pytest.mark.django_db(transaction=True)
def test_a_cut_that_was_lost_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    cuts.request(a_dataset(), Recipe(), None)
    claimed = jobs.claim(Cut)
    assert claimed is not None
    Cut.objects.update(fence=9)
    monkeypatch.setattr(jobs, "TELL_SECONDS", 0.001)

    def until_told() -> None:
        for done in range(100_000_000):
            tell(done)

    with jobs.kept_beside(claimed) as tell, pytest.raises(jobs.LostLease):
        until_told()
    assert connection.is_usable()
