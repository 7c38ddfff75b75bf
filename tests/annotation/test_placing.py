"""Placing: every step of an open item gets its places, ahead of people and no more."""

from __future__ import annotations

from collections import Counter

import pytest
from django.test import TestCase

from annotation import campaigns, placing
from annotation.models import Campaign, Due, Slot
from datasets_app import ledger
from datasets_app.vocabulary import ItemState
from tests import build
from tests.annotation.answering import work
from tests.cast import as_annotator, cast


class TestPlacing(TestCase):
    def test_every_step_gets_as_many_places_as_the_overlap(self) -> None:
        dataset = build.dataset()
        build.items(3, dataset)
        campaign = build.campaign(dataset, place=False, overlap=2)
        assert placing.place(campaign) == 3 * 3 * 2
        assert placing.place(campaign) == 0
        numbers = Slot.objects.filter(campaign=campaign).values_list("step", "number")
        assert Counter(numbers) == {
            (step, number): 3 for step in ("safety", "helpful", "safer") for number in (1, 2)
        }

    def test_only_open_items_are_placed(self) -> None:
        dataset = build.dataset()
        for state in ItemState:
            build.item(dataset, state=state)
        campaign = build.campaign(dataset)
        assert set(
            Slot.objects.filter(campaign=campaign).values_list("item__state", flat=True)
        ) == {"open"}

    def test_items_that_open_late_are_placed_too(self) -> None:
        dataset = build.dataset()
        early = build.item(dataset, state=ItemState.QUARANTINED)
        build.item(dataset)
        campaign = build.campaign(dataset)
        ledger.move([early.pk], before=ItemState.QUARANTINED, after=ItemState.OPEN, verb="release")
        assert placing.place(campaign) == 9

    def test_places_are_kept_ahead_of_people_and_no_more(self) -> None:
        dataset = build.dataset()
        build.items(30, dataset)
        campaign = build.campaign(dataset, place=False)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(placing, "AHEAD", 20)
            patch.setattr(placing, "BATCH", 5)
            assert placing.place_ahead(campaign) == 10 * 9  # 30 places in the first step
            assert placing.place_ahead(campaign) == 0
            people = cast(dataset)
            work(as_annotator(people.ana), campaign, at_most=5)
            assert placing.place_ahead(campaign) == 5 * 9

    def test_imported_votes_save_places_where_the_dataset_counts_them(self) -> None:
        dataset = build.dataset(counts_imported_votes=True)
        item = build.item(dataset)
        build.imported_vote(item, {"better": "tie"})
        build.imported_vote(item, {"better": "tie"})
        campaign = build.campaign(dataset)
        counts = Counter(Slot.objects.filter(campaign=campaign).values_list("step", flat=True))
        assert counts == {"safety": 3, "helpful": 1, "safer": 3}

    def test_an_item_with_all_its_votes_gets_no_place_and_is_due(self) -> None:
        dataset = build.dataset(counts_imported_votes=True)
        item = build.item(dataset)
        answers = {"safe": {}, "better": "tie", "safer": "tie"}
        for _ in range(3):
            build.imported_vote(item, answers)
        campaign = build.campaign(dataset)
        assert not Slot.objects.exists()
        assert list(Due.objects.values_list("item", flat=True)) == [item.pk]
        assert placing.place(campaign) == 0

    def test_the_sweep_opens_a_campaign_for_a_dataset_that_has_none(self) -> None:
        dataset = build.dataset()
        assert campaigns.place_open_items() == 0
        build.item(dataset)
        assert campaigns.place_open_items() == 9
        campaign = Campaign.objects.get(dataset=dataset)
        assert (campaign.slug, campaign.overlap, campaign.method) == (dataset.slug, 3, "majority")
