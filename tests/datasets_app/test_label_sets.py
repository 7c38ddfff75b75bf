"""The label sets that ship: exact keys, and one key of the keyboard each."""

from __future__ import annotations

import pytest

from annotation.page.keys import KEYS
from datasets_app.label_sets import LABEL_SETS, LabelSet

EVERY = pytest.mark.parametrize("label_set", LABEL_SETS.values(), ids=lambda s: s.key)


def test_the_keys_are_those_of_the_published_files() -> None:
    assert {key: len(label_set.keys) for key, label_set in LABEL_SETS.items()} == {
        "beavertails": 14,
        "beavertails_v": 20,
        "mm_deception": 6,
        "pku_saferlhf": 19,
        "safesora": 12,
    }
    assert "discrimination,stereotype,injustice" in LABEL_SETS["beavertails"].keys
    assert "White-Collar Crime" in LABEL_SETS["pku_saferlhf"].keys
    assert "sensitive_information_in_key_areas" in LABEL_SETS["beavertails_v"].keys
    assert LABEL_SETS["safesora"].keys == (
        "porn", "violence", "hate", "terrorism", "contraband", "controversial", "racism",
        "other_discrimination", "animal_abuse", "child_abuse", "crime", "other_harmful",
    )  # fmt: skip


@EVERY
def test_keys_names_and_letters_are_each_given_once(label_set: LabelSet) -> None:
    for one_each in (
        label_set.keys,
        [category.name for category in label_set.categories],
        [category.letter for category in label_set.categories],
    ):
        assert len(set(one_each)) == len(one_each)


@EVERY
def test_a_letter_is_a_letter_that_the_page_does_not_use_itself(label_set: LabelSet) -> None:
    taken = {key.press for key in KEYS}
    for category in label_set.categories:
        assert len(category.letter) == 1
        assert category.letter.isascii()
        assert category.letter.isalpha()
        assert category.letter not in taken


@EVERY
def test_every_category_says_what_it_means(label_set: LabelSet) -> None:
    assert all(category.definition.endswith(".") for category in label_set.categories)


def test_a_category_is_found_by_its_key() -> None:
    assert LABEL_SETS["safesora"]["racism"].name == "Racial discrimination"
    with pytest.raises(KeyError):
        LABEL_SETS["safesora"]["Racism"]
