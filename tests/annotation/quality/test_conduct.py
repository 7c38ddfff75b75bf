"""Conduct: what a record brings about, by the rules that the campaign declares."""

from __future__ import annotations

import pytest
from django.test import TestCase

from annotation import assigning
from annotation.models import Annotator, Campaign, ConductRule, Consequence
from annotation.quality import conduct, learning
from annotation.quality.conduct import Rule
from annotation.vocabulary import ConsequenceKind
from datasets_app.models import Dataset, Event
from tests import build
from tests.annotation import checked
from tests.annotation.answering import submit
from tests.annotation.test_checks import at_once
from tests.cast import Cast, as_annotator, cast

WARN, PAUSE, TRAIN = ConsequenceKind.WARN, ConsequenceKind.PAUSE, ConsequenceKind.TRAIN


class TestConduct(TestCase):
    dataset: Dataset
    campaign: Campaign
    people: Cast
    ana: Annotator

    @classmethod
    def setUpTestData(cls) -> None:
        cls.dataset = build.dataset(slug="ruled")
        cls.people = cast(cls.dataset)
        cls.ana = as_annotator(cls.people.ana)
        build.items(2, cls.dataset)
        cls.campaign = checked.mixing(build.campaign(cls.dataset))
        checked.some_gold(cls.campaign, number=4)

    def declare(self, *rules: Rule) -> None:
        conduct.declare(self.campaign, rules, by=self.people.cora)

    def errs(self, times: int = 1) -> None:
        """Call both safe, where one is not: half a fault in safety, a whole one in severity."""
        for _ in range(times):
            at_once(self.ana, self.campaign)
            held = assigning.leases(self.ana, self.campaign, want=1)
            assert held[0].check is not None
            submit(self.ana, held[0])

    def kinds(self) -> list[tuple[str, str]]:
        """What stands when the next item is asked for."""
        conduct.bar(self.ana, self.campaign)
        found = conduct.standing(self.ana, self.campaign)
        return sorted((one.group, one.kind) for one in found)

    def test_nothing_follows_before_there_are_enough_checks_or_above_the_mark(self) -> None:
        self.declare(Rule("safety", 0.5, 1, WARN), Rule("severity", 0.5, 3, WARN))
        self.errs(2)
        assert self.kinds() == []
        self.errs()
        assert self.kinds() == [("severity", "warn")]

    def test_a_warning_is_given_once_with_its_event_and_figures_and_goes_when_read(self) -> None:
        self.declare(Rule("severity", 0.5, 1, WARN))
        self.errs(2)
        assert self.kinds() == [("severity", "warn")]
        (warning,) = Consequence.objects.all()
        assert (warning.accuracy, warning.over) == (0.0, 1)
        assert "0.00 in severity" in Event.objects.get(verb="consequence").reason
        self.client.force_login(self.people.ana)
        assert "Please read the guideline again" in self.client.get("/label/").content.decode()
        page = self.client.get("/label/ruled/guideline/").content.decode()
        assert "Below an accuracy of 0.50 in severity" in page
        self.client.post("/label/ruled/guideline/read/", {"version": "1"})
        assert "Please read the guideline again" not in self.client.get("/label/").content.decode()
        assert self.kinds() == []

    def test_who_has_read_the_guideline_before_can_say_so_of_a_warning_too(self) -> None:
        learning.read_to_the_end(self.ana, self.campaign, version=1)
        self.client.force_login(self.people.ana)
        guideline = "/label/ruled/guideline/"
        assert "I have read it" not in self.client.get(guideline).content.decode()
        self.declare(Rule("severity", 0.5, 1, WARN))
        self.errs(2)
        assert "I have read it" in self.client.get(guideline).content.decode()
        self.client.post(f"{guideline}read/", {"version": "1"})
        assert "To work" in self.client.get(guideline).content.decode()

    def test_a_pause_bars_the_groups_steps_and_leaves_the_others(self) -> None:
        self.declare(Rule("severity", 0.5, 1, PAUSE))
        self.errs()
        (held,) = assigning.leases(self.ana, self.campaign, want=1)
        assert held.step == "helpful"

    def test_without_the_bar_the_paused_step_would_come(self) -> None:
        self.declare(Rule("severity", 0.5, 1, PAUSE))
        self.errs()
        assert self.kinds() == [("severity", "pause")]
        ConductRule.objects.all().delete()
        Consequence.objects.update(kind=WARN)
        (held,) = assigning.leases(self.ana, self.campaign, want=1)
        assert held.step == "safety"

    def test_a_quarantine_bars_everything_until_a_curator_lifts_it(self) -> None:
        self.declare(Rule("", 0.2, 1, ConsequenceKind.QUARANTINE))
        self.errs()
        assert assigning.leases(self.ana, self.campaign, want=1) == []
        self.client.force_login(self.people.ana)
        page = self.client.get("/label/ruled/").content.decode()
        assert "pauses until a curator has looked at it" in page
        self.client.force_login(self.people.cora)
        address = f"/curate/ruled/people/{self.ana.key}/"
        assert "no longer stands" not in self.client.get(address).content.decode()
        self.client.post(f"{address}lift/", {"reason": "talked it over"})
        assert len(assigning.leases(self.ana, self.campaign, want=1)) == 1
        assert Event.objects.filter(verb="lift").exists()

    def test_what_was_counted_before_does_not_count_again(self) -> None:
        self.declare(Rule("severity", 0.5, 2, PAUSE))
        self.errs(2)
        assert self.kinds() == [("severity", "pause")]
        conduct.lift(self.ana, self.campaign, by=self.people.cora, reason="once more")
        self.errs()
        assert self.kinds() == []
        self.errs()
        assert self.kinds() == [("severity", "pause")]

    def test_rules_that_cannot_be_are_refused(self) -> None:
        for rule in (Rule("colours", 0.5, 1, WARN), Rule("", 1.5, 1, WARN), Rule("", 0.5, 0, WARN)):
            with pytest.raises(conduct.BadRule):
                self.declare(rule)
        with pytest.raises(conduct.BadRule, match="Two rules"):
            self.declare(Rule("", 0.5, 1, WARN), Rule("", 0.6, 1, WARN))
