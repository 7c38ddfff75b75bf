"""Leasing: who gets what, in which order, and when there is truly nothing."""

from __future__ import annotations

from collections import Counter

import pytest
from django.test import TestCase

from annotation import assigning, campaigns, holding, labelling
from annotation.models import Annotator, Campaign, Lapse, Skip, Slot
from annotation.vocabulary import CampaignState, LapseCause, SkipReason, SlotState
from datasets_app import ledger
from datasets_app.models import Dataset, Event, Item, Membership
from datasets_app.vocabulary import ItemState
from tests import build
from tests.annotation.answering import submit, work
from tests.cast import annotators, as_annotator, cast


class TestLeases(TestCase):
    dataset: Dataset
    ana: Annotator
    ben: Annotator
    dan: Annotator
    items: list[Item]
    campaign: Campaign

    @classmethod
    def setUpTestData(cls) -> None:
        cls.dataset = build.dataset()
        people = cast(cls.dataset)
        cls.ana, cls.ben = as_annotator(people.ana), as_annotator(people.ben)
        cls.dan = as_annotator(people.dan)
        cls.items = build.items(4, cls.dataset)
        cls.campaign = build.campaign(cls.dataset)

    def test_it_leases_the_one_to_show_and_one_ahead(self) -> None:
        held = assigning.leases(self.ana, self.campaign)
        assert [one.item_id for one in held] == [self.items[0].pk, self.items[1].pk]
        assert {one.step for one in held} == {"safety"}

    def test_it_gives_the_same_to_a_second_tab(self) -> None:
        first = assigning.leases(self.ana, self.campaign)
        assert assigning.leases(self.ana, self.campaign) == first

    def test_it_leases_as_many_as_are_wanted(self) -> None:
        assert len(assigning.leases(self.ana, self.campaign, want=1)) == 1
        assert len(assigning.leases(self.ana, self.campaign, want=3)) == 3

    def test_it_never_gives_the_same_step_of_an_item_twice_to_one_person(self) -> None:
        work(self.ana, self.campaign)
        done = Slot.objects.filter(annotator=self.ana).values_list("item_id", "step")
        assert len(done) == len(set(done)) == 12

    def test_it_begins_with_the_first_step_and_stays_with_the_one_last_worked_on(self) -> None:
        steps = []
        while held := assigning.leases(self.ana, self.campaign, want=1):
            steps.append(held[0].step)
            submit(self.ana, held[0])
        assert steps == ["safety"] * 4 + ["helpful"] * 4 + ["safer"] * 4

    def test_an_item_is_begun_by_many_before_the_next_is(self) -> None:
        crowd = annotators(3, self.dataset)
        first = [assigning.leases(one, self.campaign, want=1)[0].item_id for one in crowd]
        assert first == [self.items[0].pk] * 3

    def test_it_shuffles_the_sides_evenly_over_the_places_of_an_item(self) -> None:
        crowd = annotators(4, self.dataset)
        campaigns.set_overlap(self.campaign, 4, by=None)
        for one in crowd:
            work(one, self.campaign)
        flips: dict[tuple[object, str], Counter[bool | None]] = {}
        for slot in Slot.objects.all():
            flips.setdefault((slot.item_id, slot.step), Counter())[slot.flipped] += 1
        assert all(sides == {True: 2, False: 2} for sides in flips.values())

    def test_it_passes_over_what_this_person_skipped(self) -> None:
        held = assigning.leases(self.ana, self.campaign, want=1)[0]
        assert labelling.skip(self.ana, held.token, reason=SkipReason.UPSETTING, note="")
        work(self.ana, self.campaign)
        assert not Slot.objects.filter(
            annotator=self.ana, item=held.item_id, step=held.step
        ).exists()
        assert Skip.objects.get(annotator=self.ana).reason == SkipReason.UPSETTING
        # Somebody else gets it, and first, because it came back.
        assert assigning.leases(self.ben, self.campaign)[0].item_id == held.item_id

    def test_what_was_given_back_comes_to_the_same_person_last(self) -> None:
        held = assigning.leases(self.ana, self.campaign, want=1)[0]
        assert holding.release(self.ana, held.token)
        order = []
        while again := assigning.leases(self.ana, self.campaign, want=1):
            order.append((again[0].item_id, again[0].step))
            submit(self.ana, again[0])
        assert len(order) == 12
        assert order[-1] == (held.item_id, "safety")

    def test_what_came_back_goes_first_to_others(self) -> None:
        work(self.ana, self.campaign, at_most=2)
        held = assigning.leases(self.ana, self.campaign, want=1)[0]
        holding.release(self.ana, held.token)
        assert assigning.leases(self.ben, self.campaign, want=1)[0].item_id == held.item_id

    def test_it_leases_nothing_on_an_item_that_is_not_open(self) -> None:
        ledger.withdraw([self.items[0].pk], by=None, reason="a test")
        assert assigning.leases(self.ana, self.campaign)[0].item_id == self.items[1].pk

    def test_a_lease_on_an_item_that_left_is_not_shown_and_comes_back(self) -> None:
        held = assigning.leases(self.ana, self.campaign, want=1)[0]
        ledger.withdraw([held.item_id], by=None, reason="a test")
        assert held.item_id not in {
            one.item_id for one in assigning.leases(self.ana, self.campaign)
        }
        holding.expire_leases()
        assert Lapse.objects.get(token=held.token).cause == LapseCause.ITEM_LEFT

    def test_it_says_nothing_only_when_there_is_nothing(self) -> None:
        assert work(self.ana, self.campaign) == 12
        assert assigning.leases(self.ana, self.campaign) == []
        assert Slot.objects.filter(state=SlotState.OPEN).exists()  # for others

    def test_it_finds_what_lies_behind_before_it_says_nothing(self) -> None:
        """An item that was not open when the walk passed it, and is open again."""
        ledger.move(
            [self.items[0].pk], before=ItemState.OPEN, after=ItemState.QUARANTINED, verb="test"
        )
        assert work(self.ana, self.campaign) == 9
        ledger.move(
            [self.items[0].pk], before=ItemState.QUARANTINED, after=ItemState.OPEN, verb="test"
        )
        assert work(self.ana, self.campaign) == 3

    def test_it_places_items_that_have_no_slots_before_it_says_nothing(self) -> None:
        work(self.ana, self.campaign)
        late = build.item(self.dataset)
        assert assigning.leases(self.ana, self.campaign)[0].item_id == late.pk

    def test_it_gives_nothing_in_a_closed_campaign(self) -> None:
        Campaign.objects.filter(pk=self.campaign.pk).update(state=CampaignState.CLOSED)
        with pytest.raises(assigning.NoEntry):
            assigning.leases(self.ana, self.campaign)

    def test_dan_gets_nothing(self) -> None:
        with pytest.raises(assigning.NoEntry):
            assigning.leases(self.dan, self.campaign)
        assert not Slot.objects.exclude(state=SlotState.OPEN).exists()

    def test_a_superuser_may_annotate_everywhere(self) -> None:
        self.dan.user.is_superuser = True
        self.dan.user.save()
        assert assigning.leases(self.dan, self.campaign)

    def test_who_left_the_dataset_gets_nothing(self) -> None:
        Membership.objects.filter(user=self.ana.user).delete()
        with pytest.raises(assigning.NoEntry):
            assigning.leases(self.ana, self.campaign)

    def test_a_lease_is_in_the_audit_log(self) -> None:
        held = assigning.leases(self.ana, self.campaign, want=1)[0]
        event = Event.objects.get(verb="lease")
        assert (event.actor_id, event.item, event.subject, event.before, event.after) == (
            self.ana.user_id,
            held.item_id,
            f"slot:{held.slot_id}",
            "open",
            "leased",
        )
