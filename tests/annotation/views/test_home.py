"""Where an annotator comes in: what is done, what is left, where one takes part no longer."""

from __future__ import annotations

from django.test import Client

from annotation import leaving
from datasets_app.models import Item
from datasets_app.vocabulary import ItemState, Role
from tests.annotation.views.at_the_page import AtThePage
from tests.cast import member


class TestHome(AtThePage):
    def test_home_says_what_is_done_and_what_is_left(self) -> None:
        self.given()
        response = self.client.get("/label/")
        (card,) = response.context["cards"]
        assert (card["today"], card["done"], card["left"].number) == (1, 1, 8)
        assert [row["is_open"] for row in response.context["latest"]] == [True]

    def test_home_shows_no_prompt_that_is_covered_or_closed(self) -> None:
        given = self.given()
        for change in ({"machine_severity": 2}, {"state": ItemState.QUARANTINED}):
            Item.objects.filter(pk=given.item_id).update(**change)
            assert given.item.prompt.text not in self.client.get("/label/").content.decode()

    def test_home_says_kindly_where_one_takes_part_no_longer(self) -> None:
        assert "You no longer take part" not in self.client.get("/label/").content.decode()
        self.given()
        leaving.revoke(self.ana, self.campaign, by=self.cast.cora, reason="too slow")
        page = self.client.get("/label/").content.decode()
        assert "You no longer take part in" in page
        assert "too slow" not in page
        member(self.cast.ana, self.dataset, Role.ANNOTATOR)
        assert "You no longer take part" not in self.client.get("/label/").content.decode()

    def test_a_fresh_form_token_is_given_to_who_is_signed_in(self) -> None:
        assert self.client.get(self.url("pulse")).json()["csrf"]
        assert Client().get(self.url("pulse")).status_code == 302
