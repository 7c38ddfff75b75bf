"""Follow-ups: a step that goes to who did the one before."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import F
from django.test import TestCase

from annotation import assigning, holding, labelling, tally, walking
from annotation.models import Annotator, Campaign, Slot
from annotation.vocabulary import SkipReason, SlotState
from datasets_app.models import Dataset, Item
from tests import build
from tests.annotation.answering import submit, work
from tests.annotation.weakening import weakened
from tests.cast import annotators, as_annotator, cast
from tests.history import rewrite


class TestFollowUps(TestCase):
    """SafeSora: the overall step goes to who did the pilot."""

    dataset: Dataset
    ana: Annotator
    ben: Annotator
    items: list[Item]
    campaign: Campaign

    @classmethod
    def setUpTestData(cls) -> None:
        cls.dataset = build.dataset("safesora")
        people = cast(cls.dataset)
        cls.ana, cls.ben = as_annotator(people.ana), as_annotator(people.ben)
        cls.items = build.items(2, cls.dataset)
        cls.campaign = build.campaign(cls.dataset)

    def test_nobody_gets_a_follow_up_without_the_step_before(self) -> None:
        crowd = annotators(3, self.dataset)
        first = [assigning.leases(one, self.campaign) for one in crowd]
        assert {one.step for held in first for one in held} == {"pilot"}
        assert assigning.leases(self.ana, self.campaign) == []

    def test_the_follow_up_comes_next_to_who_did_the_step_before(self) -> None:
        pilot = assigning.leases(self.ana, self.campaign, want=1)[0]
        submit(self.ana, pilot)
        after = assigning.leases(self.ana, self.campaign, want=1)[0]
        assert (after.item_id, after.step, after.number) == (
            pilot.item_id,
            "overall",
            pilot.number,
        )

    def test_the_same_person_does_both_everywhere(self) -> None:
        crowd = annotators(3, self.dataset)
        for one in crowd:
            assert work(one, self.campaign) == 4
        for slot in Slot.objects.filter(step="overall"):
            before = Slot.objects.get(item=slot.item_id, step="pilot", number=slot.number)
            assert slot.annotator_id == before.annotator_id

    def test_an_expired_follow_up_stays_with_its_person(self) -> None:
        submit(self.ana, assigning.leases(self.ana, self.campaign, want=1)[0])
        after = assigning.leases(self.ana, self.campaign, want=1)[0]
        Slot.objects.filter(pk=after.slot_id).update(expires_at=F("leased_at") - timedelta(hours=1))
        holding.expire_leases()
        assert after.slot_id not in {
            one.slot_id for one in assigning.leases(self.ben, self.campaign, want=9)
        }
        assert assigning.leases(self.ana, self.campaign)[0].slot_id == after.slot_id

    def test_a_skipped_follow_up_is_given_up_with_the_step_before(self) -> None:
        submit(self.ana, assigning.leases(self.ana, self.campaign, want=1)[0])
        after = assigning.leases(self.ana, self.campaign, want=1)[0]
        labelling.skip(self.ana, after.token, reason=SkipReason.CANNOT_JUDGE)
        both = Slot.objects.filter(item=after.item_id, number=after.number)
        assert both.filter(state=SlotState.OPEN, reserved_for__isnull=True).count() == 2
        assert self.ana.annotations.get().standing == "set_aside"
        # Neither comes to Ana again; Ben takes both.
        assert tally.left(self.ana, self.campaign) == tally.Left(1)
        assert work(self.ana, self.campaign) == 2
        assert not Slot.objects.filter(annotator=self.ana, item=after.item_id).exists()
        assert work(self.ben, self.campaign) == 4

    def test_without_a_look_at_the_steps_after_it_a_skipped_item_comes_again(self) -> None:
        submit(self.ana, assigning.leases(self.ana, self.campaign, want=1)[0])
        after = assigning.leases(self.ana, self.campaign, want=1)[0]
        labelling.skip(self.ana, after.token, reason=SkipReason.CANNOT_JUDGE)
        look = "OR s.step || '/' || k.step = ANY(%(links)s::text[])"
        with weakened((walking, "LEASE"), (walking, "LEASE_AND_TERMS"), guard=look):
            work(self.ana, self.campaign)
        assert Slot.objects.filter(annotator=self.ana, item=after.item_id).count() == 2

    def test_a_follow_up_that_nobody_takes_up_is_given_up_after_a_day(self) -> None:
        submit(self.ana, assigning.leases(self.ana, self.campaign, want=1)[0])
        assert holding.expire_leases() == 0
        rewrite(self.ana.annotations.all(), created_at=F("created_at") - timedelta(hours=25))
        assert holding.expire_leases() == 1
        assert self.ana.annotations.get().standing == "set_aside"
        assert not Slot.objects.exclude(state=SlotState.OPEN).exists()
