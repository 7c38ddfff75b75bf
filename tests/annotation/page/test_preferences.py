"""What a person chose: kept as chosen, one choice beside the other, noted, and never in the way."""

from __future__ import annotations

from typing import Any

from django.test import TestCase

from annotation.models import Annotator
from annotation.page import preferences
from annotation.page.preferences import Preferences
from datasets_app.models import Event
from tests import build
from tests.cast import Cast, as_annotator, cast


class PreferencesTest(TestCase):
    people: Cast

    @classmethod
    def setUpTestData(cls) -> None:
        cls.people = cast(build.dataset(slug="texts"))

    def test_one_choice_leaves_the_others_alone(self) -> None:
        ana = as_annotator(self.people.ana)
        preferences.choose(ana, as_written=True)
        preferences.choose(ana, keys={"skip": "F7"})  # from a tab that knew nothing of the first
        chosen = preferences.of(Annotator.objects.get(pk=ana.pk))
        assert chosen == Preferences(as_written=True, keys={"skip": "F7"})
        assert preferences.of_user(self.people.ben) == Preferences()

    def test_what_was_chosen_is_in_the_log(self) -> None:
        ana = as_annotator(self.people.ana)
        preferences.choose(ana, as_written=True)
        event = Event.objects.get(verb="prefer")
        assert (event.actor_id, event.data) == (self.people.ana.pk, {"as_written": True})

    def test_settings_that_make_no_sense_are_passed_over(self) -> None:
        senseless: tuple[Any, ...] = (
            {"keys": ["s"], "as_written": "no"},
            {"keys": {"skip": 7}},
            [],
        )
        for broken in senseless:
            assert preferences.of(Annotator(settings=broken)) == Preferences()

    def test_the_switch_leads_back_to_the_page_and_nowhere_else(self) -> None:
        self.client.force_login(self.people.ana)
        for wanted, to in (
            ("/label/texts/", "/label/texts/"),
            ("https://evil.example/", "/label/"),
            ("//evil.example", "/label/"),
        ):
            answer = self.client.post(
                "/label/settings/text/", {"as_written": "yes", "next": wanted}
            )
            assert (answer.status_code, answer["Location"]) == (302, to)
        assert preferences.of_user(self.people.ana).as_written
        assert self.client.get("/label/settings/text/").status_code == 405
        self.client.logout()
        answer = self.client.post("/label/settings/text/", {"as_written": "no"})
        assert "/accounts/login/" in answer["Location"]
