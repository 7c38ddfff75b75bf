"""Keys of one's own: any that is free, none twice, none that picks a category."""

from __future__ import annotations

import re

import pytest
from django.test import TestCase

from annotation.page import own_keys, preferences
from annotation.page.keys import KEYS, useful
from datasets_app.protocols import PROTOCOLS
from tests import build
from tests.cast import Cast, as_annotator, cast


def test_only_what_differs_is_a_key_of_ones_own() -> None:
    assert own_keys.read({}) == {}
    assert own_keys.read({"skip": "F7", "report": "r", "play": "Space"}) == {"skip": "F7"}


def test_a_key_may_be_written_as_it_stands_on_its_cap() -> None:
    assert own_keys.read({"skip": "⇧Z", "report": "F7", "play": "␣"}) == {
        "skip": "Z",
        "report": "F7",
    }
    assert own_keys.read({"prefer-a": "→", "prefer-b": "←"}) == {
        "prefer-a": "ArrowRight",
        "prefer-b": "ArrowLeft",
    }


def test_two_keys_may_change_places() -> None:
    assert own_keys.read({"skip": "r", "report": "k"}) == {"skip": "r", "report": "k"}


@pytest.mark.parametrize(
    ("written", "problems"),
    [
        ({"skip": "r"}, {"skip": "also the key for: report", "report": "also the key for: skip"}),
        ({"skip": "Tab"}, {"skip": "“Tab” is no single key"}),
        ({"skip": "sk"}, {"skip": "no single key"}),
        ({"skip": "\u200b"}, {"skip": "no single key"}),
        ({"skip": "g"}, {"skip": "picks a category"}),
        ({"walk-on": "3"}, {"walk-on": "“3” picks a point of a scale"}),
        (
            {"meaning": "ArrowUp"},
            {"meaning": "picks a point of a scale", "question-before": "also the key for"},
        ),
        ({"first-scale-up": "5"}, {"first-scale-up": "picks a point of a scale"}),
    ],
)
def test_what_cannot_be_is_said_at_its_act(
    written: dict[str, str], problems: dict[str, str]
) -> None:
    with pytest.raises(own_keys.BadKeys) as refused:
        own_keys.read(written)
    assert refused.value.problems.keys() == problems.keys()
    for act, said in problems.items():
        assert said in refused.value.problems[act]


def test_the_list_shows_the_keys_as_they_are_now() -> None:
    mine = own_keys.keys_with({"skip": "K", "submit": "x", "nonsense": "y"})
    assert {key.act: key.shown for key in mine}["skip"] == "⇧K"
    changed = [new.act for new, old in zip(mine, KEYS, strict=True) if new.press != old.press]
    assert changed == ["skip"]  # submit is fixed


def test_a_key_of_ones_own_stays_when_the_page_gives_it_to_a_new_act() -> None:
    mine = own_keys.keys_with({"skip": ";"})
    assert [key.act for key in mine if key.press == ";"] == ["skip"]
    assert "walk-on" not in {key.act for key in useful(mine, PROTOCOLS["tree"])}


def test_a_key_that_picks_a_point_does_not_lead_out_of_the_scale_as_well() -> None:
    mine = {key.act: key for key in own_keys.keys_with({"walk-on": "3", "skip": "7"})}
    assert (mine["walk-on"].press, mine["walk-on"].shown) == ("", "")
    assert mine["skip"].press == "7"
    assert own_keys.unfit({"walk-on": "3", "skip": "7"}).keys() == {"walk-on"}


class KeysPage(TestCase):
    people: Cast

    @classmethod
    def setUpTestData(cls) -> None:
        dataset = build.dataset(slug="texts")
        cls.people = cast(dataset)
        build.items(1, dataset)
        build.campaign(dataset)

    def setUp(self) -> None:
        self.client.force_login(self.people.ana)

    def post(self, **fields: str) -> tuple[int, str]:
        answer = self.client.post("/label/settings/keys/", fields, follow=True)
        return answer.status_code, answer.content.decode()

    def test_every_act_is_listed_with_its_key(self) -> None:
        html = self.client.get("/label/settings/keys/").content.decode()
        for key in KEYS:
            assert str(key.does) in html
        assert html.count("data-key") == len(own_keys.CHANGEABLE)

    def test_keys_are_kept_and_put_back(self) -> None:
        _status, html = self.post(**{"key-skip": "F7", "is_keyless": "yes"})
        assert "Your keys are kept." in html
        chosen = preferences.of_user(self.people.ana)
        assert (chosen.keys, chosen.is_keyless) == ({"skip": "F7"}, True)
        page = self.client.get("/label/texts/").content.decode()
        assert "<kbd>F7</kbd>" in page
        assert "You switched single keys off." in page
        self.post(reset="yes")
        chosen = preferences.of_user(self.people.ana)
        assert (chosen.keys, chosen.is_keyless) == ({}, False)

    def test_a_conflict_keeps_nothing_and_is_said_in_one_line(self) -> None:
        status, html = self.post(**{"key-skip": "r", "key-back": "F8"})
        assert status == 422
        assert "“r” is also the key for: report. Give one of them another." in html
        assert 'value="F8"' in html
        assert preferences.of(as_annotator(self.people.ana)).keys == {}

    def test_a_key_stands_in_its_field_as_on_the_caps_beside_it(self) -> None:
        self.post(**{"key-skip": "F7", "key-report": "Z"})
        html = self.client.get("/label/settings/keys/").content.decode()
        fields = dict(re.findall(r'name="key-([\w-]+)" value="([^"]*)"', html))
        assert (fields["prefer-a"], fields["play"], fields["meaning"]) == ("←", "␣", "⇧M")
        assert (fields["skip"], fields["report"]) == ("F7", "⇧Z")
        self.post(**{f"key-{act}": shown for act, shown in fields.items()})
        assert preferences.of_user(self.people.ana).keys == {"skip": "F7", "report": "Z"}

    def test_each_problem_is_listed_and_leads_to_its_field(self) -> None:
        _status, html = self.post(**{"key-skip": "r", "key-back": "g"})
        for act, does in (("skip", "skip, with a reason"), ("report", "report")):
            assert re.search(rf'<li><a href="#key-{act}">{does}</a>: “r” is also', html)
        assert '<a href="#key-back">back to the one before</a>: “g” picks a category' in html
        assert html.count('id="key-back"') == 1

    def test_a_key_that_was_kept_and_cannot_be_any_more_is_said(self) -> None:
        preferences.choose(as_annotator(self.people.ana), keys={"first-scale-up": "3"})
        html = self.client.get("/label/settings/keys/").content.decode()
        assert 'value="3"' in html
        assert "“3” picks a point of a scale. Take another key." in html
        assert "Nothing is kept yet" not in html
        # Nor does it stand on a cap.
        assert '"caps": {"+": ""}' in self.client.get("/label/texts/").content.decode()

    def test_nobody_reads_or_changes_the_keys_of_others(self) -> None:
        self.post(**{"key-skip": "F7"})
        self.client.force_login(self.people.ben)
        assert 'value="F7"' not in self.client.get("/label/settings/keys/").content.decode()
        self.client.logout()
        assert self.client.get("/label/settings/keys/").status_code == 302
