"""Files of rows that are being written: hashed as they go, the same bytes for the same rows."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

import orjson

from datasets_app import parquet
from datasets_app.formats.base import Encoding, Features, Row
from datasets_app.hashed_file import HashedFile, Written

BUFFER = 1 << 20
# The fixed header of every gzip stream: no name, no time, no operating system.
GZIP_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
GZIP_LEVEL = 6


class RowFile(Protocol):
    """A file that takes rows of one shape."""

    def extend(self, rows: Sequence[Row]) -> None: ...

    def finish(self) -> Written: ...

    def close(self) -> None:
        """Give the file up, whole or not."""


class PackedFile:
    """A new gzip file whose stream says nothing of when and where it was made."""

    def __init__(self, path: Path) -> None:
        self._file = HashedFile(path)
        self._deflate = zlib.compressobj(GZIP_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
        self._crc = 0
        self._size = 0
        self._file.write(GZIP_HEADER)

    def write(self, data: bytearray) -> None:
        self._crc = zlib.crc32(data, self._crc)
        self._size += len(data)
        self._file.write(self._deflate.compress(data))

    def finish(self, rows: int) -> Written:
        self._file.write(self._deflate.flush())
        tail = self._crc.to_bytes(4, "little") + (self._size & 0xFFFFFFFF).to_bytes(4, "little")
        self._file.write(tail)
        return self._file.finish(rows)

    def close(self) -> None:
        self._file.close()


class JsonLines:
    """One JSON object a line."""

    def __init__(self, file: HashedFile | PackedFile) -> None:
        self._file = file
        self._buffer = bytearray()
        self._rows = 0

    def extend(self, rows: Sequence[Row]) -> None:
        self._rows += len(rows)
        for row in rows:
            self._buffer += orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE)
        if len(self._buffer) >= BUFFER:
            self._spill()

    def finish(self) -> Written:
        self._spill()
        return self._file.finish(self._rows)

    def close(self) -> None:
        self._file.close()

    def _spill(self) -> None:
        self._file.write(self._buffer)
        self._buffer.clear()


class JsonList:
    """One JSON list, a row a line."""

    def __init__(self, file: HashedFile | PackedFile) -> None:
        self._file = file
        self._rows = 0
        self._buffer = bytearray(b"[\n")

    def extend(self, rows: Sequence[Row]) -> None:
        for row in rows:
            if self._rows:
                self._buffer += b",\n"
            self._rows += 1
            self._buffer += orjson.dumps(row)
        if len(self._buffer) >= BUFFER:
            self._spill()

    def finish(self) -> Written:
        self._buffer += b"\n]\n"
        self._spill()
        return self._file.finish(self._rows)

    def close(self) -> None:
        self._file.close()

    def _spill(self) -> None:
        self._file.write(self._buffer)
        self._buffer.clear()


def open_rows(
    path: Path, encoding: Encoding, features: Features, read_media: Callable[[str], bytes]
) -> RowFile:
    """A new file for rows of these features; `read_media` gives the bytes of a picture's digest."""
    match encoding:
        case Encoding.PARQUET:
            return parquet.ParquetRows(HashedFile(path), features, read_media)
        case Encoding.JSON_LINES:
            return JsonLines(HashedFile(path))
        case Encoding.JSON_LINES_GZ:
            return JsonLines(PackedFile(path))
        case Encoding.JSON_LIST:
            return JsonList(HashedFile(path))
        case Encoding.JSON_LIST_GZ:
            return JsonList(PackedFile(path))
