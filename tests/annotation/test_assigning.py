"""Leasing: who gets what, in which order, and when there is truly nothing."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from django.db.models import F
from django.test import TestCase

from annotation import assigning, campaigns, holding, labelling, placing, returning, tally, walking
from annotation.models import Annotator, Campaign, Due, Lapse, Skip, Slot
from annotation.vocabulary import CampaignState, LapseCause, SkipReason, SlotState
from config.management.commands.invariants import CHECKS, rows_breaking
from datasets_app import ledger
from datasets_app.models import Dataset, Event, Item, Membership
from datasets_app.vocabulary import ItemState
from tests import build
from tests.annotation.answering import submit, work
from tests.annotation.weakening import weakened
from tests.cast import annotators, as_annotator, cast
from tests.history import rewrite


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


class TestTime(TestCase):
    dataset: Dataset
    ana: Annotator
    ben: Annotator
    campaign: Campaign

    @classmethod
    def setUpTestData(cls) -> None:
        cls.dataset = build.dataset()
        people = cast(cls.dataset)
        cls.ana, cls.ben = as_annotator(people.ana), as_annotator(people.ben)
        build.items(2, cls.dataset)
        cls.campaign = build.campaign(cls.dataset)

    def pass_by(self, **time: float) -> None:
        """Let time go by, as leases see it."""
        past = timedelta(**time)
        Slot.objects.filter(state=SlotState.LEASED).update(
            leased_at=F("leased_at") - past, expires_at=F("expires_at") - past
        )

    def test_a_lease_lasts_as_long_as_the_campaign_says(self) -> None:
        held = assigning.leases(self.ana, self.campaign, want=1)[0]
        assert held.expires_at - held.leased_at == pytest.approx(
            timedelta(minutes=30), abs=timedelta(seconds=1)
        )

    def test_an_expired_lease_comes_back_ahead_of_everybody(self) -> None:
        held = assigning.leases(self.ana, self.campaign, want=1)[0]
        self.pass_by(minutes=31)
        assert holding.expire_leases() == 1
        slot = Slot.objects.get(pk=held.slot_id)
        assert (slot.state, slot.annotator_id, slot.token, slot.attempts) == ("open", None, None, 1)
        assert slot.position > max(
            Slot.objects.exclude(pk=slot.pk).values_list("position", flat=True)
        )
        assert Lapse.objects.get(token=held.token).cause == LapseCause.EXPIRED
        assert assigning.leases(self.ben, self.campaign)[0].slot_id == held.slot_id

    def test_a_live_lease_is_left_alone(self) -> None:
        assigning.leases(self.ana, self.campaign)
        self.pass_by(minutes=29)
        assert holding.expire_leases() == 0

    def test_who_comes_back_in_time_gets_the_full_time_again(self) -> None:
        before = assigning.leases(self.ana, self.campaign, want=1)[0]
        self.pass_by(minutes=20)
        after = assigning.leases(self.ana, self.campaign, want=1)[0]
        assert after.token == before.token
        assert after.expires_at - before.expires_at < timedelta(minutes=1)

    def test_who_comes_late_but_before_the_sweep_keeps_the_item(self) -> None:
        before = assigning.leases(self.ana, self.campaign, want=1)[0]
        self.pass_by(minutes=40)
        assert assigning.leases(self.ana, self.campaign, want=1)[0].token == before.token
        assert holding.expire_leases() == 0

    def test_use_of_the_page_extends_the_lease(self) -> None:
        held = assigning.leases(self.ana, self.campaign, want=1)[0]
        self.pass_by(minutes=29)
        until = holding.extend(self.ana, held.token)
        assert until is not None
        self.pass_by(minutes=29)
        assert holding.expire_leases() == 0

    def test_who_leaves_the_page_has_two_minutes_to_come_back(self) -> None:
        (held,) = assigning.leases(self.ana, self.campaign, want=1)
        assert holding.leave(self.ana, held.token)
        soon = Slot.objects.get(pk=held.slot_id).expires_at
        assert soon is not None
        assert soon - held.leased_at < timedelta(seconds=holding.LEFT_SECONDS + 5)
        assert holding.leave(self.ana, held.token)
        assert Slot.objects.get(pk=held.slot_id).expires_at == soon  # not put off by leaving again
        (again,) = assigning.leases(self.ana, self.campaign, want=1)
        assert (again.token, again.expires_at > soon) == (held.token, True)

    def test_nobody_leaves_for_another(self) -> None:
        (held,) = assigning.leases(self.ana, self.campaign, want=1)
        assert not holding.leave(self.ben, held.token)
        assert Slot.objects.get(pk=held.slot_id).expires_at == held.expires_at

    def test_nobody_extends_for_ever(self) -> None:
        held = assigning.leases(self.ana, self.campaign, want=1)[0]
        self.pass_by(hours=25)
        holding.extend(self.ana, held.token)
        assert holding.expire_leases() == 1

    def test_nobody_extends_or_releases_the_lease_of_another(self) -> None:
        held = assigning.leases(self.ana, self.campaign, want=1)[0]
        assert holding.extend(self.ben, held.token) is None
        assert not holding.release(self.ben, held.token)
        assert Slot.objects.get(pk=held.slot_id).state == SlotState.LEASED

    def test_nor_by_coming_back_again_and_again(self) -> None:
        held = assigning.leases(self.ana, self.campaign, want=1)[0]
        self.pass_by(hours=25)
        assert assigning.leases(self.ana, self.campaign, want=1)[0].token == held.token
        assert holding.expire_leases() == 1

    def test_without_the_longest_time_one_would_keep_an_item_for_ever(self) -> None:
        held = assigning.leases(self.ana, self.campaign, want=1)[0]
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(holding, "LONGEST_LEASE_HOURS", 10_000)
            self.pass_by(hours=25)
            holding.extend(self.ana, held.token)
            assert holding.expire_leases() == 0
            self.pass_by(hours=25)
            assigning.leases(self.ana, self.campaign, want=1)
            assert holding.expire_leases() == 0

    def test_without_the_sweep_a_lease_that_is_over_stays_with_its_person(self) -> None:
        assigning.leases(self.ana, self.campaign)
        self.pass_by(minutes=32)
        over = "expires_at < clock_timestamp()"
        with weakened((returning, "_EXPIRED"), guard=over, instead="false"):
            assert holding.expire_leases() == 0
        assert "I4" in {check.number for check in CHECKS if rows_breaking(check)}
        assert holding.expire_leases() == 2
        assert [check.title for check in CHECKS if rows_breaking(check)] == []

    def test_without_a_look_at_whose_it_is_anybody_parts_from_it(self) -> None:
        held = assigning.leases(self.ana, self.campaign, want=1)[0]
        own = "AND s.annotator_id = %(annotator)s"
        with weakened((holding, "_EXTEND"), guard=own):
            assert holding.extend(self.ben, held.token) is not None
        with weakened((holding, "_LEAVE"), guard=own):
            assert holding.leave(self.ben, held.token)
        with weakened((returning, "_OF_TOKEN"), guard=own):
            assert holding.release(self.ben, held.token)

    def test_expiring_is_done_in_batches_until_all_is_back(self) -> None:
        assigning.leases(self.ana, self.campaign)
        assigning.leases(self.ben, self.campaign)
        self.pass_by(minutes=31)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(returning, "BATCH", 1)
            assert holding.expire_leases() == 4
        assert holding.expire_leases() == 0


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
