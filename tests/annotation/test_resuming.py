"""Resuming: what was held back and released goes on where people had stopped, and settles."""

from __future__ import annotations

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from annotation import assigning, campaigns, labelling, resuming, settling
from annotation.models import Annotator, Campaign, Due, Slot
from annotation.quality import gold
from config.management.commands.invariants import CHECKS, rows_breaking
from datasets_app import ledger
from datasets_app.models import Dataset, Event, Item
from datasets_app.protocols import protocol_named
from datasets_app.vocabulary import ItemState
from moderation import reviewing
from tests import build
from tests.actors import all_at_once
from tests.annotation.answering import submit, work
from tests.annotation.checked import mixing
from tests.annotation.promises import no_promise_is_broken
from tests.annotation.test_checks import at_once
from tests.cast import annotators, person
from tests.history import unguarded

pytestmark = pytest.mark.django_db


@pytest.fixture
def dataset() -> Dataset:
    return build.dataset()


@pytest.fixture
def item(dataset: Dataset) -> Item:
    return build.item(dataset)


@pytest.fixture
def campaign(dataset: Dataset, item: Item) -> Campaign:
    return build.campaign(dataset, overlap=2)


@pytest.fixture
def crowd(dataset: Dataset) -> list[Annotator]:
    return annotators(3, dataset)


def settled(item: Item, campaign: Campaign, people: list[Annotator]) -> None:
    for one in people:
        work(one, campaign)
    settling.settle_ripe()
    assert state_of(item) == ItemState.SETTLED


def state_of(item: Item) -> str:
    return Item.objects.get(pk=item.pk).state


def held_back(item: Item) -> None:
    """Because a file that it shows cannot be rendered."""
    ledger.move(
        [item.pk],
        before=ItemState(state_of(item)),
        after=ItemState.QUARANTINED,
        verb="quarantine",
    )


def released(item: Item) -> None:
    assert reviewing.release([item.pk], by=person("mo").pk) == [item.pk]


def places(item: Item) -> dict[str, int]:
    """How many places each step has."""
    steps = list(Slot.objects.filter(item=item).values_list("step", flat=True))
    return {step: steps.count(step) for step in steps}


def test_an_item_that_became_ripe_while_it_was_held_back_settles_when_it_is_released() -> None:
    dataset = build.dataset("beavertails")
    item, campaign = build.item(dataset), build.campaign(dataset, overlap=2)
    ana, ben = annotators(2, dataset)
    held = assigning.leases(ben, campaign, want=1)[0]
    submit(ana, assigning.leases(ana, campaign, want=1)[0], answers={"safe": {"a": True}})
    assert labelling.report(ben, held.token, reason="private")
    settling.settle_ripe()
    campaigns.set_overlap(campaign, 1, by=None)
    settling.settle_ripe()
    assert not Due.objects.exists()
    released(item)
    settling.settle_ripe()
    assert state_of(item) == ItemState.SETTLED
    no_promise_is_broken()


def test_a_settled_item_reported_from_a_check_settles_again_when_it_is_released(
    dataset: Dataset, item: Item, campaign: Campaign, crowd: list[Annotator]
) -> None:
    settled(item, campaign, crowd[:2])
    protocol = protocol_named(dataset.protocol)
    expected = gold.settled_answers(item, protocol, protocol.step("safety"))
    gold.make(campaign, item, "safety", expected=expected, by=None)
    build.items(5, dataset)
    campaign = mixing(build.campaign(dataset))
    cid = crowd[2]
    at_once(cid, campaign)
    held = assigning.leases(cid, campaign, want=1)[0]
    assert held.check
    assert labelling.report(cid, held.token, reason="private")
    released(item)
    settling.settle_ripe()
    assert state_of(item) == ItemState.SETTLED


def test_places_that_an_item_lacks_since_the_overlap_was_raised_are_filled(
    item: Item, campaign: Campaign, crowd: list[Annotator]
) -> None:
    settled(item, campaign, crowd[:2])
    campaigns.set_overlap(campaign, 3, by=None)
    held_back(item)
    released(item)
    settling.settle_ripe()
    assert places(item) == {"safety": 3, "helpful": 3, "safer": 3}
    assert state_of(item) == ItemState.OPEN
    work(crowd[2], campaign)
    settling.settle_ripe()
    assert state_of(item) == ItemState.SETTLED
    no_promise_is_broken()


def test_every_release_is_gone_on_with_once(
    item: Item, campaign: Campaign, crowd: list[Annotator]
) -> None:
    work(crowd[0], campaign, at_most=1)
    settling.settle_ripe()
    for times in (1, 2):
        held_back(item)
        assert resuming.resume(campaign) == 0  # nobody released it yet
        released(item)
        assert [resuming.resume(campaign) for _ in range(2)] == [1, 0]
        assert Event.objects.filter(item=item.pk, verb="resume").count() == times
        settling.settle_ripe()


def test_what_nobody_had_begun_is_left_to_those_who_place(dataset: Dataset) -> None:
    item = build.item(dataset, state=ItemState.QUARANTINED)
    released(item)
    campaign = build.campaign(dataset, place=False)
    assert resuming.resume(campaign) == 0
    assert build.campaign(dataset).slots.filter(item=item).exists()
    assert resuming.resume(campaign) == 0


def test_where_nothing_came_back_nobody_waits_for_the_campaign(
    item: Item, campaign: Campaign
) -> None:
    with CaptureQueriesContext(connection) as queries:
        assert resuming.resume(campaign) == 0
    assert len(queries) == 1


def test_what_was_held_back_is_found_by_its_index(item: Item, campaign: Campaign) -> None:
    values = {"dataset": campaign.dataset_id, "campaign": campaign.pk, "limit": 10}
    with transaction.atomic(), connection.cursor() as cursor:
        # The tables are too small for any index to pay.
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
        cursor.execute(f"EXPLAIN {resuming._BACK}", values)
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "event_quarantined" in plan, plan


@pytest.mark.parametrize(
    ("title", "fault"),
    [
        (
            "An open item whose places are all done is noted to be settled",
            "DELETE FROM annotation_due",
        ),
        (
            "An open item that is begun has all its places",
            "UPDATE annotation_campaign SET overlap = 3",
        ),
    ],
)
def test_what_has_just_been_released_breaks_no_promise(
    item: Item, campaign: Campaign, crowd: list[Annotator], title: str, fault: str
) -> None:
    """Until the next sweep it may lack what it needs; after five minutes it may not."""
    (check,) = [check for check in CHECKS if check.title == title]
    for one in crowd[:2]:
        work(one, campaign)
    held_back(item)
    released(item)
    with connection.cursor() as cursor:
        cursor.execute(fault)
    assert rows_breaking(check) == []
    with unguarded("_event_append_only"), connection.cursor() as cursor:
        cursor.execute("UPDATE datasets_app_event SET at = at - interval '6 minutes'")
    assert rows_breaking(check)


@pytest.mark.django_db(transaction=True)
def test_two_sweeps_at_once_go_on_with_an_item_once(
    item: Item, campaign: Campaign, crowd: list[Annotator]
) -> None:
    settled(item, campaign, crowd[:2])
    campaigns.set_overlap(campaign, 4, by=None)
    held_back(item)
    released(item)
    assert sorted(all_at_once(*[lambda: resuming.resume(campaign)] * 2), key=str) == [0, 1]
    assert places(item) == {"safety": 4, "helpful": 4, "safer": 4}
    assert Event.objects.filter(verb="resume").count() == 1
