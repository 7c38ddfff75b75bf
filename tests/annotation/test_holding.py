"""Holding: how long a lease lasts, what prolongs it, and when it comes back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models import F
from django.test import TestCase

from annotation import assigning, holding, returning
from annotation.models import Annotator, Campaign, Lapse, Slot
from annotation.vocabulary import LapseCause, SlotState
from config.management.commands.invariants import CHECKS, rows_breaking
from datasets_app.models import Dataset
from tests import build
from tests.annotation.weakening import weakened
from tests.cast import as_annotator, cast


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
