"""What wellbeing does to items it does to checks: breaks, wishes, covers, and what is left."""

from __future__ import annotations

import re
from typing import Any
from unittest import mock
from uuid import UUID

import pytest
from django.test import TestCase
from django.urls import reverse

from annotation import assigning, eligibility, gravity, tally
from annotation.models import Annotator, Campaign, Check, Slot, Wishes
from annotation.page import contents
from annotation.prepared import compact
from annotation.quality import gold, qualifying
from annotation.quality.gold import GoldRefused
from annotation.vocabulary import CheckPurpose, CheckState, GoldPurpose
from annotation.wellbeing import pausing, wishes
from config.management.commands.invariants import CHECKS, rows_breaking
from datasets_app import ledger
from datasets_app.models import Dataset, Item, Verdict
from datasets_app.protocols import protocol_named
from datasets_app.vocabulary import ItemState
from tests import build
from tests.annotation import checked
from tests.annotation.answering import submit
from tests.annotation.test_checks import at_once
from tests.cast import Cast, as_annotator, cast


class Checked(TestCase):
    """Ana in a campaign that mixes checks in."""

    dataset: Dataset
    cast: Cast
    campaign: Campaign
    ana: Annotator

    @classmethod
    def setUpTestData(cls) -> None:
        cls.dataset = build.dataset(slug="texts")
        cls.cast = cast(cls.dataset)
        cls.ana = as_annotator(cls.cast.ana)
        build.items(14, cls.dataset)
        cls.campaign = checked.mixing(build.campaign(cls.dataset))
        checked.some_gold(cls.campaign, number=3)
        Slot.objects.exclude(step="safety").delete()

    def setUp(self) -> None:
        self.client.force_login(self.cast.ana)

    def hold(self, *kinds: bool) -> list[UUID]:
        """Items (False) and checks (True), held in that order; their tokens."""
        held: list[Any] = []
        for number, is_check in enumerate(kinds, 1):
            at_once(self.ana, self.campaign)
            self.ana.paces.update(wait=0 if is_check else 1_000)
            held = assigning.leases(self.ana, self.campaign, want=number)
        assert [one.check is not None for one in held] == list(kinds)
        return [one.token for one in held]

    def held(self) -> set[UUID | None]:
        mine = {"annotator": self.ana, "state": "leased"}
        return {
            *Slot.objects.filter(**mine).values_list("token", flat=True),
            *Check.objects.filter(**mine).values_list("token", flat=True),
        }


class TestBreaks(Checked):
    def test_what_is_ahead_goes_back_be_it_an_item_or_a_check(self) -> None:
        for kinds in ((False, False), (False, True), (True, False)):
            shown, _ahead = self.hold(*kinds)
            assert pausing.pause(self.ana, self.campaign) == 1
            assert self.held() == {shown}
            self.give_back()

    def give_back(self) -> None:
        Check.objects.filter(state="leased").update(state=CheckState.LAPSED)
        for held in assigning.leases(self.ana, self.campaign, want=1):
            submit(self.ana, held)

    def test_a_check_that_went_back_is_neither_graded_nor_held_against_anybody(self) -> None:
        self.hold(False, True)
        pausing.pause(self.ana, self.campaign)
        check = Check.objects.get()
        assert (check.state, check.faults, check.annotation) == (CheckState.LAPSED, {}, None)

    def test_looking_at_slots_alone_would_tell_a_check(self) -> None:
        def slots_alone(annotator: Annotator, campaign: Campaign) -> list[UUID | None]:
            mine = Slot.objects.filter(annotator=annotator, state="leased").order_by("leased_at")
            return list(mine.values_list("token", flat=True))

        with mock.patch.object(pausing, "_held", slots_alone), pytest.raises(AssertionError):
            self.test_what_is_ahead_goes_back_be_it_an_item_or_a_check()


class TestWishes(Checked):
    def setUp(self) -> None:
        super().setUp()
        ledger.grade([(item.pk, 1, ["Violence"]) for item in Item.objects.all()])

    def test_opting_out_takes_items_and_checks_back_at_once(self) -> None:
        shown, check = self.hold(False, True)
        wishes.wish(self.ana, {"unwanted": ["violence"]})
        assert self.held() == set()
        assert Check.objects.get(token=check).state == CheckState.LAPSED
        sent = {"shown": True, "token": str(check)}
        address = reverse("label:reveal", args=["texts"])
        assert self.client.post(address, sent, content_type="application/json").status_code == 404
        assert shown not in self.held()

    def test_so_it_does_where_nothing_but_a_check_is_held(self) -> None:
        self.hold(True)
        wishes.wish(self.ana, {"unwanted": ["violence"]})
        assert self.held() == set()

    def test_and_in_every_campaign(self) -> None:
        other = build.dataset()
        cast(other)
        build.items(2, other)
        campaign = checked.mixing(build.campaign(other))
        checked.some_gold(campaign)
        ledger.grade([(item.pk, 1, ["Violence"]) for item in Item.objects.all()])
        at_once(self.ana, campaign)
        assert assigning.leases(self.ana, campaign, want=1)[0].check is not None
        wishes.wish(self.ana, {"unwanted": ["violence"]})
        assert self.held() == set()

    def test_what_is_of_another_kind_stays(self) -> None:
        tokens = self.hold(False, True)
        wishes.wish(self.ana, {"unwanted": ["privacy"]})
        assert self.held() == set(tokens)

    def test_looking_at_slots_alone_would_leave_the_check_and_the_invariant_says_so(self) -> None:
        statement = eligibility._UNFIT.partition("UNION ALL")[0]
        with mock.patch.object(eligibility, "_UNFIT", statement), pytest.raises(AssertionError):
            self.test_so_it_does_where_nothing_but_a_check_is_held()
        Wishes.objects.update(changed_at="2026-01-01T00:00Z")
        (asked,) = [one for one in CHECKS if one.title == "Nobody holds what he asked to be spared"]
        assert len(rows_breaking(asked)) == 1


