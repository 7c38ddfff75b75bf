"""Campaigns: wider, narrower, and what becomes of the work of people who leave."""

from __future__ import annotations

from collections import Counter

import pytest
from django.contrib.auth.models import User
from django.test import TestCase
from django.utils import timezone

from annotation import assigning, campaigns, holding, labelling, leaving, reopening, settling
from annotation.assigning import Assignment
from annotation.campaigns import BadOverlap
from annotation.models import Annotator, Campaign, Slot
from annotation.vocabulary import SkipReason, Standing
from datasets_app.models import Dataset, Event, Item
from datasets_app.vocabulary import ItemState
from tests import build
from tests.annotation.answering import submit, work
from tests.cast import annotators, as_annotator, cast


class TestOverlap(TestCase):
    dataset: Dataset
    cora: User
    ana: Annotator
    ben: Annotator
    items: list[Item]
    campaign: Campaign

    @classmethod
    def setUpTestData(cls) -> None:
        cls.dataset = build.dataset()
        people = cast(cls.dataset)
        cls.cora = people.cora
        cls.ana, cls.ben = as_annotator(people.ana), as_annotator(people.ben)
        cls.items = build.items(2, cls.dataset)
        cls.campaign = build.campaign(cls.dataset)

    def places(self) -> set[int]:
        """How many places the steps of the items have."""
        return set(Counter(Slot.objects.values_list("item", "step")).values())

    def test_raising_adds_places(self) -> None:
        assert campaigns.set_overlap(self.campaign, 5, by=self.cora) == 2 * 3 * 2
        assert self.places() == {5}

    def test_lowering_takes_open_places_away(self) -> None:
        assert campaigns.set_overlap(self.campaign, 1, by=self.cora) == -2 * 3 * 2
        assert self.places() == {1}

    def test_lowering_leaves_what_is_begun(self) -> None:
        crowd = annotators(3, self.dataset)
        for one in crowd:
            submit(one, assigning.leases(one, self.campaign)[0])  # and each holds the second item
        campaigns.set_overlap(self.campaign, 1, by=self.cora)
        counts = Counter(Slot.objects.values_list("item", "step", "state"))
        assert counts[self.items[0].pk, "safety", "done"] == 3
        assert counts[self.items[1].pk, "safety", "leased"] == 3
        assert counts[self.items[0].pk, "helpful", "open"] == 1

    def test_down_and_up_again_comes_to_the_same_number(self) -> None:
        work(self.ana, self.campaign, at_most=3)
        for overlap in (1, 4, 2, 9, 3):
            campaigns.set_overlap(self.campaign, overlap, by=self.cora)
            assert self.places() == {overlap}

    def test_it_is_in_the_audit_log(self) -> None:
        campaigns.set_overlap(self.campaign, 5, by=self.cora)
        event = Event.objects.get(verb="set_overlap")
        assert (event.actor, event.before, event.after) == (self.cora, "3", "5")

    def test_it_lies_between_one_and_nine(self) -> None:
        for wrong in (0, 10, -1):
            with pytest.raises(BadOverlap):
                campaigns.set_overlap(self.campaign, wrong, by=self.cora)

    def begun_by_three(self) -> tuple[list[Annotator], list[Assignment]]:
        """Three people hold one step of the first item when the overlap goes down to one."""
        crowd = annotators(3, self.dataset)
        held = [assigning.leases(one, self.campaign, want=1)[0] for one in crowd]
        campaigns.set_overlap(self.campaign, 1, by=self.cora)
        assert self.places_begun() == 3
        return crowd, held

    def places_begun(self) -> int:
        return Slot.objects.filter(item=self.items[0], step="safety").count()

    def settles(self, one: Annotator) -> bool:
        """Whether the first item settles when this person answers all that is left."""
        work(one, self.campaign)
        settling.settle_ripe()
        return Item.objects.get(pk=self.items[0].pk).state == ItemState.SETTLED

    def test_what_comes_back_beyond_a_lowered_overlap_goes(self) -> None:
        crowd, held = self.begun_by_three()
        submit(crowd[0], held[0])
        assert holding.release(crowd[1], held[1].token)
        assert labelling.skip(crowd[2], held[2].token, reason=SkipReason.UPSETTING)
        assert self.places_begun() == 1
        assert self.settles(crowd[0])

    def test_so_it_does_when_time_is_over(self) -> None:
        crowd, held = self.begun_by_three()
        submit(crowd[0], held[0])
        Slot.objects.filter(state="leased").update(expires_at=timezone.now())
        assert holding.expire_leases() == 2
        assert self.places_begun() == 1
        assert self.settles(crowd[0])

    def test_one_place_stays_when_all_come_back(self) -> None:
        crowd, held = self.begun_by_three()
        for one, what in zip(crowd, held, strict=True):
            assert holding.release(one, what.token)
        assert self.places_begun() == 1
        assert self.settles(self.ana)

    def test_what_comes_back_within_the_overlap_stays(self) -> None:
        crowd = annotators(3, self.dataset)
        for one in crowd:
            assert holding.release(one, assigning.leases(one, self.campaign, want=1)[0].token)
        assert self.places() == {3}

    def test_what_is_handed_in_after_its_place_went_is_late(self) -> None:
        crowd, held = self.begun_by_three()
        submit(crowd[0], held[0])
        assert holding.release(crowd[1], held[1].token)
        assert submit(crowd[1], held[1]).standing == Standing.LATE

    def test_places_of_who_is_set_aside_go_beyond_a_lowered_overlap(self) -> None:
        crowd = annotators(3, self.dataset)
        for one in crowd:
            work(one, self.campaign)
        settling.settle_ripe()
        campaigns.set_overlap(self.campaign, 1, by=self.cora)
        leaving.set_aside(crowd[0], self.campaign, by=self.cora, reason="clicks through")
        assert self.places() == {2}
        settling.settle_ripe()
        assert set(Item.objects.values_list("state", flat=True)) == {ItemState.SETTLED}

    def test_so_they_do_where_the_item_had_not_settled_yet(self) -> None:
        for one in (self.ana, self.ben):
            work(one, self.campaign)
        campaigns.set_overlap(self.campaign, 1, by=self.cora)
        leaving.set_aside(self.ana, self.campaign, by=self.cora, reason="a bot")
        assert not Slot.objects.filter(state="open").exists()
        settling.settle_ripe()
        assert set(Item.objects.values_list("state", flat=True)) == {ItemState.SETTLED}

    def test_places_of_follow_ups_that_nobody_took_up_go_beyond_a_lowered_overlap(self) -> None:
        dataset = build.dataset("safesora")
        build.item(dataset)
        campaign = build.campaign(dataset, overlap=2)
        for one in (crowd := annotators(2, dataset)):
            submit(one, assigning.leases(one, campaign, want=1)[0])
        campaigns.set_overlap(campaign, 1, by=self.cora)
        reopening.reopen_reserved_for(crowd[0].pk, campaign, by=None, reason="gone for a day")
        settling.settle_ripe()
        assert Slot.objects.filter(campaign=campaign).count() == 2

    def test_a_follow_up_comes_and_goes_with_the_step_before(self) -> None:
        dataset = build.dataset("safesora")
        one = annotators(1, dataset)[0]
        build.item(dataset)
        campaign = build.campaign(dataset)
        submit(one, assigning.leases(one, campaign, want=1)[0])
        campaigns.set_overlap(campaign, 1, by=self.cora)
        left = Slot.objects.filter(campaign=campaign).values_list("step", "number", "state")
        assert set(left) == {("pilot", 1, "done"), ("overall", 1, "open")}
        campaigns.set_overlap(campaign, 2, by=self.cora)
        open_ones = Slot.objects.filter(campaign=campaign, state="open")
        assert set(open_ones.values_list("step", "number")) == {
            ("overall", 1),
            ("pilot", 2),
            ("overall", 2),
        }


def test_one_dataset_has_one_open_campaign(db: None) -> None:
    dataset = build.dataset()
    assert campaigns.default_for(dataset) == campaigns.default_for(dataset)


def test_a_taken_name_gets_a_number(db: None) -> None:
    campaigns.default_for(build.dataset(slug="pairs"))
    other = build.dataset(slug="pairs-too")
    Campaign.objects.create(dataset=other, slug="pairs-too-x", name="x", protocol="x")
    assert campaigns.default_for(other).slug == "pairs-too-x"
