"""Reading from the Hub, with its real client against a Hub on this machine."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.core.management import CommandError, call_command
from huggingface_hub import constants

from datasets_app.hub.reading import HubCopy, fetch
from datasets_app.models import Item
from datasets_app.readers import reader_named
from datasets_app.readers.base import BadRow, ReadOptions, UnreadableFile
from tests import hub_server
from tests.datasets_app.intake.rows import labelled
from tests.datasets_app.media.corpus import encoded, picture
from tests.datasets_app.readers.test_beavertails_v import ROW
from tests.hub_server import Blob, Hub, Repository

NAME = "beavers/lodge"
CARD = """---
configs:
- config_name: alpaca
  data_files:
  - split: train
    path: data/alpaca/train*.jsonl
  - split: test
    path: data/alpaca/test.jsonl
- config_name: beaver
  data_files: data/beaver/**
---
"""


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Hub]:
    with hub_server.running() as running:
        monkeypatch.setenv("HF_ENDPOINT", running.url)
        monkeypatch.setenv("HF_TOKEN", hub_server.TOKEN)
        monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
        monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
        yield running


def pairs(*numbers: int) -> bytes:
    return "".join(json.dumps(labelled(n)) + "\n" for n in numbers).encode()


def publish(hub: Hub, files: dict[str, bytes], *, name: str = NAME) -> str:
    """A repository with one more commit; the commit's name."""
    repository = hub.repositories.setdefault(name, Repository())
    return repository.commit({p: Blob(c, lfs=False) for p, c in files.items()}, "data")


def files_of(copy: HubCopy, *, key: str = "pku_saferlhf") -> list[tuple[str, int]]:
    rows = list(reader_named(key).read(copy.folder, copy.options))
    assert not [row for row in rows if isinstance(row, BadRow)]
    return [(row.file, row.line) for row in rows]


def fetched(address: str, *, config: str = "", split: str = "") -> HubCopy:
    return fetch(address, reader_named("pku_saferlhf"), ReadOptions(config=config, split=split))


REPOSITORY = {
    "README.md": CARD.encode(),
    "data/alpaca/train-00000-of-00001.jsonl": pairs(1, 2),
    "data/alpaca/test.jsonl": pairs(3),
    "data/beaver/deep/train.jsonl": pairs(4),
    "data/unlisted.jsonl": pairs(5),
    "code.py": b"raise SystemExit('never run')",
    "weights.pkl": b"never fetched",
}


def test_the_card_says_which_files_are_meant(hub: Hub) -> None:
    publish(hub, REPOSITORY)
    assert files_of(fetched(f"hf://{NAME}")) == [
        ("data/alpaca/test.jsonl", 1),
        ("data/alpaca/train-00000-of-00001.jsonl", 1),
        ("data/alpaca/train-00000-of-00001.jsonl", 2),
        ("data/beaver/deep/train.jsonl", 1),
    ]
    assert files_of(fetched(f"hf://{NAME}", config="alpaca", split="test")) == [
        ("data/alpaca/test.jsonl", 1)
    ]
    assert files_of(fetched(f"hf://{NAME}", config="beaver")) == [
        ("data/beaver/deep/train.jsonl", 1)
    ]


def test_only_files_of_rows_are_fetched(hub: Hub) -> None:
    publish(hub, REPOSITORY)
    folder = fetched(f"hf://{NAME}").folder
    held = {path.name for path in folder.rglob("*") if path.is_file()}
    assert held == {"README.md", "train-00000-of-00001.jsonl", "test.jsonl", "train.jsonl"}


def test_a_config_called_default_is_the_default(hub: Hub) -> None:
    card = "---\nconfigs:\n- config_name: default\n  data_files: all.jsonl\n"
    card += "- config_name: part\n  data_files:\n  - path: [part.jsonl]\n---\n"
    files = {"README.md": card.encode(), "all.jsonl": pairs(1, 2), "part.jsonl": pairs(1)}
    publish(hub, files)
    assert files_of(fetched(f"hf://{NAME}")) == [("all.jsonl", 1), ("all.jsonl", 2)]
    assert files_of(fetched(f"hf://{NAME}", config="part")) == [("part.jsonl", 1)]


def test_without_a_card_folders_and_names_tell(hub: Hub) -> None:
    publish(hub, {"data/train.jsonl": pairs(1), "data/test.jsonl": pairs(2), "x.jsonl": pairs(3)})
    assert files_of(fetched(f"hf://{NAME}", split="test")) == [("data/test.jsonl", 1)]
    assert len(files_of(fetched(f"hf://{NAME}"))) == 2


def test_a_revision_is_read_as_it_was(hub: Hub) -> None:
    first = publish(hub, {"train.jsonl": pairs(1)})
    publish(hub, {"train.jsonl": pairs(1, 2)})
    hub.repositories[NAME].tags["v1"] = first
    assert len(files_of(fetched(f"hf://{NAME}"))) == 2
    assert len(files_of(fetched(f"hf://{NAME}@v1"))) == 1
    assert len(files_of(fetched(f"hf://{NAME}@{first}"))) == 1


def test_fetched_once_it_is_not_fetched_again(hub: Hub) -> None:
    publish(hub, {"train.jsonl": pairs(1)})
    fetched(f"hf://{NAME}")
    before = hub.asked("resolve")
    fetched(f"hf://{NAME}")
    assert hub.asked("resolve") == before


@pytest.mark.django_db
def test_images_inside_parquet_are_loaded(
    hub: Hub, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    image = {"bytes": encoded(picture(), "PNG"), "path": "dog.png"}
    path = tmp_path / "train.parquet"
    pq.write_table(pa.Table.from_pylist([{"image": image, **ROW}]), path)
    publish(hub, {"data/animal_abuse/train.parquet": path.read_bytes()})
    call_command(
        "load", f"hf://{NAME}", dataset="dogs", format="beavertails_v", config="animal_abuse"
    )
    assert "1 loaded" in capsys.readouterr().out
    item = Item.objects.get()
    assert item.imported_votes.get().source == f"hf://{NAME}/data/animal_abuse/train.parquet"
    assert item.prompt.media_links.count() == 1


@pytest.mark.django_db
def test_media_beside_the_rows_are_fetched_with_them(hub: Hub, tmp_path: Path) -> None:
    row = {"image": "images/dog.png", **ROW}
    image = encoded(picture(), "PNG")
    publish(hub, {"rows.jsonl": json.dumps(row).encode(), "images/dog.png": image})
    call_command("load", f"hf://{NAME}", dataset="dogs", format="beavertails_v")
    assert Item.objects.get().prompt.media_links.count() == 1


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("hf://lodge", "write hf://ORG/NAME or hf://ORG/NAME@REVISION"),
        ("hf://../../etc/passwd", "write hf://ORG/NAME"),
        ("hf://beavers/nowhere", "is not there, or closed to you"),
        ("hf://beavers/lodge@v9", "is not there, or closed to you"),
    ],
)
def test_it_says_what_is_wrong_with_an_address(hub: Hub, address: str, reason: str) -> None:
    publish(hub, {"train.jsonl": pairs(1)})
    with pytest.raises(UnreadableFile) as refusal:
        fetched(address)
    assert reason in str(refusal.value)
    assert hub.url not in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_it_knows_the_configs_there_are(hub: Hub) -> None:
    publish(hub, REPOSITORY)
    with pytest.raises(UnreadableFile, match="no config otter; there are: alpaca, beaver"):
        fetched(f"hf://{NAME}", config="otter")
    with pytest.raises(UnreadableFile, match="no file of rows in beaver, split test"):
        fetched(f"hf://{NAME}", config="beaver", split="test")


def test_a_broken_card_is_one_line(hub: Hub) -> None:
    publish(hub, {"README.md": b"---\nconfigs: [\n---\n", "train.jsonl": pairs(1)})
    with pytest.raises(UnreadableFile, match=r"front matter of its README\.md is broken"):
        fetched(f"hf://{NAME}")


def test_a_hub_that_is_away_is_one_line(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(UnreadableFile, match="the Hub cannot be reached"):
        fetched(f"hf://{NAME}")


def test_without_a_token_a_closed_repository_stays_closed(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(hub, {"train.jsonl": pairs(1)})
    monkeypatch.setenv("HF_TOKEN", "hf_of_nobody")
    with pytest.raises(UnreadableFile, match="set HF_TOKEN"):
        fetched(f"hf://{NAME}")


@pytest.mark.django_db
def test_the_command_says_it_in_one_line(hub: Hub) -> None:
    with pytest.raises(CommandError, match="is not there, or closed to you"):
        call_command("load", "hf://beavers/nowhere", dataset="x", format="jsonl")
