"""Exports as rows: asking for one, working it off, and reading its files back."""

from __future__ import annotations

import hashlib
import logging
import shutil
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO, BinaryIO, cast
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

import orjson
from django.contrib.auth.models import User
from django.db import transaction

from datasets_app import jobs, ledger, manifest
from datasets_app.exporting import ExportFault, write
from datasets_app.folders import FolderInUse
from datasets_app.formats import format_named
from datasets_app.manifest import FileEntry, Manifest
from datasets_app.models import Export, Version
from datasets_app.storage import export_key, storage
from datasets_app.vocabulary import JobState

__all__ = [
    "ExportFault",
    "FolderInUse",
    "NotReady",
    "files",
    "local_copy",
    "make_now",
    "open_archive",
    "open_file",
    "request",
    "run_waiting",
    "write",
]

log = logging.getLogger(__name__)

CHUNK = 1 << 20
# Text shrinks to a fifth on its way to a browser; what is packed already would not.
_SHRINKS = (".csv", ".json", ".jsonl", ".md")


class NotReady(Exception):
    """The export is not done: there is nothing to read yet."""


def request(version: Version, format: str, by: User | None) -> Export:
    """Ask for a version in a format: a row that a worker finds.

    Asked for twice, it is the same row; one that had failed is tried again. Raises UnknownFormat.
    """
    key = format_named(format, protocol=version.protocol).key
    with transaction.atomic():
        export, is_new = Export.objects.get_or_create(
            version=version,
            format=key,
            defaults={"requested_by": by, "total_rows": version.size},
        )
        if is_new:
            ledger.note(
                "export",
                by=by.pk if by else None,
                dataset=version.dataset_id,
                subject=f"export:{export.pk}",
                after=export.state,
                data={"version": str(version), "format": key},
            )
    jobs.ask_again(export, by=by.pk if by else None)
    return export


def run_waiting() -> int:
    """Work off every export that waits; return how many were tried. Faults are kept in the rows."""
    tried = 0
    while (export := jobs.claim(Export)) is not None:
        tried += 1
        try:
            _run(export)
        except Exception:
            log.exception("export %s failed", export.pk)
    return tried


def make_now(version: Version, format: str, by: User | None) -> Export:
    """The finished export, made here unless it is there already. Raises what making it raises."""
    export = request(version, format, by)
    if export.state != JobState.DONE and (claimed := jobs.claim(Export, only=export.pk)):
        _run(claimed)
    export.refresh_from_db()
    if export.state != JobState.DONE:
        raise NotReady(f"{export} is being made by another process; wait for it.")
    return export


def _run(export: Export) -> None:
    """Write the files, put them into the storage with the manifest last, say that it is done."""
    with jobs.worked_on(export):
        version = export.version
        _clear_up(export)
        with storage().workplace(_workplace(export, export.fence)) as place:
            form = format_named(export.format, protocol=version.protocol)
            signed = write(version, form, place / "files", progress=_Teller(export))
            _store(export, place / "files", signed)
        size = sum(entry["bytes"] for entry in signed["files"])
        short = {key: value for key, value in signed.items() if key != "files"}
        jobs.finish(export, manifest=short, size=size, done_rows=signed["records"])


def _workplace(export: Export, fence: int) -> str:
    # The fence keeps a worker that was thought dead out of its successor's folder.
    return f"export-{export.pk}-{fence}"


def _clear_up(export: Export) -> None:
    """Remove what earlier attempts left when they were killed."""
    for fence in range(max(1, export.fence - jobs.MOST_ATTEMPTS), export.fence):
        with storage().workplace(_workplace(export, fence)):
            pass


class _Teller:
    """Notes the progress of an export, not more often than somebody could watch it."""

    def __init__(self, export: Export) -> None:
        self.export = export
        self.told = time.monotonic()

    def __call__(self, done: int) -> None:
        if time.monotonic() - self.told >= jobs.TELL_SECONDS:
            jobs.renew(self.export, done_rows=done)
            self.told = time.monotonic()


def _store(export: Export, folder: Path, signed: Manifest) -> None:
    tell = _Teller(export)
    for entry in signed["files"]:
        storage().put(_key(export, entry["path"]), folder / entry["path"])
        tell(signed["records"])
    storage().put(_key(export, manifest.NAME), folder / manifest.NAME)
    wanted = {_key(export, path) for path in (manifest.NAME, *(e["path"] for e in signed["files"]))}
    for key in storage().keys(_folder(export)):
        if key not in wanted:
            storage().delete(key)


def _folder(export: Export) -> str:
    # By number and not by name: a dataset's name may change, its files stay.
    return export_key(f"version-{export.version_id}", export.format)


def _key(export: Export, path: str) -> str:
    return export_key(f"version-{export.version_id}", export.format, path)


def files(export: Export) -> list[FileEntry]:
    """The files of a finished export, the manifest last. Raises NotReady."""
    if export.state != JobState.DONE:
        raise NotReady(f"{export} is not done.")
    with storage().open(_key(export, manifest.NAME)) as source:
        content = source.read()
    signed: Manifest = orjson.loads(content)
    own: FileEntry = {
        "path": manifest.NAME,
        "bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        "rows": None,
    }
    return [*signed["files"], own]


def open_file(export: Export, name: str) -> BinaryIO:
    """One file of a finished export. Raises NotReady; KeyError for a name that it does not have."""
    if name not in {entry["path"] for entry in files(export)}:
        raise KeyError(name)
    return storage().open(_key(export, name))


def open_archive(export: Export) -> Iterator[bytes]:
    """All files of a finished export as one ZIP, made while it is read. Raises NotReady."""
    return _archive(export, files(export))


def _archive(export: Export, entries: list[FileEntry]) -> Iterator[bytes]:
    sink = _Sink()
    with ZipFile(cast(IO[bytes], sink), "w") as archive:  # it neither seeks nor reads
        for entry in entries:
            info = ZipInfo(entry["path"])
            info.compress_type = ZIP_DEFLATED if entry["path"].endswith(_SHRINKS) else ZIP_STORED
            info.external_attr = 0o644 << 16
            info.file_size = entry["bytes"]
            with (
                storage().open(_key(export, entry["path"])) as source,
                archive.open(info, "w") as target,
            ):
                while block := source.read(CHUNK):
                    target.write(block)
                    yield sink.taken()
    yield sink.taken()


class _Sink:
    """What a ZipFile writes into when nobody can seek: gives the bytes on."""

    def __init__(self) -> None:
        self._waiting = bytearray()

    def write(self, data: bytes) -> int:
        self._waiting += data
        return len(data)

    def flush(self) -> None:
        """Nothing is held back here."""

    def taken(self) -> bytes:
        """What was written since the last call."""
        data = bytes(self._waiting)
        self._waiting.clear()
        return data


@contextmanager
def local_copy(export: Export) -> Iterator[Path]:
    """A folder on this machine with all files of a finished export; read it, do not write to it."""
    listed = files(export)
    if (lies := storage().path(_key(export, manifest.NAME))) is not None:
        yield lies.parent
        return
    with storage().workplace(f"copy-{export.pk}") as place:
        for entry in listed:
            target = place / entry["path"]
            target.parent.mkdir(parents=True, exist_ok=True)
            source = storage().open(_key(export, entry["path"]))
            with closing(source), target.open("wb") as copy:
                shutil.copyfileobj(source, copy, CHUNK)
        yield place
