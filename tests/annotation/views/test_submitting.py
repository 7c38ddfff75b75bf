"""Answering with script: a submit is taken, and the next item comes with the answer."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from annotation import assigning
from annotation.models import Annotation
from tests.annotation.answering import let_pass
from tests.annotation.views.at_the_page import AtThePage


class TestSubmitting(AtThePage):
    def answer(self, answers: dict[str, Any], **more: Any) -> Any:
        self.shown()
        body = {"token": self.slot().token, "key": uuid4(), "answers": answers, **more}
        return self.send("page", body)

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
