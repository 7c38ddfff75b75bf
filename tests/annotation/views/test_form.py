"""Answering without script: a form, and the page that follows it."""

from __future__ import annotations

from django.test import Client
from django.utils.html import escape

from annotation.models import Annotation
from tests.annotation.views.at_the_page import SAFE, UNSAFE_A, AtThePage


class TestForm(AtThePage):
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
