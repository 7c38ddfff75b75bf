"""Abilities: a step that asks for something goes only to those who have it."""

from __future__ import annotations

import pytest
from django.test import TestCase

from annotation import assigning
from annotation.models import Annotator, Campaign
from annotation.quality import abilities
from datasets_app.models import Dataset, Event
from tests import build
from tests.cast import as_annotator, cast


class TestAbilities(TestCase):
    dataset: Dataset
    campaign: Campaign
    ana: Annotator
    ben: Annotator

    @classmethod
    def setUpTestData(cls) -> None:
        cls.dataset = build.dataset()
        people = cast(cls.dataset)
        cls.ana, cls.ben = as_annotator(people.ana), as_annotator(people.ben)
        build.items(2, cls.dataset)
        cls.campaign = build.campaign(cls.dataset)

    def steps_of(self, annotator: Annotator) -> set[str]:
        return {one.step for one in assigning.leases(annotator, self.campaign, want=6)}

    def test_a_step_that_asks_for_something_goes_to_those_who_have_it(self) -> None:
        assert "safety" in self.steps_of(self.ben)  # without the requirement, to anybody
        abilities.ask_for(self.campaign, "safety", ["severity"])
        abilities.grant(self.ana, self.campaign, "severity", reason="passed")
        assert "safety" in self.steps_of(self.ana)

    def test_who_lacks_it_gets_the_other_steps(self) -> None:
        abilities.ask_for(self.campaign, "safety", ["severity"])
        assert self.steps_of(self.ben) == {"helpful", "safer"}

    def test_withdrawn_it_no_longer_opens_the_step(self) -> None:
        abilities.ask_for(self.campaign, "safety", ["severity"])
        abilities.grant(self.ana, self.campaign, "severity", reason="passed")
        abilities.withdraw(self.ana, self.campaign, "severity", reason="gold")
        assert "safety" not in self.steps_of(self.ana)

    def test_all_that_is_asked_is_needed(self) -> None:
        abilities.ask_for(self.campaign, "safety", ["severity", "german"])
        abilities.grant(self.ana, self.campaign, "severity", reason="passed")
        assert "safety" not in self.steps_of(self.ana)
        abilities.grant(self.ana, self.campaign, "german", reason="said so")
        assert "safety" in self.steps_of(self.ana)

    def test_every_change_is_noted_once(self) -> None:
        assert abilities.grant(self.ana, self.campaign, "severity", reason="passed")
        assert not abilities.grant(self.ana, self.campaign, "severity", reason="passed")
        assert abilities.withdraw(self.ana, self.campaign, "severity", reason="gold")
        noted = Event.objects.filter(subject=f"annotator:{self.ana.pk}").order_by("pk")
        assert [event.verb for event in noted] == ["grant", "withdraw_ability"]
        assert not abilities.has(self.ana, self.campaign, "severity")

    def test_a_step_that_the_protocol_does_not_have_is_refused(self) -> None:
        with pytest.raises(abilities.NoSuchStep, match="take one of safety"):
            abilities.ask_for(self.campaign, "saftey", ["severity"])

    def test_steps_that_one_person_answers_ask_for_what_any_of_them_asks(self) -> None:
        videos = build.dataset("safesora")
        cast(videos)
        build.item(videos)
        campaign = build.campaign(videos)
        first, second = "pilot", "overall"
        abilities.ask_for(campaign, second, ["harmless"])
        assert assigning.leases(self.ana, campaign) == []
        abilities.grant(self.ana, campaign, "harmless", reason="passed")
        assert [one.step for one in assigning.leases(self.ana, campaign)] == [first]
