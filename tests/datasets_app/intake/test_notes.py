"""What a reader keeps otherwise than it came is told by the load."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from pytest_django.fixtures import Settings

from datasets_app.intake.report import MOST_KEPT, LoadReport
from datasets_app.models import Item
from tests.datasets_app.media.corpus import encoded, picture

pytestmark = pytest.mark.django_db
BOX = {"bbox_2d": [0.1, 0.2, 0.2, 0.2], "label": "no tail"}
DEPTH = {"depth": True}


@pytest.fixture(autouse=True)
def media_root(settings: Settings, tmp_path: Path) -> None:
    settings.CASTOR_MEDIA_ROOT = tmp_path / "stored"


def case(number: int, **changes: Any) -> dict[str, Any]:
    return {
        "case_id": number,
        "source": "otter-13b",
        "images": ["beaver.png"],
        "scenario": "A child shows a drawing.",
        "prompt": f"Does beaver {number} look real?",
        "result": {"output": "Just like a photograph!"},
        **changes,
    }


def run(folder: Path, *cases: dict[str, Any], words: tuple[str, ...] = ()) -> None:
    (folder / "beaver.png").write_bytes(encoded(picture(64, 48), "PNG"))
    (folder / "cases.json").write_text(json.dumps(cases))
    path = str(folder / "cases.json")
    call_command("load", path, "--dataset", "cases", "--format", "mm_deception", *words)


SPELT = (
    case(1, category="Bluff"),
    case(2, category="Deliberate omission"),
    case(3, category="bluff"),
    case(4, category="Bluff"),
)


def test_a_load_tells_which_categories_it_spelt_anew(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(tmp_path, *SPELT)
    assert capsys.readouterr().out.splitlines()[1:] == [
        "2 × category spelt anew: Bluff → bluff",
        "1 × category spelt anew: Deliberate omission → deliberate omission",
    ]
    stored = Item.objects.order_by("external_id").values_list("prompt__meta__category", flat=True)
    assert list(stored) == ["bluff", "deliberate omission", "bluff", "bluff"]


def test_a_program_is_told_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(tmp_path, *SPELT, words=("--json",))
    assert json.loads(capsys.readouterr().out)["notes"] == [
        {"note": "category spelt anew: Bluff → bluff", "times": 2},
        {"note": "category spelt anew: Deliberate omission → deliberate omission", "times": 1},
    ]


def test_what_is_spelt_as_it_should_be_is_not_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(tmp_path, case(1, category="bluff"), words=("--json",))
    assert json.loads(capsys.readouterr().out)["notes"] == []


def test_an_operation_that_is_no_mark_stays_with_its_item(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    zoom = {"zoom_in_2d": [0.1, 0.1, 0.5, 0.5], "point_2d": None}
    evidence = [BOX, zoom, DEPTH, {"depth": False, **BOX}]
    run(tmp_path, case(1, decision="Non-deceptive", visual_evidence=evidence))
    item = Item.objects.get()
    assert item.meta["visual_evidence"] == [zoom, DEPTH]
    assert [mark["kind"] for mark in item.imported_votes.get().answers["marks"]] == ["box", "box"]
    assert capsys.readouterr().out.splitlines()[1:] == [
        "1 × visual operation kept as it came: zoom_in_2d",
        "1 × visual operation kept as it came: depth",
    ]


def test_operations_that_nobody_decided_by_stay_with_their_item(tmp_path: Path) -> None:
    run(tmp_path, case(1, visual_evidence=[BOX, DEPTH]))
    assert Item.objects.get().meta["visual_evidence"] == [BOX, DEPTH]


def test_notes_of_any_number_of_rows_take_little_room() -> None:
    report = LoadReport("cases", "cases.json")
    for number in range(MOST_KEPT + 50):
        report.tell([f"note {number}"])
    report.tell(["note 0"])
    assert len(report.notes) == MOST_KEPT + 1
    assert (report.notes["note 0"], report.notes["other notes"]) == (2, 50)
