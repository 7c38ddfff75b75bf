"""Crowds over few places: each is given once, and nobody goes while one may come back."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from django.db import connections

from annotation import assigning, holding, placing, walking
from annotation.models import Annotation, Annotator, Campaign, Slot
from annotation.vocabulary import SlotState, Standing
from datasets_app.models import Dataset
from tests import build
from tests.actors import Actor, all_at_once
from tests.annotation.answering import submit, work_until_nothing
from tests.annotation.promises import no_promise_is_broken
from tests.cast import annotators

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_crowd_over_few_places_gives_each_one_vote(dataset: Dataset, campaign: Campaign) -> None:
    crowd = annotators(16, dataset)
    done = all_at_once(*(partial(work_until_nothing, one, campaign) for one in crowd))
    assert sum(number for number in done if isinstance(number, int)) == 4 * 3 * 3, done
    assert set(Slot.objects.values_list("state", flat=True)) == {"done"}
    votes = Counter(Annotation.objects.values_list("item", "step"))
    assert set(votes.values()) == {3}
    no_promise_is_broken()


def _sixty_four_over_the_last_places(*, gives_up_early: bool) -> list[int | Exception]:
    """Ten of thirty places are locked by somebody who gives them up: when the others are taken,
    or only when everybody has gone home."""
    dataset = build.dataset()
    build.items(10, dataset)
    campaign = build.campaign(dataset, overlap=1)
    first, *crowd = annotators(65, dataset)
    holder = Actor()
    try:
        holder.begin()
        assert len(holder.does(assigning.leases, first, campaign, want=10)) == 10
        with ThreadPoolExecutor(max_workers=1) as watch:
            if gives_up_early:
                watch.submit(_give_up_when_all_others_are_taken, holder, campaign)
            done = all_at_once(*(partial(work_until_nothing, one, campaign) for one in crowd))
    finally:
        holder.leaves()
    return done


def _give_up_when_all_others_are_taken(holder: Actor, campaign: Campaign) -> None:
    try:
        while Slot.objects.filter(campaign=campaign, state=SlotState.DONE).count() < 20:
            pass
        holder.roll_back()
    finally:
        connections.close_all()


def test_sixty_four_over_the_last_places_leave_none_and_take_none_twice() -> None:
    """Nobody is told that there is nothing while a place is only locked."""
    done = _sixty_four_over_the_last_places(gives_up_early=True)
    assert sum(number for number in done if isinstance(number, int)) == 30, done
    assert set(Slot.objects.values_list("state", flat=True)) == {SlotState.DONE}
    assert set(Counter(Annotation.objects.values_list("item", "step")).values()) == {1}
    no_promise_is_broken()


def test_without_the_query_that_minds_no_locks_places_are_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The negative control: the crowd is told that there is nothing, and goes home."""
    monkeypatch.setattr(walking, "ORACLE", "SELECT false")
    done = _sixty_four_over_the_last_places(gives_up_early=False)
    assert sum(number for number in done if isinstance(number, int)) == 20, done
    assert Slot.objects.filter(state=SlotState.OPEN).count() == 10


def test_each_of_a_crowd_with_two_tabs_is_one_person(dataset: Dataset, campaign: Campaign) -> None:
    crowd = annotators(6, dataset) * 2
    done = all_at_once(*(partial(_work_in_a_tab, one, campaign) for one in crowd))
    assert not [error for error in done if isinstance(error, Exception)]
    counted = Annotation.objects.filter(standing=Standing.COUNTED)
    assert counted.count() == 4 * 3 * 3
    assert set(Counter(counted.values_list("item", "step", "annotator")).values()) == {1}
    no_promise_is_broken()


def _work_in_a_tab(annotator: Annotator, campaign: Campaign) -> None:
    """Both tabs show the same item, so one of them is often too late: that is kept, not counted."""
    while True:
        try:
            held = assigning.leases(annotator, campaign, want=1)
        except assigning.Busy:
            continue
        if not held:
            return
        submit(annotator, held[0])


def test_busy_is_not_nothing(dataset: Dataset, two: tuple[Actor, Actor]) -> None:
    """The last place is just being taken: it may come back, so nobody is told that all is done."""
    ana, ben = annotators(2, dataset)
    build.item(dataset)
    campaign = build.campaign(dataset, overlap=1)
    first, second = two
    first.begin()
    first.does(assigning.leases, ana, campaign, want=3)
    with pytest.raises(assigning.Busy):
        second.does(assigning.leases, ben, campaign)
    first.roll_back()
    assert second.does(assigning.leases, ben, campaign)


def test_while_somebody_places_nobody_is_told_that_there_is_nothing(
    dataset: Dataset, ana: Annotator, two: tuple[Actor, Actor]
) -> None:
    build.item(dataset)
    campaign = build.campaign(dataset, place=False)
    first, second = two
    first.begin()
    first.does(placing.place, campaign)
    with pytest.raises(assigning.Busy):
        second.does(assigning.leases, ana, campaign)
    first.commit()
    assert second.does(assigning.leases, ana, campaign)


def test_a_submit_and_the_sweep_at_once_lose_nothing(dataset: Dataset) -> None:
    build.items(12, dataset)
    campaign = build.campaign(dataset, overlap=1)
    crowd = annotators(6, dataset)
    held = [(one, what) for one in crowd for what in assigning.leases(one, campaign)]
    Slot.objects.filter(state=SlotState.LEASED).update(expires_at="2020-01-01T00:00:00Z")
    answers = all_at_once(
        *(partial(submit, *one) for one in held), *(holding.expire_leases for _ in range(4))
    )
    assert not [answer for answer in answers if isinstance(answer, Exception)], answers
    assert Annotation.objects.filter(standing=Standing.COUNTED).count() == 12
    no_promise_is_broken()
