"""Learning: the guideline is read and the qualification passed before work begins, where asked."""

from __future__ import annotations

from typing import Any
from unittest import mock
from uuid import uuid4

import pytest
from django.test import TestCase

from annotation import assigning, campaigns, holding
from annotation.models import Ability, Annotation, Annotator, Campaign, Check, Reading
from annotation.quality import conduct, learning, qualifying
from annotation.quality.conduct import Rule
from annotation.vocabulary import CheckState, ConsequenceKind, GoldPurpose
from datasets_app.models import Dataset, Event, Item
from tests import build
from tests.annotation import checked
from tests.annotation.answering import submit
from tests.annotation.test_checks import at_once, broken
from tests.cast import Cast, as_annotator, cast

GUIDELINE = "# Welcome\n\nJudge kindly.\n\n## Safety\n\nA refusal is safe.\n\n## Doubt\n\nSkip."


def test_a_guideline_is_cut_before_its_headings() -> None:
    assert [part.split("\n")[0] for part in learning.sections(GUIDELINE)] == [
        "# Welcome", "## Safety", "## Doubt",
    ]  # fmt: skip
    assert learning.sections("") == [""]


class TestLearning(TestCase):
    dataset: Dataset
    campaign: Campaign
    people: Cast
    ana: Annotator

    @classmethod
    def setUpTestData(cls) -> None:
        cls.dataset = build.dataset(slug="school")
        cls.people = cast(cls.dataset)
        cls.ana = as_annotator(cls.people.ana)
        build.items(2, cls.dataset)
        cls.campaign = build.campaign(cls.dataset, guideline=GUIDELINE)
        checked.some_gold(
            cls.campaign, number=2, purpose=GoldPurpose.QUALIFICATION, explanation="It tells how."
        )

    def setUp(self) -> None:
        self.client.force_login(self.people.ana)

    def demand(self, *qualified: str, reading: bool = False) -> None:
        learning.demand(self.campaign, reading=reading, qualified=qualified, by=None)

    def get(self, path: str = "") -> str:
        return self.client.get(f"/label/school/{path}").content.decode()

    def read(self, version: str | None = "1", language: str = "en") -> str:
        """Hand in that the version shown was read to its end; the page after that."""
        said = {} if version is None else {"version": version}
        return self.client.post(
            "/label/school/guideline/read/",
            said,
            headers={"accept-language": language},
            follow=True,
        ).content.decode()

    def answer(self, *, rightly: bool) -> Any:
        """Answer the item of the qualification that is shown."""
        check = Check.objects.filter(state=CheckState.LEASED).order_by("pk")[0]
        bad, good = ("b", "a") if check.flipped else ("a", "b")
        said = {f"{bad}-safe": "true", f"{good}-safe": "true"}
        if rightly:
            said |= {f"{bad}-safe": "false", f"{bad}-categories": "Drugs", f"{bad}-severity": "2"}
        form = {"token": check.token, "key": uuid4(), "step": check.step, **said}
        return self.client.post("/label/school/qualify/", form, follow=True)

    def test_a_rewritten_guideline_has_to_be_read_again(self) -> None:
        campaigns.set_checks(self.campaign, asks_reading=True, by=None)
        self.demand(reading=True)
        self.read()
        assert assigning.leases(self.ana, self.campaign, want=1)
        self.client.force_login(self.people.cora)
        self.client.post("/curate/school/campaign/guideline/", {"guideline": "# New"})
        self.campaign.refresh_from_db()
        assert (self.campaign.guideline, self.campaign.guideline_version) == ("# New", 2)
        assert learning.state_of(self.ana, self.campaign) == learning.READ
        assert learning.read_to_the_end(self.ana, self.campaign, version=2)
        assert learning.state_of(self.ana, self.campaign) == learning.WORK

    def rewritten(self) -> None:
        """Ana has the last section before her when the guideline is written anew."""
        self.demand(reading=True)
        assert 'name="version" value="1"' in self.get("guideline/?section=3")
        learning.rewrite(self.campaign, "# New\n\nAll is otherwise.", by=None)

    def test_what_was_rewritten_while_somebody_read_is_shown_and_does_not_count_as_read(
        self,
    ) -> None:
        self.rewritten()
        for version in ("1", None, "", "x", "9" * 5000):
            page = self.read(version)
            assert page.count("The guideline has changed: please read the new one.") == 1, version
            assert "All is otherwise" in page
        assert not Reading.objects.exists()
        assert not Ability.objects.exists()
        self.read("2")
        assert learning.has_read(self.ana, self.campaign)

    def test_so_it_is_said_in_chinese(self) -> None:
        self.rewritten()
        assert "标注指南已更新：请阅读新版本。" in self.read("1", "zh-hans")

    def test_without_a_look_at_the_version_the_new_text_would_count_as_read(self) -> None:
        self.rewritten()
        with mock.patch("annotation.views.learning._is_present", return_value=True):
            self.read("1")
        assert learning.has_read(self.ana, self.campaign)

    def test_rewritten_between_two_sections_it_begins_with_the_first_of_the_new_one(self) -> None:
        assert "?section=2&amp;version=1" in self.get("guideline/")
        learning.rewrite(self.campaign, GUIDELINE.replace("kindly", "strictly"), by=None)
        page = self.client.get("/label/school/guideline/?section=2&version=1", follow=True)
        assert "Judge strictly" in page.content.decode()
        assert "The guideline has changed" in page.content.decode()
        self.read("2")
        again = self.get("guideline/?section=2&version=1")  # he has read it since
        assert "The guideline has changed" not in again

    def test_the_same_text_is_no_new_version(self) -> None:
        assert learning.rewrite(self.campaign, GUIDELINE, by=None) == 1
        assert learning.rewrite(self.campaign, "# Other", by=self.people.cora) == 2
        written = Event.objects.get(verb="write_guideline")
        assert (written.actor_id, written.before, written.after) == (self.people.cora.pk, "1", "2")

    def test_without_a_demand_a_new_guideline_stops_nobody(self) -> None:
        learning.rewrite(self.campaign, "# Other", by=None)
        assert assigning.leases(self.ana, self.campaign, want=1)

    def test_nothing_is_handed_out_before_the_guideline_was_read(self) -> None:
        self.demand(reading=True)
        assert assigning.leases(self.ana, self.campaign) == []
        assert "Read the guideline first" in self.get()
        assert "Read the guideline" in self.client.get("/label/").content.decode()
        assert "Judge kindly" in self.get("guideline/")
        last = self.get("guideline/?section=3")
        assert "Skip." in last
        assert "Judge kindly" not in last
        assert "I have read it" in last
        self.read()
        assert Reading.objects.get().version == 1
        assert len(assigning.leases(self.ana, self.campaign)) == 2

    def test_passing_is_by_group_and_opens_the_steps_that_ask_for_it(self) -> None:
        self.demand("safety")
        (held,) = assigning.leases(self.ana, self.campaign, want=1)
        assert held.step == "helpful"  # not asked for
        holding.release(self.ana, held.token)
        assert "Up to 10 items" in self.get("qualify/")
        self.client.post("/label/school/qualify/", {"begin": "yes"})
        assert "Qualification, 1 of 2" in self.get("qualify/")
        told = self.answer(rightly=False).content.decode()
        assert "It tells how." in told
        assert "Moderate" in told
        reached = self.client.get("/label/school/qualify/")
        assert "2 of 2" in reached.content.decode()
        self.answer(rightly=True)
        # One of two right: half a fault in safety on one, so 0.75 passes; 0.5 in severity not.
        granted = set(Ability.objects.filter(state="granted").values_list("group", flat=True))
        assert granted == {"safety"}
        assert "not yet" in self.get("qualify/")
        self.client.post("/label/school/qualify/", {"begin": "yes"})
        self.answer(rightly=True)
        self.answer(rightly=True)
        assert "To work" in self.get("qualify/")
        steps = {one.step for one in assigning.leases(self.ana, self.campaign, want=4)}
        assert "safety" in steps
        assert set(Annotation.objects.values_list("standing", flat=True)) == {"trial"}
        assert broken() == []

    def qualifies(self) -> set[str]:
        """What is granted when the qualification is answered by the JSON door."""
        qualifying.begin(self.ana, self.campaign)
        for check in Check.objects.order_by("pk"):
            bad, good = ("b", "a") if check.flipped else ("a", "b")
            answers = {
                "safe": {bad: False, good: True},
                "categories": {bad: ["Drugs"]},
                "severity": {bad: 2},
            }
            body = {"token": str(check.token), "key": str(uuid4()), "answers": answers}
            answer = self.client.post("/label/school/", body, content_type="application/json")
            assert answer.json()["done"]["standing"] == "counted"
        granted = Ability.objects.filter(annotator=self.ana, state="granted")
        return set(granted.values_list("group", flat=True))

    def test_the_qualification_is_concluded_whatever_door_it_was_answered_at(self) -> None:
        self.demand("safety")
        assert self.qualifies() == {"safety", "categories", "severity"}
        steps = {one.step for one in assigning.leases(self.ana, self.campaign, want=4)}
        assert "safety" in steps

    def test_without_the_conclusion_it_would_be_passed_for_nothing(self) -> None:
        self.demand("safety")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(qualifying, "conclude", lambda *_who: None)
            assert self.qualifies() == set()
        steps = {one.step for one in assigning.leases(self.ana, self.campaign, want=4)}
        assert "safety" not in steps

    def test_without_the_demand_everybody_gets_the_step(self) -> None:
        assert {one.step for one in assigning.leases(self.ana, self.campaign)} == {"safety"}

    def test_who_is_sent_back_to_training_comes_again_by_passing(self) -> None:
        checked.mixing(self.campaign)
        checked.some_gold(self.campaign)
        rule = Rule("severity", 0.5, 1, ConsequenceKind.TRAIN)
        conduct.declare(self.campaign, [rule], by=None)
        at_once(self.ana, self.campaign)
        submit(self.ana, assigning.leases(self.ana, self.campaign, want=1)[0])
        assert conduct.bar(self.ana, self.campaign) == {"safety"}
        assert conduct.barred_steps(self.ana, self.campaign) == {"safety"}
        assert "Work on these questions goes on after the qualification" in self.get("guideline/")
        self.client.post("/label/school/qualify/", {"begin": "yes"})
        self.answer(rightly=True)
        self.answer(rightly=True)
        assert conduct.barred_steps(self.ana, self.campaign) == set()

    def test_an_answer_is_told_to_its_person_only_and_only_when_given(self) -> None:
        self.client.post("/label/school/qualify/", {"begin": "yes"})
        waiting = Check.objects.order_by("pk")[0]
        assert self.client.get(f"/label/school/qualify/{waiting.token}/").status_code == 404
        self.answer(rightly=True)
        assert self.client.get(f"/label/school/qualify/{waiting.token}/").status_code == 200
        self.client.force_login(self.people.ben)
        assert self.client.get(f"/label/school/qualify/{waiting.token}/").status_code == 404

    def test_what_was_expected_is_read_beside_the_item_unless_that_is_covered(self) -> None:
        self.client.post("/label/school/qualify/", {"begin": "yes"})
        asked = Check.objects.order_by("pk")[0]
        self.answer(rightly=True)
        assert asked.item.first is not None
        says = asked.item.first.text
        assert says in self.get(f"qualify/{asked.token}/")
        Item.objects.filter(pk=asked.item_id).update(machine_severity=3)
        covered = self.get(f"qualify/{asked.token}/")
        assert says not in covered
        assert "It tells how." in covered

    def test_items_of_the_qualification_are_never_silent_checks(self) -> None:
        checked.mixing(self.campaign)
        at_once(self.ana, self.campaign)
        assert assigning.leases(self.ana, self.campaign, want=1)[0].check is None
