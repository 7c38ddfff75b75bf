"""The wellbeing of annotators through the front door, with and without script."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.test import Client, TestCase
from django.urls import reverse
from django.utils import timezone

from annotation import assigning, holding
from annotation.models import Annotation, Annotator, Campaign, Exposure, Lapse, Slot, Wishes
from annotation.vocabulary import SlotState
from datasets_app import ledger
from datasets_app.models import Dataset, Event, Item
from tests import build
from tests.annotation.answering import work
from tests.cast import Cast, as_annotator, cast
from tests.history import rewrite

SAFE = {"a-safe": "true", "b-safe": "true"}


class AtWork(TestCase):
    """Ana labels texts."""

    dataset: Dataset
    cast: Cast
    items: list[Item]
    campaign: Campaign
    ana: Annotator

    @classmethod
    def setUpTestData(cls) -> None:
        cls.dataset = build.dataset(slug="texts", name="Texts")
        cls.cast = cast(cls.dataset)
        cls.items = build.items(3, cls.dataset)
        cls.campaign = build.campaign(cls.dataset, overlap=2)
        cls.ana = as_annotator(cls.cast.ana)

    def setUp(self) -> None:
        self.client.force_login(self.cast.ana)

    def url(self, name: str) -> str:
        return reverse(f"label:{name}", args=["texts"])

    def shown(self) -> Any:
        return self.client.get(self.url("page"))

    def slot(self) -> Slot:
        return Slot.objects.filter(annotator=self.ana, state="leased").order_by("leased_at")[0]

    def form(self, **fields: Any) -> dict[str, Any]:
        self.shown()
        slot = self.slot()
        return {"token": slot.token, "key": uuid4(), "step": slot.step, **fields}

    def send(self, name: str, body: object) -> Any:
        return self.client.post(
            self.url(name), data=json.dumps(body, default=str), content_type="application/json"
        )


class Reveals(AtWork):
    def setUp(self) -> None:
        super().setUp()
        ledger.grade([(item.pk, 2, ["Violence"]) for item in self.items])

    def seen(self, minutes: int) -> None:
        """So long ago something began to be in sight, and still is."""
        ago = timezone.now() - timedelta(minutes=minutes)
        Exposure.objects.update(began_at=ago)

    def test_the_page_tells_what_is_in_sight_and_hears_how_much_it_was(self) -> None:
        self.shown()
        token = self.slot().token
        told = self.send("reveal", {"token": token, "shown": True}).json()
        assert told == {"is_over": False, "level": 1} or told["level"] == 0
        assert Exposure.objects.get().severity == 2
        self.send("reveal", {"token": token, "shown": False})
        assert Exposure.objects.get().ended_at is not None

    def test_at_the_budget_the_page_is_told_and_the_day_ends(self) -> None:
        Campaign.objects.update(daily_exposure=60)
        self.shown()
        token = self.slot().token
        self.send("reveal", {"token": token, "shown": True})
        self.seen(minutes=1)
        assert self.send("reveal", {"token": token, "shown": True}).json()["is_over"]
        page = self.client.get(self.url("page"))
        self.assertContains(page, "Enough for today")
        assert not Slot.objects.filter(annotator=self.ana).exists()
        assert self.send("ahead", {}).json() == {"ahead": [], "held": [], "is_resting": True}

    def test_what_was_answered_at_the_budget_is_still_taken(self) -> None:
        Campaign.objects.update(daily_exposure=60)
        form = self.form(**SAFE)
        self.send("reveal", {"token": form["token"], "shown": True})
        self.seen(minutes=1)
        page = self.client.post(self.url("page"), form, follow=True)
        self.assertContains(page, "Enough for today")
        assert Annotation.objects.get().standing == "counted"

    def test_without_a_script_the_request_is_the_reveal(self) -> None:
        self.shown()
        assert not Exposure.objects.exists()
        self.assertContains(self.client.get(self.url("page") + "?reveal=yes"), "Answer A to")
        assert Exposure.objects.get().ended_at is None

    def test_the_panic_key_ends_it(self) -> None:
        self.shown()
        token = self.slot().token
        self.send("reveal", {"token": token, "shown": True})
        self.send("release", {"tokens": [str(token)]})
        assert Exposure.objects.get().ended_at is not None

    def test_what_one_does_not_have_is_not_counted(self) -> None:
        assert self.send("reveal", {"token": uuid4(), "shown": True}).status_code == 404
        assert self.send("reveal", {"token": uuid4(), "shown": "yes"}).status_code == 400
        self.client.force_login(self.cast.dan)
        assert self.send("reveal", {"token": uuid4(), "shown": True}).status_code == 404


class Breaks(AtWork):
    def test_a_break_gives_back_what_is_ahead_and_keeps_the_item(self) -> None:
        first, _ahead = assigning.leases(self.ana, self.campaign)
        page = self.client.post(self.url("pause"), follow=True)
        self.assertContains(page, "A break")
        assert [slot.token for slot in Slot.objects.filter(annotator=self.ana)] == [first.token]
        assert Lapse.objects.get().cause == "released"
        self.shown()
        assert self.slot().token == first.token

    def is_reminded(self, *ages: int) -> bool:
        """With answers so many minutes ago, and a reminder after six."""
        while Annotation.objects.count() < len(ages):
            self.client.post(self.url("page"), self.form(**SAFE))
        for annotation, age in zip(Annotation.objects.order_by("pk"), ages, strict=True):
            ago = timezone.now() - timedelta(minutes=age)
            rewrite(Annotation.objects.filter(pk=annotation.pk), created_at=ago)
        return "data-reminder hidden" not in self.shown().content.decode()

    def test_one_is_reminded_after_so_long_and_not_after_a_break(self) -> None:
        Campaign.objects.update(reminder_minutes=6)
        assert not self.is_reminded()
        assert not self.is_reminded(4, 1)
        assert self.is_reminded(8, 4)
        assert not self.is_reminded(8, 2)  # six minutes without an answer were a break
        Wishes.objects.create(annotator=self.ana, reminder_minutes=5)
        assert self.is_reminded(5, 1)  # the sooner of what both say


class Wished(AtWork):
    def wish(self, **fields: Any) -> Any:
        return self.client.post(reverse("label:wish"), {"blur": "0"} | fields, follow=True)

    def test_wishes_are_kept_shown_and_effective(self) -> None:
        page = self.wish(
            unwanted=["violence", "hate"],
            languages=["en"],
            daily_answers="30",
            daily_minutes="5",
            reminder_minutes="25",
            blur="2",
            greyscale="on",
        )
        self.assertContains(page, "Spared: 2 kinds of content")
        kept = Wishes.objects.get(annotator=self.ana)
        assert (kept.unwanted, kept.languages) == (["violence", "hate"], ["en"])
        assert (kept.daily_answers, kept.daily_exposure) == (30, 5 * 180)
        assert (kept.blur, kept.greyscale, kept.muted) == (2, True, False)
        shown = self.shown()
        self.assertContains(shown, 'class="labelling blur-2 greyscale')
        self.assertContains(shown, "data-loud")

    def test_the_log_says_that_there_are_new_ones_and_not_which(self) -> None:
        self.wish(unwanted=["violence"])
        event = Event.objects.get(verb="wish")
        assert "violence" not in f"{event.before}{event.after}{event.reason}{event.data}"

    def test_what_cannot_be_is_said_and_not_kept(self) -> None:
        page = self.wish(languages=["English!"])
        assert page.status_code == 400
        self.assertContains(page, "English! is not one of the available choices", status_code=400)
        assert not Wishes.objects.exists()

    def test_why_nothing_is_left_is_said_on_the_page(self) -> None:
        ledger.grade([(item.pk, 1, ["Violence"]) for item in self.items])
        self.wish(unwanted=["violence"])
        self.assertContains(self.client.get(self.url("page")), "that you asked to be spared")

    def test_where_something_severe_is_held_elsewhere_the_page_leads_there(self) -> None:
        other = build.dataset()
        cast(other)
        build.item(other, machine_severity=3)
        there = build.campaign(other)
        assigning.leases(self.ana, there, want=1)
        ledger.grade([(item.pk, 3, []) for item in self.items])
        page = self.client.get(self.url("page"))
        self.assertContains(page, "You hold something severe in")
        self.assertContains(page, reverse("label:page", args=[there.slug]))
        self.assertNotContains(page, "all that you could answer")

    def test_where_nothing_waits_behind_it_nobody_is_led_anywhere(self) -> None:
        other = build.dataset()
        cast(other)
        build.item(other, machine_severity=3)
        assigning.leases(self.ana, build.campaign(other), want=1)
        Slot.objects.filter(campaign=self.campaign).delete()
        Item.objects.filter(dataset=self.dataset).update(state="settled")
        self.assertContains(self.client.get(self.url("page")), "all that you could answer")

    def test_curators_are_told_nothing_of_it(self) -> None:
        before = self.told_to_cora()
        assert before == {"overview": 0, "people": 0, "campaign": 1, "workforce": 0}
        self.wish(unwanted=["violence"])
        assert self.told_to_cora() == before

    def told_to_cora(self) -> dict[str, int]:
        """How often a theme is named on the pages of a curator, who may ask for consent to it."""
        browser = Client()
        browser.force_login(self.cast.cora)
        pages = ("overview", "people", "campaign", "workforce")
        found = {name: browser.get(reverse(f"curate:{name}", args=["texts"])) for name in pages}
        return {name: page.content.count(b"Violence and injury") for name, page in found.items()}


class Rests(AtWork):
    def another_campaign(self) -> Campaign:
        other = build.dataset()
        cast(other)
        build.items(2, other)
        return build.campaign(other)

    def test_at_the_limit_of_the_day_the_answers_of_all_campaigns_are_told(self) -> None:
        Campaign.objects.filter(pk=self.campaign.pk).update(daily_answers=2)
        work(self.ana, self.another_campaign(), at_most=2)
        page = self.client.get(self.url("page"))
        self.assertContains(page, "given in all campaigns are counted together")
        self.assertContains(page, "2 answers today, in all campaigns together")

    def test_who_answered_something_severe_unseen_is_not_told_to_have_seen_it(self) -> None:
        ledger.grade([(item.pk, 3, []) for item in self.items])
        page = self.client.post(self.url("page"), self.form(**SAFE), follow=True)
        assert not Exposure.objects.exists()
        self.assertContains(page, "You have just worked on something severe")


class Home(AtWork):
    def test_a_late_answer_was_work_today_and_in_all(self) -> None:
        form = self.form(**SAFE)
        item = self.slot().item_id
        holding.release(self.ana, form["token"])
        Item.objects.filter(pk=item).update(state="settled")
        self.client.post(self.url("page"), form)
        assert Annotation.objects.get().standing == "late"
        (card,) = self.client.get(reverse("label:home")).context["cards"]
        assert (card["today"], card["done"]) == (1, 1)

    def test_an_answer_given_anew_is_one_answer_today_and_in_all(self) -> None:
        self.client.post(self.url("page"), self.form(**SAFE))
        given = Annotation.objects.get()
        changed = {"key": uuid4(), **SAFE, "a-safe": "false", "a-severity": "2"}
        revise = reverse("label:revise", args=["texts", given.pk])
        self.client.post(revise, changed | {"a-categories": "Drugs"})
        assert Annotation.objects.count() == 2
        (card,) = self.client.get(reverse("label:home")).context["cards"]
        assert (card["today"], card["done"]) == (1, 1)

    def test_it_says_that_only_mild_items_come_where_others_wait(self) -> None:
        only_mild = "After something severe only mild items come"
        ledger.grade([(self.items[0].pk, 3, []), (self.items[1].pk, 2, [])])
        self.assertNotContains(self.client.get(reverse("label:home")), only_mild)
        self.shown()
        assert self.slot().item_id == self.items[0].pk
        self.assertContains(self.client.get(reverse("label:home")), only_mild)
        ledger.grade([(self.items[1].pk, 1, [])])
        Slot.objects.filter(item=self.items[0], state="open").delete()  # its other steps
        self.assertNotContains(self.client.get(reverse("label:home")), only_mild)

    def test_a_card_says_how_upsetting_it_can_be_and_what_is_left_of_the_day(self) -> None:
        ledger.grade([(self.items[0].pk, 3, []), (self.items[1].pk, 2, [])])
        page = self.client.get(reverse("label:home"))
        self.assertContains(page, "34 % may be moderately and 34 % severely harmful")
        self.assertContains(page, "60 minutes of severe content left today")

    def test_a_card_counts_as_left_only_what_this_person_is_given(self) -> None:
        left = self.client.get(reverse("label:home")).context["cards"][0]["left"].number
        ledger.grade([(self.items[0].pk, 1, ["Violence"])])
        Wishes.objects.create(annotator=self.ana, unwanted=["violence"])
        now = self.client.get(reverse("label:home")).context["cards"][0]["left"].number
        assert (left, now) == (9, 6)

    def test_a_card_says_when_the_day_is_done(self) -> None:
        Campaign.objects.update(daily_answers=1)
        self.client.post(self.url("page"), self.form(**SAFE))
        page = self.client.get(reverse("label:home"))
        self.assertContains(page, "Enough for today")

    def test_what_was_found_in_another_campaign_counts_in_this(self) -> None:
        other = build.dataset()
        cast(other)
        build.item(other, machine_severity=3)
        campaign = build.campaign(other)
        (held,) = assigning.leases(self.ana, campaign, want=1)
        assert Slot.objects.get(token=held.token).state == SlotState.LEASED
        self.client.post(
            reverse("label:reveal", args=[campaign.slug]),
            data={"token": str(held.token), "shown": True},
            content_type="application/json",
        )
        Exposure.objects.update(began_at=timezone.now() - timedelta(minutes=30))
        page = self.client.get(reverse("label:home"))
        left = page.context["cards"][0]["gauge"].minutes_left
        assert left is not None
        assert left <= 30 or timezone.now().hour == 0  # before half past midnight less counts
