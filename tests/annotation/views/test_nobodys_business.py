"""Who has no business on the annotator's pages finds nothing there."""

from __future__ import annotations

from django.test import Client

from annotation.models import Annotator
from tests.annotation.views.at_the_page import AtThePage


class TestNobodysBusiness(AtThePage):
    def test_dan_finds_nothing_at_any_address(self) -> None:
        given = self.given()
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
