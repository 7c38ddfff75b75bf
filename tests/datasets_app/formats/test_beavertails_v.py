"""BeaverTails-V: strings where its loaders compare strings, and no row that crashes them."""

from __future__ import annotations

from copy import deepcopy

import pytest

from datasets_app.formats import FORMATS
from datasets_app.formats.reading import Picture
from datasets_app.record import RecordBody
from datasets_app.vocabulary import Split
from tests.datasets_app.formats.golden import (
    answered,
    record,
    refusal,
    row,
    rows,
    said,
    shape,
    table,
)

KEY = "beavertails_v"
QA = "beavertails_v_qa"
BOTH = pytest.mark.parametrize("key", [KEY, QA])


def test_ids_and_flags_are_strings_and_rates_are_numbers() -> None:
    made = row(KEY, record(KEY))
    assert (made["more_helpful_response_id"], made["safer_response_id"]) == ("2", "2")
    assert (made["is_response_1_safe"], made["is_response_2_safe"]) == ("no", "yes")
    assert (made["response_1_harmless_rate"], made["response_2_harmless_rate"]) == (-2, 2)
    assert (made["response_1_helpful_rate"], made["response_2_helpful_rate"]) == (1, 3)
    assert made["image_severity"] == 1
    assert isinstance(made["image"], Picture)


def test_the_moderation_form_has_one_row_for_each_response() -> None:
    made = rows(QA, record(KEY))
    assert isinstance(made, list)
    assert [(r["response"][:3], r["is_response_safe"]) for r in made] == [
        ("Yes", "no"),
        ("No.", "yes"),
    ]


@BOTH
def test_files_lie_by_category_and_the_test_split_is_called_evaluation(key: str) -> None:
    made = table(key, record(KEY))
    place = made.path_of("harmful_health_content", Split.TEST)
    assert place == "data/harmful_health_content/evaluation.parquet"
    assert made.splits[Split.TRAIN] == "train"


@pytest.mark.parametrize("question", ["better", "safer"])
@pytest.mark.parametrize("outcome", ["tie", "both_unacceptable", "cannot_judge"])
def test_a_tie_never_gets_through(question: str, outcome: str) -> None:
    # The loaders crash on int("tie"), and on int("").
    assert refusal(KEY, answered(record(KEY), question, outcome)) == "no_preference"


def test_a_tie_says_nothing_against_the_moderation_form() -> None:
    assert len(rows(QA, answered(record(KEY), "better", "tie"))) == 2  # type: ignore[arg-type]


@pytest.mark.parametrize(("safe", "rate"), [(True, -1), (False, 0), (False, 3)])
def test_a_rate_that_contradicts_the_flag_never_gets_through(safe: bool, rate: int) -> None:
    body = answered(answered(record(KEY), "safe", safe, 0), "harmless_rate", rate, 0)
    assert refusal(KEY, body) == "rate_contradicts_flag"


def test_a_rate_of_nought_is_safe() -> None:
    body = answered(answered(record(KEY), "safe", True, 0), "harmless_rate", 0, 0)
    assert row(KEY, body)["is_response_1_safe"] == "yes"


def test_a_safer_answer_that_is_unsafe_never_gets_through() -> None:
    assert refusal(KEY, answered(record(KEY), "safer", 0)) == "safer_is_unsafe"


def test_two_responses_that_read_the_same_never_get_through() -> None:
    assert refusal(KEY, said(record(KEY), "Same.", " Same. ")) == "identical_responses"


@BOTH
@pytest.mark.parametrize("images", [0, 2])
def test_it_wants_exactly_one_image(key: str, images: int) -> None:
    body = deepcopy(record(KEY))
    body["turns"][0]["media"] *= images
    assert refusal(key, body) == "not_one_image"


@BOTH
def test_a_film_is_no_image(key: str) -> None:
    body = deepcopy(record(KEY))
    body["media"][0]["modality"] = "video"
    assert refusal(key, body) == "not_one_image"


@BOTH
@pytest.mark.parametrize("categories", [[], ["animal_abuse", "false_information"], ["../../etc"]])
def test_it_wants_one_category_of_the_label_set(key: str, categories: list[str]) -> None:
    # The category is a folder of the export: no other word may become one.
    assert refusal(key, answered(record(KEY), "category", categories)) == "no_verdict"


@BOTH
def test_a_dialogue_does_not_fit_into_one_string(key: str) -> None:
    body = record(KEY)
    turns = [*body["turns"], {"speaker": "assistant", "text": "Why?", "media": []}]
    assert refusal(key, record(KEY, turns=turns)) == "dialogue"


@BOTH
def test_a_response_that_is_a_file_does_not_fit(key: str) -> None:
    body = deepcopy(record(KEY))
    body["responses"][0]["media"] = body["media"][0]["digest"]
    assert refusal(key, body) == "response_has_media"


@BOTH
@pytest.mark.parametrize("question", ["image_severity", "category"])
def test_a_missing_verdict_never_becomes_null(key: str, question: str) -> None:
    assert refusal(key, answered(record(KEY), question, None)) == "no_verdict"


@pytest.mark.parametrize("question", ["safe", "harmless_rate", "helpful_rate"])
def test_a_missing_verdict_on_a_response_never_becomes_null(question: str) -> None:
    assert refusal(KEY, answered(record(KEY), question, None, 1)) == "no_verdict"


def test_the_moderation_form_needs_a_flag_for_every_response() -> None:
    assert refusal(QA, answered(record(KEY), "safe", None, 1)) == "no_verdict"


def test_the_same_response_in_two_pairs_is_one_row() -> None:
    once = table(QA, record(KEY)).once
    assert once is not None
    first, second = both_rows(record(KEY))
    assert once(first) == once(dict(first)) != once(second)


def both_rows(body: RecordBody) -> tuple[dict[str, object], dict[str, object]]:
    made = rows(QA, body)
    assert isinstance(made, list)
    first, second = made
    return first, second


def test_there_is_one_config_for_each_category_there_is() -> None:
    for key in (KEY, QA):
        (only,) = FORMATS[key].tables(shape(record(KEY)))
        assert only.config_column == "category"
