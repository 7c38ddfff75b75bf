"""SafeSora: a config file, videos beside it, and two forms of rows."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from datasets_app.label_sets.safesora import SAFESORA
from datasets_app.vocabulary import Modality
from tests.datasets_app.readers.reading import Read, read

NO_LABELS = dict.fromkeys(SAFESORA.keys, False)
PAIR: dict[str, Any] = {
    "pair_id": "pair-1",
    "prompt_id": "p1",
    "prompt_text": "A beaver builds a dam",
    "prompt_type": "safety_neutral",
    "video_0": {"video_id": "v0", "prompt_id": "p1", "video_text": "A beaver, at dusk",
                "generated_from": "model-a"},
    "video_1": {"video_id": "v1", "prompt_id": "p1", "generated_from": "model-b"},
    "helpfulness": "video_0",
    "harmlessness": "video_1",
    "sub_preferences": {
        "instruction_following": "video_0",
        "correctness": "video_1",
        "information": "video_0",
        "aesthetics": None,
    },
}  # fmt: skip
FILM: dict[str, Any] = {
    "prompt_id": "p1",
    "prompt_text": "A beaver builds a dam",
    "prompt_type": "safety_critical",
    "prompt_labels": {**NO_LABELS, "violence": True},
    "video_id": "v0",
    "video_text": "A beaver, at dusk",
    "video_path": "videos/p1/v0.mp4",
    "is_safe": False,
    "video_labels": {**NO_LABELS, "violence": True, "crime": True},
    "generated_from": "model-a",
}


def write(folder: Path, rows: list[dict[str, Any]], *, name: str = "config-train.json") -> Path:
    """A source with two films of its prompt; what they hold is not looked at here."""
    for video in ("v0", "v1"):
        path = folder / "videos" / "p1" / f"{video}.mp4"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(video.encode())
    content = json.dumps(rows).encode()
    (folder / name).write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    return folder


def read_pair(folder: Path, **changes: Any) -> Read:
    return read("safesora", write(folder, [{**PAIR, **changes}]))


@pytest.mark.parametrize("name", ["config.json", "config-train.json.gz"])
def test_it_reads_a_folder_and_a_file(tmp_path: Path, name: str) -> None:
    write(tmp_path, [PAIR], name=name)
    for source in (tmp_path, tmp_path / name):
        (item,) = read("safesora", source).items
        assert [media.path for media in item.media] == [
            tmp_path / "videos/p1/v0.mp4",
            tmp_path / "videos/p1/v1.mp4",
        ]


def test_it_reads_a_pair_with_all_it_says(tmp_path: Path) -> None:
    (item,) = read_pair(tmp_path).items
    assert item.external_id == "pair-1"
    assert item.prompt_external_id == "p1"
    assert item.prompt_meta == {"prompt_type": "safety_neutral"}
    assert item.meta == {"split": "train"}
    assert [response.model for response in item.responses] == ["model-a", "model-b"]
    assert item.responses[0].meta == {"video_id": "v0", "video_text": "A beaver, at dusk"}
    assert {media.modality for media in item.media} == {Modality.VIDEO}
    assert item.votes[0].answers == {
        "better": "0",
        "safer": "1",
        "instruction_following": "0",
        "correctness": "1",
        "informativeness": "0",
    }


def test_it_knows_both_spellings_of_informativeness(tmp_path: Path) -> None:
    for names in ({"informativeness": "video_1"}, {"information": "video_1"}):
        (item,) = read_pair(tmp_path, sub_preferences=names).items
        assert item.votes[0].answers["informativeness"] == "1"
    both = {"informativeness": "video_1", "information": "video_0"}
    assert "contradict each other" in read_pair(tmp_path, sub_preferences=both).reasons[0]


def test_an_explicit_path_goes_before_the_usual_one(tmp_path: Path) -> None:
    (tmp_path / "own.mp4").write_bytes(b"own")
    film = {**PAIR["video_0"], "video_path": "own.mp4"}
    (item,) = read_pair(tmp_path, video_0=film).items
    assert item.media[0].path == tmp_path / "own.mp4"


def test_the_absolute_paths_of_the_loader_are_of_another_machine(tmp_path: Path) -> None:
    film = {**PAIR["video_0"], "video_path": "/home/them/videos/p1/v0.mp4"}
    (item,) = read_pair(tmp_path, video_0=film).items
    assert item.media[0].path == tmp_path / "videos/p1/v0.mp4"


def test_labels_within_a_pair_are_answers(tmp_path: Path) -> None:
    films = {
        "video_0": {**PAIR["video_0"], "video_labels": FILM["video_labels"]},
        "video_1": {**PAIR["video_1"], "is_safe": True},
    }
    (item,) = read_pair(tmp_path, **films).items
    assert item.votes[0].answers["categories"] == {"0": ["crime", "violence"], "1": []}


def test_films_of_the_label_form_are_paired_within_their_prompt(tmp_path: Path) -> None:
    other = {
        **FILM,
        "video_id": "v1",
        "video_path": None,
        "is_safe": True,
        "video_labels": NO_LABELS,
    }
    lone = {**FILM, "prompt_id": "p2", "prompt_text": "A lone beaver"}
    found = read("safesora", write(tmp_path, [FILM, lone, other]))
    (item,) = found.items
    assert item.external_id == "v0+v1"
    assert item.prompt_meta["prompt_labels"]["violence"] is True
    assert item.votes[0].answers == {"categories": {"0": ["crime", "violence"], "1": []}}
    assert found.reasons == [
        "config-train.json:2: is a film without a second one of the same prompt: a pair needs two"
    ]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"helpfulness": "video_2"}, "helpfulness is 'video_2', not one of 'video_0', 'video_1'"),
        ({"harmlessness": 0}, "harmlessness is 0, not one of"),
        ({"sub_preferences": ["video_0"]}, 'sub_preferences is ["video_0"], not an object'),
        ({"sub_preferences": {"correctness": "A"}}, "correctness is 'A', not one of"),
        ({"video_1": None}, "video_1 is null, not the object of a video"),
        ({"video_1": "videos/p1/v1.mp4"}, "not the object of a video"),
        ({"video_1": {"video_id": "v9"}}, "'videos/p1/v9.mp4' is missing"),
        ({"video_1": {"video_path": "../../v1.mp4"}}, "leads out of the source's folder"),
        ({"video_1": {"video_id": "../../../v1"}}, "leads out of the source's folder"),
        ({"video_1": {}}, "has a video without video_path, and without prompt_id and video_id"),
        ({"video_0": {**PAIR["video_0"], "video_labels": {"war": True}}}, "none of the 12 kinds"),
        ({"prompt_text": ""}, "prompt_text is empty"),
    ],
)
def test_it_refuses_wrong_values(tmp_path: Path, changes: dict[str, Any], reason: str) -> None:
    found = read_pair(tmp_path, **changes)
    assert found.items == []
    assert reason in found.reasons[0]
