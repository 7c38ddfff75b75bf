"""Narrowing beside those who give back: no place too many stays, none too few is left."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from uuid import UUID

import pytest
from django.db import OperationalError

from annotation import assigning, campaigns, holding, leaving, narrowing, returning, settling
from annotation.assigning import Assignment
from annotation.models import Annotator, Campaign, Due, Slot
from datasets_app.models import Item
from datasets_app.vocabulary import ItemState
from tests import build
from tests.actors import PATIENCE, Actor, wait_for_a_lock
from tests.annotation.answering import submit
from tests.annotation.weakening import weakened
from tests.cast import annotators

pytestmark = pytest.mark.django_db(transaction=True)

# To an item with one response.
SAFE = {"safe": {"a": True}}


@pytest.fixture
def two() -> Iterator[tuple[Actor, Actor]]:
    """Two connections; the second one is impatient."""
    first, second = Actor(), Actor(impatient=50)
    yield first, second
    first.leaves()
    second.leaves()


def held(crowd: list[Annotator], campaign: Campaign) -> list[Assignment]:
    return [assigning.leases(one, campaign, want=1)[0] for one in crowd]


# --- Given back while fewer are asked for, where nothing else tells settling of it


def comes_back_too_late(somebody: Actor, *, overlap: int) -> tuple[Campaign, list[Annotator]]:
    """Of one step Ana did her place, and Ben gives his back as the overlap goes down to one.

    Settling has looked at Ana's answer before: no note is left of that. The others have theirs.
    """
    dataset = build.dataset("beavertails")
    build.item(dataset)
    campaign = build.campaign(dataset, overlap=overlap)
    ana, ben, *others = annotators(overlap, dataset)
    submit(ana, held([ana], campaign)[0], answers=SAFE)
    bens, *_theirs = held([ben, *others], campaign)
    assert settling.settle_ripe().settled == 0
    assert not Due.objects.exists()
    somebody.begin()
    assert somebody.does(holding.release, ben, bens.token)  # all are asked for, as far as he sees
    campaigns.set_overlap(campaign, 1, by=None)
    somebody.commit()
    return campaign, others


def test_what_comes_back_is_noted_by_itself_and_the_item_settles(two: tuple[Actor, Actor]) -> None:
    comes_back_too_late(two[0], overlap=2)
    assert settling.settle_ripe().settled == 1
    assert Slot.objects.count() == 1


def test_without_that_note_the_place_stays_and_the_item_waits(two: tuple[Actor, Actor]) -> None:
    note = "SELECT DISTINCT campaign_id, item_id FROM gone"
    with weakened((returning, "_OF_TOKEN"), guard=note, instead=f"{note} WHERE false"):
        comes_back_too_late(two[0], overlap=2)
    assert settling.settle_ripe().settled == 0
    assert Slot.objects.count() == 2
    assert Item.objects.get().state == ItemState.OPEN


# --- Settling has the item, and who leaves has the places


def settled_while_cy_leaves(two: tuple[Actor, Actor]) -> None:
    """Settling locked the item; then Cy's work ends, who waits for it and has the open place."""
    leaver, settler = two
    _campaign, (cy,) = comes_back_too_late(leaver, overlap=3)
    narrow_settling = narrowing.narrow_settling
    leaving_now: list[Future[leaving.Ended]] = []

    def narrow_later(campaign: Campaign, items: Sequence[UUID]) -> list[UUID]:
        leaving_now.append(leaver.starts(leaving.revoke, cy, campaign, by=None))
        wait_for_a_lock(unless=leaving_now[0])
        return narrow_settling(campaign, items)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(narrowing, "narrow_settling", narrow_later)
        try:
            settler.does(settling.settle_ripe)
        finally:
            leaving_now[0].result(PATIENCE)


def test_settling_passes_over_places_of_who_waits_for_the_item(two: tuple[Actor, Actor]) -> None:
    settled_while_cy_leaves(two)
    assert Slot.objects.count() == 2  # the one that Ben gave back, passed over
    assert settling.settle_ripe().settled == 1
    assert Slot.objects.count() == 1


def test_if_it_waited_each_would_wait_for_the_other(two: tuple[Actor, Actor]) -> None:
    with (
        weakened((narrowing, "_NARROW"), guard="{waiting}"),
        pytest.raises(OperationalError, match="lock timeout"),
    ):
        settled_while_cy_leaves(two)


# --- Somebody is just looking at the place, when settling looks at the item


def settled_while_somebody_looks(two: tuple[Actor, Actor]) -> int:
    """How many notes are left of the item whose place was locked."""
    looker, _other = two
    comes_back_too_late(looker, overlap=2)
    looker.begin()
    assert looker.does(list, Slot.objects.select_for_update().filter(state="open"))
    settling.settle_ripe()
    looker.commit()
    return Due.objects.count()


def test_settling_looks_again_at_what_somebody_was_looking_at(two: tuple[Actor, Actor]) -> None:
    assert settled_while_somebody_looks(two) > 0
    assert settling.settle_ripe().settled == 1
    assert Slot.objects.count() == 1


def test_if_it_forgot_the_place_would_stay(two: tuple[Actor, Actor]) -> None:
    narrow_settling = narrowing.narrow_settling

    def forgetful(campaign: Campaign, items: Sequence[UUID]) -> list[UUID]:
        narrow_settling(campaign, items)
        return []

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(narrowing, "narrow_settling", forgetful)
        assert settled_while_somebody_looks(two) == 0
    assert settling.settle_ripe().settled == 0
    assert Slot.objects.count() == 2


# --- Two who give back at once


def two_to_come_back() -> tuple[tuple[Annotator, Assignment], tuple[Annotator, Assignment]]:
    """Ana answered, Ben and Cy have what she had, and fewer are asked for by now: two of three."""
    dataset = build.dataset("beavertails")
    build.item(dataset)
    campaign = build.campaign(dataset)
    ana, ben, cy = annotators(3, dataset)
    submit(ana, held([ana], campaign)[0], answers=SAFE)
    bens, cys = held([ben, cy], campaign)
    campaigns.set_overlap(campaign, 2, by=None)
    return (ben, bens), (cy, cys)


def test_two_that_come_back_at_once_are_counted_one_after_the_other() -> None:
    (ben, bens), (cy, cys) = two_to_come_back()
    first, second = Actor(), Actor()
    try:
        first.begin()
        assert first.does(holding.release, ben, bens.token)
        late = second.starts(holding.release, cy, cys.token)
        wait_for_a_lock(unless=late)
        first.commit()
        assert late.result(PATIENCE)
    finally:
        first.leaves()
        second.leaves()
    assert Slot.objects.count() == 2


def test_without_the_items_lock_both_go_and_one_too_few_is_left(two: tuple[Actor, Actor]) -> None:
    (ben, bens), (cy, cys) = two_to_come_back()
    first, second = two
    with weakened((narrowing, "_LOCK"), guard="FOR NO KEY UPDATE"):
        first.begin()
        assert first.does(holding.release, ben, bens.token)
        assert second.does(holding.release, cy, cys.token)
        first.commit()
    assert Slot.objects.count() == 1
