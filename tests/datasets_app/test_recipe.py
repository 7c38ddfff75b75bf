"""Recipes: read strictly, refused in one line."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from datasets_app.recipe import BadRecipe, Circles, Recipe, Rulings, Ties, parse_recipe, read_recipe
from datasets_app.selection import REASONS
from datasets_app.vocabulary import Split

WHOLE = """
minimum_agreement = 0.6
minimum_votes = 3
agreement_on = ["better", "safer"]
ties = "exclude"
rulings = "exclude"
circles = "exclude"
seed = 42
size = 1000

[splits]
train = 0.8
test = 0.2
"""


def test_every_setting_can_be_said(tmp_path: Path) -> None:
    path = tmp_path / "recipe.toml"
    path.write_text(WHOLE)
    assert read_recipe(path) == Recipe(
        minimum_agreement=0.6,
        minimum_votes=3,
        agreement_on=("better", "safer"),
        ties=Ties.EXCLUDE,
        rulings=Rulings.EXCLUDE,
        circles=Circles.EXCLUDE,
        splits={Split.TRAIN: 0.8, Split.VALIDATION: 0.0, Split.TEST: 0.2},
        seed=42,
        size=1000,
    )


def test_what_a_version_keeps_of_it_is_a_recipe_again() -> None:
    for recipe in (Recipe(), Recipe(minimum_votes=2, size=10)):
        assert parse_recipe(recipe.as_json()) == recipe


def test_json_says_the_same(tmp_path: Path) -> None:
    path = tmp_path / "recipe.json"
    path.write_text('{"minimum_votes": 2, "splits": {"train": 1}}')
    assert read_recipe(path).minimum_votes == 2


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ([], "a recipe is a table"),
        ({"minimum_vote": 3}, "no setting 'minimum_vote'"),
        ({"minimum_agreement": 1.1}, "from 0 to 1"),
        ({"minimum_agreement": float("nan")}, "from 0 to 1"),
        ({"minimum_agreement": True}, "from 0 to 1"),
        ({"minimum_agreement": "0.5"}, "from 0 to 1"),
        ({"minimum_votes": -1}, "minimum_votes"),
        ({"minimum_votes": 2.0}, "minimum_votes"),
        ({"agreement_on": "better"}, "list of question keys"),
        ({"agreement_on": [""]}, "list of question keys"),
        ({"ties": "drop"}, "ties is one of: keep, exclude"),
        ({"ties": None}, "ties is one of"),
        ({"rulings": 1}, "rulings is one of"),
        ({"circles": True}, "circles is one of"),
        ({"splits": {"train": 0.5}}, "sum to 1"),
        ({"splits": {"train": 2, "test": -1}}, "sum to 1"),
        ({"splits": {"training": 1}}, "sum to 1"),
        ({"splits": {"train": "1"}}, "sum to 1"),
        ({"splits": {"train": True}}, "sum to 1"),
        ({"seed": "castor"}, "seed is a whole number"),
        ({"seed": -1}, "seed is a whole number"),
        ({"size": 0}, "size is a whole number"),
        ({"size": 10**30}, "size is a whole number"),
    ],
)
def test_what_is_wrong_is_told_in_one_line(value: Any, told: str) -> None:
    with pytest.raises(BadRecipe) as error:
        parse_recipe(value, where="recipe.toml")
    assert told in str(error.value)
    assert str(error.value).startswith("recipe.toml: ")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("r.yaml", b"a: 1", "a .toml or a .json file"),
        ("r.toml", b"a = ", "not TOML"),
        ("r.toml", b"seed = 1\nseed = 2\n", "not TOML"),
        ("r.toml", b"\xff", "not TOML"),
        ("r.json", b"{", "not JSON"),
        ("r.json", b'{"seed": 1, "seed": 2}', "'seed' is said twice"),
        ("r.json", b'{"minimum_agreement": NaN}', "NaN is no number of JSON"),
        ("r.json", b'{"seed": ' + b"9" * 5000 + b"}", "not JSON"),
        ("r.json", b"[" * 100_000, "not JSON"),
        ("r.json", b" " * (1 << 21), "at most 1,048,576 bytes"),
    ],
)
def test_a_bad_file_is_told_in_one_line(
    tmp_path: Path, name: str, content: bytes, told: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(BadRecipe) as error:
        read_recipe(path)
    assert told in str(error.value)
    assert "\n" not in str(error.value)


def test_a_missing_file_is_told_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(BadRecipe, match=r"none\.toml: No such file"):
        read_recipe(tmp_path / "none.toml")


PAGE = (Path(__file__).parents[2] / "docs" / "versions.md").read_text()


def test_the_recipe_in_the_docs_says_every_setting() -> None:
    written = tomllib.loads(PAGE.split("```toml\n")[1].split("```")[0])
    assert set(written) == set(Recipe().as_json())
    assert parse_recipe(written).size == 5000


@pytest.mark.parametrize("reason", [reason for reason in REASONS if reason != "rule"])
def test_the_docs_tell_every_reason(reason: str) -> None:
    assert f"| `{reason}` |" in PAGE
