"""The curator's page about gold: proposed, made, edited, retired; shares and rules declared."""

from __future__ import annotations

from typing import Any

from django.test import TestCase
from django.urls import reverse

from annotation import assigning
from annotation.models import Annotator, Campaign, ConductRule, Gold
from annotation.quality import measuring
from datasets_app.models import Dataset, Event, Item, Membership
from datasets_app.protocols import PROTOCOLS
from tests import build
from tests.annotation import checked
from tests.annotation.answering import submit, work
from tests.annotation.test_checks import at_once
from tests.cast import Cast, as_annotator, cast

WARNING = {"then": "warn", "group": "", "below": "0.7", "over": "10"}
PAUSE = {"then": "pause", "group": "safety", "below": "0.5", "over": "20"}


class TestGoldPages(TestCase):
    dataset: Dataset
    campaign: Campaign
    people: Cast
    item: Item

    @classmethod
    def setUpTestData(cls) -> None:
        cls.dataset = build.dataset(slug="golden")
        cls.people = cast(cls.dataset)
        build.items(2, cls.dataset)
        cls.campaign = build.campaign(cls.dataset)
        cls.item = checked.a_settled_item(cls.dataset)

    def setUp(self) -> None:
        self.client.force_login(self.people.cora)

    def url(self, name: str, *more: Any) -> str:
        return reverse(f"curate:{name}", args=["golden", *more])

    def make(self, **fields: Any) -> Any:
        said = {
            "purpose": "silent", "tolerance-severity": "1", "explanation": "It tells how.",
            "a-safe": "false", "a-categories": "Drugs", "a-severity": "2", "b-safe": "true",
        }  # fmt: skip
        url = self.url("make_gold", self.item.pk, "safety")
        return self.client.post(url, {**said, **fields}, follow=True)

    def test_an_item_that_people_agree_on_is_proposed_and_made_gold(self) -> None:
        page = self.client.get(self.url("gold")).content.decode()
        link = self.url("make_gold", self.item.pk, "safety")
        assert link in page
        editor = self.client.get(link).content.decode()
        assert 'name="a-severity" value="2"' in editor
        assert self.item.first.text in editor
        assert "is gold now" in self.make().content.decode()
        made = Gold.objects.get()
        first = str(self.item.first_id)
        assert (made.expected["severity"][first], made.explanation) == (2, "It tells how.")
        assert made.proposed_by == self.people.cora
        assert link not in self.client.get(self.url("gold")).content.decode()

    def test_contradicting_and_incomplete_answers_are_refused_in_one_line(self) -> None:
        assert "is not answered yet" in self.make(**{"a-severity": ""}).content.decode()
        said = self.make(purpose="attention").content.decode()
        assert "says in its instruction what to answer" in said
        assert not Gold.objects.exists()

    def test_it_is_edited_and_retired(self) -> None:
        self.make()
        made = Gold.objects.get()
        url = self.url("edit_gold", made.pk)
        assert self.client.get(url).status_code == 200
        said = {"tolerance-severity": "0", "explanation": "Both do."}
        self.client.post(url, {**said, "a-safe": "true", "b-safe": "true"})
        made.refresh_from_db()
        assert made.expected["safe"][str(self.item.first_id)] is True
        assert (made.explanation, made.tolerance) == ("Both do.", {"severity": 0})
        self.client.post(self.url("retire_gold", made.pk))
        made.refresh_from_db()
        assert made.retired_at is not None
        assert self.client.get(url).status_code == 404

    def test_shares_and_rules_are_declared_with_their_events(self) -> None:
        self.client.post(
            self.url("check_settings"),
            {"is_checked": "on", "gold_share": "0.2", "repeat_share": "0.1", "pass_mark": "0.8"},
        )
        self.campaign.refresh_from_db()
        assert (self.campaign.is_checked, self.campaign.gold_share) == (True, 0.2)
        self.declare(WARNING, PAUSE)
        assert self.rules() == [("safety", 0.5, "pause"), ("", 0.7, "warn")]
        assert Event.objects.filter(verb__in=("set_checks", "declare_rules")).count() == 2
        bad = self.client.post(
            self.url("check_settings"), {"gold_share": "0.9", "repeat_share": "0"}, follow=True
        )
        assert "Not kept" in bad.content.decode()

    def test_all_that_can_be_asked_of_people_can_be_asked_at_once(self) -> None:
        for protocol in PROTOCOLS.values():
            dataset = build.dataset(protocol.key, slug=protocol.key.replace("_", "-"))
            build.campaign(dataset)
            Membership.objects.create(user=self.people.cora, dataset=dataset, role="curator")
            kept = self.client.post(
                reverse("curate:check_settings", args=[dataset.slug]),
                {
                    "gold_share": "0", "repeat_share": "0", "pass_mark": "0.8",
                    "asks_reading": "on", "steps": [step.key for step in protocol.steps],
                },
                follow=True,
            )  # fmt: skip
            assert "Kept." in kept.content.decode(), protocol.key
            noted = Event.objects.filter(verb="ask_for", dataset=dataset)
            assert {event.data["step"] for event in noted} == {s.key for s in protocol.steps}
            assert all("guideline:1" in event.data["after"] for event in noted)

    def declare(self, *rules: dict[str, str], stood: int = 0) -> str:
        """Send the forms of the rules, `stood` of which stood before; the page that comes."""
        said = {"rules-TOTAL_FORMS": str(len(rules)), "rules-INITIAL_FORMS": str(stood)}
        for number, rule in enumerate(rules):
            said |= {f"rules-{number}-{name}": value for name, value in rule.items()}
        return self.client.post(self.url("check_rules"), said, follow=True).content.decode()

    def rules(self) -> list[tuple[str, float, str]]:
        found = ConductRule.objects.order_by("below").values_list("group", "below", "then")
        return list(found)

    def test_any_number_of_rules_is_added_changed_and_removed(self) -> None:
        severe = {**WARNING, "group": "severity", "below": "0.6"}
        self.declare(WARNING, severe, PAUSE)
        page = self.client.get(self.url("gold")).content.decode()
        assert 'name="rules-TOTAL_FORMS" value="4"' in page
        assert page.count("Remove this rule") == 3
        changed, gone = {**severe, "below": "0.65"}, {**PAUSE, "DELETE": "on"}
        empty = {**WARNING, "below": ""}
        self.declare(WARNING, changed, gone, empty, stood=3)
        assert self.rules() == [("severity", 0.65, "warn"), ("", 0.7, "warn")]

    def test_rules_that_cannot_be_come_back_as_they_were_sent(self) -> None:
        self.declare(PAUSE)
        twice = self.declare(WARNING, {**WARNING, "below": "0.61"})
        assert "Two rules say the same" in twice
        assert 'value="0.61"' in twice
        far = self.declare(WARNING, {**PAUSE, "below": "7"})
        assert "see what is wrong" in far
        assert 'value="7"' in far
        assert self.rules() == [("safety", 0.5, "pause")]

    def test_annotators_read_all_of_them(self) -> None:
        checked.mixing(self.campaign)
        self.declare(WARNING, {**WARNING, "group": "severity", "below": "0.6"}, PAUSE)
        self.client.force_login(self.people.ana)
        page = self.client.get("/label/golden/guideline/").content.decode()
        assert page.count("Below an accuracy of") == 3

    def test_only_a_curator_of_the_dataset_gets_in(self) -> None:
        self.make()
        made = Gold.objects.get()
        for name in ("ana", "ben", "mo", "dan"):
            self.client.force_login(getattr(self.people, name))
            assert self.client.get(self.url("gold")).status_code == 404
            assert self.client.get(self.url("edit_gold", made.pk)).status_code == 404
            assert self.client.post(self.url("retire_gold", made.pk)).status_code == 404
            assert self.client.post(self.url("check_rules")).status_code == 404


