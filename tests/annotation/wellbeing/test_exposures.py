"""Exposure: counted by the server's clock, in all tabs and campaigns, and ended at the budget."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import TestCase
from django.utils import timezone

from annotation import assigning, eligibility, holding, labelling, walking
from annotation.assigning import Assignment
from annotation.labelling import Submitted
from annotation.models import Annotation, Annotator, Campaign, Exposure, Lapse, Pace, Slot
from annotation.vocabulary import LapseCause, RestCause, SlotState, Spared, Standing
from annotation.wellbeing import exposures, wishes
from datasets_app.models import Dataset, Item
from tests import build
from tests.annotation import checked
from tests.annotation.answering import PLAIN, submit
from tests.annotation.weakening import weakened
from tests.cast import as_annotator, cast
from tests.history import rewrite

pytestmark = pytest.mark.usefixtures("noon")


class Days(TestCase):
    dataset: Dataset
    campaign: Campaign
    ana: Annotator
    ben: Annotator

    @classmethod
    def setUpTestData(cls) -> None:
        cls.dataset = build.dataset()
        people = cast(cls.dataset)
        cls.ana, cls.ben = as_annotator(people.ana), as_annotator(people.ben)
        build.items(4, cls.dataset, machine_severity=2)
        cls.campaign = build.campaign(cls.dataset, daily_exposure=600)

    def held(self, campaign: Campaign | None = None) -> Assignment:
        return assigning.leases(self.ana, campaign or self.campaign, want=1)[0]

    def spent(self) -> float:
        return exposures.gauge(self.ana, self.campaign).spent

    def revealed(self, seconds: int, **fields: Any) -> Exposure:
        """A reveal that began so long ago and is seen now."""
        held = self.held(fields.pop("campaign", None))
        exposures.reveal(self.ana, Campaign.objects.get(pk=held.campaign_id), held.token)
        open_one = Exposure.objects.filter(annotator=self.ana, ended_at=None)
        open_one.update(began_at=timezone.now() - timedelta(seconds=seconds), **fields)
        return open_one.get()


class TestCounting(Days):
    def test_severity_times_seconds_are_counted(self) -> None:
        self.revealed(100)
        assert 200 <= self.spent() < 210

    def test_it_ends_when_it_is_covered(self) -> None:
        found = self.revealed(100)
        exposures.cover(self.ana, self.campaign, found.token)
        ended = Exposure.objects.get().ended_at
        assert ended is not None
        before = self.spent()
        Exposure.objects.update(seen_at=timezone.now() + timedelta(hours=1))
        assert self.spent() == before

    def test_a_page_that_died_counts_for_its_grace_and_no_longer(self) -> None:
        seen = timezone.now() - timedelta(seconds=300)
        self.revealed(400, seen_at=seen)
        assert self.spent() == pytest.approx(2 * (100 + eligibility.GRACE_SECONDS), abs=1)

    def test_a_page_that_just_fell_silent_counts_on(self) -> None:
        self.revealed(100, seen_at=timezone.now() - timedelta(seconds=30))
        assert self.spent() >= 200

    def test_two_tabs_count_once(self) -> None:
        found = self.revealed(100)
        exposures.reveal(self.ana, self.campaign, found.token)
        assert Exposure.objects.count() == 1

    def test_what_is_submitted_is_out_of_sight(self) -> None:
        held = self.held()
        exposures.reveal(self.ana, self.campaign, held.token)
        submit(self.ana, held)
        assigning.leases(self.ana, self.campaign)
        assert Exposure.objects.get().ended_at is not None

    def test_what_is_held_stays_in_sight_while_the_next_is_fetched(self) -> None:
        held = self.held()
        exposures.reveal(self.ana, self.campaign, held.token)
        assigning.leases(self.ana, self.campaign)
        assert Exposure.objects.get().ended_at is None

    def test_only_the_day_counts(self) -> None:
        found = self.revealed(100)
        exposures.cover(self.ana, self.campaign, found.token)
        yesterday = timezone.now() - timedelta(days=1)
        Exposure.objects.update(began_at=yesterday, seen_at=yesterday, ended_at=yesterday)
        assert self.spent() == 0

    def test_nobody_reveals_what_he_does_not_hold(self) -> None:
        with pytest.raises(exposures.NotHeld):
            exposures.reveal(self.ana, self.campaign, uuid4())
        with pytest.raises(exposures.NotHeld):
            exposures.reveal(self.ben, self.campaign, self.held().token)


class TestBudgets(Days):
    def test_at_the_budget_the_day_ends_and_what_is_held_goes_back(self) -> None:
        self.revealed(300)
        with pytest.raises(assigning.Resting) as resting:
            assigning.leases(self.ana, self.campaign)
        assert resting.value.cause is RestCause.EXPOSURE
        assert resting.value.until > timezone.now()
        assert not Slot.objects.filter(annotator=self.ana, state=SlotState.LEASED).exists()
        assert {lapse.cause for lapse in Lapse.objects.all()} == {LapseCause.RESTED}
        assert Exposure.objects.get().ended_at is not None

    def test_before_it_work_goes_on(self) -> None:
        self.revealed(290)
        assert assigning.leases(self.ana, self.campaign)

    def test_others_work_on(self) -> None:
        self.revealed(300)
        assert assigning.leases(self.ben, self.campaign)

    def test_at_the_budget_nothing_more_is_revealed(self) -> None:
        found = self.revealed(300)
        assert exposures.reveal(self.ana, self.campaign, found.token).is_over
        assert Exposure.objects.get().ended_at is not None

    def test_another_campaign_gives_no_second_budget(self) -> None:
        other = build.dataset()
        cast(other)
        build.items(2, other, machine_severity=2)
        campaign = build.campaign(other, daily_exposure=600)
        assert assigning.leases(self.ana, campaign)
        self.revealed(300)
        with pytest.raises(assigning.Resting):
            assigning.leases(self.ana, campaign)

    def test_without_a_budget_there_is_no_end(self) -> None:
        Campaign.objects.update(daily_exposure=None)
        self.campaign.refresh_from_db()
        self.revealed(30_000)
        assert assigning.leases(self.ana, self.campaign)

    def test_a_person_may_allow_himself_less_and_never_more(self) -> None:
        wishes.wish(self.ana, {"daily_exposure": 100})
        self.revealed(60)
        with pytest.raises(assigning.Resting):
            assigning.leases(self.ana, self.campaign)
        wishes.wish(self.ana, {"daily_exposure": 100_000})
        assert exposures.gauge(self.ana, self.campaign).budget == 600

    def test_the_days_answers_end_the_day_as_well(self) -> None:
        Campaign.objects.update(daily_answers=3)
        self.campaign.refresh_from_db()
        for _ in range(3):
            submit(self.ana, self.held())
        with pytest.raises(assigning.Resting) as resting:
            self.held()
        assert resting.value.cause is RestCause.ANSWERS

    def test_no_more_is_handed_out_than_is_left_of_the_day(self) -> None:
        Campaign.objects.update(daily_answers=3)
        assert len(assigning.leases(self.ana, self.campaign)) == 2
        for left in (2, 1):
            submit(self.ana, self.held())
            assert len(assigning.leases(self.ana, self.campaign, want=9)) == left
        submit(self.ana, self.held())
        with pytest.raises(assigning.Resting):
            self.held()
        assert Annotation.objects.count() == 3

    def test_a_check_is_one_of_the_days_answers(self) -> None:
        checked.some_gold(checked.mixing(self.campaign))
        Campaign.objects.update(daily_answers=1)
        Pace.objects.create(annotator=self.ana, campaign=self.campaign, wait=0)
        (held,) = assigning.leases(self.ana, Campaign.objects.get())
        assert held.check is not None
        submit(self.ana, held)
        with pytest.raises(assigning.Resting):
            assigning.leases(self.ana, Campaign.objects.get())

    def test_what_is_held_ahead_of_a_limit_that_came_later_goes_back(self) -> None:
        shown, ahead = assigning.leases(self.ana, self.campaign)
        wishes.wish(self.ana, {"daily_answers": 1})
        assert [one.token for one in assigning.leases(self.ana, self.campaign)] == [shown.token]
        assert Lapse.objects.get().token == ahead.token
        assert submit(self.ana, shown).standing == Standing.COUNTED

    def test_what_is_held_in_another_campaign_is_of_the_same_day(self) -> None:
        other = build.dataset()
        cast(other)
        build.items(2, other)
        campaign = build.campaign(other)
        wishes.wish(self.ana, {"daily_answers": 2})
        assert len(assigning.leases(self.ana, campaign)) == 2
        assert len(assigning.leases(self.ana, self.campaign, want=1)) == 1
        leased = Slot.objects.filter(annotator=self.ana, state=SlotState.LEASED)
        assert [slot.campaign_id for slot in leased] == [self.campaign.pk]
        wishes.wish(self.ana, {"daily_answers": 5})
        assert len(assigning.leases(self.ana, campaign)) == 2
        assert leased.all().count() == 3  # enough is left for both

    def test_without_a_look_at_what_is_left_two_are_given_where_one_is(self) -> None:
        Campaign.objects.update(daily_answers=1)
        guard = "least(%(want)s, terms.answers_left - terms.elsewhere)"
        with weakened((walking, "LEASE_AND_TERMS"), guard=guard, instead="%(want)s") as patch:
            patch.setattr(assigning, "_room", lambda *_who_where_what, **_more: 2)
            patch.setattr(assigning, "_without_surplus", lambda _who, held, _left: held)
            for held in assigning.leases(self.ana, self.campaign):
                assert submit(self.ana, held).standing == Standing.COUNTED
        assert Annotation.objects.count() == 2

    def test_without_the_day_the_budget_would_never_end_it(self) -> None:
        """The negative control: a lease that does not read what was spent."""
        self.revealed(300)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(eligibility.Terms, "rest", None)
            assert assigning.leases(self.ana, self.campaign)


class TestCoolingDown(Days):
    def severe(self, *, is_revealed: bool = True) -> None:
        """Something severe was seen, or not, and is submitted."""
        Slot.objects.filter(state=SlotState.OPEN).exclude(step="safety").delete()
        held = self.held()
        Item.objects.filter(dataset=self.dataset).update(machine_severity=3)
        if is_revealed:
            exposures.reveal(self.ana, self.campaign, held.token)
        submit(self.ana, held)

    def test_where_nothing_mild_is_left_there_is_a_pause(self) -> None:
        self.severe()
        with pytest.raises(assigning.Resting) as resting:
            self.held()
        assert resting.value.cause is RestCause.COOLING
        seen = Annotation.objects.get().created_at
        assert resting.value.until == seen + timedelta(minutes=10)

    def test_what_is_mild_comes_meanwhile_and_then_the_severe(self) -> None:
        self.severe()
        mild = build.item(self.dataset, machine_severity=0)
        build.campaign(self.dataset)
        Slot.objects.filter(state=SlotState.OPEN).exclude(step="safety").delete()
        held = self.held()
        assert held.item_id == mild.pk
        submit(self.ana, held)
        assert self.held().item_id != mild.pk

    def test_the_pause_ends(self) -> None:
        self.severe()
        ago = timezone.now() - timedelta(minutes=11)
        Exposure.objects.update(began_at=ago, seen_at=ago, ended_at=ago)
        rewrite(Annotation.objects.all(), created_at=ago)
        assert self.held()

    def test_a_campaign_may_do_without(self) -> None:
        Campaign.objects.update(cooldown_minutes=0)
        self.severe()
        assert self.held()

    def test_what_was_answered_unseen_is_followed_by_a_pause_too(self) -> None:
        self.severe(is_revealed=False)
        answered = Annotation.objects.get().created_at
        with pytest.raises(assigning.Resting) as resting:
            self.held()
        assert resting.value.cause is RestCause.COOLING
        assert resting.value.until == answered + timedelta(minutes=10)

    def test_two_mild_items_follow_where_two_are_asked_for(self) -> None:
        Campaign.objects.update(mild_after_severe=2)
        self.severe(is_revealed=False)
        for _ in range(2):
            mild = build.item(self.dataset, machine_severity=0)
            build.campaign(self.dataset)
            Slot.objects.filter(state=SlotState.OPEN).exclude(step="safety").delete()
            held = self.held()
            assert held.item_id == mild.pk
            submit(self.ana, held)
        assert self.held()

    def after_a_mild_one(self) -> Submitted:
        """A mild item was answered, then a severe one seen and answered; severe ones are left."""
        Slot.objects.filter(state=SlotState.OPEN).exclude(step="safety").delete()
        done = submit(self.ana, self.held())
        answered = Annotation.objects.get(pk=done.annotation_id).item_id
        held = self.held()
        others = Item.objects.filter(dataset=self.dataset).exclude(pk=answered)
        others.update(machine_severity=3)
        submit(self.ana, held)
        return done

    def test_a_second_thought_about_an_earlier_answer_is_no_mild_item(self) -> None:
        done = self.after_a_mild_one()
        for _ in range(2):
            earlier = Annotation.objects.get(pk=done.annotation_id)
            done = labelling.revise(self.ana, earlier, key=uuid4(), answers=PLAIN["safety"])
            with pytest.raises(assigning.Resting):
                self.held()

    def test_nor_is_a_second_answer_to_it(self) -> None:
        earlier = Annotation.objects.get(pk=self.after_a_mild_one().annotation_id)
        for _ in range(3):
            done = labelling.submit(
                self.ana, token=earlier.token, key=uuid4(), answers=PLAIN["safety"]
            )
            assert done.standing == Standing.LATE
            with pytest.raises(assigning.Resting):
                self.held()

    def test_nor_is_what_was_given_back_before_and_is_handed_in_after(self) -> None:
        mild = self.held()
        assert holding.release(self.ana, mild.token)
        Slot.objects.filter(state=SlotState.OPEN).exclude(step="safety").delete()
        severe = self.held()
        others = Item.objects.filter(dataset=self.dataset).exclude(pk=mild.item_id)
        others.update(machine_severity=3)
        submit(self.ana, severe)
        assert submit(self.ana, mild).standing == Standing.COUNTED
        with pytest.raises(assigning.Resting):
            self.held()

    def test_a_mild_answer_that_was_given_anew_stays_one(self) -> None:
        self.severe()
        build.item(self.dataset, machine_severity=0)
        build.campaign(self.dataset)
        Slot.objects.filter(state=SlotState.OPEN).exclude(step="safety").delete()
        done = submit(self.ana, self.held())
        answer = Annotation.objects.get(pk=done.annotation_id)
        labelling.revise(self.ana, answer, key=uuid4(), answers=PLAIN["safety"])
        assert Item.objects.get(pk=self.held().item_id).machine_severity == 3

    def elsewhere(self) -> Campaign:
        """A campaign of severe items only, that lets severe follow severe."""
        other = build.dataset()
        cast(other)
        build.items(2, other, machine_severity=3)
        return build.campaign(other, mild_after_severe=0, cooldown_minutes=0)

    def test_the_strictest_campaign_holds_in_every_other(self) -> None:
        other = self.elsewhere()
        self.severe(is_revealed=False)
        with pytest.raises(assigning.Resting):
            assigning.leases(self.ana, other)

    def test_what_is_held_in_a_strict_campaign_counts_in_one_that_is_not(self) -> None:
        other = self.elsewhere()
        self.held()
        Item.objects.filter(dataset=self.dataset).update(machine_severity=3)
        assert assigning.leases(self.ana, other) == []
        assert assigning.spared(self.ana, other) is Spared.HELD
        assert holding.where_severe(self.ana, other) == self.campaign

    def test_where_no_campaign_asks_for_it_severe_follows_severe(self) -> None:
        other = self.elsewhere()
        Campaign.objects.update(mild_after_severe=0)
        self.severe()
        assert len(assigning.leases(self.ana, other)) == 2

    def test_without_the_pause_severe_follows_severe(self) -> None:
        """The negative control: terms that look at nothing that was seen before."""
        self.severe()
        guard = "(SELECT max(until) FROM severe)"
        statements = ((eligibility, "_READ"), (walking, "LEASE_AND_TERMS"))
        with weakened(
            *statements, guard=guard, instead="(SELECT max(until) FROM severe WHERE false)"
        ):
            assert Item.objects.get(pk=self.held().item_id).machine_severity == 3
