"""Janus, from rows of chosen and rejected over the labelling page to both loaders' columns."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.utils import translation

from annotation.page.questions import in_words
from annotation.page.sheets import Sheet
from datasets_app.digests import item_digest, prompt_digest, response_digest
from datasets_app.formats import FORMATS
from datasets_app.models import Item
from datasets_app.protocols import protocol_named
from datasets_app.readers import READERS
from datasets_app.readers.base import BadRow, Incoming, ReadOptions
from tests.cast import cast
from tests.presets import journey
from tests.presets.records import said

TEACHER = "You are a patient teacher who explains with pictures from the kitchen."
TERSE = "You are terse. One sentence is enough."
BREAD = "Why does bread rise?"
BALLOON = "Think of a balloon in a bowl: yeast breathes out gas, the dough is the rubber around it."
GAS = "Yeast makes carbon dioxide."
VALUES = [
    {
        "dimension": "style",
        "subdimension": "tone",
        "preference": "homely",
        "description": "Explains with things that stand in every kitchen.",
    }
]


def messages(answer: str, *before: tuple[str, str]) -> list[dict[str, str]]:
    return [{"content": text, "role": role} for role, text in (*before, ("assistant", answer))]


def row(system: str, chosen: str, rejected: str, **more: Any) -> dict[str, Any]:
    asked = ("user", BREAD)
    return {
        "main_source": "OpenHermes",
        "original_source": "platypus",
        "system": system,
        "prompt": BREAD,
        "chosen": messages(chosen, asked),
        "rejected": messages(rejected, asked),
        **more,
    }


def read(tmp_path: Path, *rows: dict[str, Any]) -> list[Incoming | BadRow]:
    path = journey.write_lines(tmp_path / "train.jsonl", rows)
    return list(READERS["janus_orpo"].read(path, ReadOptions()))


# --- Reading -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"chosen": messages(BALLOON), "rejected": messages(GAS)},
        {"chosen": messages(BALLOON, ("system", TEACHER), ("user", BREAD))},
        {"chosen": BALLOON, "rejected": GAS},
    ],
)
def test_it_takes_messages_with_and_without_what_came_before(
    tmp_path: Path, change: dict[str, Any]
) -> None:
    (found,) = read(tmp_path, {**row(TEACHER, BALLOON, GAS), **change})
    assert isinstance(found, Incoming)
    assert [(turn.speaker, turn.text) for turn in found.turns] == [
        ("system", TEACHER),
        ("user", BREAD),
    ]
    assert [each.text for each in found.responses] == [BALLOON, GAS]
    assert found.votes[0].answers == {"follows": "0"}
    assert found.meta == {
        "main_source": "OpenHermes",
        "original_source": "platypus",
        "split": "train",
    }


def test_it_takes_the_columns_that_axolotl_names(tmp_path: Path) -> None:
    named = {
        "instruction": BREAD,
        "system": TEACHER,
        "chosen_response": BALLOON,
        "rejected_response": GAS,
    }
    (found,) = read(tmp_path, named)
    assert isinstance(found, Incoming)
    assert [each.text for each in found.responses] == [BALLOON, GAS]


def test_an_output_alone_is_one_response_with_the_values_it_was_written_for(tmp_path: Path) -> None:
    single = {"system": TEACHER, "prompt": BREAD, "output": BALLOON, "preference_set": VALUES}
    (found,) = read(tmp_path, single)
    assert isinstance(found, Incoming)
    assert [each.text for each in found.responses] == [BALLOON]
    assert found.prompt_meta == {"preference_set": VALUES}
    assert found.votes == ()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"system": ""}, "system is empty"),
        ({"system": None}, "system is null, not a text"),
        ({"chosen": []}, "chosen does not end with a message of the assistant"),
        ({"chosen": [{"role": "user", "content": BREAD}]}, "does not end with a message of the"),
        ({"chosen": [{"role": "assistant"}]}, "not of messages with role and content"),
        ({"chosen": ["no object"]}, "not of messages with role and content"),
        (
            {"chosen": messages(BALLOON, ("user", "Another question?"))},
            "holds a message that is neither system, prompt nor the answer",
        ),
        ({"rejected": messages(" ")}, "rejected is empty"),
        ({"preference_set": "style"}, "preference_set is not a list of objects"),
        ({"preference_set": [{"dimension": 7}]}, "preference_set holds something that is no text"),
    ],
)
def test_it_refuses_a_row_that_says_something_else(
    tmp_path: Path, change: dict[str, Any], reason: str
) -> None:
    (found,) = read(tmp_path, {**row(TEACHER, BALLOON, GAS), **change})
    assert isinstance(found, BadRow)
    assert reason in found.reason


# --- The form ------------------------------------------------------------------------------------


def test_a_record_says_what_the_golden_table_says() -> None:
    for case in journey.cases("janus_orpo"):
        assert said(FORMATS["janus_orpo"], "system_message", case) == case["says"], case["name"]


def test_every_refusal_is_in_the_golden_table() -> None:
    cases = journey.cases("janus_orpo")
    seen = {reason for case in cases for reason in case["says"].values() if reason in REASONS}
    assert seen == set(REASONS)


REASONS = list(FORMATS["janus_orpo"].refuses)


# --- From the file to the file -------------------------------------------------------------------


def judge(sheet: Sheet) -> dict[str, Any]:
    """Under the teacher the balloon is better, under the terse one the plain answer."""
    wanted = BALLOON if sheet.turns[0].text == TEACHER else GAS
    return {"follows": next(pane.side for pane in sheet.panes if pane.text == wanted)}


def fields(sheet: Sheet) -> dict[str, Any]:
    return {"follows": f"{judge(sheet)['follows']}:2"}


@pytest.mark.django_db
def test_one_pair_under_two_system_messages_is_two_items_and_under_one_two_votes(
    tmp_path: Path,
) -> None:
    rows = [row(TEACHER, BALLOON, GAS), row(TERSE, GAS, BALLOON), row(TEACHER, GAS, BALLOON)]
    dataset, report = journey.loaded(journey.write_lines(tmp_path / "a.jsonl", rows), "janus_orpo")
    assert (report.loaded, report.votes) == (2, 3)
    taught = Item.objects.get(dataset=dataset, prompt__turns__0__text=TEACHER)
    votes = [vote.answers["follows"] for vote in taught.imported_votes.order_by("worker")]
    assert votes == [str(taught.first_id), str(taught.second_id)]


def test_without_the_system_message_in_its_digest_the_two_would_be_one() -> None:
    """Negative control of the test above: it is the system turn that tells the items apart."""
    pair = [response_digest(BALLOON), response_digest(GAS)]
    asked = ("user", BREAD, ())
    digests = {
        item_digest(prompt_digest(turns), pair)
        for turns in ([("system", TEACHER, ()), asked], [("system", TERSE, ()), asked])
    }
    assert len(digests) == 2
    assert len({item_digest(prompt_digest([asked]), pair) for _system in (TEACHER, TERSE)}) == 1


@pytest.mark.django_db
def test_it_goes_from_rows_over_the_page_to_both_sets_of_columns(tmp_path: Path) -> None:
    rows = [row(TEACHER, BALLOON, GAS, preference_set=VALUES), row(TERSE, GAS, BALLOON)]
    dataset, _report = journey.loaded(journey.write_lines(tmp_path / "a.jsonl", rows), "janus_orpo")
    people, campaign = cast(), journey.opened(dataset, overlap=2)
    assert journey.labels(people.ana, campaign, judge) == 2
    assert journey.labels_by_form(people.ben, campaign, fields) == 2
    assert journey.settled(dataset).settled == 2

    journey.exported(journey.cut(dataset), "janus_orpo", tmp_path / "out")
    said = journey.rows_of(tmp_path / "out/train.jsonl")
    assert sorted(map(str, said)) == sorted(
        map(str, [row(TEACHER, BALLOON, GAS), row(TERSE, GAS, BALLOON)])
    )
    aliased = journey.rows_of(tmp_path / "out/axolotl/train.jsonl")
    assert {one["system"]: one["chosen_response"] for one in aliased} == {
        TEACHER: BALLOON,
        TERSE: GAS,
    }
    assert list(aliased[0]) == ["instruction", "system", "chosen_response", "rejected_response"]


@pytest.mark.django_db
def test_what_it_writes_can_be_loaded_again_under_either_set_of_columns(tmp_path: Path) -> None:
    path = journey.write_lines(tmp_path / "a.jsonl", [row(TEACHER, BALLOON, GAS)])
    dataset, _report = journey.loaded(path, "janus_orpo")
    journey.labels(cast().ana, journey.opened(dataset, overlap=1), judge)
    journey.settled(dataset)
    journey.exported(journey.cut(dataset), "janus_orpo", tmp_path / "out")
    for folder in (tmp_path / "out/train.jsonl", tmp_path / "out/axolotl"):
        (found,) = READERS["janus_orpo"].read(folder, ReadOptions())
        assert isinstance(found, Incoming)
        assert [each.text for each in found.responses] == [BALLOON, GAS]


@pytest.mark.django_db
def test_the_library_loads_messages_with_the_answer_second(tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    path = journey.write_lines(tmp_path / "a.jsonl", [row(TEACHER, BALLOON, GAS)])
    dataset, _report = journey.loaded(path, "janus_orpo")
    journey.labels(cast().ana, journey.opened(dataset, overlap=1), judge)
    journey.settled(dataset)
    journey.exported(journey.cut(dataset), "janus_orpo", tmp_path / "out")
    (found,) = datasets.load_dataset(
        str(tmp_path / "out"), "default", split="train", cache_dir=str(tmp_path / "cache")
    )
    assert found["chosen"][1] == {"content": BALLOON, "role": "assistant"}


@pytest.mark.django_db
def test_a_row_without_a_system_message_is_refused_whichever_reader_brings_it(
    tmp_path: Path,
) -> None:
    bare = {"prompt": BREAD, "response_0": BALLOON, "response_1": GAS}
    path = journey.write_lines(tmp_path / "a.jsonl", [bare])
    with pytest.raises(AssertionError, match="has no system message"):
        journey.loaded(path, "jsonl", protocol="system_message")


@pytest.mark.django_db
def test_the_same_row_is_taken_where_nothing_is_judged_by_a_system_message(tmp_path: Path) -> None:
    """Negative control of the test above."""
    bare = {"prompt": BREAD, "response_0": BALLOON, "response_1": GAS}
    path = journey.write_lines(tmp_path / "a.jsonl", [bare])
    _dataset, report = journey.loaded(path, "jsonl", protocol="pku_saferlhf")
    assert report.loaded == 1


# --- The page ------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_page_shows_the_system_message_open_and_what_it_stands_for(tmp_path: Path) -> None:
    rows = [row(TEACHER, BALLOON, GAS, preference_set=VALUES)]
    dataset, _report = journey.loaded(journey.write_lines(tmp_path / "a.jsonl", rows), "janus_orpo")
    campaign = journey.opened(dataset, overlap=1)
    shown = journey.signed_in(cast().ana).get(f"/label/{campaign.slug}/").content.decode()
    assert '<details class="fold turn turn-system" open>' in shown
    assert "style › tone" in shown
    assert VALUES[0]["description"] in shown
    assert 'data-act="cannot-judge"' in shown


@pytest.mark.django_db
def test_values_are_text_and_never_markup(tmp_path: Path) -> None:
    stated = [{**VALUES[0], "description": "<script>alert(1)</script>"}]
    rows = [row(TEACHER, BALLOON, GAS, preference_set=stated)]
    dataset, _report = journey.loaded(journey.write_lines(tmp_path / "a.jsonl", rows), "janus_orpo")
    campaign = journey.opened(dataset, overlap=1)
    shown = journey.signed_in(cast().ana).get(f"/label/{campaign.slug}/").content.decode()
    assert "<script>alert" not in shown
    assert "&lt;script&gt;alert" in shown


@pytest.mark.django_db
def test_elsewhere_a_system_message_stays_folded(tmp_path: Path) -> None:
    row = {"system": TEACHER, "prompt": BREAD, "response_0": BALLOON, "response_1": GAS}
    path = journey.write_lines(tmp_path / "a.jsonl", [row])
    dataset, _report = journey.loaded(path, "jsonl", protocol="pku_saferlhf")
    campaign = journey.opened(dataset, overlap=1)
    shown = journey.signed_in(cast().ana).get(f"/label/{campaign.slug}/").content.decode()
    assert '<details class="fold turn turn-system">' in shown


def test_an_answer_is_worded_by_its_side() -> None:
    protocol = protocol_named("system_message")
    with translation.override("en"):
        words = in_words(protocol, protocol.steps[0], {"follows": "b", "follows_strength": 2})
    assert words == [("Follows the system message's values better", "B much")]
