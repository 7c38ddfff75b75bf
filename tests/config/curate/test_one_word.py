"""The curator's pages say one thing by one word: what is kept is saved, what was said is worded."""

from __future__ import annotations

import re

from django.test import TestCase
from django.urls import reverse

from annotation.models import Annotator, Campaign, Measure
from annotation.vocabulary import GoldPurpose
from tests import build
from tests.annotation import checked
from tests.cast import Cast, as_annotator, cast

MAIN_BUTTON = re.compile(r'<button class="button primary">([^<]*)</button>')
HEAT = re.compile(r'<table class="heat">.*?</table>', re.DOTALL)
HEAD = re.compile(r'<th scope="(?:col|row)">([^<]*)</th>')


class OneWord(TestCase):
    cast: Cast
    campaign: Campaign
    ana: Annotator

    @classmethod
    def setUpTestData(cls) -> None:
        dataset = build.dataset(slug="pairs")
        cls.cast = cast(dataset)
        build.item(dataset)
        cls.campaign = build.campaign(dataset)
        cls.ana = as_annotator(cls.cast.ana)

    def setUp(self) -> None:
        self.client.force_login(self.cast.cora)

    def page(self, name: str, *more: object) -> str:
        return self.client.get(reverse(f"curate:{name}", args=["pairs", *more])).content.decode()

    def test_whatever_a_page_keeps_is_saved(self) -> None:
        (gold,) = checked.some_gold(self.campaign, purpose=GoldPurpose.QUALIFICATION)
        assert MAIN_BUTTON.findall(self.page("campaign")) == ["Save", "Save"]
        assert MAIN_BUTTON.findall(self.page("guideline")) == ["Save"]
        assert MAIN_BUTTON.findall(self.page("gold")) == ["Save", "Save"]
        assert MAIN_BUTTON.findall(self.page("edit_gold", gold.pk)) == ["Save"]

    def said(self, confusion: dict[str, dict[str, dict[str, int]]]) -> list[list[str]]:
        """The heads of the tables that a person's page makes of these counts."""
        Measure.objects.create(
            annotator=self.ana, campaign=self.campaign, group="safety", confusion=confusion
        )
        return [HEAD.findall(table) for table in HEAT.findall(self.page("annotator", self.ana.key))]

    def test_what_a_person_said_is_worded_as_the_person_read_it(self) -> None:
        assert self.said(
            {
                "safe": {"no": {"no": 3}, "yes": {"yes": 2, "no": 1}},
                "better": {"first": {"tie": 1}},
                "severity": {"0": {"0": 4}, "3": {"2": 1}},
            }
        ) == [
            ["Verdict", "Unsafe", "Safe", "Unsafe", "Safe"],
            ["Verdict", "the first", "equal", "the first"],
            ["Verdict", "None", "Moderate", "Severe", "None", "Severe"],
        ]

    def test_a_question_that_asks_something_else_has_its_own_words(self) -> None:
        Campaign.objects.filter(pk=self.campaign.pk).update(protocol="mm_deception@1")
        (heads,) = self.said({"deceptive": {"yes": {"yes": 1, "no": 1}}})
        assert heads == ["Verdict", "Not deceptive", "Deceptive", "Deceptive"]

    def test_a_question_that_there_is_no_longer_keeps_what_stands(self) -> None:
        assert self.said({"gone": {"yes": {"2": 1}}}) == [["Verdict", "2", "yes", "yes"]]
