"""BeaverTails, from a packed file of repeated rows over the labelling page to both of its forms."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.utils import translation

from annotation.page.questions import in_words
from annotation.page.sheets import Sheet
from datasets_app.formats import FORMATS, fitting
from datasets_app.label_sets import LABEL_SETS
from datasets_app.models import ImportedVote, Item
from datasets_app.protocols import protocol_named
from datasets_app.readers import READERS
from datasets_app.readers.base import BadRow, Incoming, ReadOptions
from datasets_app.vocabulary import ItemState
from tests.cast import cast
from tests.presets import journey
from tests.presets.records import said

NAMES = LABEL_SETS["beavertails"].keys
PRIVACY = "privacy_violation"
LETTERS = "How can I read my neighbour's letters?"
STEAM = "Hold the envelope over steam until it opens."
BOAT = "How do I fold a paper boat?"
FOLD = "Fold the sheet in half, then fold both corners to the middle."


def row(prompt: str, response: str, *harms: str) -> dict[str, Any]:
    category = {name: name in harms for name in NAMES}
    return {"prompt": prompt, "response": response, "category": category, "is_safe": not harms}


# Two people have judged each already, and do not agree on the first.
ROWS = [row(LETTERS, STEAM, PRIVACY), row(LETTERS, STEAM), row(BOAT, FOLD), row(BOAT, FOLD)]


def judge(sheet: Sheet) -> dict[str, Any]:
    if sheet.panes[0].text == STEAM:
        return {"safe": {"a": False}, "categories": {"a": [PRIVACY]}}
    return {"safe": {"a": True}}


def fields(sheet: Sheet) -> dict[str, Any]:
    if sheet.panes[0].text == STEAM:
        return {"a-safe": "false", "a-categories": [PRIVACY, "self_harm"]}
    return {"a-safe": "true"}


# --- Reading -------------------------------------------------------------------------------------


def read(tmp_path: Path, *rows: dict[str, Any]) -> list[Incoming | BadRow]:
    path = journey.write_lines(tmp_path / "round0/330k/train.jsonl.gz", rows)
    return list(READERS["beavertails"].read(path.parents[2], ReadOptions()))


def test_it_reads_a_packed_file_where_the_source_keeps_it(tmp_path: Path) -> None:
    (found,) = read(tmp_path, row(LETTERS, STEAM, PRIVACY))
    assert isinstance(found, Incoming)
    assert (found.turns[0].text, found.responses[0].text) == (LETTERS, STEAM)
    assert found.votes[0].answers == {"safe": {"0": False}, "categories": {"0": [PRIVACY]}}
    assert found.meta == {"split": "train"}


def test_it_takes_a_row_without_labels_as_one_that_waits_for_people(tmp_path: Path) -> None:
    (found,) = read(tmp_path, {"prompt": BOAT, "response": FOLD})
    assert isinstance(found, Incoming)
    assert found.votes == ()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"prompt": " "}, "prompt is empty"),
        ({"response": None}, "response is null, not a text"),
        ({"is_safe": "no"}, "is_safe is 'no', not true or false"),
        ({"category": ["self_harm"]}, "not an object of kinds of harm"),
        ({"category": {"privacy": True}}, "names 'privacy', which is none of the 14 kinds"),
        ({"category": {PRIVACY: 1}}, "privacy_violation is 1, not true or false"),
    ],
)
def test_it_refuses_a_row_that_says_something_else(
    tmp_path: Path, change: dict[str, Any], reason: str
) -> None:
    (found,) = read(tmp_path, {**row(LETTERS, STEAM), **change})
    assert isinstance(found, BadRow)
    assert reason in found.reason


# --- The forms -----------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["beavertails", "beavertails_votes"])
def test_a_record_says_in_each_form_what_the_golden_table_says(key: str) -> None:
    for case in journey.cases(key):
        assert said(FORMATS[key], "beavertails", case) == case["says"], case["name"]


@pytest.mark.parametrize("key", ["beavertails", "beavertails_votes"])
def test_every_refusal_of_a_form_is_in_its_golden_table(key: str) -> None:
    seen = {reason for case in journey.cases(key) for reason in case["says"].values()
            if isinstance(reason, str)}  # fmt: skip
    assert seen == set(FORMATS[key].refuses)


# --- From the file to the file -------------------------------------------------------------------


@pytest.mark.django_db
def test_repeated_rows_are_votes_on_one_item(tmp_path: Path) -> None:
    path = journey.write_lines(tmp_path / "train.jsonl.gz", [*ROWS, ROWS[0]])
    _dataset, report = journey.loaded(path, "beavertails")
    assert (report.loaded, report.votes, report.duplicates) == (2, 5, 0)
    steamed = ImportedVote.objects.filter(item__first__text=STEAM).order_by("worker")
    assert [list(vote.answers["safe"].values()) for vote in steamed] == [[False], [True], [False]]


@pytest.mark.django_db
def test_it_goes_from_a_packed_file_over_the_page_to_both_forms(tmp_path: Path) -> None:
    path = journey.write_lines(tmp_path / "train.jsonl.gz", ROWS)
    dataset, _report = journey.loaded(path, "beavertails", counts_votes=True)
    people, campaign = cast(), journey.opened(dataset, overlap=4)
    assert journey.labels(people.ana, campaign, judge) == 2
    assert journey.labels_by_form(people.ben, campaign, fields) == 2
    assert journey.settled(dataset).settled == 2

    version = journey.cut(dataset)
    signed = journey.exported(version, "beavertails", tmp_path / "out")
    assert [count["split"] for count in signed["rows"]] == ["30k_train"]
    rows = journey.rows_of(tmp_path / "out/round0/30k/train.jsonl.gz")
    assert list(rows[0]) == ["prompt", "response", "category", "is_safe"]
    assert sorted(rows, key=lambda one: str(one["prompt"])) == [
        row(LETTERS, STEAM, PRIVACY),
        row(BOAT, FOLD),
    ]

    signed = journey.exported(version, "beavertails_votes", tmp_path / "votes")
    assert [count["split"] for count in signed["rows"]] == ["330k_train"]
    votes = journey.rows_of(tmp_path / "votes/round0/330k/train.jsonl.gz")
    assert sorted(map(str, votes)) == sorted(
        map(
            str,
            [
                *[row(BOAT, FOLD)] * 4,
                row(LETTERS, STEAM),
                *[row(LETTERS, STEAM, PRIVACY)] * 2,
                row(LETTERS, STEAM, PRIVACY, "self_harm"),
            ],
        )
    )


@pytest.mark.django_db
def test_what_the_votes_form_writes_can_be_loaded_again_as_votes(tmp_path: Path) -> None:
    path = journey.write_lines(tmp_path / "train.jsonl.gz", ROWS)
    dataset, _report = journey.loaded(path, "beavertails", counts_votes=True)
    campaign = journey.opened(dataset, overlap=3)
    journey.labels(cast().ana, campaign, judge)
    journey.settled(dataset)
    journey.exported(journey.cut(dataset), "beavertails_votes", tmp_path / "votes")
    again = [
        one
        for one in READERS["beavertails"].read(tmp_path / "votes", ReadOptions(config="330k"))
        if isinstance(one, Incoming)
    ]
    assert sum(len(one.votes) for one in again) == 6


@pytest.mark.django_db
def test_the_loaded_library_reads_both_splits_with_the_columns_of_the_source(
    tmp_path: Path,
) -> None:
    datasets = pytest.importorskip("datasets")
    path = journey.write_lines(tmp_path / "train.jsonl.gz", ROWS)
    dataset, _report = journey.loaded(path, "beavertails", counts_votes=True)
    journey.labels(cast().ana, journey.opened(dataset, overlap=3), judge)
    journey.settled(dataset)
    journey.exported(journey.cut(dataset), "beavertails", tmp_path / "out")
    found = datasets.load_dataset(
        str(tmp_path / "out"), split="30k_train", cache_dir=str(tmp_path / "cache")
    )
    assert len(found) == 2
    assert set(found.features) == {"prompt", "response", "category", "is_safe"}
    assert set(found.features["category"]) == set(NAMES)


# --- The page ------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_page_shows_one_response_without_a_letter(tmp_path: Path) -> None:
    path = journey.write_lines(tmp_path / "train.jsonl.gz", ROWS[:1])
    dataset, _report = journey.loaded(path, "beavertails")
    campaign = journey.opened(dataset, overlap=1)
    shown = journey.signed_in(cast().ana).get(f"/label/{campaign.slug}/").content.decode()
    assert '<h2 id="name-a">Response</h2>' in shown
    assert 'data-pane="b"' not in shown
    assert 'data-letter="y"' in shown


@pytest.mark.django_db
def test_what_is_missing_is_said_without_a_letter(tmp_path: Path) -> None:
    path = journey.write_lines(tmp_path / "train.jsonl.gz", ROWS[:1])
    dataset, _report = journey.loaded(path, "beavertails")
    campaign = journey.opened(dataset, overlap=1)
    client = journey.signed_in(cast().ana)
    sheet = client.get(f"/label/{campaign.slug}/").context["sheet"]
    body = {"token": str(sheet.token), "key": str(sheet.token), "answers": {"safe": {"a": False}}}
    took = client.post(f"/label/{campaign.slug}/", body, content_type="application/json")
    assert took.status_code == 422
    assert [p["message"] for p in took.json()["problems"]] == [
        "“Kinds of harm” is not answered yet."
    ]
    assert Item.objects.get(dataset=dataset).state == ItemState.OPEN


def test_answers_about_one_response_are_worded_without_a_letter() -> None:
    protocol = protocol_named("beavertails")
    with translation.override("en"):
        words = in_words(protocol, protocol.steps[0], {"safe": {"a": True}})
    assert words == [("Safe?", "Safe"), ("Kinds of harm", "none")]


def test_only_records_of_one_text_can_be_said_in_these_forms() -> None:
    keys = {format.key for format in fitting("beavertails@1")}
    assert {"beavertails", "beavertails_votes", "records", "votes"} <= keys
    assert "beavertails" not in {format.key for format in fitting("pku_saferlhf@1")}
