"""Reward Generalization: from a tree over the page, its beginning greyed, to the flat list."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from annotation.page.sheets import Sheet
from datasets_app.formats import FORMATS
from datasets_app.formats.reading import Reading
from datasets_app.models import Dataset, Item, Record, Response
from datasets_app.readers import READERS
from datasets_app.readers.base import BadRow, Incoming, ReadOptions
from tests.cast import cast
from tests.datasets_app.formats import golden
from tests.presets import journey

NODES = [
    {"id": 1, "parent": None, "text": "A dam begins with mud. "},
    {"id": 2, "parent": 1, "text": "Then come branches. "},
    {"id": 3, "parent": 2, "text": "Stones hold them <b>down</b>."},
    {"id": 4, "parent": 2, "text": "Then comes more mud."},
    {"id": 5, "parent": 1, "text": "Nobody knows how it goes on."},
]
TREE = {"id": "dams", "prompt": "How does a beaver build?", "nodes": NODES}


def read(tmp_path: Path, *rows: dict[str, Any]) -> list[Incoming | BadRow]:
    path = journey.write_lines(tmp_path / "tree.jsonl", rows)
    return list(READERS["tree"].read(path, ReadOptions()))


@pytest.fixture
def dataset(db: None, tmp_path: Path) -> Dataset:
    path = journey.write_lines(tmp_path / "in" / "tree.jsonl", [TREE])
    return journey.loaded(path, "tree")[0]


def longer(sheet: Sheet) -> dict[str, Any]:
    """The longer text is the better one."""
    return {"better": max(sheet.panes, key=lambda pane: len(pane.text)).side}


# --- Reading -------------------------------------------------------------------------------------


def test_a_tree_is_an_item_for_each_parting(tmp_path: Path) -> None:
    found = read(tmp_path, TREE)
    assert len(found) == 2
    assert all(isinstance(row, Incoming) and row.prompt_external_id == "dams" for row in found)
    lengths = {len(r.segments) for row in found if isinstance(row, Incoming) for r in row.responses}
    assert lengths == {2, 3}


def test_pairs_that_the_file_states_are_those_that_are_judged(tmp_path: Path) -> None:
    (found,) = read(tmp_path, {**TREE, "pairs": [[3, 5]]})
    assert isinstance(found, Incoming)
    assert found.external_id == "dams/3+5"


def test_the_flat_published_form_is_read_with_its_label(tmp_path: Path) -> None:
    flat = {"prompt": "P", "response_0": "a", "response_1": "b", "better_response_id": 1}
    (found,) = read(tmp_path, flat)
    assert isinstance(found, Incoming)
    assert found.votes[0].answers == {"better": "1"}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"nodes": []}, "nodes is [], not a list"),
        ({"nodes": NODES[:1]}, "has no two branches"),
        ({"nodes": [{"id": 1, "parent": None, "text": " "}]}, "is empty"),
        ({"nodes": [{"id": 1, "parent": 1, "text": "x"}]}, "in a circle"),
        ({"nodes": [{"id": [], "parent": None, "text": "x"}]}, "its id or its parent is none"),
        ({"pairs": [[3, 2]]}, "not the ids of two leaves"),
        ({"prompt": ""}, "prompt is empty"),
    ],
)
def test_it_refuses_a_row_that_says_something_else(
    tmp_path: Path, change: dict[str, Any], reason: str
) -> None:
    found = read(tmp_path, {**TREE, **change})
    assert all(isinstance(row, BadRow) and reason in row.reason for row in found)


# --- The ledger ----------------------------------------------------------------------------------


def test_a_response_is_whole_and_goes_on_from_its_parent(dataset: Dataset) -> None:
    leaves = Response.objects.filter(continuations__isnull=True).select_related("parent")
    assert Response.objects.count() == 5
    assert {leaf.text for leaf in leaves} == {
        "A dam begins with mud. Then come branches. Stones hold them <b>down</b>.",
        "A dam begins with mud. Then come branches. Then comes more mud.",
        "A dam begins with mud. Nobody knows how it goes on.",
    }
    assert all(leaf.parent and leaf.text.startswith(leaf.parent.text) for leaf in leaves)


def test_a_tree_loaded_again_changes_nothing(dataset: Dataset, tmp_path: Path) -> None:
    _dataset, report = journey.loaded(tmp_path / "in" / "tree.jsonl", "tree")
    assert (report.loaded, report.unchanged, Response.objects.count()) == (0, 2, 5)


# --- The page ------------------------------------------------------------------------------------


def test_the_page_greys_what_both_have_and_marks_where_they_part(dataset: Dataset) -> None:
    campaign = journey.opened(dataset, overlap=1)
    client = journey.signed_in(cast().ana)
    shown = client.get(f"/label/{campaign.slug}/")
    panes = shown.context["sheet"].panes
    assert {pane.halves[0] for pane in panes} <= {
        "A dam begins with mud. ",
        "A dam begins with mud. Then come branches. ",
    }
    assert panes[0].halves[0] == panes[1].halves[0] != ""
    html = shown.content.decode()
    assert html.count('class="shared"') == html.count('class="parting"') == 2
    assert "<b>down" not in html


def test_leaves_that_only_read_alike_share_nothing(tmp_path: Path, db: None) -> None:
    nodes = [
        {"id": n, "parent": None, "text": f"A dam begins with {n}."} for n in ("mud", "stones")
    ]
    path = journey.write_lines(tmp_path / "t.jsonl", [{**TREE, "nodes": nodes}])
    campaign = journey.opened(journey.loaded(path, "tree")[0], overlap=1)
    shown = journey.signed_in(cast().ana).get(f"/label/{campaign.slug}/").content.decode()
    assert 'class="shared"' not in shown


def test_the_curators_page_shows_where_they_part(dataset: Dataset) -> None:
    journey.opened(dataset, overlap=1)
    item = Item.objects.filter(dataset=dataset).first()
    assert item is not None
    client = journey.signed_in(cast().cora)
    shown = client.get(f"/curate/{dataset.slug}/items/{item.pk}/").content.decode()
    assert shown.count('class="parting"') == 2


# --- To the file ---------------------------------------------------------------------------------


def test_a_tree_goes_over_the_page_to_the_flat_list_and_back(
    dataset: Dataset, tmp_path: Path
) -> None:
    datasets = pytest.importorskip("datasets")
    campaign = journey.opened(dataset, overlap=1)
    assert journey.labels(cast().ana, campaign, longer) == 2
    assert journey.settled(dataset).settled == 2
    version = journey.cut(dataset)
    journey.exported(version, "tree", tmp_path / "out")
    flat = json.loads((tmp_path / "out/train.json").read_text())
    assert all(
        len(row[f"response_{row['better_response_id']}"])
        >= len(row[f"response_{1 - row['better_response_id']}"])
        for row in flat
    )
    found = datasets.load_dataset(
        str(tmp_path / "out"), "tree", split="train", cache_dir=str(tmp_path / "cache")
    )
    assert sorted(found["shared"]) == [1, 2]
    assert {"".join(row["segments_0"]) for row in found} == {row["response_0"] for row in flat}
    again = list(READERS["tree"].read(tmp_path / "out/tree/train.jsonl", ReadOptions()))
    assert all(
        isinstance(row, Incoming) and row.votes and row.responses[0].segments for row in again
    )


def test_records_say_where_leaves_are_cut_and_load(dataset: Dataset, tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    campaign = journey.opened(dataset, overlap=1)
    journey.labels(cast().ana, campaign, longer)
    journey.settled(dataset)
    journey.exported(journey.cut(dataset), "records", tmp_path / "out")
    found = datasets.load_dataset(
        str(tmp_path / "out"), split="train", cache_dir=str(tmp_path / "cache")
    )
    assert {len(part["cuts"]) for row in found for part in row["responses"]} == {1, 2}


def test_all_pairs_of_a_tree_are_on_one_side_of_every_split(tmp_path: Path, db: None) -> None:
    trees = [{**TREE, "id": f"t{n}", "prompt": f"How does beaver {n} build?"} for n in range(12)]
    dataset, _report = journey.loaded(journey.write_lines(tmp_path / "t.jsonl", trees), "tree")
    campaign = journey.opened(dataset, overlap=1)
    journey.labels(cast().ana, campaign, longer)
    journey.settled(dataset)
    version = journey.cut(dataset, splits={"train": 0.5, "test": 0.5})
    sides: dict[str, set[str]] = {}
    for record in Record.objects.filter(version=version):
        sides.setdefault(json.loads(record.body)["prompt_external_id"], set()).add(record.split)
    assert len(sides) == 12
    assert all(len(splits) == 1 for splits in sides.values())
    assert len(set.union(*sides.values())) == 2


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"turns": []}, "dialogue"),
        ({"verdicts": []}, "no_verdict"),
        ({"media": [{}]}, "has_media"),
    ],
)
def test_it_refuses_what_it_cannot_say(change: dict[str, Any], reason: str) -> None:
    body = {**golden.record("tree"), **change}
    for table in FORMATS["tree"].tables(golden.shape(golden.record("tree"))):
        assert getattr(table.rows(Reading(body)), "reason", None) == reason  # type: ignore[arg-type]


def test_it_refuses_ties_single_responses_and_what_reads_the_same() -> None:
    body = golden.record("tree")
    assert golden.refusal("tree", golden.answered(body, "better", "tie")) == "no_preference"
    assert golden.refusal("tree", golden.said(body, "same", "same ")) == "identical_responses"
    one = {**body, "responses": body["responses"][:1]}
    assert golden.refusal("tree", one) == "not_a_pair"  # type: ignore[arg-type]
