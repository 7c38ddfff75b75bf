"""TRL's preference shape: explicit prompt, conversational, images where there are any."""

from __future__ import annotations

from copy import deepcopy

import pytest

from datasets_app.formats import FORMATS
from datasets_app.formats.reading import Picture
from tests.datasets_app.formats.golden import answered, record, refusal, row, said, shape

KEY = "trl_preference"
TEXT = "pku_saferlhf"
IMAGE = "beavertails_v"
DIMENSIONS = pytest.mark.parametrize(
    ("config", "question"), [("helpful", "better"), ("harmless", "safer")]
)


def test_the_prompt_is_explicit_and_everything_is_messages() -> None:
    made = row(KEY, record(TEXT))
    texts = [part["text"] for part in record(TEXT)["responses"]]
    assert made == {
        "prompt": [{"role": "user", "content": record(TEXT)["turns"][0]["text"]}],
        "chosen": [{"role": "assistant", "content": texts[1]}],
        "rejected": [{"role": "assistant", "content": texts[0]}],
    }


def test_helpful_comes_first_and_harmless_may_say_the_opposite() -> None:
    tables = FORMATS[KEY].tables(shape(record(TEXT)))
    assert [table.config for table in tables] == ["helpful", "harmless"]
    helpful, harmless = row(KEY, record(TEXT), "helpful"), row(KEY, record(TEXT), "harmless")
    assert helpful["chosen"] == harmless["rejected"]


def test_a_dialogue_keeps_its_turns_and_its_system_message() -> None:
    turns = [
        {"speaker": "system", "text": "Be brief.", "media": []},
        {"speaker": "user", "text": "Hello.", "media": []},
        {"speaker": "assistant", "text": "Hello!", "media": []},
        *record(TEXT)["turns"],
    ]
    made = row(KEY, record(TEXT, turns=turns))
    assert [turn["role"] for turn in made["prompt"]] == ["system", "user", "assistant", "user"]


def test_images_are_parts_of_the_turn_and_a_column_in_the_same_order() -> None:
    made = row(KEY, record(IMAGE))
    text = record(IMAGE)["turns"][0]["text"]
    parts = [{"type": "image", "text": None}, {"type": "text", "text": text}]
    assert made["prompt"] == [{"role": "user", "content": parts}]
    assert [type(image) for image in made["images"]] == [Picture]
    assert made["chosen"][0]["content"][0]["type"] == "text"


def test_text_has_no_column_of_images() -> None:
    (helpful, _) = FORMATS[KEY].tables(shape(record(TEXT)))
    assert set(helpful.features) == {"prompt", "chosen", "rejected"}


def test_there_is_no_margin_for_the_reward_trainer_to_find() -> None:
    for body in (record(TEXT), record(IMAGE)):
        assert all("margin" not in t.features for t in FORMATS[KEY].tables(shape(body)))


@DIMENSIONS
def test_a_tie_is_refused_in_its_own_dimension_alone(config: str, question: str) -> None:
    body = answered(record(TEXT), question, "tie")
    assert refusal(KEY, body, config) == "no_preference"
    other = "harmless" if config == "helpful" else "helpful"
    assert row(KEY, body, other)


@DIMENSIONS
def test_a_missing_verdict_is_refused(config: str, question: str) -> None:
    assert refusal(KEY, answered(record(TEXT), question, None), config) == "no_verdict"


def test_a_safer_answer_that_is_unsafe_is_refused_as_harmless_alone() -> None:
    body = answered(record(TEXT), "safer", 1)
    assert refusal(KEY, body, "harmless") == "safer_is_unsafe"
    assert row(KEY, body, "helpful")


def test_two_responses_that_read_the_same_are_refused() -> None:
    assert refusal(KEY, said(record(TEXT), "Same", "Same")) == "identical_responses"


def test_a_prompt_that_ends_with_the_assistant_is_refused() -> None:
    turns = [*record(TEXT)["turns"], {"speaker": "assistant", "text": "Well …", "media": []}]
    assert refusal(KEY, record(TEXT, turns=turns)) == "not_the_users_turn"


def test_a_film_in_the_prompt_is_refused() -> None:
    body = deepcopy(record(IMAGE))
    body["media"][0]["modality"] = "video"
    assert refusal(KEY, body) == "not_an_image"


def test_a_film_as_a_response_is_refused() -> None:
    body = deepcopy(record(IMAGE))
    body["responses"][0]["media"] = body["media"][0]["digest"]
    assert refusal(KEY, body) == "response_has_media"


def test_one_response_is_no_pair() -> None:
    assert refusal(KEY, record(TEXT, responses=record(TEXT)["responses"][:1])) == "not_a_pair"
