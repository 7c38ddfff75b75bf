"""What became of what a page has: held, behind a door by now, or gone and why."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.db.models import F
from django.test import TestCase

from annotation import assigning, closing, holding, labelling
from annotation.models import Annotation, Annotator, Campaign, Check, Slot, Wishes
from annotation.page.fates import Fate, fate_of_answered, fates
from annotation.vocabulary import SkipReason
from annotation.wellbeing import wishes
from datasets_app import ledger
from datasets_app.models import Dataset, Item, Verdict
from datasets_app.vocabulary import ItemState, VerdictMethod
from tests import build
from tests.annotation import checked
from tests.annotation.answering import submit
from tests.annotation.test_checks import at_once
from tests.cast import as_annotator, cast

HOUR = timedelta(hours=1)


class TestFates(TestCase):
    """Ana has one item, and Ben the same."""

    dataset: Dataset
    campaign: Campaign
    ana: Annotator
    ben: Annotator

    @classmethod
    def setUpTestData(cls) -> None:
        cls.dataset = build.dataset(slug="texts")
        people = cast(cls.dataset)
        build.items(3, cls.dataset)
        cls.campaign = build.campaign(cls.dataset, overlap=2)
        cls.ana, cls.ben = as_annotator(people.ana), as_annotator(people.ben)

    def given(self, annotator: Annotator | None = None) -> UUID:
        return assigning.leases(annotator or self.ana, self.campaign, want=1)[0].token

    def why(self, token: UUID) -> Fate | None:
        """Why Ana no longer holds it; None while she does."""
        self.campaign.refresh_from_db()
        found = fates(self.ana, self.campaign, [token])
        assert set(found.held) | set(found.gone) == {token}
        return found.gone.get(token)

    def test_what_is_held_is_said_to_be_and_kept_no_longer_by_that(self) -> None:
        token = self.given()
        before = Slot.objects.get(token=token).expires_at
        assert fates(self.ana, self.campaign, [token]).held == {token: False}
        assert Slot.objects.get(token=token).expires_at == before

    def test_what_somebody_reported_was_taken_away(self) -> None:
        token = self.given()
        assert labelling.report(self.ben, self.given(self.ben), reason="a child")
        assert self.why(token) is Fate.TAKEN

    def test_what_was_withdrawn_is_taken_before_the_sweep_comes_by(self) -> None:
        token = self.given()
        item = Slot.objects.get(token=token).item_id
        ledger.move([item], before=ItemState.OPEN, after=ItemState.WITHDRAWN, verb="withdraw")
        assert self.why(token) is Fate.TAKEN
        holding.expire_leases()
        assert self.why(token) is Fate.TAKEN

    def test_its_time_was_over(self) -> None:
        token = self.given()
        Slot.objects.filter(token=token).update(expires_at=F("expires_at") - HOUR)
        assert self.why(token) is None  # it is still Ana's until somebody sweeps it
        holding.expire_leases()
        assert self.why(token) is Fate.TIME

    def test_it_was_answered_or_skipped_on_another_page(self) -> None:
        held = assigning.leases(self.ana, self.campaign, want=2)
        submit(self.ana, held[0])
        labelling.skip(self.ana, held[1].token, reason=SkipReason.BROKEN)
        assert [self.why(one.token) for one in held] == [Fate.DONE, Fate.BACK]

    def test_a_wish_gave_it_back(self) -> None:
        token = self.given()
        Item.objects.update(machine_categories=["violence"])
        wishes.wish(self.ana, {"unwanted": ["violence"]})
        assert self.why(token) is Fate.WISH

    def test_the_day_is_done(self) -> None:
        token = self.given()
        Wishes.objects.create(annotator=self.ana, daily_exposure=0)
        with pytest.raises(assigning.Resting):
            assigning.leases(self.ana, self.campaign)
        assert self.why(token) is Fate.REST

    def test_the_campaign_was_closed(self) -> None:
        token = self.given()
        closing.close(self.campaign, by=None, reason="enough")
        assert self.why(token) is Fate.CLOSED

    def test_of_what_was_never_ones_own_nothing_is_told(self) -> None:
        theirs = self.given(self.ben)
        assert self.why(theirs) is self.why(uuid4()) is Fate.BACK

    def test_it_is_behind_a_door_once_something_grave_was_found(self) -> None:
        token = self.given()
        Item.objects.update(machine_severity=2)
        assert fates(self.ana, self.campaign, [token]).held == {token: True}


class TestOfChecks(TestCase):
    """The same of a check, whose item was settled long ago."""

    def setUp(self) -> None:
        dataset = build.dataset(slug="texts")
        people = cast(dataset)
        self.ana = as_annotator(people.ana)
        build.items(9, dataset)
        self.campaign = checked.mixing(build.campaign(dataset))
        checked.some_gold(self.campaign, number=3)
        at_once(self.ana, self.campaign)
        assigning.leases(self.ana, self.campaign, want=1)
        self.check = Check.objects.get()

    def said(self) -> bool | Fate:
        found = fates(self.ana, self.campaign, [self.check.token])
        why = found.gone.get(self.check.token)
        return why or found.held[self.check.token]

    def test_a_check_is_held_and_ends_as_an_item_does(self) -> None:
        assert self.said() is False
        Check.objects.update(expires_at=F("expires_at") - HOUR)
        assert self.said() is False
        holding.expire_leases()
        assert self.said() is Fate.TIME

    def test_a_check_that_was_given_back_is_said_to_be(self) -> None:
        holding.release(self.ana, self.check.token)
        assert self.said() is Fate.BACK

    def test_a_check_whose_item_was_taken_away_was_taken_too(self) -> None:
        Item.objects.filter(pk=self.check.item_id).update(state=ItemState.QUARANTINED)
        assert self.said() is Fate.TAKEN

    def test_what_people_found_covers_no_check(self) -> None:
        Verdict.objects.filter(item=self.check.item_id, question="severity").delete()
        Verdict.objects.create(
            item_id=self.check.item_id,
            question="severity",
            response_id=self.check.item.first_id,
            value=3,
            votes=[],
            agreement=1.0,
            method=VerdictMethod.MAJORITY,
        )
        assert self.said() is False
        Item.objects.filter(pk=self.check.item_id).update(machine_severity=2)
        assert self.said() is True

    def test_a_check_that_is_answered_anew_is_covered_by_what_nobody_has_judged(self) -> None:
        held = assigning.leases(self.ana, self.campaign, want=1)[0]
        assert held.token == self.check.token
        submit(self.ana, held)
        answer = Annotation.objects.get(token=held.token)
        Check.objects.update(endurance=2)
        assert fate_of_answered(answer).held == {held.token: False}
        Item.objects.filter(pk=answer.item_id).update(machine_severity=2)
        assert fate_of_answered(answer).held == {held.token: True}
        Item.objects.filter(pk=answer.item_id).update(state=ItemState.WITHDRAWN)
        assert fate_of_answered(answer).gone == {held.token: Fate.TAKEN}
