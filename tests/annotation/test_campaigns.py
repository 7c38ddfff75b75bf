"""Campaigns: wider, narrower, and what becomes of the work of people who leave."""

from __future__ import annotations

from collections import Counter

import pytest
from django.contrib.auth.models import User
from django.test import TestCase

from annotation import assigning, campaigns
from annotation.campaigns import BadOverlap
from annotation.models import Annotator, Campaign, Slot
from datasets_app.models import Dataset, Event, Item
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
