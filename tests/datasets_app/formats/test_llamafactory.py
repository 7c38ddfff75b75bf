"""LLaMA-Factory's ranking shape: turns that alternate, marks for pictures, and its own table."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

import pytest

from datasets_app.formats import FORMATS
from datasets_app.formats.base import Written
from datasets_app.record import RecordBody
from tests.datasets_app.formats.golden import answered, record, refusal, row, said, shape

KEY = "llamafactory_preference"
TEXT = "pku_saferlhf"
IMAGE = "beavertails_v"


def turn(speaker: str, text: str = "Hello.") -> dict[str, Any]:
    return {"speaker": speaker, "text": text, "media": []}


def test_the_prompt_is_turns_and_each_answer_is_one() -> None:
    body = record(TEXT)
    texts = [part["text"] for part in body["responses"]]
    assert row(KEY, body) == {
        "conversations": [{"from": "human", "value": body["turns"][0]["text"]}],
        "chosen": {"from": "gpt", "value": texts[1]},
        "rejected": {"from": "gpt", "value": texts[0]},
    }


def test_harmless_may_say_the_opposite() -> None:
    helpful, harmless = row(KEY, record(TEXT), "helpful"), row(KEY, record(TEXT), "harmless")
    assert helpful["chosen"] == harmless["rejected"]


def test_a_system_message_and_a_dialogue_keep_their_turns() -> None:
    turns = [turn("system"), turn("user"), turn("assistant"), turn("user")]
    made = row(KEY, record(TEXT, turns=turns))
    assert [said["from"] for said in made["conversations"]] == ["system", "human", "gpt", "human"]


def test_every_picture_has_its_mark_and_its_file() -> None:
    body = record(IMAGE)
    made = row(KEY, body)
    [table, _] = FORMATS[KEY].tables(shape(body))
    assert made["conversations"][0]["value"] == "<image>" + body["turns"][0]["text"]
    assert table.attachments is not None
    from datasets_app.formats.reading import Reading

    assert [file.path for file in table.attachments(Reading(body))] == made["images"]


@pytest.mark.parametrize(
    "turns",
    [
        [],
        [turn("system")],
        [turn("assistant")],
        [turn("user"), turn("assistant")],
        [turn("user"), turn("user")],
        [turn("user"), turn("system"), turn("user")],
    ],
)
def test_who_does_not_take_turns_is_refused(turns: list[dict[str, Any]]) -> None:
    assert refusal(KEY, record(TEXT, turns=turns)) == "not_in_turns"


@pytest.mark.parametrize("mark", ["<image>", "<video>", "<audio>"])
def test_a_mark_in_somebodys_words_is_refused(mark: str) -> None:
    """The trainer would count it as a file, and stop."""
    assert refusal(KEY, said(record(TEXT), f"Write {mark} there.", "No.")) == "mark_in_text"
    turns = [turn("user", f"What does {mark} mean?")]
    assert refusal(KEY, record(TEXT, turns=turns)) == "mark_in_text"


def with_one_response(body: RecordBody) -> RecordBody:
    changed = deepcopy(body)
    del changed["responses"][1]
    return changed


def test_what_it_cannot_say_is_counted_by_reason() -> None:
    body = record(TEXT)
    assert refusal(KEY, with_one_response(body)) == "not_a_pair"
    assert refusal(KEY, said(body, "The same.", " The  same. ")) == "identical_responses"
    assert refusal(KEY, answered(body, "better", "tie")) == "no_preference"
    assert refusal(KEY, answered(body, "better", None)) == "no_verdict"


def test_its_table_names_every_file_that_was_written() -> None:
    form = FORMATS[KEY]
    assert form.beside is not None
    written = [
        Written("helpful", "train", "helpful/train.jsonl"),
        Written("harmless", "test", "harmless/test.jsonl"),
    ]
    for protocol, columns in ((TEXT, {"messages", "chosen", "rejected"}), (IMAGE, {"images"})):
        [(path, content)] = form.beside(shape(record(protocol)), written).items()
        info = json.loads(content)
        assert path == "dataset_info.json"
        assert set(info) == {"helpful_train", "harmless_test"}
        assert info["helpful_train"]["file_name"] == "helpful/train.jsonl"
        assert info["helpful_train"]["ranking"] is True
        assert columns <= set(info["harmless_test"]["columns"])
