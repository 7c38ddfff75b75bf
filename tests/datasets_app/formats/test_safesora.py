"""SafeSora: complete rows, films where the loader looks for them, both spellings of a key."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from datasets_app.formats.base import Refusal
from datasets_app.formats.reading import Reading
from datasets_app.label_sets import LABEL_SETS
from datasets_app.vocabulary import Split
from tests.datasets_app.formats.golden import answered, record, refusal, row, rows, table

KEY = "safesora"
LABEL = "safesora_label"
BOTH = pytest.mark.parametrize("key", [KEY, LABEL])


def every_value(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [leaf for part in value.values() for leaf in every_value(part)]
    return [value]


def test_no_value_anywhere_is_null() -> None:
    # The loader's is_complete() wants just that.
    made = [row(KEY, record(KEY)), *rows(LABEL, record(KEY))]  # type: ignore[misc]
    assert not [leaf for each in made for leaf in every_value(each) if leaf is None]


def test_nothing_is_null_when_the_source_said_nothing() -> None:
    body = deepcopy(record(KEY, prompt_meta={}, prompt_external_id=""))
    for part in body["responses"]:
        part |= {"meta": {}, "model": ""}
    made = [row(KEY, body), *rows(LABEL, body)]  # type: ignore[misc]
    assert not [leaf for each in made for leaf in every_value(each) if leaf in (None, "")]


def test_the_keys_of_a_film_come_in_the_order_of_the_loader() -> None:
    prompt = ["prompt_id", "prompt_text", "prompt_type"]
    film = ["video_id", "video_text", "video_path", "is_safe"]
    assert list(row(KEY, record(KEY))["video_0"]) == [*prompt, *film, "generated_from"]
    features = table(KEY, record(KEY)).features["video_0"]
    assert list(features) == list(row(KEY, record(KEY))["video_0"])
    labelled = [*prompt, "prompt_labels", *film, "video_labels", "generated_from"]
    made = rows(LABEL, record(KEY))
    assert not isinstance(made, Refusal)
    assert list(made[0]) == list(table(LABEL, record(KEY)).features) == labelled


def test_responses_are_video_0_and_video_1() -> None:
    made = row(KEY, record(KEY))
    assert (made["helpfulness"], made["harmlessness"]) == ("video_1", "video_0")
    assert made["video_0"]["is_safe"] is True
    assert made["video_1"]["is_safe"] is False


def test_both_spellings_of_informativeness_are_there() -> None:
    given = row(KEY, record(KEY))["sub_preferences"]
    assert given["information"] == given["informativeness"] == "video_1"
    assert set(given) == {
        "instruction_following",
        "correctness",
        "information",
        "informativeness",
        "aesthetics",
    }


def test_each_film_names_its_prompt_and_lies_below_it() -> None:
    made = row(KEY, record(KEY))
    for film in (made["video_0"], made["video_1"]):
        assert film["prompt_id"] == made["prompt_id"] == "prompt-0042"
        assert film["video_path"] == f"videos/prompt-0042/{film['video_id']}.mp4"
    attached = table(KEY, record(KEY)).attachments
    assert attached is not None
    assert [file.path for file in attached(Reading(record(KEY)))] == [
        made["video_0"]["video_path"],
        made["video_1"]["video_path"],
    ]


@pytest.mark.parametrize(
    "evil", ["../../../etc/passwd", "/abs", "a/b", ".hidden", "", "x" * 200, 7]
)
def test_a_sources_id_never_becomes_a_path_of_its_own(evil: Any) -> None:
    body = deepcopy(record(KEY, prompt_external_id=evil if isinstance(evil, str) else ""))
    body["responses"][0]["meta"]["video_id"] = evil
    made = row(KEY, body)
    assert made["prompt_id"] == body["prompt_id"]
    assert made["video_0"]["video_id"] == body["responses"][0]["id"]


def test_labels_are_the_twelve_keys_in_the_order_of_the_file() -> None:
    made = rows(LABEL, record(KEY))
    assert isinstance(made, list)
    names = LABEL_SETS["safesora"].keys
    assert len(names) == 12
    assert names[:3] == ("porn", "violence", "hate")
    assert tuple(made[1]["video_labels"]) == names
    assert [name for name, is_so in made[1]["video_labels"].items() if is_so] == ["violence"]
    assert [each["is_safe"] for each in made] == [True, False]


def test_a_prompt_without_labels_has_those_of_its_films() -> None:
    made = row(KEY, record(KEY, prompt_meta={}))
    assert made["prompt_type"] == "safety_critical"
    label = rows(LABEL, record(KEY, prompt_meta={}))
    assert isinstance(label, list)
    assert label[0]["prompt_labels"]["violence"] is True


def test_a_type_that_the_source_never_knew_is_not_passed_on() -> None:
    assert (
        row(KEY, record(KEY, prompt_meta={"prompt_type": "odd"}))["prompt_type"]
        == "safety_critical"
    )


@pytest.mark.parametrize("question", ["better", "safer"])
def test_a_tie_never_gets_through(question: str) -> None:
    assert refusal(KEY, answered(record(KEY), question, "tie")) == "no_preference"


def test_a_tie_in_a_comparison_of_the_pilot_never_gets_through() -> None:
    assert refusal(KEY, answered(record(KEY), "aesthetics", "tie")) == "no_sub_preference"


def test_a_safer_film_that_is_harmful_never_gets_through() -> None:
    assert refusal(KEY, answered(record(KEY), "safer", 1)) == "safer_is_unsafe"


def test_the_same_film_twice_never_gets_through() -> None:
    body = deepcopy(record(KEY))
    body["responses"][1]["media"] = body["responses"][0]["media"]
    assert refusal(KEY, body) == "identical_responses"


@BOTH
def test_only_mp4_gets_through(key: str) -> None:
    body = deepcopy(record(KEY))
    body["media"][0]["mime"] = "video/webm"
    assert refusal(key, body) == "not_mp4"


@BOTH
def test_text_is_no_film(key: str) -> None:
    body = deepcopy(record(KEY))
    body["responses"][0]["media"] = None
    assert refusal(key, body) == "not_mp4"


@BOTH
def test_a_prompt_with_a_file_does_not_fit(key: str) -> None:
    body = deepcopy(record(KEY))
    body["turns"][0]["media"] = [body["media"][0]["digest"]]
    assert refusal(key, body) == "prompt_has_media"


@BOTH
def test_a_dialogue_does_not_fit(key: str) -> None:
    assert refusal(key, record(KEY, turns=record(KEY)["turns"] * 3)) == "dialogue"


@BOTH
def test_a_missing_verdict_never_becomes_null(key: str) -> None:
    assert refusal(key, answered(record(KEY), "categories", None, 1)) == "no_verdict"


def test_one_film_is_no_pair() -> None:
    assert refusal(KEY, record(KEY, responses=record(KEY)["responses"][:1])) == "not_a_pair"


def test_a_missing_comparison_never_becomes_null() -> None:
    assert refusal(KEY, answered(record(KEY), "correctness", None)) == "no_verdict"


@BOTH
def test_files_are_named_as_the_loader_is_told(key: str) -> None:
    made = table(key, record(KEY))
    paths = [made.path_of("default", split) for split in Split]
    assert paths == ["config-train.json.gz", "config-validation.json.gz", "config-test.json.gz"]
