"""The card: a head that loads, and a body that is computed and not claimed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from django.utils import translation
from huggingface_hub import DatasetCard
from pytest_django.fixtures import Settings

from datasets_app import exports, versions
from datasets_app.card_head import features_of, size_of
from datasets_app.formats import FORMATS
from datasets_app.models import Dataset, Version
from datasets_app.vocabulary import ItemState, Split
from tests import build
from tests.datasets_app import settled

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_storage(tmp_path: Path, settings: Settings) -> None:
    settings.CASTOR_MEDIA_ROOT = tmp_path / "storage"


@pytest.fixture
def dataset() -> Dataset:
    return build.dataset(
        "pku_saferlhf",
        slug="lodge",
        name="Questions at the lodge",
        description="What beavers asked in *spring*.",
        language="de",
        licence="cc-by-nc-4.0",
    )


def cut(dataset: Dataset, **words: Any) -> Version:
    return versions.cut(dataset, versions.Recipe(**words), None)


def card(version: Version, key: str, folder: Path) -> str:
    exports.write(version, FORMATS[key], folder / key)
    return (folder / key / "README.md").read_text()


def head(text: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(text.split("---\n")[1])
    return found


def test_the_head_says_what_the_dataset_says_of_itself(dataset: Dataset, tmp_path: Path) -> None:
    settled.item(dataset)
    found = head(card(cut(dataset), "trl_preference", tmp_path))
    assert found["pretty_name"] == "Questions at the lodge"
    assert found["language"] == ["de"]
    assert found["license"] == "cc-by-nc-4.0"
    assert found["size_categories"] == ["n<1K"]
    assert found["task_categories"] == ["text-generation"]
    assert found["annotations_creators"] == ["crowdsourced"]
    assert {"trl", "castor", "not-for-all-audiences"} <= set(found["tags"])


def test_configs_name_every_file_that_has_rows(dataset: Dataset, tmp_path: Path) -> None:
    settled.item(dataset)
    found = head(card(cut(dataset, splits={Split.TEST: 1.0}), "trl_preference", tmp_path))
    assert found["configs"] == [
        {
            "config_name": "helpful",
            "data_files": [{"split": "test", "path": "helpful/test.parquet"}],
            "default": True,
        },
        {
            "config_name": "harmless",
            "data_files": [{"split": "test", "path": "harmless/test.parquet"}],
        },
    ]
    assert [info["config_name"] for info in found["dataset_info"]] == ["helpful", "harmless"]


def test_the_hubs_own_client_understands_the_head(dataset: Dataset, tmp_path: Path) -> None:
    settled.item(dataset)
    parsed = DatasetCard(card(cut(dataset), "pku_saferlhf", tmp_path))
    assert parsed.data.license == "cc-by-nc-4.0"
    assert parsed.data.configs[0]["config_name"] == "default"


def test_names_cannot_break_out_of_the_head(tmp_path: Path) -> None:
    evil = 'A: "b"\n---\nconfigs: [{config_name: x}]\n# '
    dataset = build.dataset("pku_saferlhf", name=evil, description="---\n| a | b |\n<script>")
    settled.item(dataset)
    found = head(card(cut(dataset), "votes", tmp_path))
    assert found["pretty_name"] == " ".join(evil.split())
    assert "x" not in [config["config_name"] for config in found["configs"]]


def test_agreement_and_votes_are_computed(dataset: Dataset, tmp_path: Path) -> None:
    settled.item(dataset, agreement=1.0)
    settled.item(dataset, agreement=0.5, votes=(settled.ANA,))
    text = card(cut(dataset), "records", tmp_path)
    assert "| `better` | 2 | 2.00 | 75.0 % | 0 |" in text
    assert "| `safe` | 4 | 2.00 | 75.0 % | 0 |" in text
    assert "32 votes of 3 people" in text
    assert "Some verdicts rest on fewer than 3 votes." in text


def test_severities_and_categories_are_tables(dataset: Dataset, tmp_path: Path) -> None:
    settled.item(dataset)
    text = card(cut(dataset), "records", tmp_path)
    assert "| 0 none | 1 | 50.0 % |\n| 2 moderate | 1 | 50.0 % |" in text
    assert "| Violence | 1 | 50.0 % |\n" in text
    assert "| second response | 1 | 100.0 % |" in text


def test_what_was_left_out_is_told_in_words(dataset: Dataset, tmp_path: Path) -> None:
    settled.item(dataset)
    settled.item(dataset, verdicts={"better": "tie"})
    settled.item(dataset, agreement=0.2)
    settled.item(dataset, state=ItemState.OPEN)
    text = card(cut(dataset, minimum_agreement=0.5), "pku_saferlhf", tmp_path)
    assert "| People have not judged it to the end. | 1 |" in text
    assert "| The votes for a verdict agree less than the recipe asks for. | 1 |" in text
    assert "| People chose neither response; a loader would read a tie as a choice. | 1 |" in text


def test_it_warns_of_what_there_is_to_see(tmp_path: Path) -> None:
    dataset = build.dataset("safesora")
    settled.with_files(dataset, 1)
    text = card(cut(dataset), "safesora", tmp_path)
    assert "> **Content warning.** Moving pictures, some with violence" in text
    assert "until you ask" not in text


def test_its_own_example_loads(dataset: Dataset, tmp_path: Path) -> None:
    settled.item(dataset)
    text = card(cut(dataset), "votes", tmp_path)
    code = text.split("```python\n")[1].split("```")[0]
    found: dict[str, Any] = {}
    exec(code.replace("path/to/this/folder", str(tmp_path / "votes")), found)  # noqa: S102
    assert found["rows"].num_rows == 6


def test_it_is_in_english_whatever_language_is_in_force(dataset: Dataset, tmp_path: Path) -> None:
    settled.item(dataset)
    version = cut(dataset)
    english = card(version, "votes", tmp_path)
    with translation.override("de"):
        assert card(version, "votes", tmp_path) == english


def test_an_export_without_rows_says_so(dataset: Dataset, tmp_path: Path) -> None:
    settled.item(dataset, verdicts={"better": "tie"})
    text = card(cut(dataset), "pku_saferlhf", tmp_path)
    assert "No record can be said in this form." in text
    assert head(text)["configs"] == []


def test_features_are_spelled_as_every_release_of_the_library_reads_them() -> None:
    features = {"a": "string", "b": {"c": "bool"}, "d": ["image"], "e": [{"f": ["int64"]}]}
    assert features_of(features) == [  # type: ignore[arg-type]
        {"name": "a", "dtype": "string"},
        {"name": "b", "struct": [{"name": "c", "dtype": "bool"}]},
        {"name": "d", "list": "image"},
        {"name": "e", "list": [{"name": "f", "list": "int64"}]},
    ]


@pytest.mark.parametrize(
    ("rows", "name"),
    [(0, "n<1K"), (999, "n<1K"), (1000, "1K<n<10K"), (10**6, "1M<n<10M"), (10**9, "100M<n<1B")],
)
def test_sizes_are_the_hubs_classes(rows: int, name: str) -> None:
    assert size_of(rows) == name
