"""The moderator's pages through the front door."""

from __future__ import annotations

from uuid import uuid4

from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from datasets_app import ledger
from datasets_app.models import Dataset, Event, Item
from datasets_app.vocabulary import ItemState
from moderation import held
from moderation.models import Screening
from tests import build
from tests.cast import Cast, cast


class Quarantine(TestCase):
    """Mo decides on what a machine held back."""

    dataset: Dataset
    cast: Cast
    held: Item
    open: Item

    @classmethod
    def setUpTestData(cls) -> None:
        cls.dataset = build.dataset(slug="pairs", name="Pairs of answers")
        cls.cast = cast(cls.dataset)
        cls.held = build.item(
            cls.dataset,
            state=ItemState.QUARANTINED,
            asks="A question held back",
            machine_severity=3,
        )
        cls.open = build.item(cls.dataset)

    def setUp(self) -> None:
        self.client.force_login(self.cast.mo)

    def decide(self, *items: object, decision: str = "release", reason: str = "") -> None:
        form = {"item": [str(item) for item in items], "decision": decision, "reason": reason}
        self.client.post(reverse("moderate:decide", args=["pairs"]), form)

    def state(self, item: Item) -> str:
        return Item.objects.get(pk=item.pk).state

    def test_what_is_held_back_is_listed_and_covered(self) -> None:
        page = self.client.get(reverse("moderate:quarantine", args=["pairs"])).content.decode()
        # Inside a template element: neither drawn nor read aloud before it is asked for.
        assert "<template data-veiled>" in page.partition("A question held back")[0]

    def test_the_original_file_is_not_asked_for_before_it_is_revealed(self) -> None:
        dataset = build.dataset("beavertails_v", slug="pictures")
        cast(dataset)
        build.item(dataset, state=ItemState.QUARANTINED)
        page = self.client.get(reverse("moderate:quarantine", args=["pictures"])).content.decode()
        assert "/preview" in page
        assert 'src="/media' in page
        assert not any("/original" in part for part in page.split('src="')[1:] if '"' not in part)

    def test_a_released_item_is_open_and_the_event_names_the_moderator(self) -> None:
        self.decide(self.held.pk)
        assert self.state(self.held) == ItemState.OPEN
        event = Event.objects.get(item=self.held.pk, after=ItemState.OPEN)
        assert (event.verb, event.actor_id) == ("release", self.cast.mo.pk)

    def test_a_withdrawal_needs_a_reason(self) -> None:
        self.decide(self.held.pk, decision="withdraw", reason="  ")
        assert self.state(self.held) == ItemState.QUARANTINED

    def test_a_withdrawn_item_keeps_its_reason(self) -> None:
        self.decide(self.held.pk, decision="withdraw", reason="shows a real person")
        assert self.state(self.held) == ItemState.WITHDRAWN
        event = Event.objects.get(item=self.held.pk, after=ItemState.WITHDRAWN)
        assert event.reason == "shows a real person"

    def test_an_item_that_is_not_held_back_cannot_be_withdrawn_here(self) -> None:
        self.decide(self.open.pk, decision="withdraw", reason="by mistake")
        assert self.state(self.open) == ItemState.OPEN

    def test_nonsense_in_the_form_decides_nothing(self) -> None:
        self.decide("not-an-id", uuid4(), decision="release")
        assert self.state(self.held) == ItemState.QUARANTINED

    def test_what_is_no_decision_is_refused_and_decides_nothing(self) -> None:
        address = reverse("moderate:decide", args=["pairs"])
        for decision in ({}, *({"decision": word} for word in ("", "x", "Withdraw", "withdraw "))):
            form = {"item": str(self.held.pk), "reason": "because", **decision}
            answer = self.client.post(address, form)
            assert (answer.status_code, answer.content.count(b"\n")) == (400, 0), decision
            assert self.state(self.held) == ItemState.QUARANTINED, decision

    def test_an_item_of_another_dataset_is_out_of_reach(self) -> None:
        other = build.item(build.dataset(), state=ItemState.QUARANTINED)
        self.decide(other.pk)
        assert self.state(other) == ItemState.QUARANTINED

    def test_dan_ana_and_cora_are_told_that_nothing_is_there(self) -> None:
        for person in (self.cast.dan, self.cast.ana, self.cast.cora):
            self.client.force_login(person)
            page = self.client.get(reverse("moderate:quarantine", args=["pairs"]))
            assert page.status_code == 404
            assert self.client.post(reverse("moderate:decide", args=["pairs"])).status_code == 404