class TestLeft(Checked):
    def left(self) -> str:
        page = self.client.get("/label/").content.decode()
        return str(re.findall(r"left for you</dt><dd>([^<]*)<", page)[0])

    def test_nobody_is_told_to_the_unit_where_checks_are_mixed_in(self) -> None:
        told: list[tuple[bool, str, str]] = []
        while held := self.next(is_check=len(told) in (2, 6, 9)):
            before = self.left()
            submit(self.ana, held)
            told.append((held.check is not None, before, self.left()))
        assert {words for _is, before, after in told for words in (before, after)} == {
            "over 10", "fewer than 10", "0",
        }  # fmt: skip
        assert sum(is_check for is_check, _before, _after in told) == 3
        # A check changes nothing; of items, two in fourteen do.
        assert [b == a for is_check, b, a in told if is_check] == [True] * 3
        assert sum(b != a for _is, b, a in told) == 2

    def next(self, *, is_check: bool) -> assigning.Assignment | None:
        at_once(self.ana, self.campaign)
        self.ana.paces.update(wait=0 if is_check else 1_000)
        held = assigning.leases(self.ana, self.campaign, want=1)
        return held[0] if held else None

    def test_with_a_check_in_hand_and_nothing_else_there_is_something_to_do(self) -> None:
        self.hold(True)
        Slot.objects.all().delete()
        assert tally.left(self.ana, self.campaign)
        Check.objects.update(state=CheckState.LAPSED)
        assert not tally.left(self.ana, self.campaign)

    def test_without_checks_it_is_told_to_the_unit(self) -> None:
        Campaign.objects.update(is_checked=False)
        self.campaign.refresh_from_db()
        assert tally.left(self.ana, self.campaign) == tally.Left(14)


class TestCovers(Checked):
    """The gold is moderate, as people found; nobody has judged the others yet."""

    def test_a_check_is_covered_by_what_an_item_is_covered_by(self) -> None:
        for grade, is_covered in ((None, False), (1, False), (2, True)):
            Item.objects.update(machine_severity=grade)
            seen = []
            for is_check in (False, True):
                self.hold(is_check)
                seen.append(self.client.get("/label/texts/").context["sheet"].is_covered)
                self.answer()
            assert seen == [is_covered, is_covered], grade

    def answer(self) -> None:
        for held in assigning.leases(self.ana, self.campaign, want=1):
            submit(self.ana, held)

    def test_by_what_people_found_it_would_be_told(self) -> None:
        foreseen = f"ELSE {compact(gravity.FORESEEN)} END"
        assert foreseen in contents._READ
        statement = contents._READ.replace(foreseen, f"ELSE {compact(gravity.GRAVITY)} END")
        with mock.patch.object(contents, "_READ", statement), pytest.raises(AssertionError):
            self.test_a_check_is_covered_by_what_an_item_is_covered_by()

    def test_what_it_weighs_in_sight_stays_what_people_found(self) -> None:
        (token,) = self.hold(True)
        sent = {"shown": True, "token": str(token)}
        address = reverse("label:reveal", args=["texts"])
        assert self.client.post(address, sent, content_type="application/json").status_code == 200
        assert self.ana.exposures.get().severity == 2


class TestSevere(Checked):
    def found_severe(self) -> None:
        Verdict.objects.filter(question="severity", value=2).update(value=3)

    def test_what_people_found_severe_never_comes_as_a_check(self) -> None:
        self.found_severe()
        at_once(self.ana, self.campaign)
        assert assigning.leases(self.ana, self.campaign, want=1)[0].check is None

    def test_nor_as_a_repeat_nor_in_a_qualification(self) -> None:
        for held in iter(lambda: assigning.leases(self.ana, self.campaign, want=1), []):
            if Slot.objects.filter(state="done").count() >= 12:
                break
            submit(self.ana, held[0])
        checked.some_gold(self.campaign, purpose=GoldPurpose.QUALIFICATION, explanation="x")
        checked.mixing(self.campaign, gold_share=0.0, repeat_share=0.5)
        Item.objects.update(machine_severity=2)
        for item in Item.objects.filter(state=ItemState.OPEN):
            Verdict.objects.create(
                item=item, question="severity", response=item.first, value=3, votes=[],
                method="majority",
            )  # fmt: skip
        self.found_severe()
        at_once(self.ana, self.campaign)
        assigning.leases(self.ana, self.campaign, want=2)
        assert not Check.objects.filter(purpose=CheckPurpose.REPEAT).exists()
        assert qualifying.begin(self.ana, self.campaign) == []

    def test_it_is_no_gold_and_the_curator_is_told_why(self) -> None:
        severe = {**checked.KNOWN, "severity": {"0": 3, "1": 0}}
        item = checked.a_settled_item(self.dataset, severe)
        with pytest.raises(GoldRefused, match="is severe, by what a machine, its source or people"):
            gold.make(self.campaign, item, "safety", expected=checked.expected(item), by=None)
        milder = checked.a_settled_item(self.dataset)
        with pytest.raises(GoldRefused, match="These answers call it severe"):
            gold.make(
                self.campaign, milder, "safety", expected=checked.expected(milder, severe), by=None
            )
        step = protocol_named(self.campaign.protocol).step("safety")
        assert item.pk not in gold.likely(self.campaign, step)
