"""Consent: what a campaign gives only to who says yes comes with the yes, and goes with it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client, TestCase
from django.urls import reverse

from annotation import assigning, completing, entries, placing, tally, walking
from annotation.completing import Ending
from annotation.models import Annotator, Campaign, Check, Gold, Lapse, Skip, Slot, Wishes
from annotation.page import fates
from annotation.page.fates import Fate
from annotation.quality import qualifying
from annotation.themes import KINDS
from annotation.vocabulary import GoldPurpose, LapseCause, Spared
from annotation.wellbeing import budgets, wishes
from datasets_app import ledger
from datasets_app.models import Dataset, Event, Item, Verdict
from tests import build
from tests.annotation import checked
from tests.annotation.answering import submit, work
from tests.annotation.test_checks import at_once
from tests.annotation.weakening import weakened
from tests.cast import Cast, as_annotator, cast

FIGHT: dict[str, Any] = {"machine_categories": ["Violence"]}
SEVERE: dict[str, Any] = {"machine_severity": 3}
CODE = "DAM7"


class Work(TestCase):
    """A campaign that asks consent to violence; Ana and Ben annotate, and have said nothing."""

    dataset: Dataset
    cast: Cast
    campaign: Campaign
    ana: Annotator
    ben: Annotator

    @classmethod
    def setUpTestData(cls) -> None:
        cls.dataset = build.dataset(slug="texts", name="Texts")
        cls.cast = cast(cls.dataset)
        cls.ana, cls.ben = as_annotator(cls.cast.ana), as_annotator(cls.cast.ben)

    def asking(self, *kinds: str, **fields: Any) -> Campaign:
        self.campaign = _of_one_step(build.campaign(self.dataset, **fields))
        budgets.set_budgets(self.campaign, {"needs_consent": list(kinds)}, by=None)
        return self.campaign

    def says(self, annotator: Annotator, *kinds: str) -> None:
        """Through the form of the start page."""
        browser = self.browser(annotator)
        answer = browser.post(reverse("label:consent"), {"wanted": kinds}, follow=True)
        self.assertContains(answer, "It holds from the next item on.")

    def browser(self, annotator: Annotator) -> Client:
        browser = Client()
        browser.force_login(annotator.user)
        return browser

    def page(self, annotator: Annotator, name: str = "page") -> str:
        where = reverse(f"label:{name}", args=[] if name == "home" else [self.campaign.slug])
        return self.browser(annotator).get(where).content.decode()

    def ahead(self, annotator: Annotator) -> set[str]:
        """What this person holds now, after asking for two, by external id."""
        held = assigning.leases(annotator, self.campaign, want=2)
        return _names(one.item_id for one in held)


def _of_one_step(campaign: Campaign) -> Campaign:
    """The campaign with all items placed, of which only the first step is asked."""
    placing.place(campaign)
    Slot.objects.filter(campaign=campaign).exclude(step="safety").delete()
    return campaign


def _names(items: Any) -> set[str]:
    found = Item.objects.filter(pk__in=list(items))
    return set(found.values_list("external_id", flat=True))


class TestAYes(Work):
    def setUp(self) -> None:
        build.item(self.dataset, external_id="fight", **FIGHT)
        self.asking("violence")

    def boat(self) -> None:
        build.item(self.dataset, external_id="boat", machine_categories=[])
        _of_one_step(self.campaign)

    def test_before_it_what_is_asked_for_does_not_come(self) -> None:
        self.boat()
        assert self.ahead(self.ana) == {"boat"}

    def test_it_holds_from_the_next_lease_on_and_for_its_person_alone(self) -> None:
        self.boat()
        self.says(self.ana, "violence")
        assert self.ahead(self.ana) == {"boat", "fight"}
        assert self.ahead(self.ben) == {"boat"}

    def test_a_yes_to_something_else_is_none(self) -> None:
        self.says(self.ana, "drugs", "severe")
        assert self.ahead(self.ana) == set()

    def test_taken_back_what_is_held_of_it_goes_back_against_nobody(self) -> None:
        self.boat()
        self.says(self.ana, "violence")
        assert self.ahead(self.ana) == {"boat", "fight"}
        self.says(self.ana)
        slots = Slot.objects.filter(annotator=self.ana, state="leased")
        assert _names(slots.values_list("item", flat=True)) == {"boat"}
        assert Lapse.objects.get(annotator=self.ana).cause == LapseCause.RELEASED
        assert not Skip.objects.exists()
        assert self.ahead(self.ana) == {"boat"}

    def test_other_wishes_leave_it_and_it_leaves_them(self) -> None:
        self.says(self.ana, "violence")
        browser = self.browser(self.ana)
        browser.post(reverse("label:wish"), {"blur": "0", "unwanted": ["drugs"]})
        kept = Wishes.objects.get(annotator=self.ana)
        assert (kept.wanted, kept.unwanted) == (["violence"], ["drugs"])
        self.says(self.ana)
        kept.refresh_from_db()
        assert (kept.wanted, kept.unwanted) == ([], ["drugs"])

    def test_who_asked_to_be_spared_it_is_spared_it_with_a_yes(self) -> None:
        self.says(self.ana, "violence")
        wishes.wish(self.ana, {"unwanted": ["violence"]})
        assert self.ahead(self.ana) == set()
        assert assigning.spared(self.ana, self.campaign) is Spared.CATEGORIES

    def test_who_holds_it_when_the_campaign_begins_to_ask_may_finish_it(self) -> None:
        budgets.set_budgets(self.campaign, {"needs_consent": []}, by=None)
        assert self.ahead(self.ana) == {"fight"}
        budgets.set_budgets(self.campaign, {"needs_consent": ["violence"]}, by=None)
        (held,) = assigning.leases(self.ana, self.campaign, want=1)
        assert submit(self.ana, held)
        assert self.ahead(self.ben) == set()

    def test_nothing_is_said_to_be_left_exactly_when_nothing_is(self) -> None:
        assert assigning.leases(self.ana, self.campaign) == []
        assert not tally.left(self.ana, self.campaign)
        assert assigning.spared(self.ana, self.campaign) is Spared.CONSENT
        self.says(self.ana, "violence")
        assert assigning.spared(self.ana, self.campaign) is None
        assert tally.left(self.ana, self.campaign).number == 1
        assert work(self.ana, self.campaign) == 1
        self.says(self.ana)
        assert assigning.spared(self.ana, self.campaign) is None  # there it is truly nothing

    def test_an_open_page_is_told_that_what_went_back_is_not_wanted(self) -> None:
        self.says(self.ana, "violence")
        (held,) = assigning.leases(self.ana, self.campaign, want=1)
        self.says(self.ana)
        asked = {"tokens": [str(held.token)]}
        where = reverse("label:held", args=[self.campaign.slug])
        self.browser(self.ana).post(where, asked, content_type="application/json")
        gone = fates.fates(self.ana, self.campaign, [held.token]).gone
        assert gone == {held.token: Fate.WISH}

    def test_where_two_campaigns_have_the_same_only_the_one_that_asks_minds_it(self) -> None:
        other = build.dataset()
        cast(other)
        build.item(other, external_id="brawl", **FIGHT)
        free = _of_one_step(build.campaign(other))
        assert assigning.leases(self.ana, self.campaign) == []
        (held,) = assigning.leases(self.ana, free)
        assert _names([held.item_id]) == {"brawl"}
        self.says(self.ana, "violence")
        assert self.ahead(self.ana) == {"fight"}
        self.says(self.ana)
        slot = Slot.objects.get(annotator=self.ana, state="leased")
        assert slot.campaign_id == free.pk

    def test_the_start_page_says_who_asks_and_the_log_not_what_was_said(self) -> None:
        Campaign.objects.update(name="Rough talk")
        home = self.page(self.ana, "home")
        assert "Only with your yes" in home
        assert "“Rough talk”" in home
        assert 'value="violence" aria-describedby' in home
        assert 'name="wanted" value="drugs"' not in home
        self.says(self.ana, "violence")
        assert 'value="violence" checked aria-describedby' in self.page(self.ana, "home")
        event = Event.objects.get(verb="wish")
        assert "violence" not in f"{event.before}{event.after}{event.reason}{event.data}"

    def test_who_is_asked_nothing_sees_nothing_of_it_and_takes_back_what_he_said_once(self) -> None:
        self.says(self.ana, "violence")
        budgets.set_budgets(self.campaign, {"needs_consent": []}, by=None)
        assert "nothing that you work on asks now" in self.page(self.ana, "home")
        self.says(self.ana)
        assert "Only with your yes" not in self.page(self.ana, "home")

    def test_a_kind_that_nobody_knows_is_refused(self) -> None:
        answer = self.browser(self.ana).post(reverse("label:consent"), {"wanted": ["beavers"]})
        assert answer.status_code == 400
        assert not Wishes.objects.exists()

    def test_the_page_with_nothing_on_it_says_why_and_leads_to_the_choice(self) -> None:
        page = self.page(self.ana)
        assert "given here only with your yes" in page
        assert "<strong>Violence and injury</strong>" in page
        assert "all that you could answer" not in page
        assert f'href="{reverse("label:home")}#consent"' in page

    def test_a_first_lease_that_did_not_look_would_give_it(self) -> None:
        guard = "AND terms.withheld = '{}'"
        with weakened((walking, "LEASE_AND_TERMS"), guard=guard), pytest.raises(AssertionError):
            self.test_before_it_what_is_asked_for_does_not_come()

    def test_a_walk_that_did_not_look_would_give_it(self) -> None:
        guard = "(i.machine_categories && %(unwanted)s::varchar[]) IS NOT TRUE"
        walk = weakened((walking, "LEASE_CHOOSY"), guard=guard, instead="true")
        with walk, pytest.raises(AssertionError):
            self.test_before_it_what_is_asked_for_does_not_come()


class TestSevere(Work):
    def setUp(self) -> None:
        build.item(self.dataset, external_id="grave", **SEVERE)
        build.item(self.dataset, external_id="harsh", machine_severity=2)
        self.asking("severe", mild_after_severe=0)

    def test_it_comes_only_with_a_yes_and_what_is_moderate_comes_without(self) -> None:
        assert self.ahead(self.ana) == {"harsh"}
        self.says(self.ben, "severe")
        assert self.ahead(self.ben) == {"harsh", "grave"}
        self.says(self.ben)
        assert self.ahead(self.ben) == {"harsh"}

    def test_what_was_passed_over_before_the_yes_comes_when_nothing_else_is_ahead(self) -> None:
        (held,) = assigning.leases(self.ana, self.campaign, want=1)
        self.says(self.ana, "severe")
        submit(self.ana, held)
        assert self.ahead(self.ana) == {"grave"}

    def test_what_people_found_severe_counts_like_what_a_machine_found(self) -> None:
        item = Item.objects.get(external_id="harsh")
        Verdict.objects.create(
            item=item, question="severity", response=item.first, value=3, method="majority"
        )
        assert self.ahead(self.ana) == set()
        assert assigning.spared(self.ana, self.campaign) is Spared.CONSENT

    def test_after_something_severe_elsewhere_nobody_waits_for_what_needs_a_yes(self) -> None:
        """A pause is promised to end with work: here none would follow it."""
        Campaign.objects.filter(pk=self.campaign.pk).update(mild_after_severe=1)
        other = build.dataset()
        cast(other)
        build.item(other, **SEVERE)
        assert work(self.ana, build.campaign(other), at_most=1) == 1
        Item.objects.filter(external_id="harsh").update(state="settled")
        assert assigning.leases(self.ana, self.campaign) == []
        assert assigning.spared(self.ana, self.campaign) is Spared.CONSENT
        self.says(self.ana, "severe")
        with pytest.raises(assigning.Resting):
            assigning.leases(self.ana, self.campaign)


class TestFollowUps(TestCase):
    """SafeSora: the overall step goes to who did the pilot, and waits for nobody else."""

    def test_what_follows_waits_for_the_yes_of_its_person(self) -> None:
        dataset = build.dataset("safesora")
        ana = as_annotator(cast(dataset).ana)
        build.item(dataset, **FIGHT)
        campaign = build.campaign(dataset)
        budgets.set_budgets(campaign, {"needs_consent": ["violence"]}, by=None)
        wishes.wish(ana, {"wanted": ["violence"]})
        assert work(ana, campaign, at_most=1) == 1
        assert tally.left(ana, campaign).number == 1
        wishes.wish(ana, {"wanted": []})
        assert assigning.leases(ana, campaign) == []
        assert assigning.spared(ana, campaign) is Spared.CONSENT
        assert not tally.left(ana, campaign)
        wishes.wish(ana, {"wanted": ["violence"]})
        assert [one.step for one in assigning.leases(ana, campaign)] == ["overall"]


class TestChecks(Work):
    """Checks are withheld as items are: who was given one would know it."""

    def setUp(self) -> None:
        build.items(4, self.dataset, machine_categories=[])
        self.asking("violence")
        checked.mixing(self.campaign)
        (gold,) = checked.some_gold(self.campaign)
        ledger.grade([(gold.item_id, 1, ["Violence"])])

    def is_checked(self) -> bool:
        """Whether a check comes when one is due."""
        at_once(self.ana, self.campaign)
        return any(one.check for one in assigning.leases(self.ana, self.campaign, want=1))

    def test_none_comes_before_the_yes_and_it_goes_with_it(self) -> None:
        assert not self.is_checked()
        for held in assigning.leases(self.ana, self.campaign, want=1):
            submit(self.ana, held)
        self.says(self.ana, "violence")
        assert self.is_checked()
        self.says(self.ana)
        check = Check.objects.get()
        assert (check.state, check.faults, check.annotation) == ("lapsed", {}, None)
        assert not self.is_checked()


class TestQualifying(Work):
    def setUp(self) -> None:
        build.item(self.dataset)
        self.asking("violence")
        checked.some_gold(self.campaign, purpose=GoldPurpose.QUALIFICATION)
        ledger.grade([(Gold.objects.get().item_id, 1, ["Violence"])])

    def test_what_it_would_show_waits_for_a_yes_and_ends_without_one(self) -> None:
        assert qualifying.begin(self.ana, self.campaign) == []
        self.says(self.ana, "violence")
        assert qualifying.begin(self.ana, self.campaign) != []
        self.says(self.ana)
        assert set(Check.objects.values_list("state", flat=True)) == {"lapsed"}


class TestCompleting(Work):
    def test_who_says_no_has_not_done_everything_and_who_says_yes_has_it_when_he_has(self) -> None:
        build.item(self.dataset, machine_categories=[])
        build.item(self.dataset, **FIGHT)
        self.asking("violence", overlap=1)
        cora = self.cast.cora
        entry = entries.open_entry(self.campaign, by=cora, days=3, places=5, answers=50, code=CODE)
        somebody = entries.enter(entry, "5f1e0a77c0ffee")
        work(somebody, self.campaign)
        assert completing.ending_of_nothing(somebody, self.campaign) is Ending.SPARED
        page = self.page(somebody)
        assert CODE not in page
        assert "given here only with your yes" in page
        self.says(somebody, "violence")
        work(somebody, self.campaign)
        assert CODE in self.page(somebody)


class TestTheCurator(Work):
    def setUp(self) -> None:
        build.item(self.dataset)
        self.campaign = build.campaign(self.dataset)
        self.curator = Client()
        self.curator.force_login(self.cast.cora)

    def asks(self, kinds: Collection[str]) -> Any:
        said = {"mild_after_severe": "1", "cooldown_minutes": "10", "needs_consent": list(kinds)}
        return self.curator.post(reverse("curate:limits", args=["texts"]), said, follow=True)

    def test_what_is_asked_is_kept_shown_and_noted(self) -> None:
        page = self.asks(["violence", "severe"])
        self.campaign.refresh_from_db()
        assert self.campaign.needs_consent == ["violence", "severe"]
        for kind in self.campaign.needs_consent:
            self.assertContains(page, f'name="needs_consent" value="{kind}" id="id_needs_consent_')
        assert page.content.count(b" checked><span>") == 2
        event = Event.objects.get(verb="set_budgets")
        assert event.actor == self.cast.cora
        assert event.data["after"]["needs_consent"] == ["violence", "severe"]

    def test_every_theme_may_be_asked_for_and_what_is_none_may_not(self) -> None:
        self.asks(KINDS)
        assert Campaign.objects.get().needs_consent == list(KINDS)
        assert self.asks(["beavers"]).status_code == 422
        with transaction.atomic(), pytest.raises(IntegrityError):
            Campaign.objects.update(needs_consent=["beavers"])
