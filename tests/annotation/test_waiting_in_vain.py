"""Follow-ups that wait in vain are given up, and not beside their person, who is just at work."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone

from annotation import assigning, holding, labelling, reopening
from annotation.assigning import Assignment
from annotation.labelling import NotOpen
from annotation.models import Annotation, Annotator, Campaign, Slot
from annotation.vocabulary import SlotState, Standing
from moderation import reviewing
from tests import build
from tests.actors import PATIENCE, Actor, wait_for_a_lock
from tests.annotation.answering import PLAIN, submit, work
from tests.annotation.promises import no_promise_is_broken
from tests.annotation.weakening import weakened
from tests.cast import annotators, person
from tests.history import rewrite

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def two() -> Iterator[tuple[Actor, Actor]]:
    first, second = Actor(), Actor()
    yield first, second
    first.leaves()
    second.leaves()


class Desk:
    """Ana and Ben each did the first look at a film, more than a day ago; what follows waits."""

    def __init__(self) -> None:
        dataset = build.dataset("safesora")
        build.items(2, dataset)
        self.campaign: Campaign = build.campaign(dataset, overlap=1)
        self.ana: Annotator
        self.ben: Annotator
        self.cy: Annotator
        self.ana, self.ben, self.cy = annotators(3, dataset)
        for one in (self.ana, self.ben):
            submit(one, self.next_of(one))
        rewrite(Annotation.objects.all(), created_at=timezone.now() - timedelta(hours=25))
        self.bens = Annotation.objects.get(annotator=self.ben)

    def next_of(self, one: Annotator) -> Assignment:
        return assigning.leases(one, self.campaign, want=1)[0]

    def revises(self) -> None:
        labelling.revise(self.ben, self.bens, key=uuid4(), answers=PLAIN["pilot"])

    def follows(self) -> None:
        submit(self.ben, self.next_of(self.ben))

    def anas_place_is_held(self) -> None:
        list(Slot.objects.select_for_update().filter(annotator=self.ana))

    def swept_while(self, two: tuple[Actor, Actor], does: Callable[[], object]) -> None:
        """The sweep waits for a place of Ana's when Ben does something, at his own connection."""
        holder, sweeper = two
        worker = Actor()
        try:
            holder.begin()
            holder.does(self.anas_place_is_held)
            sweeping = sweeper.starts(holding.expire_leases)
            wait_for_a_lock(unless=sweeping)
            working = worker.starts(does)
            _until_done_or_two_wait(working.done)
            holder.commit()
            sweeping.result(PATIENCE)
            working.exception(PATIENCE)
        finally:
            worker.leaves()


def _until_done_or_two_wait(is_done: Callable[[], bool]) -> None:
    with connection.cursor() as cursor:
        while not is_done():
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
                " AND datname = current_database()"
            )
            if cursor.fetchall()[0][0] > 1:
                return


WAYS: dict[str, Callable[[Desk], Callable[[], None]]] = {
    "answers anew": lambda desk: desk.revises,
    "answers what follows": lambda desk: desk.follows,
}


@pytest.mark.parametrize("way", list(WAYS))
def test_who_works_while_the_sweep_waits_for_another_leaves_no_vote_on_an_open_place(
    way: str, two: tuple[Actor, Actor]
) -> None:
    desk = Desk()
    desk.swept_while(two, WAYS[way](desk))
    no_promise_is_broken()
    assert Annotation.objects.filter(standing=Standing.SET_ASIDE).count() == 2  # the first looks
    for one in (desk.ben, desk.cy):
        work(one, desk.campaign)
    assert not Slot.objects.exclude(state=SlotState.DONE).exists()
    no_promise_is_broken()


@pytest.mark.parametrize("way", list(WAYS))
def test_if_the_sweep_locked_nobody_the_vote_would_stay_on_an_open_place(
    way: str, two: tuple[Actor, Actor]
) -> None:
    with weakened((reopening, "_WAITED_FOR"), guard="FOR NO KEY UPDATE SKIP LOCKED"):
        desk = Desk()
        desk.swept_while(two, WAYS[way](desk))
    done = Slot.objects.filter(state=SlotState.DONE)
    assert Annotation.objects.filter(standing=Standing.COUNTED).count() > done.count()


def test_what_its_person_is_just_answering_anew_is_passed_over(two: tuple[Actor, Actor]) -> None:
    ben, sweeper = two
    desk = Desk()
    ben.begin()
    ben.does(desk.revises)
    assert sweeper.does(holding.expire_leases) == 1  # Ana's
    ben.commit()
    assert holding.expire_leases() == 0  # Ben's is new again
    no_promise_is_broken()
    desk.follows()
    assert Annotation.objects.filter(annotator=desk.ben, standing=Standing.COUNTED).count() == 2


def test_who_was_swept_first_is_told_that_it_no_longer_counts() -> None:
    desk = Desk()
    assert holding.expire_leases() == 2
    with pytest.raises(NotOpen):
        desk.revises()


def test_a_follow_up_that_its_person_reported_is_given_up_without_waiting() -> None:
    dataset = build.dataset("safesora")
    item = build.item(dataset)
    campaign = build.campaign(dataset, overlap=1)
    ana, ben = annotators(2, dataset)
    submit(ana, assigning.leases(ana, campaign, want=1)[0])
    (after,) = assigning.leases(ana, campaign, want=1)
    assert labelling.report(ana, after.token, reason="x")
    # A moderator finds nothing wrong with it.
    assert reviewing.release([item.pk], by=person("mo").pk)
    assert assigning.leases(ana, campaign) == []
    holding.expire_leases()
    assert assigning.leases(ana, campaign) == []
    assert work(ben, campaign) == 2
    no_promise_is_broken()
