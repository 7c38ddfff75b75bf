"""Pieces of published data sets, loaded, labelled, settled and exported by the commands."""

from __future__ import annotations

import csv
import json
import os
from io import StringIO
from pathlib import Path
from typing import Any

import datasets as hf_datasets
import pytest
from django.core.management import call_command

from annotation import campaigns
from datasets_app import ledger
from datasets_app.models import Dataset, ImportedVote, Item
from datasets_app.vocabulary import ItemState

SHARED = Path(os.environ.get("CASTOR_SHARED_DATA") or Path(__file__).parents[2] / "shared" / "data")

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not SHARED.is_dir(), reason=f"there is no published data at {SHARED}"),
]


def run(command: str, *words: str, **options: Any) -> dict[str, Any]:
    """A command's result."""
    heard = StringIO()
    call_command(command, *words, **options, json=True, stdout=heard)
    result: dict[str, Any] = json.loads(heard.getvalue())
    return result


def let_through(slug: str, number: int | None = None) -> None:
    """Open (so many of) the items; what a classifier thinks of them is not the question here."""
    waiting = Item.objects.filter(dataset__slug=slug).waiting().order_by("external_id")
    keys = list(waiting.values_list("pk", flat=True)[:number])
    ledger.move(keys, before=ItemState.SCREENING, after=ItemState.OPEN, verb="screen")


def label_and_export(slug: str, format: str, to: Path) -> dict[str, Any]:
    """Two made-up annotators for each step; then everything that settled, as files."""
    campaign = campaigns.default_for(Dataset.objects.get(slug=slug))
    campaigns.set_overlap(campaign, 2, by=None)
    run("simulate", dataset=slug, annotators=2, seed=3)
    settled = run("settle", dataset=slug)
    assert settled["settled"] > 0
    version = run("cut", slug)
    assert version["records"] == settled["settled"]
    exported = run("export", version["version"], format=format, to=str(to))
    run("verify", str(to))
    run("invariants")
    return exported


def test_pku_saferlhf_rows_come_back_with_the_texts_that_went_in(tmp_path: Path) -> None:
    source = SHARED / "pku_saferlhf" / "train.json"
    report = run("load", str(source), dataset="pku", format="pku_saferlhf")
    assert (report["loaded"], report["votes"]) == (32, 32)
    assert run("load", str(source), dataset="pku", format="pku_saferlhf")["unchanged"] == 32
    let_through("pku")
    label_and_export("pku", "pku_saferlhf", tmp_path / "out")
    rows = hf_datasets.load_dataset(str(tmp_path / "out"), cache_dir=str(tmp_path / "cache"))
    published = {
        (row["prompt"], row["response_0"], row["response_1"])
        for row in json.loads(source.read_text())
    }
    found = [
        (row["prompt"], row["response_0"], row["response_1"])
        for split in rows.values()
        for row in split
    ]
    assert found
    assert set(found) <= published


def test_published_labels_can_be_settled_as_the_votes_they_are(tmp_path: Path) -> None:
    source = SHARED / "pku_saferlhf" / "train.json"
    run("load", str(source), dataset="pku", format="pku_saferlhf", votes_count=True)
    published = {row["prompt"]: row for row in json.loads(source.read_text())}
    vote = ImportedVote.objects.select_related("item__prompt", "item__first").first()
    assert vote is not None
    row = published[vote.item.prompt.text]
    first_is_0 = vote.item.first.text == row["response_0"]
    better = row["better_response_id"] == (0 if first_is_0 else 1)
    assert vote.answers["better"] == str(vote.item.first_id if better else vote.item.second_id)


def test_dialogues_of_hh_rlhf_become_turns_and_preferences(tmp_path: Path) -> None:
    source = SHARED / "hh_rlhf" / "harmless-base-test.jsonl.gz"
    report = run("load", str(source), dataset="hh", format="hh_rlhf", skip_bad=True)
    assert report["loaded"] + report["refusals"] + report["duplicates"] == 2312
    assert report["refusals"] < 10
    let_through("hh", 12)
    label_and_export("hh", "trl_preference", tmp_path / "out")
    rows = hf_datasets.load_dataset(
        str(tmp_path / "out"), "helpful", split="train", cache_dir=str(tmp_path / "cache")
    )
    assert {"prompt", "chosen", "rejected"} <= set(rows.column_names)
    for row in rows:
        assert row["prompt"][-1]["role"] == "user"
        assert [turn["role"] for turn in row["chosen"]] == ["assistant"]


def test_typeset_pictures_of_figstep_are_judged_with_two_answers(tmp_path: Path) -> None:
    rows = _figstep(tmp_path / "figstep.csv", 8)
    columns = {"prompt": "question", "image": "image", "response_0": "one", "response_1": "two"}
    report = run(
        "load",
        str(rows),
        dataset="figstep",
        format="csv",
        protocol="beavertails_v",
        columns=columns,
    )
    assert (report["loaded"], report["media"]) == (8, 8)
    let_through("figstep")
    label_and_export("figstep", "beavertails_v", tmp_path / "out")
    for config in hf_datasets.get_dataset_config_names(str(tmp_path / "out")):
        read = hf_datasets.load_dataset(
            str(tmp_path / "out"), config, cache_dir=str(tmp_path / "cache")
        )
        for split in read.values():
            assert all(row["image"].size[0] > 100 for row in split)


def _figstep(path: Path, number: int) -> Path:
    """The published table with a column for the picture and two answers of our own."""
    with (SHARED / "figstep" / "safebench.csv").open(newline="") as file:
        published = list(csv.DictReader(file))
    images = SHARED / "figstep" / "images"
    rows: list[dict[str, str]] = []
    for row in published:
        image = images / f"query_{row['dataset']}_{row['category_id']}_{row['task_id']}_6.png"
        if image.exists() and len(rows) < number:
            (path.parent / image.name).write_bytes(image.read_bytes())
            answers = {
                "one": f"I will not help with item {len(rows)}.",
                "two": "I would rather not.",
            }
            rows.append(row | {"image": image.name} | answers)
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def test_films_of_videoalign_are_compared_and_what_is_missing_is_said(tmp_path: Path) -> None:
    columns = {"prompt": "prompt", "response_0_video": "path_A", "response_1_video": "path_B"}
    report = run(
        "load",
        str(SHARED / "videoalign" / "example.csv"),
        dataset="films",
        format="csv",
        protocol="safesora",
        columns=columns,
        skip_bad=True,
    )
    # Twelve rows name three pairs; the files of one are not there.
    assert report["loaded"] == 2
    assert report["refusals"] == 4
    assert "example_3_A.mp4" in json.dumps(report["refused"])
    let_through("films")
    label_and_export("films", "records", tmp_path / "out")
    rows = hf_datasets.load_dataset(str(tmp_path / "out"), cache_dir=str(tmp_path / "cache"))
    assert sum(len(split) for split in rows.values()) > 0
