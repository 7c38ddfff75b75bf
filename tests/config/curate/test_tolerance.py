"""How far off still is half a fault: said for each question where gold is made, and graded by."""

from __future__ import annotations

import re
from typing import Any

from django.test import TestCase
from django.urls import reverse

from annotation import assigning
from annotation.models import Annotator, Campaign, Check, Gold
from datasets_app.models import Dataset, Item
from tests import build
from tests.annotation import checked
from tests.annotation.answering import submit
from tests.annotation.test_checks import at_once
from tests.cast import Cast, as_annotator, cast

# By position, as `checked.KNOWN`.
KNOWN = {
    "image_severity": 1,
    "category": ["animal_abuse"],
    "safe": {"0": False, "1": True},
    "harmless_rate": {"0": -1, "1": 1},
    "helpful_rate": {"0": 2, "1": 1},
    "better": "0",
    "better_strength": 1,
    "safer": "1",
}
SENT = {
    "image_severity": "1", "category": "animal_abuse", "a-safe": "false", "b-safe": "true",
    "a-harmless_rate": "-1", "b-harmless_rate": "1", "a-helpful_rate": "2", "b-helpful_rate": "1",
}  # fmt: skip
FIELD = re.compile(r'<input[^>]* name="tolerance-(\w+)"[^>]*>')
LINE = '<ul class="errorlist" id="id_tolerance-harmless_rate_error"><li>%s</li></ul>'


class TestTolerance(TestCase):
    dataset: Dataset
    campaign: Campaign
    people: Cast
    ana: Annotator
    item: Item

    @classmethod
    def setUpTestData(cls) -> None:
        cls.dataset = build.dataset("beavertails_v", slug="pictures")
        cls.people = cast(cls.dataset)
        cls.ana = as_annotator(cls.people.ana)
        build.items(2, cls.dataset)
        cls.campaign = checked.mixing(build.campaign(cls.dataset))
        cls.item = checked.a_settled_item(cls.dataset, KNOWN)

    def setUp(self) -> None:
        self.client.force_login(self.people.cora)

    def url(self, step: str = "safety") -> str:
        return reverse("curate:make_gold", args=["pictures", self.item.pk, step])

    def make(self, *, url: str = "", **near: str) -> str:
        """Send the form with these tolerances, by question; the page that comes."""
        told = {"image_severity": "1", "harmless_rate": "1", "helpful_rate": "1", **near}
        fields = {f"tolerance-{question}": points for question, points in told.items()}
        said = {"purpose": "silent", **SENT, **fields}
        return self.client.post(url or self.url(), said, follow=True).content.decode()

    def shown(self, page: str) -> dict[str, str]:
        """What stands in each question's field, by question."""
        found = {one[1]: re.search(r' value="([^"]*)"', one[0]) for one in FIELD.finditer(page)}
        return {question: value[1] if value else "" for question, value in found.items()}

    def edit_url(self) -> str:
        return reverse("curate:edit_gold", args=["pictures", Gold.objects.get().pk])

    def get(self, url: str) -> str:
        return self.client.get(url).content.decode()

    def test_each_severity_and_scale_has_a_field_of_its_own_that_says_one(self) -> None:
        page = self.get(self.url())
        assert self.shown(page) == {
            "image_severity": "1",
            "harmless_rate": "1",
            "helpful_rate": "1",
        }
        for key, wording in (
            ("image_severity", "Severity of the picture"),
            ("helpful_rate", "Helpful"),
        ):
            assert f'<label for="id_tolerance-{key}">{wording}</label>' in page

    def test_a_step_without_any_has_no_such_field(self) -> None:
        page = self.get(self.url("helpful"))
        assert 'name="better"' in page
        assert self.shown(page) == {}
        assert "Half wrong" not in page

    def test_an_answer_equally_far_off_is_graded_by_what_its_question_tolerates(self) -> None:
        assert "is gold now" in self.make(harmless_rate="0", helpful_rate="2")
        assert Gold.objects.get().tolerance == {"harmless_rate": 0, "helpful_rate": 2}
        self.answer(image_severity=2, harmless={"a": -2, "b": 1}, helpful={"a": 2, "b": 2})
        faults = Check.objects.get().faults
        # All three are one off: the picture itself, and one response of two.
        assert faults["image_severity"] == 0.5
        assert faults["harmless_rate"] == 0.5
        assert faults["helpful_rate"] == 0.25

    def test_two_off_is_half_a_fault_only_where_two_are_tolerated(self) -> None:
        self.make(helpful_rate="2")
        self.answer(image_severity=1, harmless={"a": -3, "b": 1}, helpful={"a": 0, "b": 1})
        faults = Check.objects.get().faults
        assert (faults["harmless_rate"], faults["helpful_rate"]) == (0.5, 0.25)

    def answer(self, *, image_severity: int, harmless: Any, helpful: Any) -> None:
        """Ana answers the check; the sides are those of the form, however they lie for her."""
        at_once(self.ana, self.campaign)
        (held,) = assigning.leases(self.ana, self.campaign, want=1)
        swapped = {"a": "b", "b": "a"} if held.flipped else {"a": "a", "b": "b"}
        each = {"safe": {"a": False, "b": True}, "harmless_rate": harmless, "helpful_rate": helpful}
        answers = {
            "image_severity": image_severity,
            "category": ["animal_abuse"],
            **{key: {swapped[side]: value[side] for side in value} for key, value in each.items()},
        }
        submit(self.ana, held, answers=answers)

    def test_gold_that_is_edited_shows_each_questions_own_number(self) -> None:
        self.make(harmless_rate="0", helpful_rate="2")
        told = {"image_severity": "1", "harmless_rate": "0", "helpful_rate": "2"}
        assert self.shown(self.get(self.edit_url())) == told
        self.make(url=self.edit_url(), image_severity="3", helpful_rate="2")
        assert Gold.objects.get().tolerance == {"image_severity": 3, "helpful_rate": 2}

    def test_what_cannot_be_is_told_in_one_line_beside_it_and_kept(self) -> None:
        for bad in ("7", "-1", "one", "0.5", ""):
            page = self.make(harmless_rate=bad, helpful_rate="3")
            assert LINE % "A whole number from 0 to 6." in page, bad
            assert page.count("errorlist") == 1, bad
            assert self.shown(page) == {
                "image_severity": "1", "harmless_rate": bad, "helpful_rate": "3",
            }  # fmt: skip
            assert re.search(r'name="a-harmless_rate" value="-1"[^>]* checked', page), bad
        assert not Gold.objects.exists()

    def test_gold_with_a_number_that_cannot_be_stays_as_it_was(self) -> None:
        self.make(helpful_rate="2")
        page = self.make(url=self.edit_url(), helpful_rate="4")
        assert "A whole number from 0 to 3." in page
        assert Gold.objects.get().tolerance == {"helpful_rate": 2}
