"""The manifest of an export: what each of its files holds; and the proof that it still does."""

from __future__ import annotations

import gzip
import hashlib
import json
import tomllib
import zlib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any, TypedDict

from datasets_app import parquet

NAME = "manifest.json"
MOST_BYTES = 256 << 20
_CHUNK = 1 << 20


class FileEntry(TypedDict):
    """One file: its path below the folder, size, SHA-256; its rows, null where it has none."""

    path: str
    bytes: int
    sha256: str
    rows: int | None


class RowCount(TypedDict):
    """How many rows a config has in a split, as `datasets.load_dataset` names both."""

    config: str
    split: str
    path: str
    rows: int


class Manifest(TypedDict):
    """What an export is and holds. Nothing in it tells when, where or by whom it was made."""

    castor: str
    format: dict[str, Any]
    version: dict[str, Any]
    records: int
    rows: list[RowCount]
    refusals: dict[str, dict[str, int]]
    files: list[FileEntry]


_KINDS = {
    "castor": str,
    "format": dict,
    "version": dict,
    "records": int,
    "rows": list,
    "refusals": dict,
    "files": list,
}


class Broken(Exception):
    """A folder is not what its manifest says; the text is one line with the first difference."""


@cache
def castor_version() -> str:
    """This Castor's own version, from pyproject.toml."""
    project = Path(__file__).resolve().parent.parent / "pyproject.toml"
    return str(tomllib.loads(project.read_text(encoding="utf-8"))["project"]["version"])


def encode(manifest: Manifest) -> bytes:
    """The file's bytes: sorted keys, indented, one final newline."""
    text = json.dumps(manifest, ensure_ascii=False, indent=2, sort_keys=True)
    return text.encode() + b"\n"


def verify(folder: Path) -> Manifest:
    """Recompute every size, digest and row count of an export. Raises Broken.

    The folder may come from anywhere: nothing outside it is read, links are refused, no row is
    interpreted beyond counting it.
    """
    manifest = read(folder)
    entries = {entry["path"]: entry for entry in manifest["files"]}
    _compare_names(set(entries), set(_names(folder)) - {NAME})
    for path in sorted(entries):
        _check_file(folder / path, entries[path])
    _check_counts(manifest, entries)
    return manifest


def read(folder: Path) -> Manifest:
    """The manifest of a folder, its shape checked and nothing else. Raises Broken."""
    path = folder / NAME
    try:
        if path.is_symlink() or path.stat().st_size > MOST_BYTES:
            raise Broken(f"{path}: not a manifest of Castor.")
        value = json.loads(path.read_bytes())
    except FileNotFoundError:
        raise Broken(f"{folder}: there is no {NAME}, so this is no finished export.") from None
    except OSError as error:
        raise Broken(f"{path}: {error.strerror or error}.") from error
    except (ValueError, RecursionError):
        raise Broken(f"{path}: not JSON.") from None
    fault = _misshapen(value)
    if fault:
        raise Broken(f"{path}: {fault}.")
    manifest: Manifest = value
    return manifest


def _misshapen(value: Any) -> str:  # Any: it comes from a file
    if not isinstance(value, dict) or set(value) != set(Manifest.__annotations__):
        return "not a manifest of Castor"
    if any(type(value[key]) is not kind for key, kind in _KINDS.items()):
        return "not a manifest of Castor"
    for entry in value["files"]:
        if not _is_shaped(entry, FileEntry.__annotations__, path=str, bytes=int, sha256=str):
            return "an entry of files is misshapen"
        if not _stays_inside(entry["path"]):
            return f"{entry['path']!r} is no path below the folder"
    for count in value["rows"]:
        if not _is_shaped(
            count, RowCount.__annotations__, config=str, split=str, path=str, rows=int
        ):
            return "an entry of rows is misshapen"
    paths = [entry["path"] for entry in value["files"]]
    return "a file is listed twice" if len(set(paths)) < len(paths) else ""


def _is_shaped(entry: Any, keys: Mapping[str, Any], **types: type) -> bool:  # Any: from a file
    if not isinstance(entry, dict) or set(entry) != set(keys):
        return False
    return all(type(entry[key]) is wanted for key, wanted in types.items())


def _stays_inside(path: str) -> bool:
    parts = PurePosixPath(path).parts
    is_plain = bool(parts) and not path.startswith("/") and "\x00" not in path and "\\" not in path
    return is_plain and ".." not in parts and str(PurePosixPath(*parts)) == path


def _names(folder: Path) -> Iterator[str]:
    """Every file below the folder; a link or anything that is no plain file is refused."""
    for path in sorted(folder.rglob("*")):
        if path.is_symlink() or not (path.is_file() or path.is_dir()):
            raise Broken(f"{path}: neither a plain file nor a folder.")
        if path.is_file():
            yield path.relative_to(folder).as_posix()


def _compare_names(listed: set[str], found: set[str]) -> None:
    if missing := sorted(listed - found):
        raise Broken(f"{missing[0]} is missing.")
    if extra := sorted(found - listed):
        raise Broken(f"{extra[0]} is not in the manifest.")


def _check_file(path: Path, entry: FileEntry) -> None:
    name = entry["path"]
    try:
        size = path.stat().st_size
        if size != entry["bytes"]:
            raise Broken(f"{name} has {size:,} bytes, the manifest says {entry['bytes']:,}.")
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise Broken(f"{name}: {error.strerror or error}.") from error
    if digest != entry["sha256"]:
        raise Broken(f"{name} was changed: its SHA-256 is {digest}, not {entry['sha256']}.")
    rows = _count(path) if entry["rows"] is not None else None
    if rows != entry["rows"]:
        raise Broken(f"{name} has {rows} rows, the manifest says {entry['rows']}.")


def _check_counts(manifest: Manifest, entries: Mapping[str, FileEntry]) -> None:
    for count in manifest["rows"]:
        entry = entries.get(count["path"])
        if entry is None or entry["rows"] != count["rows"]:
            raise Broken(f"{count['path']}: rows by split and rows by file differ in the manifest.")


def _count(path: Path) -> int:
    name = path.name
    try:
        if name.endswith(".parquet"):
            return parquet.count_rows(path)
        with gzip.open(path) if name.endswith(".gz") else path.open("rb") as file:
            lines = sum(block.count(b"\n") for block in _blocks(file))
        # A list is written a row a line, between a line that opens it and one that ends it.
        return lines - 2 if name.endswith(".json.gz") else lines
    except (parquet.UnreadableParquet, EOFError, OSError, zlib.error) as error:
        raise Broken(f"{name} cannot be read: {error}.") from error


def _blocks(file: Any) -> Iterator[bytes]:  # Any: a file or a gzip stream
    while block := file.read(_CHUNK):
        yield block
