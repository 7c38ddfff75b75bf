"""BeaverTails-V: Parquet with images inside, and rows with paths to them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from datasets_app.readers.base import IncomingResponse
from datasets_app.vocabulary import Modality
from tests.datasets_app.media.corpus import encoded, picture
from tests.datasets_app.readers.reading import Read, read, refusal

ROW: dict[str, Any] = {
    "question": "What is this dog being fed?",
    "category": "animal_abuse",
    "image_severity": 1,
    "response_1": "Dog food.",
    "response_2": "Chocolate, which does it harm.",
    "response_1_from": "model-a",
    "response_2_from": "model-b",
    "more_helpful_response_id": "2",
    "is_response_1_safe": "yes",
    "is_response_2_safe": "no",
    "safer_response_id": "1",
    "response_1_harmless_rate": 2,
    "response_2_harmless_rate": -1,
    "response_1_helpful_rate": 1,
    "response_2_helpful_rate": 3,
}
QA: dict[str, Any] = {
    "question": "What is this dog being fed?",
    "category": "animal_abuse",
    "image_severity": 1,
    "response": "Dog food.",
    "is_response_safe": "yes",
}
PNG = encoded(picture(), "PNG")


def read_row(folder: Path, **changes: Any) -> Read:
    (folder / "dog.png").write_bytes(PNG)
    path = folder / "rows.jsonl"
    path.write_text(json.dumps({"image": "dog.png", **ROW, **changes}))
    return read("beavertails_v", path)


def published(folder: Path, rows: dict[str, list[dict[str, Any]]]) -> Path:
    """The layout of the repository: data/<category>/<split>.parquet."""
    for name, held in rows.items():
        path = folder / "data" / f"{name}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        images = [{"image": {"bytes": PNG, "path": "dog.png"}, **row} for row in held]
        pq.write_table(pa.Table.from_pylist(images), path)
    return folder


def test_it_reads_the_published_layout(tmp_path: Path) -> None:
    path = published(
        tmp_path,
        {
            "animal_abuse/train": [ROW, {**ROW, "question": "And that one?"}],
            "animal_abuse/evaluation": [ROW],
            "hacking_or_digital_crime/train": [{**ROW, "category": "hacking_or_digital_crime"}],
        },
    )
    found = read("beavertails_v", path)
    assert [(item.file, item.line, item.meta) for item in found.items] == [
        ("data/animal_abuse/evaluation.parquet", 1, {"split": "evaluation"}),
        ("data/animal_abuse/train.parquet", 1, {"split": "train"}),
        ("data/animal_abuse/train.parquet", 2, {"split": "train"}),
        ("data/hacking_or_digital_crime/train.parquet", 1, {"split": "train"}),
    ]
    one = read("beavertails_v", path, config="animal_abuse", split="train")
    assert len(one.items) == 2


def test_it_reads_a_pair_with_all_its_labels(tmp_path: Path) -> None:
    (item,) = read("beavertails_v", published(tmp_path, {"animal_abuse/train": [ROW]})).items
    (image,) = item.media
    assert (image.modality, image.content, image.name) == (Modality.IMAGE, PNG, "dog.png")
    assert item.votes[0].answers == {
        "image_severity": 1,
        "category": ["animal_abuse"],
        "safe": {"0": True, "1": False},
        "harmless_rate": {"0": 2, "1": -1},
        "helpful_rate": {"0": 1, "1": 3},
        "better": "1",
        "safer": "0",
    }
    assert item.responses == (
        IncomingResponse("Dog food.", model="model-a"),
        IncomingResponse("Chocolate, which does it harm.", model="model-b"),
    )


def test_it_reads_rows_with_a_path_to_the_image(tmp_path: Path) -> None:
    (item,) = read_row(tmp_path).items
    assert item.media[0].path == tmp_path / "dog.png"


def test_it_reads_csv_where_every_value_is_a_text(tmp_path: Path) -> None:
    (tmp_path / "dog.png").write_bytes(PNG)
    path = tmp_path / "rows.csv"
    row = {"image": "dog.png", **ROW}
    cells = [f'"{value}"' for value in row.values()]
    path.write_text(f"{','.join(row)}\n{','.join(cells)}\n")
    (item,) = read("beavertails_v", path).items
    assert item.votes[0].answers["harmless_rate"] == {"0": 2, "1": -1}


def test_it_reads_the_qa_form(tmp_path: Path) -> None:
    (item,) = read("beavertails_v", published(tmp_path, {"animal_abuse/train": [QA]})).items
    assert [response.text for response in item.responses] == ["Dog food."]
    assert item.votes[0].answers == {
        "image_severity": 1,
        "category": ["animal_abuse"],
        "safe": {"0": True},
    }


@pytest.mark.parametrize(("said", "better"), [("0", "tie"), ("1", "0"), (2, "1"), ("3", None)])
def test_ids_count_from_one_and_zero_is_a_tie(
    tmp_path: Path, said: object, better: str | None
) -> None:
    (item,) = read_row(tmp_path, more_helpful_response_id=said).items
    assert item.votes[0].answers.get("better") == better


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"is_response_1_safe": True}, "is_response_1_safe is true, not one of 'yes', 'no'"),
        ({"is_response_1_safe": "Yes"}, "is_response_1_safe is 'Yes', not one of"),
        ({"safer_response_id": "response_1"}, "safer_response_id is 'response_1', not one of"),
        ({"response_1_harmless_rate": -4}, "is -4, not between -3 and 3"),
        ({"response_1_helpful_rate": -1}, "is -1, not between 0 and 3"),
        ({"category": "animals"}, "category is 'animals', which is none of the 20"),
        ({"image": None}, "has no image"),
        ({"image": 17}, "image is 17, not a path or bytes"),
        ({"image": "../dog.png"}, "image leads out of the source's folder"),
        ({"image": "/etc/passwd"}, "image leads out of the source's folder"),
        ({"image": "https://example.org/dog.png"}, "image is an address; Castor fetches none"),
        ({"image": "C:\\dog.png"}, "image is no path"),
        ({"image": "cat.png"}, "image: 'cat.png' is missing"),
        ({"image": "."}, "image: '.' is missing"),
    ],
)
def test_it_refuses_wrong_values(tmp_path: Path, changes: dict[str, Any], reason: str) -> None:
    found = read_row(tmp_path, **changes)
    assert found.items == []
    assert reason in found.reasons[0]


def test_a_link_may_not_lead_out_of_the_folder(tmp_path: Path) -> None:
    outside = tmp_path / "outside.png"
    outside.write_bytes(PNG)
    folder = tmp_path / "source"
    folder.mkdir()
    (folder / "link.png").symlink_to(outside)
    assert "leads out of the source's folder" in read_row(folder, image="link.png").reasons[0]
    # The guard looks at where a file lies: with a wider root, the same link is taken.
    wide = read("beavertails_v", folder / "rows.jsonl", root=tmp_path)
    assert wide.items[0].media[0].path == outside


def test_it_says_which_column_a_table_lacks(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("question,picture\nWhat?,dog.png\n")
    assert "has no column 'image'" in refusal("beavertails_v", path)
