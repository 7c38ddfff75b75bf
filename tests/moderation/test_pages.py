"""The moderator's pages through the front door."""

from __future__ import annotations

from uuid import uuid4

from django.test import TestCase
from django.urls import reverse

from datasets_app.models import Event, Item
from datasets_app.vocabulary import ItemState
from tests import build
from tests.cast import cast


class Quarantine(TestCase):
    """Mo decides on what a machine held back."""

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
        event = Event.objects.get(item=self.held.pk)
        assert (event.verb, event.actor_id) == ("release", self.cast.mo.pk)

    def test_a_withdrawal_needs_a_reason(self) -> None:
        self.decide(self.held.pk, decision="withdraw", reason="  ")
        assert self.state(self.held) == ItemState.QUARANTINED

    def test_a_withdrawn_item_keeps_its_reason(self) -> None:
        self.decide(self.held.pk, decision="withdraw", reason="shows a real person")
        assert self.state(self.held) == ItemState.WITHDRAWN
        assert Event.objects.get(item=self.held.pk).reason == "shows a real person"

    def test_an_item_that_is_not_held_back_cannot_be_withdrawn_here(self) -> None:
        self.decide(self.open.pk, decision="withdraw", reason="by mistake")
        assert self.state(self.open) == ItemState.OPEN

    def test_nonsense_in_the_form_decides_nothing(self) -> None:
        self.decide("not-an-id", uuid4(), decision="release")
        assert self.state(self.held) == ItemState.QUARANTINED

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
