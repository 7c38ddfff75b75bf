"""Writing a version in one format into a folder: whole or not at all, the same bytes every time."""

from __future__ import annotations

import gc
import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import BinaryIO

import orjson
import psycopg
from django.db import connection

from datasets_app import card, folders, manifest
from datasets_app.formats import base
from datasets_app.formats.base import Attachment, Format, Refusal, Shape, Table
from datasets_app.formats.reading import Reading
from datasets_app.hashed_file import HashedFile, Written
from datasets_app.manifest import FileEntry, Manifest, RowCount
from datasets_app.models import Version
from datasets_app.protocols import protocol_named
from datasets_app.record import RecordBody
from datasets_app.row_files import RowFile, open_rows
from datasets_app.splits import ORDER
from datasets_app.storage import media_key, storage
from datasets_app.vocabulary import Split

PAGE = 1000
CHUNK = 1 << 20

# By key and not by cursor: records never change, so no transaction must stay open meanwhile.
_RECORDS = """
SELECT convert_to(body, 'UTF8') FROM datasets_app_record
WHERE version_id = %s AND position >= %s AND position < %s ORDER BY position
"""

Progress = Callable[[int], None]
_PLACE = {split.value: place for place, split in enumerate(ORDER)}


class ExportFault(Exception):
    """The export cannot be written; the text is one line: what, where, what to do."""


def write(
    version: Version, format: Format, directory: Path, *, progress: Progress | None = None
) -> Manifest:
    """Write the version in the format into `directory`, and return the manifest.

    A pure function of version, format and this release of Castor: run again, it gives the same
    bytes. The directory appears at once when all is on disk; an export that was there is replaced,
    anything else is refused with folders.FolderInUse. `progress` is told how many records are
    done. Raises ExportFault when a file is missing or damaged, OSError when the disk is full.
    """
    with folders.appearing(Path(directory).absolute(), replaces=_is_export) as draft:
        return _Writing(version, format, draft).run(progress or (lambda done: None))


def records(version: Version) -> Iterator[bytes]:
    """The version's records in order, each as canonical JSON in UTF-8, in flat memory."""
    connection.ensure_connection()
    # Bytes in the binary format are neither decoded nor spelled out in hexadecimals on their way.
    with psycopg.Cursor(connection.connection) as cursor:
        for first in range(0, version.size, PAGE):
            cursor.execute(_RECORDS, (version.pk, first, first + PAGE), binary=True)
            for (body,) in cursor.fetchall():
                yield body


class _Part:
    """One table of an export: its files that are open, and what it refused so far."""

    def __init__(self, table: Table, folder: Path) -> None:
        self.table = table
        self.folder = folder
        self.open: dict[tuple[str, str], RowFile] = {}
        self.refusals: Counter[str] = Counter()
        self._seen: set[bytes] = set()

    def add(
        self, reading: Reading, split: str, attach: Callable[[Sequence[Attachment]], bool]
    ) -> None:
        table = self.table
        rows = table.rows(reading)
        if isinstance(rows, Refusal):
            self.refusals[rows.reason] += 1
            return
        if table.attachments is not None and not attach(table.attachments(reading)):
            self.refusals["same_file_name"] += 1
            return
        if table.once is not None:
            rows = [row for row in rows if not self._was_written(table.once(row))]
        if not rows:
            return  # a file without rows would be one that no loader can open
        if not table.config_column:
            self._file(table.config, split).extend(rows)
            return
        for row in rows:
            self._file(row[table.config_column], split).extend((row,))

    def _was_written(self, mark: str) -> bool:
        # Eight bytes a row keep memory flat; of a million rows two clash once in 37 million times.
        short = hashlib.blake2b(mark.encode(), digest_size=8).digest()
        if short in self._seen:
            self.refusals["repeated"] += 1
            return True
        self._seen.add(short)
        return False

    def _file(self, config: str, split: str) -> RowFile:
        file = self.open.get((config, split))
        if file is None:
            table = self.table
            path = self.folder / table.path_of(config, Split(split))
            file = open_rows(path, table.encoding, table.features, _media_bytes)
            self.open[config, split] = file
        return file

    def finish(self) -> Iterator[tuple[RowCount, Written]]:
        """Finish the files, by config and then in the order of the splits."""
        for config, name in sorted(self.open, key=lambda place: (place[0], _PLACE[place[1]])):
            split = Split(name)
            path, written = self.table.path_of(config, split), self.open[config, name].finish()
            rows = written.rows or 0
            yield (
                {"config": config, "split": self.table.splits[split], "path": path, "rows": rows},
                written,
            )

    def close(self) -> None:
        """Give the files up, whole or not."""
        for file in self.open.values():
            file.close()


