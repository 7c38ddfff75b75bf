"""Votes that came with the data: counted once, however often and under whatever name they come."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from django.core.management import call_command

from datasets_app.intake import loading, merging
from datasets_app.models import ImportedVote, Item
from tests.datasets_app.intake.rows import labelled, loaded, written
from tests.datasets_app.media.corpus import shared

pytestmark = pytest.mark.django_db

FIRST, SECOND = 0, 1


@pytest.fixture(autouse=True, params=[1, 4000])
def batch(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every case with each row in a batch of its own, and with all in one."""
    monkeypatch.setattr(loading, "BATCH", request.param)


def put(path: Path, named: str = "") -> int:
    """Load a file or folder of labelled pairs; how many votes are new."""
    return loaded(path, key="pku_saferlhf", named=named).votes


def kept() -> list[int]:
    """Which response each vote prefers, one vote after the other."""
    rows = ImportedVote.objects.order_by("item__external_id", "pk").select_related("item")
    return [FIRST if vote.answers["better"] == str(vote.item.first_id) else SECOND for vote in rows]


def pair(better: int = SECOND, number: int = 1) -> dict[str, object]:
    return labelled(number, better_response_id=better)


def test_a_copy_under_another_name_brings_no_vote(tmp_path: Path) -> None:
    path = written(tmp_path, pair(), pair(FIRST), pair(number=2))
    assert put(path) == 3
    copy = tmp_path / "copy.jsonl"
    shutil.copy(path, copy)
    assert put(copy) == 0
    assert put(path.rename(tmp_path / "renamed.jsonl")) == 0
    assert ImportedVote.objects.count() == 3


def test_nor_does_the_folder_that_holds_both(tmp_path: Path) -> None:
    path = written(tmp_path, pair(), pair(FIRST), pair(number=2))
    below = tmp_path / "below"
    below.mkdir()
    shutil.copy(path, below / "again.jsonl")
    assert put(tmp_path) == 3
    assert put(tmp_path) == put(path) == put(below) == 0


def test_without_the_look_at_other_files_every_copy_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control."""
    everything = merging._MERGE.replace("%(named)s IS NOT NULL OR NOT EXISTS", "true OR EXISTS")
    monkeypatch.setattr(merging, "_MERGE", everything)
    path = written(tmp_path, pair())
    copy = tmp_path / "copy.jsonl"
    shutil.copy(path, copy)
    assert put(path) == put(copy) == 1


def test_two_people_who_say_the_same_in_one_file_are_two(tmp_path: Path) -> None:
    assert put(written(tmp_path, pair(), pair(), pair(FIRST))) == 3
    assert kept() == [SECOND, SECOND, FIRST]


def test_what_another_file_says_otherwise_is_another_vote(tmp_path: Path) -> None:
    put(written(tmp_path, pair(), name="train.jsonl"))
    assert put(written(tmp_path, pair(FIRST), name="test.jsonl")) == 1
    assert kept() == [SECOND, FIRST]


def test_what_the_same_file_says_otherwise_is_a_correction(tmp_path: Path) -> None:
    put(written(tmp_path, pair()))
    assert put(written(tmp_path, pair(FIRST))) == 1
    assert kept() == [FIRST]


def test_a_file_may_be_loaded_in_a_part_first(tmp_path: Path) -> None:
    rows = [pair(), pair(FIRST), pair(number=2)]
    assert put(written(tmp_path, *rows[:1], name="head.jsonl")) == 1
    assert put(written(tmp_path, *rows)) == 2
    assert kept() == [SECOND, FIRST, SECOND]


def test_votes_under_a_name_stand_beside_those_of_others(tmp_path: Path) -> None:
    path = written(tmp_path, pair())
    assert put(path, named="first study") == put(path, named="second study") == 1
    assert put(path, named="second study") == 0
    sources = ImportedVote.objects.values_list("source", flat=True)
    assert sorted(sources) == ["first study", "second study"]
    # Whoever names no source brings what is there already.
    assert put(path) == 0


def test_under_a_name_every_row_of_a_folder_is_a_vote(tmp_path: Path) -> None:
    for name in ("one.jsonl", "two.jsonl"):
        written(tmp_path, pair(), name=name)
    assert put(tmp_path, named="study") == 2
    assert put(tmp_path, named="study") == 0


def test_the_published_pairs_bring_each_vote_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = shared("pku_saferlhf/train.json")
    folder = tmp_path / "pairs"
    folder.mkdir()
    copy = shutil.copy(path, folder / "copy.json")
    found = []
    for source in (path, copy, folder):
        call_command("load", str(source), dataset="pku", format="pku_saferlhf", json=True)
        found.append(json.loads(capsys.readouterr().out)["votes"])
    assert found == [32, 0, 0]
    assert (Item.objects.count(), ImportedVote.objects.count()) == (32, 32)
