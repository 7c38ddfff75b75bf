"""An item of the qualification says why: whoever learns by it reads more than what was expected."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import TestCase
from django.urls import reverse

from annotation.models import Campaign, Gold
from annotation.quality import gold
from annotation.vocabulary import GoldPurpose
from datasets_app.models import Dataset, Item
from tests import build
from tests.annotation import checked
from tests.cast import Cast, cast

REFUSED = "An item of the qualification says why"


class TestSayingWhy(TestCase):
    dataset: Dataset
    campaign: Campaign
    people: Cast
    item: Item

    @classmethod
    def setUpTestData(cls) -> None:
        cls.dataset = build.dataset(slug="golden")
        cls.people = cast(cls.dataset)
        cls.campaign = build.campaign(cls.dataset)
        cls.item = checked.a_settled_item(cls.dataset)

    def setUp(self) -> None:
        self.client.force_login(self.people.cora)

    def made(self, purpose: GoldPurpose, explanation: str) -> Gold:
        return gold.make(
            self.campaign,
            self.item,
            "safety",
            expected=checked.expected(self.item),
            purpose=purpose,
            explanation=explanation,
            by=None,
        )

    def send(self, url: str, **fields: str) -> str:
        said = {
            "purpose": "qualification", "tolerance-severity": "1",
            "a-safe": "false", "a-categories": "Drugs", "a-severity": "2", "b-safe": "true",
        }  # fmt: skip
        sent: Any = self.client.post(url, {**said, **fields}, follow=True)
        return str(sent.content.decode())

    def test_without_a_why_it_is_not_made(self) -> None:
        for nothing in ("", " \n"):
            with pytest.raises(gold.GoldRefused, match=REFUSED):
                self.made(GoldPurpose.QUALIFICATION, nothing)
        assert not Gold.objects.exists()

    def test_its_why_is_not_taken_out_again(self) -> None:
        made = self.made(GoldPurpose.QUALIFICATION, "It tells how.")
        with pytest.raises(gold.GoldRefused, match=REFUSED):
            gold.edit(made, expected=made.expected, by=None)
        made.refresh_from_db()
        assert made.explanation == "It tells how."

    def test_what_measures_unseen_needs_none(self) -> None:
        assert self.made(GoldPurpose.SILENT, "").explanation == ""

    def test_the_curator_is_told_in_one_line_and_keeps_what_was_filled_in(self) -> None:
        url = reverse("curate:make_gold", args=["golden", self.item.pk, "safety"])
        refused = self.send(url)
        assert refused.count(REFUSED) == 1
        assert 'name="a-severity" value="2"' in refused
        assert "is gold now" in self.send(url, explanation="It tells how.")
        edit = reverse("curate:edit_gold", args=["golden", Gold.objects.get().pk])
        assert self.send(edit, explanation="").count(REFUSED) == 1
        assert Gold.objects.get().explanation == "It tells how."
