"""Rows of Parquet, decoded in a confined child: here nothing of the file is ever parsed.

Parquet is compressed, nested and written by strangers; pyarrow decodes it in C++. The child has no
network, no file but this one and bounded memory (`datasets_app.media.confinement`); it hands over
rows as JSON, with the binary cells behind them, and may be killed at any moment.
"""

from __future__ import annotations

import os
import select
import subprocess
import sys
import tempfile
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import orjson

from datasets_app.readers.base import BadRow, ReadOptions, Row, UnreadableFile
from datasets_app.readers.rows.csv_rows import refuse_missing
from datasets_app.readers.rows.files import DataFile, data_files
from datasets_app.readers.rows.limits import COLUMNS, MEGABYTE, ROWS

SUFFIXES = (".parquet",)
MAGIC = b"PAR1"
SECONDS_PER_FRAME = 60.0
LARGEST_FRAME = 512 * MEGABYTE
_ROOT = Path(__file__).resolve().parents[3]
_SCRIPT = Path(__file__).with_name("parquet_child.py")
_CAPS = {
    "columns": COLUMNS,
    "rows": ROWS,
    "memory": 2048 * MEGABYTE,
    "row_group": 1024 * MEGABYTE,
}
_STRANGERS = (
    (b"ARROW1", "is an Arrow (Feather) file, not Parquet"),
    (b"PARE", "is encrypted"),
    (b"\x1f\x8b", "is packed with gzip: unpack it first"),
    (b"version https://git-lfs", "is a Git LFS pointer: fetch the file itself (git lfs pull)"),
)


def parquet_rows(
    source: Path, options: ReadOptions, *, needs: Collection[str] = ()
) -> Iterator[Row | BadRow]:
    """The rows of Parquet files. Raises UnreadableFile, also when a column of `needs` lacks."""
    for file in data_files(source, options, suffixes=SUFFIXES):
        yield from rows_of(file, needs=needs)


def rows_of(file: DataFile, *, needs: Collection[str]) -> Iterator[Row | BadRow]:
    """The rows of one file."""
    _look_at(file)
    with file.path.open("rb") as stream, _child(stream) as child:
        header = _frame(child, file)
        refuse_missing(file.name, header.get("columns", ()), needs)
        number = 0
        while frame := _frame(child, file):
            for values in frame["rows"]:
                number += 1
                yield Row(file.name, number, values, file.folder, file.root, split=file.split)
    if not number:
        raise UnreadableFile(f"{file.name}: holds no rows")


def _look_at(file: DataFile) -> None:
    """Refuse by the first and last bytes what is no Parquet, in words that help."""
    with file.path.open("rb") as stream:
        head = stream.read(64)
        stream.seek(0, os.SEEK_END)
        stream.seek(max(0, stream.tell() - 4))
        tail = stream.read(4)
    if not head:
        raise UnreadableFile(f"{file.name}: holds no rows")
    for magic, reason in _STRANGERS:
        if head.startswith(magic):
            raise UnreadableFile(f"{file.name}: {reason}")
    if not head.startswith(MAGIC):
        raise UnreadableFile(f"{file.name}: is not Parquet")
    if tail == b"PARE":
        raise UnreadableFile(f"{file.name}: is encrypted")
    if tail != MAGIC:
        raise UnreadableFile(f"{file.name}: is cut short: fetch it again")


@contextmanager
def _child(stream: IO[bytes]) -> Iterator[_Child]:
    with tempfile.TemporaryFile() as last_words:
        popen = subprocess.Popen(
            [sys.executable, "-P", str(_SCRIPT), orjson.dumps(_CAPS).decode()],
            stdin=stream,
            stdout=subprocess.PIPE,
            stderr=last_words,
            env=_environment(),
            cwd="/",
            start_new_session=True,
        )
        try:
            yield _Child(popen)
        finally:
            popen.kill()
            popen.wait()
            if popen.stdout:
                popen.stdout.close()


class _Child:
    """The child's answers, each within a time and a size."""

    def __init__(self, popen: subprocess.Popen[bytes]) -> None:
        assert popen.stdout is not None
        self._popen = popen
        self._out = popen.stdout.fileno()

    def read(self, size: int) -> bytes:
        """Exactly so many bytes. Raises EOFError when the child is gone, TimeoutError."""
        pieces, until = [], time.monotonic() + SECONDS_PER_FRAME
        while size:
            ready, _, _ = select.select([self._out], [], [], max(0.0, until - time.monotonic()))
            if not ready:
                raise TimeoutError
            piece = os.read(self._out, min(size, MEGABYTE))
            if not piece:
                raise EOFError
            pieces.append(piece)
            size -= len(piece)
        return b"".join(pieces)

    def ended_well(self) -> bool:
        return self._popen.wait() == 0


def _frame(child: _Child, file: DataFile) -> dict[str, Any]:
    """The next message with its binary cells in place; {} when there are no more."""
    try:
        size = int.from_bytes(child.read(8), "big")
        if not 0 < size <= LARGEST_FRAME:
            raise EOFError
        frame = orjson.loads(child.read(size))
        for row, path, length in frame.pop("binary", ()):
            _put(frame["rows"][row], path, child.read(_believable(length)))
    except TimeoutError:
        raise UnreadableFile(
            f"{file.name}: took more than {SECONDS_PER_FRAME:g} seconds for a few rows"
        ) from None
    except (EOFError, ValueError, LookupError, TypeError):
        raise UnreadableFile(
            f"{file.name}: cannot be decoded: it broke the decoder, or needs too much memory"
        ) from None
    if "refused" in frame:
        raise UnreadableFile(f"{file.name}: {frame['refused']}")
    return {} if frame.get("over") else dict(frame)


def _believable(length: Any) -> int:
    if type(length) is not int or not 0 <= length <= LARGEST_FRAME:
        raise ValueError
    return length


def _put(row: Any, path: list[Any], content: bytes) -> None:
    for step in path[:-1]:
        row = row[step]
    row[path[-1]] = content


def _environment() -> dict[str, str]:
    """What the child may know: where the code lies. No password, token or address."""
    kept = {key: os.environ[key] for key in ("LD_LIBRARY_PATH",) if key in os.environ}
    path = os.pathsep.join(filter(None, (str(_ROOT), os.environ.get("PYTHONPATH"))))
    return {
        **kept,
        "PYTHONPATH": path,
        "LC_ALL": "C.UTF-8",
        "ARROW_DEFAULT_MEMORY_POOL": "system",  # the others reserve gigabytes ahead
        "OMP_NUM_THREADS": "1",
    }
