"""What may hurt stays behind a door."""

from __future__ import annotations

from typing import Any

from django.test import TestCase

from datasets_app.models import Dataset, Item
from tests import build
from tests.cast import Cast, cast


class TestCover(TestCase):
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