class Pages(TestCase):
    """More is held back than one page shows."""

    dataset: Dataset
    cast: Cast
    items: list[Item]

    @classmethod
    def setUpTestData(cls) -> None:
        cls.dataset = build.dataset(slug="pairs")
        cls.cast = cast(cls.dataset)
        cls.items = [
            build.item(cls.dataset, state=ItemState.QUARANTINED, machine_severity=severity)
            for severity in (1, 3, None, 2) * (held.PAGE_SIZE // 2)
        ]

    def setUp(self) -> None:
        self.client.force_login(self.cast.mo)
        self.address = reverse("moderate:quarantine", args=["pairs"])

    def walk(self) -> list[held.Card]:
        cards: list[held.Card] = []
        page = self.client.get(self.address).context["page"]
        while True:
            cards += page.cards
            if page.following is None:
                return cards
            page = self.client.get(self.address, {"after": str(page.following)}).context["page"]

    def test_the_pages_meet_without_gap_or_overlap(self) -> None:
        seen = [card.item.pk for card in self.walk()]
        assert len(seen) == len(set(seen)) == len(self.items)

    def test_the_gravest_come_first_and_what_nobody_graded_counts_as_severe(self) -> None:
        severities = [card.severity for card in self.walk()]
        assert severities == sorted(severities, reverse=True)
        assert severities.count(3) == len(self.items) // 2

    def test_an_address_that_names_no_place_shows_the_first_page(self) -> None:
        for nonsense in ("3", "9.x", "-", f"7.{uuid4()}"):
            page = self.client.get(self.address, {"after": nonsense})
            assert page.context["start"] is None

    def test_a_page_that_was_decided_meanwhile_leads_back_to_the_first(self) -> None:
        last = self.walk()[-1]
        place = held.Place(last.severity, last.item.pk)
        page = self.client.get(self.address, {"after": str(place)})
        assert page.status_code == 302
        assert page["Location"] == self.address

    def test_one_stays_on_the_page_on_which_one_decided(self) -> None:
        place = str(self.client.get(self.address).context["page"].following)
        form = {"item": [], "decision": "release", "after": place}
        page = self.client.post(reverse("moderate:decide", args=["pairs"]), form)
        assert page["Location"].endswith(f"?after={place}")

    def test_a_full_page_asks_the_database_no_more_than_a_short_one(self) -> None:
        with CaptureQueriesContext(connection) as full:
            self.client.get(self.address)
        kept = [item.pk for item in self.items[:2]]
        Item.objects.filter(dataset=self.dataset).exclude(pk__in=kept).update(state="open")
        with CaptureQueriesContext(connection) as short:
            self.client.get(self.address)
        assert len(full) == len(short) <= 12


class Cards(TestCase):
    """What a card says of an item."""

    def test_it_says_why_how_likely_and_what_kind_in_words(self) -> None:
        dataset = build.dataset(slug="pairs")
        item = build.item(
            dataset,
            state=ItemState.QUARANTINED,
            machine_severity=3,
            machine_categories=["Endangering Public Health"],
        )
        for response, unsafe in ((item.first, 0.4), (item.second, 0.9)):
            Screening.objects.create(
                prompt=item.prompt,
                response=response,
                classifier="guard",
                revision="1",
                label_set="pku_saferlhf",
                unsafe_probability=unsafe,
                severity=3,
            )
        ledger.move([item.pk], before=ItemState.QUARANTINED, after=ItemState.OPEN, verb="release")
        ledger.move(
            [item.pk],
            before=ItemState.OPEN,
            after=ItemState.QUARANTINED,
            verb="report",
            reason="it names a real person",
        )
        (card,) = held.page(dataset.items.all().quarantined(), None).cards
        assert (card.unsafe, card.why) == (0.9, "it names a real person")
        assert card.categories == ["Public health"]

    def test_a_screening_of_another_answer_to_the_prompt_says_nothing_of_the_item(self) -> None:
        dataset = build.dataset(slug="pairs")
        item = build.item(dataset, state=ItemState.QUARANTINED)
        other = build.a_response(item.prompt, "Something else.")
        Screening.objects.create(
            prompt=item.prompt,
            response=other,
            classifier="guard",
            revision="1",
            label_set="pku_saferlhf",
            unsafe_probability=1.0,
            severity=3,
        )
        (card,) = held.page(dataset.items.all().quarantined(), None).cards
        assert card.unsafe is None
