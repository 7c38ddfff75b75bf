"""The annotator's pages through the front door, with and without script."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from unittest import mock
from uuid import UUID, uuid4

import pytest
from django.http import HttpResponse
from django.test import Client, TestCase
from django.urls import reverse
from django.utils.html import escape

from annotation import access, assigning, closing, drafts, leaving
from annotation.models import Annotation, Annotator, Campaign, Check, Draft, Skip, Slot
from annotation.page import modules
from annotation.page.wire import BadBody, as_uuid
from annotation.vocabulary import SlotState, Standing
from datasets_app import invitations
from datasets_app.models import Dataset, Event, Item, Media, Membership
from datasets_app.vocabulary import ItemState, Modality, Role
from tests import build
from tests.annotation.answering import let_pass
from tests.cast import Cast, as_annotator, cast, member

PAGE = uuid4()
SAFE = {"a-safe": "true", "b-safe": "true"}
UNSAFE_A = {
    "a-safe": "false",
    "a-categories": ["Drugs", "Violence"],
    "a-severity": "2",
    "b-safe": "true",
}


class LabellingPage(TestCase):
    """Ana labels texts."""

    dataset: Dataset
    cast: Cast
    items: list[Item]
    campaign: Campaign
    ana: Annotator
    ben: Annotator

    @classmethod
    def setUpTestData(cls) -> None:
        cls.dataset = build.dataset(slug="texts", name="Texts")
        cls.cast = cast(cls.dataset)
        cls.items = build.items(3, cls.dataset)
        cls.campaign = build.campaign(cls.dataset, overlap=2)
        cls.ana, cls.ben = as_annotator(cls.cast.ana), as_annotator(cls.cast.ben)

    def setUp(self) -> None:
        self.client.force_login(self.cast.ana)

    # --- What the tests say

    def url(self, name: str, *more: object) -> str:
        return reverse(f"label:{name}", args=["texts", *more])

    def shown(self, query: str = "") -> Any:
        response = self.client.get(self.url("page") + query)
        assert response.status_code == 200
        return response

    def slot(self) -> Slot:
        """The one that is shown: what Ana has had longest."""
        return Slot.objects.filter(annotator=self.ana, state="leased").order_by("leased_at")[0]

    def form(self, **fields: Any) -> dict[str, Any]:
        self.shown()
        slot = self.slot()
        return {"token": slot.token, "key": uuid4(), "step": slot.step, **fields}

    def send(self, name: str, body: object, client: Client | None = None) -> Any:
        return (client or self.client).post(
            self.url(name), data=json.dumps(body, default=str), content_type="application/json"
        )

    def answer(self, answers: dict[str, Any], **more: Any) -> Any:
        self.shown()
        body = {"token": self.slot().token, "key": uuid4(), "answers": answers, **more}
        return self.send("page", body)

    # --- Without script

    def test_the_page_shows_both_responses_and_leases_one_item(self) -> None:
        html = self.shown().content.decode()
        item = self.slot().item
        assert item.first.text in html
        assert item.second is not None
        assert item.second.text in html
        assert Slot.objects.filter(annotator=self.ana).count() == 1

    def test_the_page_shows_the_same_item_when_it_is_opened_again(self) -> None:
        self.shown()
        token = self.slot().token
        self.shown()
        assert self.slot().token == token

    def test_the_first_response_stands_at_the_right_when_the_slot_is_flipped(self) -> None:
        html = self.shown().content.decode()
        slot = self.slot()
        left_is_first = html.index(slot.item.first.text) < html.index(slot.item.second.text)  # type: ignore[union-attr]  # a pair
        assert left_is_first != slot.flipped

    def test_a_submitted_form_is_an_annotation_by_response_id(self) -> None:
        response = self.client.post(self.url("page"), self.form(**UNSAFE_A))
        assert response.status_code == 302
        found = Annotation.objects.get()
        left = found.item.second_id if found.flipped else found.item.first_id
        right = found.item.first_id if found.flipped else found.item.second_id
        assert found.answers["safe"] == {str(left): False, str(right): True}
        assert found.answers["categories"] == {str(left): ["Drugs", "Violence"], str(right): []}
        assert found.answers["severity"] == {str(left): 2, str(right): 0}

    def test_the_next_page_shows_another_item(self) -> None:
        form = self.form(**SAFE)
        self.client.post(self.url("page"), form)
        self.shown()
        assert self.slot().token != form["token"]

    def test_the_same_form_sent_twice_is_one_annotation(self) -> None:
        form = self.form(**SAFE)
        for _ in range(2):
            assert self.client.post(self.url("page"), form).status_code == 302
        assert Annotation.objects.count() == 1

    def test_an_incomplete_form_comes_back_filled_and_says_what_is_missing(self) -> None:
        form = self.form(**{"a-safe": "false", "a-severity": "3"})
        response = self.client.post(self.url("page"), form)
        html = response.content.decode()
        assert response.status_code == 422
        assert escape("“A: Kinds of harm” is not answered yet.") in html
        assert escape("“B: Safe?” is not answered yet.") in html
        assert 'name="a-severity" value="3" data-act="severity-3" checked' in html
        assert str(form["token"]) in html
        assert Annotation.objects.count() == 0

    def test_a_form_that_was_tampered_with_is_refused(self) -> None:
        for spoilt in ({"token": "x"}, {"key": ""}, {"step": "nonsense"}):
            response = self.client.post(self.url("page"), {**self.form(**SAFE), **spoilt})
            assert response.status_code == 400

    def test_a_form_needs_its_token_against_forgery(self) -> None:
        client = Client(enforce_csrf_checks=True)
        client.force_login(self.cast.ana)
        assert client.post(self.url("page"), self.form(**SAFE)).status_code == 403
        assert self.send("page", {}, client).status_code == 403

    def test_the_page_names_every_module_that_its_script_is_made_of(self) -> None:
        folder = Path(modules.__file__).parents[1] / "static" / "annotation" / "js"
        some = [*modules.PLAYERS.values(), *modules.DRAWN_MODULES.values()]
        alone = (
            *(modules.PLAYING, modules.OWN_KEYS, modules.KEYS_PAGE),
            *(modules.LEAVING, modules.WAITING),
        )
        every = {
            *modules.MODULES,
            *modules.ON_DEMAND,
            *alone,
            *(name for names in some for name in names),
        }
        named = {Path(name).name for name in every if name.startswith("annotation/")}
        elsewhere = {"worker.js", "unreachable.js", "wishes.js"}  # of other pages, and of none
        assert named == {module.name for module in folder.glob("*.js")} - elsewhere
        imported = {
            name
            for module in folder.glob("*.js")
            for name in re.findall(r'from "../../(js/[\w.]+)"', module.read_text())
        }
        assert imported <= set(modules.MODULES)

    def test_what_plays_is_loaded_only_where_something_plays(self) -> None:
        shown = self.client.get(self.url("page")).content.decode()
        assert "annotation/js/labelling" in shown
        players = modules.PLAYERS[Modality.AUDIO]
        assert not any(name.removesuffix(".js") in shown for name in players)

    # --- With script

    def test_a_submit_brings_the_next_item_in_one_round_trip(self) -> None:
        self.shown()
        let_pass(20)
        response = self.answer({"safe": {"a": True, "b": True}}, seconds=12.5)
        body = response.json()
        assert response.status_code == 200
        assert Annotation.objects.get(pk=body["done"]["annotation"]).seconds == 12.5
        assert body["done"]["standing"] == "counted"
        assert len(body["ahead"]) == 2
        assert {one["token"] for one in body["ahead"]} == set(body["held"])
        assert all("Answer" in one["parts"]["a"] for one in body["ahead"])

    def test_what_the_page_holds_already_is_not_sent_again(self) -> None:
        self.shown()
        first = str(self.slot().token)
        body = self.send("ahead", {"holding": [first]}).json()
        assert [one["token"] for one in body["ahead"]] == [t for t in body["held"] if t != first]
        assert len(body["ahead"]) == 1

    def test_the_same_submit_gives_the_same_answer(self) -> None:
        self.shown()
        body = {
            "token": self.slot().token,
            "key": uuid4(),
            "answers": {"safe": {"a": True, "b": True}},
        }
        first, second = self.send("page", body).json(), self.send("page", body).json()
        assert first["done"] == second["done"]
        assert Annotation.objects.count() == 1

    def test_the_same_key_with_other_answers_is_a_conflict(self) -> None:
        self.shown()
        body: dict[str, Any] = {"token": self.slot().token, "key": uuid4()}
        self.send("page", body | {"answers": {"safe": {"a": True, "b": True}}})
        other = {
            "safe": {"a": False, "b": True},
            "severity": {"a": 1},
            "categories": {"a": ["Drugs"]},
        }
        response = self.send("page", body | {"answers": other})
        assert response.status_code == 409
        assert response.json()["message"]
        assert Annotation.objects.count() == 1

    def test_what_is_missing_comes_back_question_by_question(self) -> None:
        response = self.answer({"safe": {"a": False}})
        assert response.status_code == 422
        problems = [(p["question"], p["side"]) for p in response.json()["problems"]]
        assert problems == [("safe", "b"), ("categories", "a"), ("severity", "a")]

    def test_answers_that_contradict_ones_own_earlier_ones_are_refused_in_sides(self) -> None:
        slot = self.safer_step_after_an_unsafe_first()
        names = "b" if slot.flipped else "a"
        response = self.send(
            "page", {"token": slot.token, "key": uuid4(), "answers": {"safer": names}}
        )
        assert response.status_code == 422
        (objection,) = response.json()["objections"]
        assert objection["rule"] == "unsafe_is_not_safer"
        assert objection["weight"] == "block"
        assert objection["message"].startswith(f"{names.upper()} is unsafe")

    def safer_step_after_an_unsafe_first(self) -> Slot:
        """Ana holds the step `safer` of an item whose first response she called unsafe."""
        item = self.items[0]
        first, second = str(item.first_id), str(item.second_id)
        safety = Slot.objects.filter(item=item, step="safety").order_by("number")[0]
        answers = {
            "safe": {first: False, second: True},
            "severity": {first: 2, second: 0},
            "categories": {first: ["Drugs"], second: []},
        }
        build.counted(safety, self.ana.pk, answers)
        Slot.objects.exclude(item=item, step="safer").filter(state="open").delete()
        self.shown()
        return self.slot()

    def test_bodies_that_the_page_would_not_send_are_refused(self) -> None:
        token = str(uuid4())
        bodies = [
            " ",
            "[]",
            "null",
            "{",
            '{"token": 7}',
            '{"token": "x", "key": "y"}',
            f'{{"token": "{token}", "token": "{token}"}}',
            f'{{"token": "{token}", "key": "{token}", "answers": NaN}}',
            "[" * 100_000,
            '{"a": "' + "x" * 400_000 + '"}',
        ]
        for body in [*(text.encode() for text in bodies), b"\xff\xfe{\x00}\x00"]:
            response = self.client.post(self.url("page"), body, content_type="application/json")
            assert response.status_code == 400, body[:40]
            assert response.json()["message"]

    def test_answers_of_any_shape_are_refused_and_never_an_error(self) -> None:
        shapes: list[Any] = [None, 7, [], "safe", {"safe": 1}, {"safe": {"a": []}}, {"x" * 999: {}}]
        for answers in shapes:
            assert self.answer(answers).status_code == 422

    def test_a_lease_of_somebody_else_is_nobodys_business(self) -> None:
        theirs = assigning.leases(self.ben, self.campaign)[0]
        body = {"token": theirs.token, "key": uuid4(), "answers": {"safe": {"a": True, "b": True}}}
        assert self.send("page", body).status_code == 404
        assert Annotation.objects.count() == 0

    def draft(self, token: object, **more: Any) -> dict[str, Any]:
        return {"token": token, "page": PAGE, "revision": 4, "based_on": 0, "answers": {}, **more}

    def test_a_draft_is_kept_and_restored(self) -> None:
        self.shown()
        token = self.slot().token
        kept = {"safe": {"a": False}, "severity": {"a": 3}}
        body = self.draft(token, answers=kept, reasons={"rule": "because"})
        taken = {"is_kept": True, "is_held": True, "elsewhere": None, "again": None}
        assert self.send("draft", body).json() == taken
        older = self.send("draft", body | {"revision": 3, "answers": {}}).json()
        assert older == taken | {"is_kept": False}
        html = self.shown().content.decode()
        assert 'name="a-severity" value="3" data-act="severity-3" checked' in html
        assert '"reasons": {"rule": "because"}, "revision": 4' in html
        assert drafts.load(self.ana, token).answers == kept  # type: ignore[arg-type, union-attr]

    def test_a_page_that_has_not_seen_a_draft_is_shown_it(self) -> None:
        self.shown()
        token = self.slot().token
        self.send("draft", self.draft(token, answers={"safe": {"a": True}}))
        said = self.send("draft", self.draft(token, page=uuid4(), revision=9)).json()
        assert (said["is_kept"], said["is_held"]) == (False, True)
        assert said["elsewhere"] == {
            "answers": {"safe": {"a": True}},
            "reasons": {},
            "revision": 4,
            "page": str(PAGE),
        }

    def test_a_draft_that_is_none_is_refused(self) -> None:
        self.shown()
        token = self.slot().token
        spoilt: dict[str, Any]
        for spoilt in (
            {"revision": "4"},
            {"revision": True},
            {"based_on": None},
            {"page": "x"},
            {"heir_of": "x"},
            {"answers": []},
            {"reasons": []},
            {"answers": {"x": "\x00"}},
        ):
            assert self.send("draft", self.draft(token, **spoilt)).status_code == 400
        assert Draft.objects.count() == 0

    def test_a_draft_for_what_somebody_else_holds_is_not_kept(self) -> None:
        theirs = assigning.leases(self.ben, self.campaign)[0]
        said = self.send("draft", self.draft(theirs.token)).json()
        assert said == {"is_kept": False, "is_held": False, "elsewhere": None, "again": None}

    # --- Whose page it is

    def as_page_of(self, annotator: Annotator, name: str, body: Any, *more: object) -> Any:
        data = json.dumps(body, default=str)
        headers = {"X-Annotator": str(annotator.key)}
        kind = "application/json"
        return self.client.post(self.url(name, *more), data, content_type=kind, headers=headers)

    def test_an_answer_of_a_door_names_whose_page_asked(self) -> None:
        for name, body, status in (("ahead", {}, 200), ("ahead", [], 400), ("page", {}, 400)):
            response = self.as_page_of(self.ana, name, body)
            assert (response.status_code, response["X-Annotator"]) == (status, str(self.ana.key))
        Membership.objects.filter(user=self.cast.ana).delete()
        response = self.as_page_of(self.ana, "ahead", {})
        assert (response.status_code, response["X-Annotator"]) == (404, str(self.ana.key))

    def test_nothing_is_done_for_the_page_of_another_person(self) -> None:
        self.shown()
        token = self.slot().token
        body = {"token": token, "key": uuid4(), "answers": {"safe": {"a": True, "b": True}}}
        told = {"token": token, "reason": "language"}
        tries = [("page", body), ("draft", self.draft(token)), ("skip", told), ("report", told)]
        tries += [(name, {"tokens": [token]}) for name in ("extend", "leave", "release")]
        tries += [("ahead", {}), ("played", {}), ("reveal", {"token": token, "shown": True})]
        for name, given in tries:
            response = self.as_page_of(self.ben, name, given)
            assert response.status_code == 409, name
            assert "X-Annotator" not in response
        assert self.slot().state == SlotState.LEASED
        assert not Annotation.objects.exists()
        assert self.as_page_of(self.ana, "page", body).status_code == 200

    def test_without_that_guard_the_session_of_another_person_answers(self) -> None:
        """The control."""
        self.shown()
        with mock.patch("annotation.page.wire.require_person"):
            body = {"tokens": [self.slot().token]}
            assert self.as_page_of(self.ben, "release", body).json() == {"released": 1}

    def test_who_has_no_business_there_is_another_person_too(self) -> None:
        self.client.force_login(self.cast.dan)
        response = self.as_page_of(self.ana, "ahead", {})
        assert (response.status_code, "X-Annotator" in response) == (409, False)

    # --- After one has left

    def test_what_was_given_to_somebody_who_left_is_kept_as_late(self) -> None:
        for is_swept in (False, True):
            self.shown()
            token, key = self.slot().token, uuid4()
            if is_swept:
                leaving.revoke(self.ana, self.campaign, by=None)
            Membership.objects.filter(user=self.cast.ana).delete()
            body = {"token": token, "key": key, "answers": {"safe": {"a": True, "b": True}}}
            for _again in range(2):
                response = self.send("page", body)
                assert response.json()["done"]["standing"] == "late"
                assert response.json()["is_outside"]
            assert Annotation.objects.get(key=key).standing == Standing.LATE
            assert not Slot.objects.filter(annotator=self.ana, state=SlotState.LEASED).exists()
            member(self.cast.ana, self.dataset, Role.ANNOTATOR)

    def test_the_same_without_script(self) -> None:
        self.shown()
        form = self.form(**SAFE)
        Membership.objects.filter(user=self.cast.ana).delete()
        response = self.client.post(self.url("page"), form, follow=True)
        assert "came too late to count" in response.content.decode()
        assert Annotation.objects.get().standing == Standing.LATE

    def hands_in_while_coming_in_again(self) -> dict[str, Any]:
        """Ana was let go; her old page hands in while, in another tab, a new link lets her in."""
        self.shown()
        token = self.slot().token
        leaving.revoke(self.ana, self.campaign, by=self.cast.cora, reason="moved on")
        link = invitations.invite(self.dataset, role=Role.ANNOTATOR, by=self.cast.cora)
        was_there = access.once_at_work

        def looks(*who: Any) -> tuple[Annotator, Campaign]:
            found = was_there(*who)
            invitations.accept(link, user=self.cast.ana)
            return found

        with mock.patch.object(access, "once_at_work", looks):
            body = {"token": token, "key": uuid4(), "answers": {"safe": {"a": True, "b": True}}}
            said: dict[str, Any] = self.send("page", body).json()
        return said

    def test_who_comes_in_again_while_an_old_page_hands_in_stays_in(self) -> None:
        said = self.hands_in_while_coming_in_again()
        assert (said["done"]["standing"], "is_outside" in said) == ("counted", False)
        assert Membership.objects.filter(user=self.cast.ana, role=Role.ANNOTATOR).exists()
        assert Event.objects.filter(verb="revoke", subject=f"user:{self.cast.ana.pk}").count() == 1

    def test_where_the_door_ended_memberships_he_was_out_again(self) -> None:
        """The control."""

        def ends(annotator: Annotator, campaign: Campaign) -> bool:
            return bool(leaving.revoke(annotator, campaign, by=None, reason="x"))

        with mock.patch.object(leaving, "take_back_outside", ends):
            assert self.hands_in_while_coming_in_again()["is_outside"]
        assert not Membership.objects.filter(user=self.cast.ana).exists()

    def test_who_never_had_an_item_there_hands_in_nothing(self) -> None:
        self.shown()
        token = self.slot().token
        self.client.force_login(self.cast.dan)
        body = {"token": token, "key": uuid4(), "answers": {"safe": {"a": True, "b": True}}}
        assert self.send("page", body).status_code == 404
        assert self.slot().state == SlotState.LEASED
        self.client.force_login(self.cast.ana)
        assert self.send("page", body).status_code == 200

    # --- By the script: skip, report, revise

    def test_a_skip_and_a_report_may_come_from_the_script(self) -> None:
        self.shown()
        told = {"token": self.slot().token, "reason": "language", "note": ""}
        assert self.send("skip", {**told, "reason": "nonsense"}).status_code == 422
        assert self.send("skip", told).json() == {"done": {"skipped": True}}
        assert Skip.objects.get().reason == "language"
        self.shown()
        told = {"token": self.slot().token, "reason": "somebody's address"}
        assert self.send("report", {**told, "reason": ""}).status_code == 422
        for _again in range(2):  # the answer may get lost
            said = self.send("report", told).json()
            assert said["done"] == {"reported": True}
            assert "Nobody sees this item again" in said["said"]
        assert not self.send("report", {**told, "token": uuid4()}).json()["done"]["reported"]

    def test_a_second_thought_may_come_from_the_script_and_is_taken_once(self) -> None:
        self.shown()
        self.client.post(self.url("page"), self.form(**SAFE))
        old = Annotation.objects.get()
        answers = {"safe": {"a": False, "b": True}, "categories": {"a": ["Drugs"]}}
        body = {"key": uuid4(), "answers": answers | {"severity": {"a": 2}}}
        where = self.url("revise", old.pk)
        spoilt = {**body, "key": uuid4(), "answers": {}}
        assert self.client.post(where, spoilt, content_type="application/json").status_code == 422
        said = [self.client.post(where, body, content_type="application/json") for _ in range(2)]
        assert said[0].json() == said[1].json()
        counted = Annotation.objects.get(standing=Standing.COUNTED)
        assert (counted.token, counted.pk != old.pk) == (old.token, True)
        another = {**body, "key": uuid4()}
        assert self.client.post(where, another, content_type="application/json").status_code == 409

    def test_an_item_is_given_back_without_script(self) -> None:
        self.shown()
        token = self.slot().token
        assert self.client.post(self.url("release"), {"token": "x"}).status_code == 400
        response = self.client.post(self.url("release"), self.form(**SAFE), follow=True)
        assert "It is given back." in response.content.decode()
        assert not Slot.objects.filter(token=token).exists()
        assert not Annotation.objects.exists()

    def test_somebody_who_was_removed_gets_no_more_work(self) -> None:
        self.shown()
        Membership.objects.filter(user=self.cast.ana).delete()
        assert self.client.get(self.url("page")).status_code == 404
        assert self.send("ahead", {}).status_code == 404

    def test_use_keeps_the_item_and_says_what_is_lost(self) -> None:
        self.shown()
        token = str(self.slot().token)
        assert self.send("extend", {"tokens": [token, str(uuid4())]}).json() == {"held": [token]}
        assert self.send("extend", {"tokens": "all"}).status_code == 400
        assert self.send("extend", {"tokens": [token] * 9}).status_code == 400

    def test_everything_off_the_screen_gives_the_items_back(self) -> None:
        self.shown()
        held = [str(one.token) for one in assigning.leases(self.ana, self.campaign)]
        assert self.send("release", {"tokens": held}).json() == {"released": 2}
        assert not Slot.objects.filter(state=SlotState.LEASED).exists()

    def test_a_fresh_form_token_is_given_to_who_is_signed_in(self) -> None:
        assert self.client.get(self.url("pulse")).json()["csrf"]
        assert Client().get(self.url("pulse")).status_code == 302

    # --- Blindness

    def test_a_step_holds_nothing_of_the_other_steps_that_its_rules_do_not_read(self) -> None:
        """Negative control in the next test: what the rules do read is there."""
        item = self.items[0]
        helpful = Slot.objects.filter(item=item, step="helpful").order_by("number")[0]
        build.counted(helpful, self.ana.pk, {"better": str(item.first_id), "better_strength": 2})
        slot = self.safer_step_after_an_unsafe_first()
        earlier = json.loads(self.data(self.shown()))["sheet"]["earlier"]
        assert "better" not in earlier
        assert slot.step == "safer"

    def test_a_step_holds_ones_own_answers_that_its_rules_read(self) -> None:
        slot = self.safer_step_after_an_unsafe_first()
        earlier = json.loads(self.data(self.shown()))["sheet"]["earlier"]
        assert earlier["safe"] == {"a": slot.flipped, "b": not slot.flipped}

    def test_a_step_holds_nothing_that_somebody_else_answered(self) -> None:
        item = self.items[0]
        safety = Slot.objects.filter(item=item, step="safety").order_by("number")[0]
        first, second = str(item.first_id), str(item.second_id)
        build.counted(safety, self.ben.pk, {"safe": {first: False, second: True}})
        Slot.objects.exclude(item=item, step="safer").filter(state="open").delete()
        html = self.shown()
        assert json.loads(self.data(html))["sheet"]["earlier"] == {}
        assert first not in html.content.decode()

    def data(self, response: HttpResponse) -> str:
        html = response.content.decode()
        return html.partition('id="labelling-data"')[2].partition(">")[2].partition("</script")[0]

    # --- Leaving an item

    def test_a_skip_takes_a_reason_and_brings_another_item(self) -> None:
        self.shown()
        slot = self.slot()
        assert self.client.post(self.url("skip"), {"token": slot.token}).status_code == 400
        form = {"token": slot.token, "reason": "upsetting", "note": "not today"}
        assert self.client.post(self.url("skip"), form).status_code == 302
        assert Skip.objects.get().item_id == slot.item_id
        self.shown()
        assert self.slot().item_id != slot.item_id

    def test_a_report_freezes_the_item_for_everybody(self) -> None:
        self.shown()
        slot = self.slot()
        form = {"token": slot.token, "reason": "names a real person"}
        assert self.client.post(self.url("report"), {"token": slot.token}).status_code == 400
        assert self.client.post(self.url("report"), form).status_code == 302
        assert Item.objects.get(pk=slot.item_id).state == ItemState.QUARANTINED
        assert "names a real person" in {e.reason for e in Event.objects.filter(item=slot.item_id)}

    def test_both_ask_on_a_page_of_their_own_where_there_is_no_script(self) -> None:
        self.shown()
        token = str(self.slot().token)
        for name in ("skip", "report"):
            html = self.client.get(self.url(name) + f"?token={token}").content.decode()
            assert f'name="token" value="{token}"' in html

    # --- A second thought

    def revised(self) -> Annotation:
        self.client.post(self.url("page"), self.form(**UNSAFE_A))
        return Annotation.objects.get()

    def test_ones_own_answers_come_back_filled_in_and_may_be_changed(self) -> None:
        given = self.revised()
        html = self.client.get(self.url("revise", given.pk)).content.decode()
        assert 'name="a-severity" value="2" data-act="severity-2" checked' in html
        form = {"key": uuid4(), **SAFE}
        assert self.client.post(self.url("revise", given.pk), form).status_code == 302
        given.refresh_from_db()
        assert given.standing == Standing.REVISED
        assert set(Annotation.objects.latest("pk").answers["safe"].values()) == {True}

    def test_a_revision_that_does_not_fit_comes_back(self) -> None:
        given = self.revised()
        response = self.client.post(self.url("revise", given.pk), {"key": uuid4()})
        assert response.status_code == 422
        given.refresh_from_db()
        assert given.standing == Standing.COUNTED

    def test_a_closed_item_shows_the_answers_but_not_the_item(self) -> None:
        given = self.revised()
        for state in (ItemState.SETTLED, ItemState.QUARANTINED):
            Item.objects.filter(pk=given.item_id).update(state=state)
            html = self.client.get(self.url("revise", given.pk)).content.decode()
            assert "Drugs, " in html or "Drugs" in html
            assert given.item.first.text not in html
            assert given.item.prompt.text not in html

    def test_nobody_revises_what_somebody_else_answered(self) -> None:
        given = self.revised()
        self.client.force_login(self.cast.ben)
        assert self.client.get(self.url("revise", given.pk)).status_code == 404
        assert self.client.post(self.url("revise", given.pk), SAFE).status_code == 404

    # --- Nothing to do, and nobody's business

    def test_the_page_says_when_there_is_nothing_left(self) -> None:
        Slot.objects.all().delete()
        Item.objects.update(state=ItemState.SETTLED)
        assert "Nothing to do here now" in self.shown().content.decode()
        assert self.send("ahead", {}).json() == {"ahead": [], "held": []}

    def test_the_page_says_when_the_campaign_is_closed(self) -> None:
        closing.close(self.campaign, by=None, reason="x")
        assert "This campaign is closed" in self.shown().content.decode()
        assert self.send("ahead", {}).json()["is_closed"] is True
        assert "This campaign is closed" in self.client.get(self.url("qualify")).content.decode()
        self.client.post(self.url("qualify"), {"begin": "1"})
        assert not Check.objects.exists()
        assert self.client.get("/label/").context["cards"] == []

    def test_so_it_does_in_chinese(self) -> None:
        closing.close(self.campaign, by=None, reason="x")
        page = self.client.get(self.url("page"), headers={"accept-language": "zh-hans"})
        assert "此任务已关闭" in page.content.decode()

    def test_what_comes_after_it_was_closed_is_kept_and_its_page_says_so_in_one_line(self) -> None:
        form = self.form(**SAFE)
        body = {"token": form["token"], "key": uuid4(), "answers": {"safe": {"a": True, "b": True}}}
        closing.close(self.campaign, by=None, reason="x")
        page = self.client.post(self.url("page"), form, follow=True).content.decode()
        assert page.count("came too late to count") == 1
        said = self.send("page", body).json()
        assert (said["done"]["standing"], said["is_closed"], said["held"]) == ("late", True, [])
        assert set(Annotation.objects.values_list("standing", flat=True)) == {Standing.LATE}

    # --- Whose work was ended

    def test_home_says_kindly_where_one_takes_part_no_longer(self) -> None:
        assert "You no longer take part" not in self.client.get("/label/").content.decode()
        self.revised()
        leaving.revoke(self.ana, self.campaign, by=self.cast.cora, reason="too slow")
        page = self.client.get("/label/").content.decode()
        assert "You no longer take part in" in page
        assert "too slow" not in page
        member(self.cast.ana, self.dataset, Role.ANNOTATOR)
        assert "You no longer take part" not in self.client.get("/label/").content.decode()

    def test_dan_finds_nothing_at_any_address(self) -> None:
        given = self.revised()
        self.client.force_login(self.cast.dan)
        for name in ("page", "guideline", "skip", "report", "pulse"):
            assert self.client.get(self.url(name)).status_code == 404, name
        for name in ("page", "ahead", "draft", "extend", "release"):
            assert self.send(name, {}).status_code == 404, name
        assert self.client.get(self.url("revise", given.pk)).status_code == 404
        assert "No campaign is open to you" in self.client.get("/label/").content.decode()

    def test_looking_for_what_is_not_there_makes_nobody_an_annotator(self) -> None:
        self.client.force_login(self.cast.dan)
        self.client.get(self.url("page"))
        assert not Annotator.objects.filter(user=self.cast.dan).exists()

    def test_who_curates_but_does_not_annotate_has_no_work_here(self) -> None:
        self.client.force_login(self.cast.cora)
        assert self.client.get(self.url("page")).status_code == 404

    def test_who_is_not_signed_in_is_asked_to(self) -> None:
        assert Client().get(self.url("page")).status_code == 302
        assert Client().get("/label/").status_code == 302

    # --- Home and guideline

    def test_home_says_what_is_done_and_what_is_left(self) -> None:
        self.revised()
        response = self.client.get("/label/")
        (card,) = response.context["cards"]
        assert (card["today"], card["done"], card["left"].number) == (1, 1, 8)
        assert [row["is_open"] for row in response.context["latest"]] == [True]

    def test_home_shows_no_prompt_that_is_covered_or_closed(self) -> None:
        given = self.revised()
        for change in ({"machine_severity": 2}, {"state": ItemState.QUARANTINED}):
            Item.objects.filter(pk=given.item_id).update(**change)
            assert given.item.prompt.text not in self.client.get("/label/").content.decode()

    def test_the_guideline_is_markdown_that_loads_and_runs_nothing(self) -> None:
        type(self.campaign).objects.update(
            guideline="**Read** [this](https://example.org/a). ![x](https://example.org/b.png)\n\n"
            "<script>alert(1)</script> [bad](javascript:alert(1))"
        )
        html = self.client.get(self.url("guideline")).content.decode()
        assert "<strong>Read</strong>" in html
        assert 'href="https://example.org/a" rel="noopener noreferrer nofollow"' in html
        assert "<img src" not in html.partition("<main")[2]
        assert "<script>alert" not in html
        assert "javascript:" not in html.partition("<main")[2].replace("(javascript:", "")


class Cover(TestCase):
    """What may hurt stays behind a door."""

    dataset: Dataset
    cast: Cast

    @classmethod
    def setUpTestData(cls) -> None:
        cls.dataset = build.dataset("beavertails_v", slug="pictures")
        cls.cast = cast(cls.dataset)

    def page(self, query: str = "", **fields: Any) -> tuple[str, Item]:
        item = build.item(self.dataset, says=("Text one.", "Text two."), **fields)
        build.campaign(self.dataset)
        self.client.force_login(self.cast.ana)
        return self.client.get(f"/label/pictures/{query}").content.decode(), item

    def test_a_mild_item_lies_open(self) -> None:
        html, item = self.page(machine_severity=1, machine_categories=["animal_abuse"])
        assert f'<img src="/media/{self.digest(item)}/original"' in html
        assert "data-veil" not in html

    def test_a_grave_item_is_covered_and_its_original_not_requested(self) -> None:
        html, item = self.page(
            machine_severity=2, machine_categories=["violence_and_physical_harm"]
        )
        digest = self.digest(item)
        assert f'src="/media/{digest}/preview" data-original="/media/{digest}/original"' in html
        assert f' src="/media/{digest}/original"' not in html
        assert "Violence, physical harm" in html
        assert "Text one." not in html
        assert "Text two." not in html

    def test_a_door_does_not_say_which_response_it_means(self) -> None:
        html, _item = self.page(machine_severity=3, machine_categories=["sexual_crimes"])
        assert html.count("</strong>: Sexual crimes") == 3  # picture, A and B

    def test_without_script_it_opens_when_asked(self) -> None:
        html, item = self.page("?reveal=yes", machine_severity=2)
        assert f'<img src="/media/{self.digest(item)}/original"' in html
        assert "Text one." in html
        assert "data-veil" not in html

    def test_a_prompt_that_its_source_calls_grave_is_covered(self) -> None:
        prompt = build.a_prompt(self.dataset, "A dreadful question?", meta={"severity": 3})
        html, _item = self.page(prompt=prompt)
        assert "A dreadful question?" not in html
        assert "its source calls it harmful" in html
        assert "Text one." not in html  # what answers it is as grave

    def digest(self, item: Item) -> str:
        return str(item.prompt.media_links.get().media_id)


class Videos(TestCase):
    """SafeSora: the second step follows the first, with one's own answers beside it."""

    dataset: Dataset
    cast: Cast
    item: Item
    campaign: Campaign

    @classmethod
    def setUpTestData(cls) -> None:
        cls.dataset = build.dataset("safesora", slug="videos")
        cls.cast = cast(cls.dataset)
        cls.item = build.item(cls.dataset, asks="A boat at sunset")
        cls.campaign = build.campaign(cls.dataset, overlap=1)
        # Played in no time; what longer ones ask for is tried in test_playing.py.
        Media.objects.update(duration_ms=500)

    def setUp(self) -> None:
        self.client.force_login(self.cast.ana)

    def post(self, **fields: Any) -> Any:
        view = self.client.get("/label/videos/").context["sheet"].view
        slot = Slot.objects.get(annotator__user=self.cast.ana, state="leased")
        form = {"token": slot.token, "key": uuid4(), "step": slot.step, "view": view, **fields}
        return self.client.post("/label/videos/", form)

    def pilot(self) -> None:
        dimensions = ("instruction_following", "correctness", "informativeness", "aesthetics")
        fields = dict.fromkeys(dimensions, "a")
        assert self.post(**fields, **{"b-categories": ["crime"]}).status_code == 302

    def test_the_second_step_shows_ones_own_first_look(self) -> None:
        self.pilot()
        html = self.client.get("/label/videos/").content.decode()
        assert "Your first look" in html
        assert "<dt>B: Kinds of harm</dt><dd>Crime</dd>" in html

    def test_a_contradiction_with_it_is_taken_with_a_reason(self) -> None:
        self.pilot()
        against = {"better": "b:1", "safer": "a"}
        refused = self.post(**against)
        assert refused.status_code == 422
        assert 'name="override-pilot_spoke_for_the_other"' in refused.content.decode()
        reason = {"override-pilot_spoke_for_the_other": "the story is better told"}
        assert self.post(**against, **reason).status_code == 302
        assert Annotation.objects.latest("pk").overrides == {
            "pilot_spoke_for_the_other": "the story is better told"
        }

    def test_the_harmful_one_is_never_the_safer_one(self) -> None:
        self.pilot()
        fields = {"better": "a:2", "safer": "b", "override-harmful_is_not_safer": "I say so"}
        assert self.post(**fields).status_code == 422


@pytest.mark.parametrize("value", ["", "7", "00000000-0000-0000-0000-00000000000g", None, 7])
def test_what_is_no_identifier_is_refused(value: object) -> None:
    with pytest.raises(BadBody):
        as_uuid(value, "token")
    assert as_uuid("0192b3c4-0000-7000-8000-000000000000", "token") == UUID(
        "0192b3c4-0000-7000-8000-000000000000"
    )
