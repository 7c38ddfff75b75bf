"""SafeSora: the second step follows the first, with one's own answers beside it."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.test import TestCase

from annotation.models import Annotation, Campaign, Slot
from datasets_app.models import Dataset, Item, Media
from tests import build
from tests.cast import Cast, cast


class TestVideos(TestCase):
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
