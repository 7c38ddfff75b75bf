"""Exposure: counted by the server's clock, in all tabs and campaigns, and ended at the budget."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import TestCase
from django.utils import timezone

from annotation import assigning
from annotation.assigning import Assignment
from annotation.models import Annotator, Campaign, Exposure, Lapse, Slot
from annotation.vocabulary import LapseCause, RestCause, SlotState
from annotation.wellbeing import eligibility, exposures, wishes
from datasets_app.models import Dataset
from tests import build
from tests.annotation.answering import submit
from tests.cast import as_annotator, cast

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
        assert {lapse.cause for lapse in Lapse.objects.all()} == {LapseCause.RELEASED}
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

    def test_without_the_day_the_budget_would_never_end_it(self) -> None:
        """The negative control: a lease that does not read what was spent."""
        self.revealed(300)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(eligibility.Terms, "rest", None)
            assert assigning.leases(self.ana, self.campaign)


class TestCoolingDown(Days):
    def severe(self) -> Exposure:
        """Something severe was seen, and is submitted."""
        Slot.objects.filter(state=SlotState.OPEN).exclude(step="safety").delete()
        held = self.held()
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE datasets_app_item SET machine_severity = 3 WHERE dataset_id = %s",
                [self.dataset.pk],
            )
        exposures.reveal(self.ana, self.campaign, held.token)
        submit(self.ana, held)
        return Exposure.objects.get()

    def test_where_nothing_mild_is_left_there_is_a_pause(self) -> None:
        seen = self.severe()
        with pytest.raises(assigning.Resting) as resting:
            self.held()
        assert resting.value.cause is RestCause.COOLING
        assert resting.value.until == seen.began_at + timedelta(minutes=10)

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
        assert self.held()

    def test_a_campaign_may_do_without(self) -> None:
        Campaign.objects.update(cooldown_minutes=0)
        self.campaign.refresh_from_db()
        self.severe()
        assert self.held()
