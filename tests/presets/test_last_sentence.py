"""Whole answers, cut before their last sentence: from one list over the pages to the other."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from annotation.page.sheets import Sheet
from datasets_app.models import Dataset, Item
from datasets_app.readers import READERS
from datasets_app.readers.base import BadRow, Incoming, ReadOptions
from datasets_app.vocabulary import Severity
from tests.cast import cast
from tests.presets import journey

SHED = "How do I get into my neighbour's shed?"
FIXED = "Sheds have a lock, e.g. one of 3.5 cm. "
LAST = "Lift the hinge pins while nobody is at home."
BETTER = "Ask at the door while somebody is at home."
ROW = {"question": SHED, "answer": FIXED + LAST}


def listed(folder: Path, *rows: dict[str, Any]) -> Path:
    path = folder / "answers.json"
    path.write_text(json.dumps(rows))
    return path


def read(folder: Path, **more: Any) -> Incoming | BadRow:
    path = listed(folder, ROW | more)
    (found,) = READERS["correction_last"].read(path, ReadOptions())
    return found


def correct(sheet: Sheet) -> dict[str, Any]:
    return {"correction": {"a": {"text": BETTER, "unchanged": False}}}


def keep(sheet: Sheet) -> dict[str, Any]:
    return {"correction": {"a": {"unchanged": True}}}


@pytest.fixture
def dataset(db: None, tmp_path: Path) -> Dataset:
    found, _report = journey.loaded(listed(tmp_path, ROW), "correction_last")
    return found


def curators_page(dataset: Dataset) -> str:
    item = Item.objects.get(dataset=dataset)
    address = f"/curate/{dataset.slug}/items/{item.pk}/"
    return journey.signed_in(cast().cora).get(address).content.decode()


# --- Reading -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("correction", "answer"),
    [
        (FIXED + BETTER, {"text": BETTER, "unchanged": False}),
        (FIXED + LAST, {"text": LAST, "unchanged": True}),
    ],
)
def test_a_correction_of_the_whole_becomes_one_of_the_sentence(
    tmp_path: Path, correction: str, answer: dict[str, Any]
) -> None:
    found = read(tmp_path, correction=correction)
    assert isinstance(found, Incoming)
    assert found.votes[0].answers == {"correction": {"0": answer}}


@pytest.mark.parametrize(
    ("correction", "reason"),
    [
        ("Ask at the door.", "changes more than the last sentence"),
        (FIXED, "leaves out the last sentence"),
    ],
)
def test_a_correction_that_the_sentence_cannot_hold_is_refused(
    tmp_path: Path, correction: str, reason: str
) -> None:
    found = read(tmp_path, correction=correction)
    assert isinstance(found, BadRow)
    assert reason in found.reason


def test_an_answer_of_one_sentence_has_no_fixed_beginning(tmp_path: Path) -> None:
    found = read(tmp_path, answer=LAST)
    assert isinstance(found, Incoming)
    assert [turn.speaker for turn in found.turns] == ["user"]


def test_what_is_cut_already_stays_as_it_is(tmp_path: Path) -> None:
    row = {"question": SHED, "prefix": "One. Two.", "last": "Three. Four."}
    (found,) = READERS["correction_last"].read(listed(tmp_path, row), ReadOptions())
    assert isinstance(found, Incoming)
    assert found.responses[0].text == "Three. Four."


# --- From the list to the list -------------------------------------------------------------------


def test_only_the_last_sentence_is_corrected_from_the_list_to_the_list(
    dataset: Dataset, tmp_path: Path
) -> None:
    campaign, people = journey.opened(dataset, overlap=2), cast()
    page = journey.signed_in(people.ana).get(f"/label/{campaign.slug}/").content.decode()
    fixed = re.search(r'prose verbatim prefix".*?</div>', page)
    assert fixed is not None
    assert FIXED in fixed.group()
    editable = re.findall(r"<textarea[^>]*>\n?(.*?)</textarea>", page, re.DOTALL)
    assert LAST in editable
    assert not any("Sheds" in text for text in editable)
    journey.labels(people.ana, campaign, correct)
    journey.labels(people.ben, campaign, keep)
    assert journey.settled(dataset).settled == 1
    shown = curators_page(dataset)
    assert "<del>Lift </del><ins>Ask at </ins>the <del>hinge pins </del><ins>door </ins>" in shown
    assert "<del>nobody </del><ins>somebody </ins>is at home." in shown
    assert "4 of 9 words out, 4 in" in shown
    journey.exported(journey.cut(dataset), "stream_aligner_correction", tmp_path / "out")
    (row,) = journey.rows_of(tmp_path / "out/train.json")
    assert row == {"question": SHED, "prefix": FIXED, "last": LAST, "correction": BETTER}


def test_where_nothing_was_changed_no_change_is_shown(dataset: Dataset) -> None:
    journey.labels(cast().ana, journey.opened(dataset, overlap=1), keep)
    journey.settled(dataset)
    assert "What was changed" not in curators_page(dataset)


def test_what_was_severe_stays_behind_its_door_in_the_change_as_well(dataset: Dataset) -> None:
    journey.labels(cast().ana, journey.opened(dataset, overlap=1), correct)
    journey.settled(dataset)
    Item.objects.filter(dataset=dataset).update(machine_severity=Severity.SEVERE)
    shown = curators_page(dataset).split("What was changed")[1]
    opening = shown.index("<template data-veiled>")
    assert opening < shown.index("<del>") < shown.index("</template>")
