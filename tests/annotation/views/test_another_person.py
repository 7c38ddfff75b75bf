"""Whose page asks: nothing is done in the name of another than its own."""

from __future__ import annotations

import json
from typing import Any
from unittest import mock
from uuid import uuid4

from annotation.models import Annotation, Annotator
from annotation.vocabulary import SlotState
from datasets_app.models import Membership
from tests.annotation.views.at_the_page import AtThePage


class TestAnotherPerson(AtThePage):
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
