"""Harm behind a door that the server holds: whatever a client asks, what is covered is nowhere
before a reveal was opened, and counted."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import TestCase
from django.urls import reverse
from django.utils import timezone

from annotation import assigning, eligibility, gravity
from annotation.models import Annotation, Annotator, Campaign, Check, Exposure, Slot
from annotation.page import contents, sheets
from annotation.quality import qualifying
from annotation.vocabulary import CheckState, GoldPurpose
from annotation.wellbeing import covers, exposures
from datasets_app import ledger
from datasets_app.models import Dataset, Item, Prompt, Verdict
from datasets_app.vocabulary import ItemState, VerdictMethod
from tests import build
from tests.annotation.checked import some_gold
from tests.cast import Cast, as_annotator, cast

pytestmark = pytest.mark.usefixtures("noon")

HARM = "HARM-IN-WORDS"
SAFE = {"a-safe": "true", "b-safe": "true"}


def seen_since(**ago: int) -> None:
    """So long ago something began to be in sight, and it still is."""
    now = timezone.now()
    Exposure.objects.update(began_at=now - timedelta(**ago), seen_at=now)


class Doors(TestCase):
    """Ana labels grave texts; she looks at everything that the server sends her."""

    protocol = "pku_saferlhf"
    says: tuple[str, ...] = (f"{HARM} of the first.", f"{HARM} of the second.")
    dataset: Dataset
    cast: Cast
    items: list[Item]
    campaign: Campaign
    ana: Annotator

    @classmethod
    def setUpTestData(cls) -> None:
        cls.dataset = build.dataset(cls.protocol, slug="texts")
        cls.cast = cast(cls.dataset)
        cls.items = build.items(3, cls.dataset, says=cls.says)
        cls.campaign = build.campaign(cls.dataset, overlap=1)
        cls.ana = as_annotator(cls.cast.ana)

    def setUp(self) -> None:
        self.client.force_login(self.cast.ana)

    def grave(self, severity: int = 2, *categories: str) -> None:
        ledger.grade([(item.pk, severity, list(categories)) for item in self.items])

    def url(self, name: str, *more: object) -> str:
        return reverse(f"label:{name}", args=["texts", *more])

    def page(self, query: str = "", name: str = "page", *more: object) -> str:
        return str(self.client.get(self.url(name, *more) + query).content.decode())

    def send(self, name: str, body: object) -> Any:
        return self.client.post(
            self.url(name), data=json.dumps(body, default=str), content_type="application/json"
        )

    def held(self) -> UUID:
        """The token of what the page shows."""
        self.page()
        found = Slot.objects.filter(annotator=self.ana, state="leased").order_by("leased_at")
        assert found[0].token is not None
        return found[0].token

    def reveal(self, token: UUID, **more: Any) -> Any:
        return self.send("reveal", {"token": token, "shown": True, "parts": True} | more)


class TestText(Doors):
    def test_it_is_neither_in_the_page_nor_in_what_is_fetched_ahead(self) -> None:
        self.grave()
        assert HARM not in self.page()
        token = self.held()
        ahead = self.send("ahead", {"holding": []}).json()
        assert len(ahead["ahead"]) == 2
        assert HARM not in json.dumps(ahead)
        done = {"token": token, "key": uuid4(), "answers": {"safe": {"a": True, "b": True}}}
        after = self.send("page", done).json()
        assert after["ahead"]
        assert HARM not in json.dumps(after)

    def test_what_is_mild_is_there(self) -> None:
        """The negative control: these doors would let it through, were it not covered."""
        self.grave(1)
        assert HARM in self.page()
        assert HARM in json.dumps(self.send("ahead", {"holding": []}).json())

    def test_without_the_cover_it_would_be_everywhere(self) -> None:
        self.grave(3)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sheets, "is_covered", lambda gravity: False)
            assert HARM in self.page()

    def test_a_reveal_gives_what_belongs_behind_each_door_and_is_counted(self) -> None:
        self.grave()
        token = self.held()
        said = self.reveal(token).json()
        assert set(said["parts"]) == {"a", "b"}
        assert all(HARM in html and "prose" in html for html in said["parts"].values())
        seen = Exposure.objects.get()
        assert (seen.token, seen.severity, seen.ended_at) == (token, 2, None)
        assert HARM not in self.page()  # nor afterwards

    def test_a_sign_of_life_and_a_cover_give_nothing(self) -> None:
        self.grave()
        token = self.held()
        for more in ({"parts": False}, {"shown": False}):
            assert "parts" not in self.reveal(token, **more).json()
        assert self.reveal(token, parts="yes").status_code == 400

    def test_both_sides_stand_where_the_page_has_them(self) -> None:
        self.grave()
        token = self.held()
        slot = Slot.objects.get(token=token)
        first, second = ("b", "a") if slot.flipped else ("a", "b")
        parts = self.reveal(token).json()["parts"]
        assert "of the first" in parts[first]
        assert "of the second" in parts[second]

    def test_a_grave_prompt_comes_with_the_reveal_as_well(self) -> None:
        turns = [{"speaker": "user", "text": f"{HARM} asked", "media": []}]
        Prompt.objects.update(meta={"severity": 3}, turns=turns)
        assert HARM not in self.page()
        parts = self.reveal(self.held()).json()["parts"]
        assert f"{HARM} asked" in parts["prompt"]
        assert Exposure.objects.get().severity == 3

    def test_at_the_budget_nothing_is_given(self) -> None:
        self.grave()
        Campaign.objects.update(daily_exposure=60)
        token = self.held()
        assert HARM in json.dumps(self.reveal(token).json())
        Exposure.objects.update(
            began_at=timezone.now() - timedelta(hours=25), seen_at=timezone.now()
        )
        said = self.reveal(token).json()
        assert said["is_over"]
        assert "parts" not in said
        assert Exposure.objects.get().ended_at is not None
        assert HARM not in self.page("?reveal=yes")

    def test_what_one_does_not_hold_is_given_to_nobody(self) -> None:
        self.grave()
        ben = as_annotator(self.cast.ben)
        theirs = assigning.leases(ben, self.campaign, want=1)[0].token
        for token in (theirs, uuid4()):
            answer = self.reveal(token)
            assert answer.status_code == 404
            assert HARM not in answer.content.decode()
        token = self.held()
        Item.objects.update(state=ItemState.QUARANTINED)
        assert self.reveal(token).status_code == 404
        self.client.force_login(self.cast.dan)
        assert self.reveal(token).status_code == 404
        assert not Exposure.objects.exists()


class TestWithoutScript(Doors):
    """`?reveal=yes` is a reveal like any other."""

    def setUp(self) -> None:
        super().setUp()
        self.grave()

    def test_the_request_opens_a_reveal_and_only_then_is_it_in_the_page(self) -> None:
        assert HARM not in self.page()
        assert not Exposure.objects.exists()
        assert HARM in self.page("?reveal=yes")
        assert Exposure.objects.get().ended_at is None

    def test_a_form_that_comes_back_opens_one_anew(self) -> None:
        form = {"token": self.held(), "key": uuid4(), "step": Slot.objects.get(state="leased").step}
        assert HARM not in self.client.post(self.url("page"), form).content.decode()
        shown = self.client.post(self.url("page") + "?reveal=yes", form)
        assert shown.status_code == 422
        assert HARM in shown.content.decode()
        assert Exposure.objects.get().ended_at is None

    def test_what_lies_open_is_not_counted_as_revealed(self) -> None:
        self.grave(1)
        assert HARM in self.page("?reveal=yes")
        assert not Exposure.objects.exists()

    def test_an_item_answered_before_is_covered_and_counted_alike(self) -> None:
        token = self.held()
        step = Slot.objects.get(token=token).step
        self.client.post(self.url("page"), {"token": token, "key": uuid4(), "step": step, **SAFE})
        pk = Annotation.objects.get().pk
        assert HARM not in self.page("", "revise", pk)
        assert not Exposure.objects.exists()
        assert HARM in self.page("?reveal=yes", "revise", pk)
        assert Exposure.objects.get().ended_at is None
        assert HARM in json.dumps(self.reveal(token).json())

    def test_the_budget_holds_for_an_item_answered_before(self) -> None:
        token = self.held()
        step = Slot.objects.get(token=token).step
        self.client.post(self.url("page"), {"token": token, "key": uuid4(), "step": step, **SAFE})
        pk = Annotation.objects.get().pk
        Campaign.objects.update(daily_exposure=60)
        self.page("?reveal=yes", "revise", pk)
        Exposure.objects.update(
            began_at=timezone.now() - timedelta(hours=25), seen_at=timezone.now()
        )
        shown = self.page("?reveal=yes", "revise", pk)
        assert HARM not in shown
        assert "That is enough for today" in shown


class TestQualification(Doors):
    """Items of a qualification are covered by what a machine found, like all that is checked by."""

    def trial(self) -> Check:
        for gold in some_gold(self.campaign, number=3, purpose=GoldPurpose.QUALIFICATION):
            for response in (gold.item.first, gold.item.second):
                assert response is not None
                response.text = f"{HARM} {response.pk}"
                response.save(update_fields=["text"])
        Item.objects.filter(state=ItemState.SETTLED).update(machine_severity=2)
        qualifying.begin(self.ana, self.campaign)
        return qualifying.trials(self.ana, self.campaign)[0]

    def test_they_are_covered_and_counted_alike(self) -> None:
        check = self.trial()
        shown = self.page("", "qualify")
        assert "Covered" in shown
        assert HARM not in shown
        assert HARM in json.dumps(self.reveal(check.token).json())
        assert Exposure.objects.get().severity == 2
        assert HARM in self.page("?reveal=yes", "qualify")

    def test_their_doors_do_not_name_what_is_asked(self) -> None:
        self.trial()
        door = self.page("", "qualify").partition("</span></strong>: ")[2][:60]
        assert door.startswith("may be harmful")

    def test_once_one_is_closed_it_is_revealed_no_more(self) -> None:
        check = self.trial()
        form = {"token": check.token, "key": uuid4(), "step": check.step, **SAFE}
        assert self.client.post(self.url("qualify"), form).status_code == 302
        assert Check.objects.get(pk=check.pk).state == CheckState.ANSWERED
        assert self.reveal(check.token).status_code == 404


class TestCorrection(Doors):
    """A text to be corrected lies in a field besides."""

    protocol = "correction"
    says = (f"{HARM} to be corrected.",)

    def test_its_field_holds_nothing_until_it_is_revealed(self) -> None:
        self.grave()
        assert HARM not in self.page()
        token = self.held()
        assert HARM not in json.dumps(self.send("ahead", {"holding": []}).json())
        parts = self.reveal(token).json()["parts"]
        assert parts["original_a"] == self.says[0]
        assert HARM in parts["a"]

    def test_nor_does_the_answer_that_no_change_is_needed(self) -> None:
        self.grave()
        token = self.held()
        kept = {"correction": {"a": {"text": self.says[0], "unchanged": True}}}
        self.send("draft", {"token": token, "revision": 1, "answers": kept})
        assert HARM not in self.page()
        self.send("page", {"token": token, "key": uuid4(), "answers": kept})
        assert HARM not in self.page("", "revise", Annotation.objects.get().pk)

    def test_what_is_mild_lies_in_its_field(self) -> None:
        assert self.page().count(HARM) >= 2


class TestHowGrave(Doors):
    """One definition: the lease, the page, the media and the exposure agree."""

    def found(self, question: str, value: Any, **more: Any) -> None:
        for item in self.items:
            Verdict.objects.create(
                item=item, question=question, value=value, method=VerdictMethod.MAJORITY, **more
            )

    def test_what_people_found_is_covered_and_named(self) -> None:
        self.grave(0)
        assert HARM in self.page()
        self.found("severity", 3)
        self.found("categories", ["Drugs", "Violence"])
        shown = self.page()
        assert HARM not in shown
        assert shown.count("</strong>: Drugs, Violence") == 2  # both sides alike
        assert self.reveal(self.held()).status_code == 200
        assert Exposure.objects.get().severity == 3

    def test_what_machine_and_people_name_is_named_once(self) -> None:
        self.grave(2, "Violence")
        self.found("categories", ["Drugs", "Violence"])
        assert "</strong>: Violence, Drugs <" in self.page()

    def test_home_shows_no_prompt_whose_item_people_found_grave(self) -> None:
        token = self.held()
        slot = Slot.objects.get(token=token)
        form = {"token": token, "key": uuid4(), "step": slot.step, **SAFE}
        self.client.post(self.url("page"), form)
        asks = slot.item.prompt.text
        assert asks in self.client.get("/label/").content.decode()
        self.found("severity", 2)
        assert asks not in self.client.get("/label/").content.decode()

    def test_the_cover_the_lease_and_the_exposure_read_the_same_words(self) -> None:
        words = " ".join(gravity.GRAVITY.split())
        for statement in (
            contents._READ,
            covers._SIGHT_OF_ITEMS,
            covers._COVERED,
            exposures._REVEAL,
            " ".join(eligibility.FITS.split()),
        ):
            assert words in statement

    def test_a_severity_off_our_scale_is_at_its_end(self) -> None:
        for said, covered in ((7, True), (2, True), ("2", True), (1, False), ("bad", False)):
            Prompt.objects.update(meta={"severity": said})
            assert bool(covers.covered([item.pk for item in self.items])) is covered, said
