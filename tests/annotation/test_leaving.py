"""Leaving: leases come back, work stays or is set aside, and what it had settled is judged anew."""

from __future__ import annotations

from collections import Counter

import pytest
from django.contrib.auth.models import User
from django.test import TestCase

from annotation import adjudicating, assigning, campaigns, leaving, settling
from annotation.models import Annotation, Annotator, Campaign, Slot
from annotation.vocabulary import SlotState, Standing
from datasets_app.models import Dataset, Item, Membership, Verdict
from datasets_app.vocabulary import ItemState
from tests import build
from tests.annotation.answering import submit, work
from tests.cast import annotators, as_annotator, cast


class TestLeaving(TestCase):
    dataset: Dataset
    cora: User
    ana: Annotator
    ben: Annotator
    third: Annotator
    items: list[Item]
    campaign: Campaign

    @classmethod
    def setUpTestData(cls) -> None:
        cls.dataset = build.dataset()
        people = cast(cls.dataset)
        cls.cora = people.cora
        cls.ana, cls.ben = as_annotator(people.ana), as_annotator(people.ben)
        cls.third = annotators(1, cls.dataset)[0]
        cls.items = build.items(2, cls.dataset)
        cls.campaign = build.campaign(cls.dataset)

    def settle_all(self) -> None:
        for one in (self.ana, self.ben, self.third):
            work(one, self.campaign)
        assert settling.settle(self.dataset).settled == 2

    def test_revoking_brings_leases_back_and_keeps_the_work(self) -> None:
        work(self.ana, self.campaign, at_most=1)
        assigning.leases(self.ana, self.campaign)
        ended = leaving.revoke(self.ana, self.campaign, by=self.cora, reason="moved on")
        assert (ended.was_inside, ended.leases) == (True, 2)
        assert not Membership.objects.filter(user=self.ana.user).exists()
        assert not Slot.objects.filter(state=SlotState.LEASED).exists()
        assert Annotation.objects.get().standing == Standing.COUNTED
        with pytest.raises(assigning.NoEntry):
            assigning.leases(self.ana, self.campaign)

    def test_revoking_gives_up_the_follow_ups_kept_for_the_person(self) -> None:
        dataset = build.dataset("safesora")
        one = annotators(1, dataset)[0]
        build.item(dataset)
        campaign = build.campaign(dataset)
        submit(one, assigning.leases(one, campaign, want=1)[0])
        leaving.revoke(one, campaign, by=self.cora)
        assert Annotation.objects.get().standing == Standing.SET_ASIDE
        assert (
            not Slot.objects.filter(campaign=campaign)
            .exclude(state=SlotState.OPEN, reserved_for__isnull=True)
            .exists()
        )

    def test_votes_set_aside_are_kept_and_their_places_open_again(self) -> None:
        self.settle_all()
        aside = leaving.set_aside(self.ana, self.campaign, by=self.cora, reason="random clicks")
        assert (aside.items, aside.reopened) == (2, 2)
        standings = Counter(Annotation.objects.values_list("annotator", "standing"))
        assert standings == {
            (self.ana.pk, "set_aside"): 6,
            (self.ben.pk, "counted"): 6,
            (self.third.pk, "counted"): 6,
        }
        assert Slot.objects.filter(state=SlotState.OPEN).count() == 6
        assert set(Item.objects.values_list("state", flat=True)) == {"open"}
        assert not Verdict.objects.exists()

    def test_what_was_reopened_settles_on_the_new_votes(self) -> None:
        self.settle_all()
        leaving.set_aside(self.ana, self.campaign, by=self.cora, reason="random clicks")
        fourth = annotators(2, self.dataset)[-1]
        assert work(fourth, self.campaign) == 6
        assert settling.settle_ripe().settled == 2
        voters = {vote[0] for verdict in Verdict.objects.all() for vote in verdict.votes}
        assert str(self.ana.key) not in voters
        assert str(fourth.key) in voters

    def test_who_was_set_aside_gets_no_more_work(self) -> None:
        self.settle_all()
        leaving.set_aside(self.ana, self.campaign, by=self.cora, reason="x")
        with pytest.raises(assigning.NoEntry):
            assigning.leases(self.ana, self.campaign)

    def test_an_item_that_was_ruled_on_entirely_stays_settled(self) -> None:
        self.settle_all()
        item = self.items[0]
        item.refresh_from_db()
        adjudicating.rule(
            item,
            {(v.question, v.response_id): v.value for v in Verdict.objects.filter(item=item)},
            by=self.cora,
        )
        assert leaving.set_aside(self.ana, self.campaign, by=self.cora, reason="x").reopened == 1
        item.refresh_from_db()
        assert item.state == ItemState.SETTLED

    def test_a_ruling_outlives_the_reopening(self) -> None:
        self.settle_all()
        item = self.items[0]
        item.refresh_from_db()
        adjudicating.rule(item, {("better", None): str(item.second_id)}, by=self.cora)
        leaving.set_aside(self.ana, self.campaign, by=self.cora, reason="x")
        work(annotators(2, self.dataset)[-1], self.campaign)
        settling.settle_ripe()
        better = Verdict.objects.get(item=item, question="better")
        assert (better.value, better.method) == (str(item.second_id), "ruling")
        item.refresh_from_db()
        assert item.state == ItemState.SETTLED

    def test_reopened_items_get_the_places_that_are_wanted_by_now(self) -> None:
        self.settle_all()
        campaigns.set_overlap(self.campaign, 4, by=None)
        leaving.set_aside(self.ana, self.campaign, by=self.cora, reason="x")
        assert Slot.objects.filter(state=SlotState.OPEN).count() == 2 * 3 * 2

    def test_places_of_what_was_set_aside_may_go(self) -> None:
        work(self.ana, self.campaign)
        leaving.set_aside(self.ana, self.campaign, by=self.cora, reason="x")
        campaigns.set_overlap(self.campaign, 1, by=None)
        assert Slot.objects.count() == 2 * 3
        assert Annotation.objects.filter(standing=Standing.SET_ASIDE).count() == 6