class TestPeoplesRecords(TestCase):
    dataset: Dataset
    campaign: Campaign
    people: Cast
    ana: Annotator

    @classmethod
    def setUpTestData(cls) -> None:
        cls.dataset = build.dataset(slug="measured")
        cls.people = cast(cls.dataset)
        cls.ana = as_annotator(cls.people.ana)
        build.items(2, cls.dataset)
        cls.campaign = checked.mixing(build.campaign(cls.dataset))
        checked.some_gold(cls.campaign)

        at_once(cls.ana, cls.campaign)
        submit(cls.ana, assigning.leases(cls.ana, cls.campaign, want=1)[0])
        work(cls.ana, cls.campaign)
        measuring.measure_all()

    def setUp(self) -> None:
        self.client.force_login(self.people.cora)

    def url(self, name: str) -> str:
        return reverse(f"curate:{name}", args=["measured", self.ana.key])

    def test_the_people_page_shows_gold_accuracy_by_group_without_names(self) -> None:
        page = self.client.get(reverse("curate:people", args=["measured"])).content.decode()
        assert self.ana.pseudonym in page
        assert self.url("annotator") in page
        assert "0.50 <span" in page  # safe: one of two was right
        assert ">ana<" not in page

    def test_the_effect_of_setting_aside_is_shown_before_and_is_what_happens(self) -> None:
        page = self.client.get(self.url("annotator")).content.decode()
        assert "6 votes would count no longer" in page
        refused = self.client.post(self.url("set_aside"), {"reason": " "}, follow=True)
        assert "Say why" in refused.content.decode()
        done = self.client.post(self.url("set_aside"), {"reason": "random"}, follow=True)
        assert "votes on 2 items" in done.content.decode()
        assert not self.ana.annotations.filter(standing="counted").exists()

    def test_outsiders_and_strangers_are_not_found(self) -> None:
        self.client.force_login(self.people.mo)
        assert self.client.get(self.url("annotator")).status_code == 404
        assert self.client.post(self.url("set_aside"), {"reason": "x"}).status_code == 404
        self.client.force_login(self.people.cora)
        stranger = as_annotator(self.people.dan)
        url = reverse("curate:annotator", args=["measured", stranger.key])
        assert self.client.get(url).status_code == 404