class _Writing:
    """One export in the making."""

    def __init__(self, version: Version, format: Format, folder: Path) -> None:
        self.version = version
        self.format = format
        self.folder = folder
        self.shape = shape_of(version)
        self.parts = [_Part(table, folder) for table in format.tables(self.shape)]
        self.attached: dict[str, str] = {}
        self.files: dict[str, Written] = {}
        self.rows: list[RowCount] = []

    def run(self, progress: Progress) -> Manifest:
        try:
            with _few_collections():
                done = self._add_all(progress)
            for part in self.parts:
                for count, written in part.finish():
                    self.rows.append(count)
                    self.files[count["path"]] = written
        finally:
            for part in self.parts:
                part.close()
        progress(done)
        return self._sign(done)

    def _add_all(self, progress: Progress) -> int:
        done = 0
        for body in records(self.version):
            record: RecordBody = orjson.loads(body)
            reading, split = Reading(record), record["split"]
            for part in self.parts:
                part.add(reading, split, self._attach)
            done += 1
            if done % PAGE == 0:
                progress(done)
        return done

    def _attach(self, wanted: Sequence[Attachment]) -> bool:
        """Copy the files that are not there yet; False when another file has a name already."""
        named: dict[str, str] = {}
        for file in wanted:
            there = self.attached.get(file.path, file.digest)
            if there != file.digest or named.setdefault(file.path, there) != there:
                return False
        for path, digest in named.items():
            if path not in self.attached:
                self.files[path] = _copy_media(digest, self.folder / path)
                self.attached[path] = digest
        return True

    def _sign(self, done: int) -> Manifest:
        """Write what the loader wants beside the rows, the card, then the manifest at last."""
        version = self.version
        signed: Manifest = {
            "castor": manifest.castor_version(),
            "format": {"key": self.format.key, "version": self.format.version},
            "version": {
                "dataset": version.dataset.slug,
                "number": version.number,
                "digest": version.digest,
                "protocol": version.protocol,
                "label_set": self.shape.protocol.label_set,
                "recipe": version.recipe,
                "counts": version.counts,
                "refusals": version.refusals,
            },
            "records": done,
            "rows": self.rows,
            "refusals": {
                part.table.config: dict(sorted(part.refusals.items())) for part in self.parts
            },
            "files": [],
        }
        if self.format.beside is not None:
            rows = [base.Written(row["config"], row["split"], row["path"]) for row in self.rows]
            for path, content in self.format.beside(self.shape, rows).items():
                self.files[path] = _write(self.folder / path, content)
        tables = [part.table for part in self.parts]
        text = card.render(version, self.format, tables, signed)
        self.files["README.md"] = _write(self.folder / "README.md", text.encode())
        signed["files"] = [_entry(path, self.files[path]) for path in sorted(self.files)]
        _write(self.folder / manifest.NAME, manifest.encode(signed))
        return signed


@contextmanager
def _few_collections() -> Iterator[None]:
    """Let the cyclic collector look seldom: millions of rows pass, none of them in a cycle, and
    searching them for cycles would take half of the time."""
    before = gc.get_threshold()
    gc.set_threshold(100_000, 50, 1000)
    try:
        yield
    finally:
        gc.set_threshold(*before)


def shape_of(version: Version) -> Shape:
    """What of a version decides how a format lays it out."""
    return Shape(
        protocol_named(version.protocol),
        frozenset(version.census.get("prompt_media", ())),
        frozenset(version.census.get("response_media", ())),
    )


def _is_export(folder: Path) -> bool:
    """Whether a folder holds an export, told by its manifest: only such a one is replaced."""
    try:
        manifest.read(folder)
    except manifest.Broken:
        return False
    return True


def _entry(path: str, written: Written) -> FileEntry:
    return {"path": path, "bytes": written.bytes, "sha256": written.sha256, "rows": written.rows}


def _write(path: Path, content: bytes) -> Written:
    file = HashedFile(path)
    try:
        file.write(content)
        return file.finish()
    finally:
        file.close()


def _open_media(digest: str) -> BinaryIO:
    try:
        return storage().open(media_key(digest))
    except FileNotFoundError:
        raise ExportFault(f"The media file {digest} is not in the storage.") from None


def _media_bytes(digest: str) -> bytes:
    with closing(_open_media(digest)) as source:
        content = source.read()
    if hashlib.sha256(content).hexdigest() != digest:
        raise ExportFault(f"The media file {digest} is damaged: its bytes have another SHA-256.")
    return content


def _copy_media(digest: str, target: Path) -> Written:
    file = HashedFile(target)
    try:
        with closing(_open_media(digest)) as source:
            while block := source.read(CHUNK):
                file.write(block)
        written = file.finish()
    finally:
        file.close()
    if written.sha256 != digest:
        raise ExportFault(f"The media file {digest} is damaged: its bytes have another SHA-256.")
    return written
