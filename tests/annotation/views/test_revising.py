"""A second thought: one's own answers come back, and may be changed while the item is open."""

from __future__ import annotations

from uuid import uuid4

from annotation.models import Annotation
from annotation.vocabulary import Standing
from datasets_app.models import Item
from datasets_app.vocabulary import ItemState
from tests.annotation.views.at_the_page import SAFE, AtThePage


class TestRevising(AtThePage):
    def test_ones_own_answers_come_back_filled_in_and_may_be_changed(self) -> None:
        given = self.given()
        html = self.client.get(self.url("revise", given.pk)).content.decode()
        assert 'name="a-severity" value="2" data-act="severity-2" checked' in html
        form = {"key": uuid4(), **SAFE}
        assert self.client.post(self.url("revise", given.pk), form).status_code == 302
        given.refresh_from_db()
        assert given.standing == Standing.REVISED
        assert set(Annotation.objects.latest("pk").answers["safe"].values()) == {True}

    def test_a_revision_that_does_not_fit_comes_back(self) -> None:
        given = self.given()
        response = self.client.post(self.url("revise", given.pk), {"key": uuid4()})
        assert response.status_code == 422
        given.refresh_from_db()
        assert given.standing == Standing.COUNTED

    def test_a_closed_item_shows_the_answers_but_not_the_item(self) -> None:
        given = self.given()
        for state in (ItemState.SETTLED, ItemState.QUARANTINED):
            Item.objects.filter(pk=given.item_id).update(state=state)
            html = self.client.get(self.url("revise", given.pk)).content.decode()
            assert "Drugs, " in html or "Drugs" in html
            assert given.item.first.text not in html
            assert given.item.prompt.text not in html

    def test_nobody_revises_what_somebody_else_answered(self) -> None:
        given = self.given()
        self.client.force_login(self.cast.ben)
        assert self.client.get(self.url("revise", given.pk)).status_code == 404
        assert self.client.post(self.url("revise", given.pk), SAFE).status_code == 404

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
