"""Preferences that run in a circle: judged on the page, seen by the curator, kept or left out."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from annotation.page.sheets import Sheet
from datasets_app import preferences, versions
from datasets_app.models import Dataset, Holdback, Item, Verdict
from datasets_app.vocabulary import Outcome
from tests.cast import cast
from tests.presets import journey

LEAVES = [{"id": key, "parent": None, "text": f"{key} goes first."} for key in "ABC"]
TREE = {"id": "who", "prompt": "Who goes first?", "nodes": LEAVES}
PLAIN = {"prompt": "What is mud?", "response_0": "Wet earth.", "response_1": "Earth."}
BEATS = {"A": "B", "B": "C", "C": "A"}


@pytest.fixture
def dataset(db: None, tmp_path: Path) -> Dataset:
    path = journey.write_lines(tmp_path / "in" / "tree.jsonl", [TREE, PLAIN])
    return journey.loaded(path, "tree")[0]


def by_circle(sheet: Sheet) -> dict[str, Any]:
    """A over B, B over C, C over A; of anything else the left one."""
    first, second = sheet.panes
    wins = BEATS.get(first.text[0]) == second.text[0] or first.text[0] not in BEATS
    return {"better": first.side if wins else second.side}


def by_alphabet(sheet: Sheet) -> dict[str, Any]:
    return {"better": min(sheet.panes, key=lambda pane: pane.text).side}


def judged(dataset: Dataset, judge: journey.Judge) -> list[UUID]:
    """All of it, by one person; the items that lie on a circle."""
    journey.labels(cast().ana, journey.opened(dataset, overlap=1), judge)
    assert journey.settled(dataset).settled == 4
    return sorted(preferences.circular(dataset).items)


def on_the_tree(dataset: Dataset) -> list[UUID]:
    return sorted(dataset.items.filter(prompt__external_id="who").values_list("pk", flat=True))


def test_a_circle_is_found_and_said_in_the_card(dataset: Dataset, tmp_path: Path) -> None:
    assert judged(dataset, by_circle) == on_the_tree(dataset)
    version = journey.cut(dataset)
    assert version.size == 4
    assert version.census["circles"] == {"prompts": 1, "on": {"better": 3}}
    journey.exported(version, "tree", tmp_path / "out")
    card = (tmp_path / "out" / "README.md").read_text()
    assert "some preferences run in a circle there, such as A over B, B over C, C over A" in card
    assert "`better` 3 of the records" in card


def test_a_recipe_may_leave_it_out(dataset: Dataset, tmp_path: Path) -> None:
    judged(dataset, by_circle)
    version = journey.cut(dataset, circles="exclude")
    assert (version.size, version.refusals) == (1, {"circular": 3})
    assert version.census["circles"]["on"] == {}
    journey.exported(version, "tree", tmp_path / "out")
    assert (
        "Its preference runs in a circle, and the recipe leaves circles out. | 3 |"
        in (tmp_path / "out" / "README.md").read_text()
    )


def test_an_order_is_no_circle(dataset: Dataset, tmp_path: Path) -> None:
    assert judged(dataset, by_alphabet) == []
    version = journey.cut(dataset, circles="exclude")
    assert version.size == 4
    journey.exported(version, "tree", tmp_path / "out")
    assert "no preference of these records runs in a circle" in (
        (tmp_path / "out" / "README.md").read_text()
    )


def test_what_prefers_nothing_or_is_in_no_version_is_no_part_of_a_circle(
    dataset: Dataset,
) -> None:
    judged(dataset, by_circle)
    item = Item.objects.filter(prompt__external_id="who").first()
    assert item
    verdict = Verdict.objects.get(item=item, question="better")
    chosen = verdict.value
    for change in ({"value": Outcome.TIE.value}, {"dispute": "split: 1 to 1"}):
        Verdict.objects.filter(pk=verdict.pk).update(**change)
        assert preferences.circular(dataset).items == {}, change
        Verdict.objects.filter(pk=verdict.pk).update(value=chosen, dispute="")
    assert len(preferences.circular(dataset).items) == 3
    Holdback.objects.create(item=item, reason="gold")
    assert preferences.circular(dataset).items == {}


def test_the_curator_sees_it_on_the_overview(dataset: Dataset) -> None:
    judged(dataset, by_circle)
    page = journey.signed_in(cast().cora).get(f"/curate/{dataset.slug}/").content.decode()
    card = page.split('id="circles-title"')[1].split("</section>")[0]
    assert "Who goes first?" in card
    assert all(f"/items/{pk}/" in card for pk in on_the_tree(dataset))
    assert "What is mud?" not in card


def test_only_the_prompts_of_some_items_may_be_looked_at(dataset: Dataset) -> None:
    judged(dataset, by_circle)
    alone = dataset.items.exclude(prompt__external_id="who").get()
    assert preferences.circular(dataset, among=[alone.pk]).prompts == 0
    assert len(preferences.circular(dataset, among=on_the_tree(dataset)[:1]).items) == 3


def test_a_version_from_before_there_was_a_setting_says_what_held(dataset: Dataset) -> None:
    judged(dataset, by_circle)
    older = {"minimum_votes": 1, "splits": {"train": 1.0}}
    assert versions.parse_recipe(older).as_json()["circles"] == "keep"
