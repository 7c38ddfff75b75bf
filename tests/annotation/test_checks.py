"""Checks: mixed in at the campaign's share, told from an item by nobody, votes of nobody."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any
from unittest import mock
from uuid import UUID, uuid4

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, connection, transaction
from django.test import TestCase

from annotation import assigning, drafts, holding, labelling, leaving, settling
from annotation.assigning import Assignment
from annotation.checks import answering, mixing
from annotation.models import Annotation, Annotator, Campaign, Check, Due, Gold, Pace, Slot
from annotation.quality import gold
from annotation.vocabulary import CheckState, GoldPurpose, SkipReason, Standing
from config.management.commands.invariants import CHECKS, rows_breaking
from datasets_app import versions
from datasets_app.models import Dataset, Event, Item, Verdict
from datasets_app.recipe import Recipe
from datasets_app.vocabulary import ItemState
from tests import build
from tests.annotation import checked
from tests.annotation.answering import PLAIN, submit, work
from tests.cast import annotators, as_annotator, cast


def at_once(annotator: Annotator, campaign: Campaign) -> None:
    """Whatever was drawn, the next one is a check."""
    Pace.objects.update_or_create(annotator=annotator, campaign=campaign, defaults={"wait": 0})


def broken() -> list[str]:
    return [check.title for check in CHECKS if rows_breaking(check)]


class TestChecks(TestCase):
    dataset: Dataset
    campaign: Campaign
    ana: Annotator
    ben: Annotator
    cora: User

    @classmethod
    def setUpTestData(cls) -> None:
        cls.dataset = build.dataset()
        people = cast(cls.dataset)
        cls.ana, cls.ben, cls.cora = as_annotator(people.ana), as_annotator(people.ben), people.cora
        build.items(4, cls.dataset)
        cls.campaign = checked.mixing(build.campaign(cls.dataset))
        checked.some_gold(cls.campaign, number=2)

    def a_check(self, annotator: Annotator | None = None) -> Assignment:
        """What a person holds when a check is due."""
        who = annotator or self.ana
        at_once(who, self.campaign)
        (held,) = assigning.leases(who, self.campaign, want=1)
        assert held.check is not None
        return held

    def test_a_check_comes_when_it_is_due_and_counts_for_nobody(self) -> None:
        held = self.a_check()
        done = submit(self.ana, held)
        assert done.standing is Standing.COUNTED
        kept = Annotation.objects.get(pk=done.annotation_id)
        assert (kept.standing, kept.slot_id) == (Standing.CHECK, None)
        check = Check.objects.get()
        # Gold says that the first is unsafe and called Drugs, moderate; Ana finds both safe.
        assert check.faults == {"safe": 0.5, "categories": 1.0, "severity": 1.0}
        assert not Due.objects.exists()
        assert Slot.objects.filter(item=held.item_id, annotator=self.ana).count() == 0
        assert broken() == []

    def test_what_comes_after_a_skip_is_late_like_that_of_any_item(self) -> None:
        held = self.a_check()
        assert labelling.skip(self.ana, held.token, reason=SkipReason.CANNOT_JUDGE)
        assert submit(self.ana, held).standing is Standing.LATE
        assert Check.objects.get().state == CheckState.SKIPPED

    def test_a_person_meets_each_gold_item_once_in_a_step(self) -> None:
        met = []
        for _ in range(2):
            held = self.a_check()
            submit(self.ana, held)
            met.append(held.item_id)
        assert len(set(met)) == 2
        at_once(self.ana, self.campaign)
        assert assigning.leases(self.ana, self.campaign, want=1)[0].check is None

    def test_without_the_constraint_nothing_would_stop_a_second_time(self) -> None:
        self.a_check()
        check = Check.objects.get()
        check.pk, check.token = None, uuid4()
        with pytest.raises(IntegrityError), transaction.atomic():
            check.save()

    def test_gold_that_a_person_voted_on_does_not_come_to_that_person(self) -> None:
        item = Item.objects.filter(state=ItemState.OPEN).first()
        assert item is not None
        while held := assigning.leases(self.ben, self.campaign, want=1):
            submit(self.ben, held[0])
        voted = set(Annotation.objects.filter(standing="counted").values_list("item", flat=True))
        met = set(Check.objects.filter(annotator=self.ben).values_list("item", flat=True))
        assert not voted & met

    def test_two_tabs_see_the_same_check(self) -> None:
        held = self.a_check()
        assert assigning.leases(self.ana, self.campaign, want=1) == [held]
        assert Check.objects.count() == 1

    def test_the_one_ahead_may_be_a_check_and_the_page_still_holds_two(self) -> None:
        Pace.objects.create(annotator=self.ana, campaign=self.campaign, wait=100)
        assigning.leases(self.ana, self.campaign, want=1)
        at_once(self.ana, self.campaign)
        held = assigning.leases(self.ana, self.campaign, want=2)
        assert [one.check is None for one in held] == [True, False]

    def test_checks_come_at_the_campaigns_share_and_at_no_regular_distance(self) -> None:
        waits = [mixing.drawn_wait(0.2) for _ in range(400)]
        # The mean of (1 - p) / p = 4 has a standard error of 0.22 here.
        assert 3 < sum(waits) / len(waits) < 5
        assert len(set(waits)) > 8
        assert Counter(waits)[0] > 40

    def test_without_shares_there_are_no_checks(self) -> None:
        checked.mixing(self.campaign, gold_share=0.0)
        assert work(self.ana, self.campaign) == 12
        assert not Check.objects.exists()

    def test_who_may_not_annotate_gets_no_check_either(self) -> None:
        leaving.revoke(self.ana, self.campaign, by=self.cora)
        at_once(self.ana, self.campaign)
        with pytest.raises(assigning.NoEntry):
            assigning.leases(self.ana, self.campaign)
        assert not Check.objects.exists()

    def test_gold_on_an_item_that_was_taken_away_does_not_come(self) -> None:
        Item.objects.filter(state=ItemState.SETTLED).update(state=ItemState.WITHDRAWN)
        at_once(self.ana, self.campaign)
        assert assigning.leases(self.ana, self.campaign, want=1)[0].check is None

    def test_a_submit_sent_twice_is_kept_once_and_says_the_same(self) -> None:
        held, key = self.a_check(), uuid4()
        first = submit(self.ana, held, key=key)
        again = submit(self.ana, held, key=key)
        assert (again.annotation_id, again.standing, again.replayed) == (
            first.annotation_id, Standing.COUNTED, True,
        )  # fmt: skip
        with pytest.raises(labelling.KeyReused):
            submit(self.ana, held, key=key, answers={"safe": {"a": True, "b": False}})
        assert submit(self.ana, held).standing is Standing.LATE

    def test_a_check_is_nobody_elses(self) -> None:
        held = self.a_check()
        with pytest.raises(labelling.UnknownLease):
            submit(self.ben, held)

    def test_a_check_is_drafted_extended_released_and_skipped_like_an_item(self) -> None:
        held = self.a_check()
        assert drafts.save(
            self.ana, held.token, page=uuid4(), revision=1, answers={"safe": {"a": True}}
        )
        assert holding.extend(self.ana, held.token) is not None
        assert holding.release(self.ana, held.token)
        assert drafts.load(self.ana, held.token) is not None  # as of an item that was given back
        assert not holding.release(self.ana, held.token)
        assert labelling.skip(self.ana, self.a_check().token, reason=SkipReason.UPSETTING)
        assert set(Check.objects.values_list("state", flat=True)) == {"lapsed", "skipped"}

    def test_a_check_whose_time_is_over_comes_back_and_may_still_be_answered(self) -> None:
        held = self.a_check()
        with connection.cursor() as cursor:
            cursor.execute("UPDATE annotation_check SET expires_at = now() - interval '1 minute'")
        assert holding.expire_leases() == 1
        assert submit(self.ana, held).standing is Standing.COUNTED
        assert Check.objects.get().state == CheckState.ANSWERED

    def test_a_report_freezes_the_item_and_retires_its_gold(self) -> None:
        held = self.a_check()
        assert labelling.report(self.ana, held.token, reason="should not be here")
        assert Item.objects.get(pk=held.item_id).state == ItemState.QUARANTINED
        assert Gold.objects.get(item=held.item_id).retired_at is not None

    def test_a_report_that_is_sent_again_is_still_reported_and_a_skip_is_not(self) -> None:
        reported = self.a_check().token
        assert labelling.report(self.ana, reported, reason="should not be here")
        assert labelling.report(self.ana, reported, reason="should not be here")
        skipped = self.a_check().token
        assert labelling.skip(self.ana, skipped, reason=SkipReason.UPSETTING)
        assert not labelling.report(self.ana, skipped, reason="should not be here")

    def test_a_second_thought_is_kept_and_betters_no_grade(self) -> None:
        held = self.a_check()
        submit(self.ana, held)
        item = Item.objects.get(pk=held.item_id)
        bad, good = ("b", "a") if held.flipped else ("a", "b")
        better = {
            "safe": {bad: False, good: True}, "categories": {bad: ["Drugs"]}, "severity": {bad: 1},
        }  # fmt: skip
        annotation = Annotation.objects.get(item=item)
        labelling.revise(self.ana, annotation, key=uuid4(), answers=better)
        check = Check.objects.get()
        assert check.faults == {"safe": 0.5, "categories": 1.0, "severity": 1.0}
        newer = Annotation.objects.get(item=item, standing=Standing.CHECK)
        assert (check.annotation, check.first) == (newer, annotation)
        labelling.revise(self.ana, newer, key=uuid4(), answers=better)
        assert Check.objects.get().first == annotation
        assert broken() == []

    def test_the_step_before_the_mend_would_have_bettered_it(self) -> None:
        regrading = answering.REPLACE.replace(
            "annotation_id = given.id", "annotation_id = given.id, faults = %(faults)s"
        )
        with mock.patch.object(answering, "REPLACE", regrading), pytest.raises(AssertionError):
            self.test_a_second_thought_is_kept_and_betters_no_grade()

    def test_an_attention_check_says_with_the_prompt_what_to_answer(self) -> None:
        Gold.objects.update(retired_at="2026-01-01T00:00Z")
        checked.some_gold(
            self.campaign, purpose=GoldPurpose.ATTENTION, instruction="Call the first one unsafe."
        )
        held = self.a_check()
        self.client.force_login(self.ana.user)
        shown = self.client.get(f"/label/{self.campaign.slug}/").content.decode()
        assert "Call the first one unsafe." in shown
        assert str(held.token) in shown

    def test_a_follow_up_of_a_check_comes_next_like_that_of_an_item(self) -> None:
        dataset = build.dataset("safesora")
        one = annotators(1, dataset)[0]
        build.items(2, dataset)
        campaign = checked.mixing(build.campaign(dataset))
        known = {
            **dict.fromkeys(("instruction_following", "correctness", "informativeness"), "0"),
            "aesthetics": "tie", "categories": {"0": [], "1": []}, "better": "0", "safer": "tie",
        }  # fmt: skip
        item = checked.a_settled_item(dataset, known)
        gold.make(campaign, item, "pilot", expected=checked.expected(item, known), by=None)
        at_once(one, campaign)
        (pilot,) = assigning.leases(one, campaign, want=1)
        assert (pilot.item_id, pilot.step) == (item.pk, "pilot")
        submit(one, pilot)
        (overall,) = assigning.leases(one, campaign, want=1)
        assert (overall.item_id, overall.step, overall.flipped) == (
            item.pk,
            "overall",
            pilot.flipped,
        )
        submit(one, overall)
        assert set(Check.objects.get(step="overall").faults) == {"better", "safer"}
        assert broken() == []


class TestRepeats(TestCase):
    def test_an_item_comes_again_with_its_sides_swapped_and_is_no_second_vote(self) -> None:
        dataset = build.dataset("beavertails")
        one = annotators(1, dataset)[0]
        build.items(13, dataset)
        campaign = build.campaign(dataset, overlap=1)
        plain = {"safety": {"safe": {"a": True}}}
        for _ in range(12):
            (held,) = assigning.leases(one, campaign, want=1)
            submit(one, held, answers=plain["safety"])
        checked.mixing(campaign, gold_share=0.0, repeat_share=0.5)
        at_once(one, campaign)
        (held,) = assigning.leases(one, campaign, want=1)
        assert held.check is not None
        before = Annotation.objects.get(item=held.item_id)
        assert held.flipped is not before.flipped
        submit(
            one,
            held,
            answers={
                "safe": {"a": False},
                "categories": {"a": ["violence,aiding_and_abetting,incitement"]},
            },
        )
        assert Check.objects.get().faults["safe"] == 1.0
        assert Annotation.objects.filter(item=held.item_id, standing="counted").get() == before
        settling.settle(dataset)
        assert Verdict.objects.get(item=held.item_id, question="safe").value is True
        assert broken() == []


class TestNobodyCanTell(TestCase):
    """What the browser gets of a check has the shape of what it gets of an item."""

    def test_the_page_and_its_messages_have_the_same_shape(self) -> None:
        dataset = build.dataset()
        people = cast(dataset)
        ana = as_annotator(people.ana)
        build.items(3, dataset)
        campaign = checked.mixing(build.campaign(dataset))
        checked.some_gold(campaign)
        Pace.objects.create(annotator=ana, campaign=campaign, wait=100)
        self.client.force_login(people.ana)
        url = f"/label/{campaign.slug}/"
        item = self.walk(url, ana, campaign)
        at_once(ana, campaign)
        check = self.walk(url, ana, campaign)
        assert Check.objects.get().state == CheckState.ANSWERED
        assert check == item

    def walk(self, url: str, ana: Annotator, campaign: Campaign) -> list[Any]:
        """The shapes of all that comes of one item; what is held is given back first."""
        for slot in Slot.objects.filter(annotator=ana, state="leased"):
            assert slot.token
            holding.release(ana, slot.token)
        ahead = self.send(url + "ahead/", {"holding": []})
        seen = ahead["ahead"][0]
        token = seen["token"]
        kept = {
            "page": str(uuid4()),
            "revision": 1,
            "based_on": 0,
            "answers": {"safe": {"a": True}},
        }
        draft = self.send(url + "draft/", {"token": token} | kept)
        extended = self.send(url + "extend/", {"tokens": [token]})
        body = {"token": token, "key": str(uuid4()), "answers": PLAIN["safety"], "holding": []}
        done = self.send(url, body)
        again = self.send(url, body)
        page = self.client.get(f"{url}revise/{done['done']['annotation']}/")
        assert self.client.get("/label/").content.decode().count("Look") == 0
        answered = [shape(each["done"]) for each in (done, again)]
        is_open = "Your earlier answers stand" in page.content.decode()
        sent = [shape(each) for each in (seen, ahead, draft, extended)]
        return [sent, answered, is_open, sorted(seen["parts"]), UUID(token).version]

    def send(self, url: str, body: dict[str, Any]) -> dict[str, Any]:
        response = self.client.post(url, json.dumps(body), content_type="application/json")
        assert response.status_code == 200, response.content
        return dict(response.json())


def shape(value: Any) -> Any:
    """Names and types of a JSON value, and of texts no more than that they are some."""
    if isinstance(value, dict):
        return {key: shape(part) for key, part in value.items()}
    if isinstance(value, list):
        return [shape(part) for part in value[:1]]
    return type(value).__name__


class TestGoldStaysHere(TestCase):
    dataset: Dataset
    campaign: Campaign
    made: Gold

    @classmethod
    def setUpTestData(cls) -> None:
        cls.dataset = build.dataset()
        cls.campaign = build.campaign(cls.dataset)
        checked.a_settled_item(cls.dataset)
        (cls.made,) = checked.some_gold(cls.campaign)

    def test_a_version_leaves_gold_out_and_says_why(self) -> None:
        version = versions.cut(self.dataset, Recipe(), by=None)
        assert version.refusals["held_back"] == 1
        assert not version.records.filter(item=self.made.item).exists()
        assert broken() == []

    def test_past_the_guard_it_would_be_there_and_the_invariant_says_so(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM datasets_app_holdback")
        assert "Gold is held back from every version" in broken()
        version = versions.cut(self.dataset, Recipe(), by=None)
        assert version.records.filter(item=self.made.item).exists()
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO datasets_app_holdback (item_id, reason, created_at)"
                " SELECT item_id, 'gold', now() FROM annotation_gold"
            )
        assert "What is held back is in no version" in broken()

    def test_retired_gold_may_be_published(self) -> None:
        assert gold.retire(self.made, by=None)
        assert not gold.retire(self.made, by=None)
        version = versions.cut(self.dataset, Recipe(), by=None)
        assert version.records.filter(item=self.made.item).exists()
        assert Event.objects.filter(verb="retire_gold").count() == 1

    def test_what_is_in_a_version_cannot_become_gold(self) -> None:
        versions.cut(self.dataset, Recipe(), by=None)
        item = Item.objects.exclude(pk=self.made.item_id).get()
        with pytest.raises(gold.GoldRefused, match="can be looked up"):
            gold.make(self.campaign, item, "safety", expected=checked.expected(item), by=None)
