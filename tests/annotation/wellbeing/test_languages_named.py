"""The languages that somebody reads are picked by name, of those that there are."""

from __future__ import annotations

import re
from typing import Any
from unittest import mock

from django.urls import reverse

from annotation.models import Wishes
from annotation.wellbeing import wishes
from datasets_app.models import Dataset
from tests import build
from tests.annotation.views.at_the_page import AtThePage

CHOICE = re.compile(r'name="languages" value="([^"]*)"[^>]*?( checked)?>\s*<span>([^<]*)</span>')


class LanguagesNamed(AtThePage):
    """Ana labels English texts, some of which are German; Swiss ones are elsewhere."""

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        build.item(cls.dataset, meta={"language": "de-CH"})
        build.item(build.dataset(language="ga"))

    def choices(self, **headers: str) -> dict[str, tuple[str, bool]]:
        page = self.client.get("/label/", headers=headers).content.decode()
        return {tag: (name, bool(ticked)) for tag, ticked, name in CHOICE.findall(page)}

    def wish(self, **fields: Any) -> int:
        return self.client.post(reverse("label:wish"), {"blur": "0", **fields}).status_code

    def test_they_are_those_of_ones_own_datasets_in_words_of_the_page(self) -> None:
        assert self.choices() == {"en": ("English", False), "de": ("German", False)}
        assert self.choices(**{"accept-language": "zh-CN"})["de"] == ("德语", False)

    def test_what_is_ticked_is_kept_and_shown(self) -> None:
        assert self.wish(languages=["de"]) == 302
        assert Wishes.objects.get(annotator=self.ana).languages == ["de"]
        assert self.choices() == {"en": ("English", False), "de": ("German", True)}

    def test_what_was_named_before_and_is_nowhere_now_stays_until_it_is_taken_away(self) -> None:
        wishes.wish(self.ana, {"languages": ["xx", "fr"]})
        assert self.choices()["fr"] == ("French", True)
        assert self.choices()["xx"] == ("xx", True)
        assert self.wish(languages=["xx", "fr", "en"]) == 302
        assert Wishes.objects.get(annotator=self.ana).languages == ["xx", "fr", "en"]
        assert self.wish(languages=["en"]) == 302
        assert self.choices().keys() == {"en", "de"}

    def test_what_was_loaded_last_is_among_them_however_much_came_before(self) -> None:
        build.item(self.dataset, meta={"language": "fr"})
        with mock.patch.object(wishes, "LOOKED_AT", 1):
            assert "fr" in self.choices()

    def test_a_language_that_is_not_offered_is_not_kept(self) -> None:
        assert self.wish(languages=["ga"]) == 400
        assert not Wishes.objects.exists()

    def test_a_dataset_that_names_no_tag_is_not_in_the_way(self) -> None:
        Dataset.objects.filter(pk=self.dataset.pk).update(language="Old Church Slavonic")
        assert self.choices().keys() == {"de"}

    def test_the_start_page_leads_to_what_one_wants_and_opens_it(self) -> None:
        page = self.client.get("/label/").content.decode()
        assert page.index('href="?wishes=open#wishes"') < page.index("<h2")
        assert '<details class="card fold wishes">' in page
        opened = self.client.get("/label/?wishes=open").content.decode()
        assert '<details class="card fold wishes" open>' in opened
        assert 'id="wishes"' in opened
