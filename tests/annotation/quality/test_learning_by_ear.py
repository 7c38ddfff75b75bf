"""A qualification over sounds: they are played first, as in work, and heard again afterwards."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from unittest import mock
from uuid import uuid4

from django.db.models.functions import Now
from django.test import TestCase

from annotation import access
from annotation.models import Annotation, Campaign, Viewing
from annotation.page import playing
from annotation.page.sheets import Sheet
from annotation.quality import gold, learning
from annotation.vocabulary import GoldPurpose
from datasets_app.access import Sight
from datasets_app.models import Item, Media
from datasets_app.protocols import protocol_named
from datasets_app.vocabulary import ItemState, Modality
from tests import build
from tests.annotation import checked
from tests.cast import Cast, cast

QUALIFY = "/label/sounds/qualify/"
MINUTE = 60_000


class ByEar(TestCase):
    """Ana before two sounds of a minute each, whose answers are known."""

    people: Cast
    item: Item
    campaign: Campaign

    @classmethod
    def setUpTestData(cls) -> None:
        dataset = build.dataset("align_anything_t2a", slug="sounds")
        cls.people = cast(dataset)
        cls.campaign = build.campaign(dataset)
        step = protocol_named(dataset.protocol).steps[0]
        known: dict[str, Any] = {
            question.key: {"0": 2, "1": 2} if question.key.endswith("_rate") else "tie"
            for question in step.questions
            if question.required
        }
        cls.item = build.item(dataset, state=ItemState.SETTLED)
        gold.make(
            cls.campaign,
            cls.item,
            step.key,
            expected=checked.expected(cls.item, known),
            purpose=GoldPurpose.QUALIFICATION,
            explanation="Both are alike.",
            by=None,
        )
        Media.objects.filter(modality=Modality.AUDIO).update(duration_ms=MINUTE)
        learning.demand(cls.campaign, reading=False, qualified=[step.key], by=None)

    def setUp(self) -> None:
        self.client.force_login(self.people.ana)
        self.client.post(QUALIFY, {"begin": ""})
        self.page = self.client.get(QUALIFY)
        self.sheet: Sheet = self.page.context["sheet"]

    def form(self, **more: Any) -> Any:
        said = {"token": self.sheet.token, "key": uuid4(), "step": self.sheet.step.key}
        for question in self.sheet.step.questions:
            if question.required:
                is_rate = question.key.endswith("_rate")
                sides = ("a-", "b-") if is_rate else ("",)
                said |= {f"{side}{question.key}": "2" if is_rate else "tie" for side in sides}
        return self.client.post(QUALIFY, said | {"view": self.sheet.view} | more)

    def test_the_page_says_what_is_to_be_played_and_names_its_view(self) -> None:
        shown = self.page.content.decode()
        assert self.sheet.view
        assert f'name="view" value="{self.sheet.view}"' in shown
        assert "Play at least 90 % of each" in shown

    def test_who_has_not_played_them_is_told_so_and_loses_nothing(self) -> None:
        refused = self.form()
        assert refused.status_code == 422
        assert "Play at least 90 % of each first" in refused.content.decode()
        assert refused.context["sheet"].view == self.sheet.view
        assert not Annotation.objects.exists()

    def test_what_the_script_reported_is_enough(self) -> None:
        played = {each.digest: [[0, 55_000]] for each in self.sheet.playables}
        said = {"view": self.sheet.view, "played": {}}
        self.client.post("/label/sounds/played/", said, content_type="application/json")
        Viewing.objects.update(opened_at=Now() - timedelta(seconds=120))
        said |= {"played": played}
        self.client.post("/label/sounds/played/", said, content_type="application/json")
        assert self.form().status_code == 302
        assert Annotation.objects.count() == 1

    def test_the_sounds_stand_beside_what_was_expected(self) -> None:
        with mock.patch.object(playing, "_now", return_value=playing._now() - 120):
            view = self.client.get(QUALIFY).context["sheet"].view
        shown = self.client.get(self.form(view=view)["Location"])
        assert shown.status_code == 200
        assert "Both are alike." in shown.content.decode()
        for each in self.sheet.playables:
            assert f'<audio src="/media/{each.digest}/original"' in shown.content.decode()
        mine = Item.objects.filter(pk=self.item.pk)
        assert access.may_see_media(self.people.ana, mine) is Sight.FREE
