"""Verifying an export: every digest and count again, and the first difference in one line."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from pytest_django.fixtures import Settings

from datasets_app import exports, manifest, versions
from datasets_app.formats import FORMATS
from datasets_app.manifest import Broken, verify
from datasets_app.vocabulary import Split
from tests import build
from tests.datasets_app import settled

pytestmark = pytest.mark.django_db


# Exports that were made once in this process, by format: making one takes longer than copying it.
_made: dict[str, Path] = {}


@pytest.fixture
def whole(an_export: Callable[[str], Path]) -> Path:
    """An export with a packed list, and a folder of films."""
    return an_export("safesora")


@pytest.fixture
def an_export(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, settings: Settings
) -> Callable[[str], Path]:
    """Gives a copy of an export of three records, in the format that is named like its protocol."""
    settings.CASTOR_MEDIA_ROOT = tmp_path / "storage"

    def copied(key: str) -> Path:
        if key not in _made:
            _made[key] = tmp_path_factory.mktemp(key) / "out"
            dataset = build.dataset(key, slug="lodge")
            settled.with_files(dataset, 3)
            version = versions.cut(dataset, versions.Recipe(splits={Split.TRAIN: 1.0}), None)
            exports.write(version, FORMATS[key], _made[key])
        return Path(shutil.copytree(_made[key], tmp_path / "out"))

    return copied


def a_film(folder: Path) -> Path:
    return sorted(folder.rglob("*.mp4"))[0]


def resigned(folder: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """Change the manifest as somebody would who wants to deceive."""
    path = folder / manifest.NAME
    signed = json.loads(path.read_text())
    change(signed)
    path.write_text(json.dumps(signed))


def listed_as(folder: Path, path: Path, content: bytes) -> None:
    """Write a file, and let the manifest say what it is now."""
    path.write_bytes(content)

    def change(signed: dict[str, Any]) -> None:
        for entry in signed["files"]:
            if entry["path"] == path.relative_to(folder).as_posix():
                entry["bytes"] = len(content)
                entry["sha256"] = hashlib.sha256(content).hexdigest()

    resigned(folder, change)


@pytest.mark.parametrize("key", ["pku_saferlhf", "beavertails_v", "safesora"])
def test_an_export_is_intact(key: str, an_export: Callable[[str], Path]) -> None:
    signed = verify(an_export(key))
    assert sum(count["rows"] for count in signed["rows"]) == 3


def test_it_may_be_moved_and_copied(whole: Path, tmp_path: Path) -> None:
    whole.rename(tmp_path / "elsewhere")
    assert verify(tmp_path / "elsewhere")


def test_one_changed_byte_is_found(whole: Path) -> None:
    film = a_film(whole)
    film.write_bytes(film.read_bytes()[:-1] + b"!")
    with pytest.raises(Broken, match=r"videos/.*\.mp4 was changed: its SHA-256 is"):
        verify(whole)


def test_a_shorter_file_is_found(whole: Path) -> None:
    (whole / "README.md").write_text("# Beavers")
    with pytest.raises(Broken, match=r"README.md has 9 bytes, the manifest says"):
        verify(whole)


def test_a_missing_file_is_found(whole: Path) -> None:
    (whole / "config-train.json.gz").unlink()
    with pytest.raises(Broken, match=r"^config-train\.json\.gz is missing\.$"):
        verify(whole)


def test_an_extra_file_is_found(whole: Path) -> None:
    (whole / "videos" / "extra.mp4").write_bytes(b"")
    with pytest.raises(Broken, match=r"^videos/extra\.mp4 is not in the manifest\.$"):
        verify(whole)


def test_a_link_is_refused(whole: Path) -> None:
    film = a_film(whole)
    film.unlink()
    film.symlink_to("/etc/passwd")
    with pytest.raises(Broken, match="neither a plain file nor a folder"):
        verify(whole)


def test_a_folder_that_is_a_link_is_refused(whole: Path, tmp_path: Path) -> None:
    (whole / "videos").rename(tmp_path / "videos")
    (whole / "videos").symlink_to(tmp_path / "videos")
    with pytest.raises(Broken, match="videos: neither a plain file nor a folder"):
        verify(whole)


def test_a_pipe_is_refused(whole: Path) -> None:
    os.mkfifo(whole / "pipe")
    with pytest.raises(Broken, match="neither a plain file nor a folder"):
        verify(whole)


def test_rows_that_are_not_there_are_found(whole: Path) -> None:
    path = whole / "config-train.json.gz"
    lines = gzip.decompress(path.read_bytes()).splitlines(keepends=True)
    listed_as(whole, path, gzip.compress(b"".join(lines[:-2] + lines[-1:])))
    with pytest.raises(Broken, match=r"has 2 rows, the manifest says 3"):
        verify(whole)


def test_lines_that_are_not_there_are_found(an_export: Callable[[str], Path]) -> None:
    folder = an_export("pku_saferlhf")
    lines = (folder / "train.jsonl").read_bytes().splitlines(keepends=True)
    listed_as(folder, folder / "train.jsonl", b"".join(lines[:-1]))
    with pytest.raises(Broken, match=r"train\.jsonl has 2 rows, the manifest says 3"):
        verify(folder)


@pytest.mark.parametrize("content", [b"", b"PAR1", b"not parquet at all, but long enough for it"])
def test_what_is_no_parquet_is_found(content: bytes, an_export: Callable[[str], Path]) -> None:
    folder = an_export("beavertails_v")
    path = next(folder.rglob("*.parquet"))
    listed_as(folder, path, content)
    with pytest.raises(Broken, match=r"\.parquet cannot be read"):
        verify(folder)


@pytest.mark.parametrize(
    "content", [b"\x1f\x8b", b"plain", gzip.compress(b"[\n{}\n]\n", mtime=0)[:-9]]
)
def test_a_packed_file_that_ends_too_soon_is_found(content: bytes, whole: Path) -> None:
    listed_as(whole, whole / "config-train.json.gz", content)
    with pytest.raises(Broken, match=r"config-train\.json\.gz cannot be read"):
        verify(whole)


def test_counts_that_contradict_each_other_are_found(whole: Path) -> None:
    resigned(whole, lambda signed: signed["rows"][0].update(rows=4))
    with pytest.raises(Broken, match="rows by split and rows by file differ"):
        verify(whole)


@pytest.mark.parametrize(
    "path", ["../storage/x", "/etc/passwd", "a/../../b", "", ".", "a//b", "a\\b"]
)
def test_a_path_that_leads_out_of_the_folder_is_refused(path: str, whole: Path) -> None:
    resigned(whole, lambda signed: signed["files"][0].update(path=path))
    with pytest.raises(Broken, match="is no path below the folder"):
        verify(whole)


@pytest.mark.parametrize(
    "change",
    [
        lambda signed: signed.pop("files"),
        lambda signed: signed.update(extra=1),
        lambda signed: signed.update(files={}),
        lambda signed: signed.update(version="lodge@1"),
        lambda signed: signed.update(records="3"),
        lambda signed: signed["files"].append(3),
        lambda signed: signed["files"][0].update(bytes="12"),
        lambda signed: signed["files"][0].update(bytes=True),
        lambda signed: signed["rows"][0].pop("split"),
        lambda signed: signed["files"].append(signed["files"][0]),
    ],
)
def test_a_misshapen_manifest_is_refused(change: Callable[[Any], None], whole: Path) -> None:
    resigned(whole, change)
    with pytest.raises(Broken) as error:
        verify(whole)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff", b"[" * 100_000, b"null"])
def test_what_is_no_manifest_is_refused(content: bytes, whole: Path) -> None:
    (whole / manifest.NAME).write_bytes(content)
    with pytest.raises(Broken, match=r"manifest\.json: not"):
        verify(whole)


def test_a_folder_without_a_manifest_is_no_finished_export(whole: Path, tmp_path: Path) -> None:
    (whole / manifest.NAME).unlink()
    with pytest.raises(Broken, match="no finished export"):
        verify(whole)
    with pytest.raises(Broken, match="no finished export"):
        verify(tmp_path / "nowhere")


def test_the_command_prints_one_object(whole: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("verify", str(whole), json=True)
    assert json.loads(capsys.readouterr().out) == {
        "folder": str(whole),
        "intact": True,
        "version": "lodge@1",
        "format": "safesora",
        "files": 8,
        "rows": 3,
    }
    call_command("verify", str(whole))
    assert "is intact: lodge@1 as safesora, 3 rows in 8 files." in capsys.readouterr().out


def test_the_command_exits_with_2_and_one_line(whole: Path) -> None:
    (whole / "README.md").unlink()
    with pytest.raises(CommandError, match=r"README\.md is missing") as error:
        call_command("verify", str(whole))
    assert error.value.returncode == 2


def test_what_a_manifest_says_cannot_write_to_the_terminal(
    whole: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    resigned(whole, lambda signed: signed["version"].update(dataset="\x1b[2Jlodge\nfake line"))
    call_command("verify", str(whole))
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert out.count("\n") == 1
