"""Which files a source has, and their bytes: plain or gzip, never more than they may be."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedReader, RawIOBase
from pathlib import Path
from typing import BinaryIO, cast

from datasets_app.readers.base import ReadOptions, UnreadableFile
from datasets_app.readers.rows.limits import GZIP_FREE, GZIP_RATIO, LINE

# They lie beside the rows in exports and on the Hub, and hold none.
_NO_ROWS = frozenset({"manifest.json", "dataset_infos.json", "dataset_info.json", "state.json"})
_SPLITS = frozenset({"train", "test", "validation", "valid", "val", "dev", "eval", "evaluation"})
_GZIP = b"\x1f\x8b"
_STRANGERS = (
    (_GZIP, "is packed with gzip: end its name in .gz, or unpack it"),
    (b"\x28\xb5\x2f\xfd", "is packed with zstd: unpack it first"),
    (b"PK\x03\x04", "is a ZIP archive: unpack it first"),
    (b"PAR1", "is Parquet: give --format parquet, or a reader that takes Parquet"),
    (b"ARROW1", "is an Arrow file: write Parquet or JSON lines instead"),
    (b"\xff\xfe", "is UTF-16: save it as UTF-8"),
    (b"\xfe\xff", "is UTF-16: save it as UTF-8"),
    (b"version https://git-lfs", "is a Git LFS pointer: fetch the file itself (git lfs pull)"),
)


@dataclass(frozen=True, slots=True)
class DataFile:
    """One file with rows. `name` is what reports call it, `suffix` its ending without `.gz`."""

    path: Path
    name: str
    folder: Path
    root: Path
    suffix: str
    split: str


def data_files(
    source: Path, options: ReadOptions, *, suffixes: tuple[str, ...]
) -> Iterator[DataFile]:
    """The files of a source that end in one of `suffixes` (or that and `.gz`), in a fixed order.

    A folder is searched below `data` where there is one. Raises UnreadableFile when nothing fits.
    """
    if not source.exists():
        raise UnreadableFile(f"{source}: there is no such file or folder")
    if source.is_file():
        file = _data_file(source, source.parent, options)
        if file.suffix not in suffixes:
            known = ", ".join(suffixes)
            raise UnreadableFile(f"{source}: this reader takes {known} (and .gz), not this ending")
        yield file
        return
    found = [file for file in _below(source, options) if _wanted(file, options, suffixes)]
    if not found:
        asked = "".join(f", {k} {v}" for k, v in _asked(options))
        raise UnreadableFile(f"{source}: no file ending in {', '.join(suffixes)}{asked}")
    yield from found


def _below(source: Path, options: ReadOptions) -> Iterator[DataFile]:
    start = source
    if (source / "data").is_dir() and not options.only:
        start = source / "data"
    for path in sorted(start.rglob("*")):
        if path.is_file() and path.name not in _NO_ROWS:
            file = _data_file(path, source, options)
            if not any(part.startswith(".") for part in Path(file.name).parts):
                yield file


def _wanted(file: DataFile, options: ReadOptions, suffixes: tuple[str, ...]) -> bool:
    return (
        file.suffix in suffixes
        and (not options.only or file.name in options.only)
        and options.split in ("", file.split)
        and options.config in ("", *Path(file.name).parts[:-1])
    )


def _asked(options: ReadOptions) -> list[tuple[str, str]]:
    pairs = (("split", options.split), ("config", options.config))
    return [(name, value) for name, value in pairs if value]


def _data_file(path: Path, source: Path, options: ReadOptions) -> DataFile:
    plain = path.with_suffix("") if path.suffix == ".gz" else path
    # Shards are called train-00000-of-00003; SafeSora's files config-train.
    words = plain.name.removesuffix(plain.suffix).replace("config-", "").split("-")
    return DataFile(
        path,
        name=str(path.relative_to(source)),
        folder=path.parent,
        root=options.root or source,
        suffix=plain.suffix.lower(),
        split=words[0] if words[0] in _SPLITS else "",
    )


@contextmanager
def opened(file: DataFile) -> Iterator[BinaryIO]:
    """The file's bytes, unpacked, without a byte order mark.

    Raises UnreadableFile for what is plainly no text, for damaged gzip and for gzip bombs, also
    while it is being read.
    """
    try:
        with file.path.open("rb") as raw:
            packed = file.path.suffix == ".gz"
            if packed and raw.peek(2)[:2] != _GZIP:
                raise UnreadableFile(f"{file.name}: its name says gzip, but it is not")
            stream: BinaryIO = BufferedReader(_Unpacked(raw, file)) if packed else raw
            _refuse_strangers(stream, file)
            yield stream
    except (EOFError, gzip.BadGzipFile, zlib.error):
        raise UnreadableFile(
            f"{file.name}: its gzip is cut short or damaged: fetch it again"
        ) from None


def lines(stream: BinaryIO) -> Iterator[tuple[int, bytes | None]]:
    """Numbered lines with their ends; None for one beyond the limit, which is passed over."""
    number = 0
    while line := stream.readline(LINE + 1):
        number += 1
        if len(line) <= LINE:
            yield number, line
            continue
        while line and not line.endswith(b"\n"):
            line = stream.readline(LINE)
        yield number, None


def _refuse_strangers(stream: BinaryIO, file: DataFile) -> None:
    head = cast(BufferedReader, stream).peek(64)[:64]
    for magic, reason in _STRANGERS:
        if head.startswith(magic):
            raise UnreadableFile(f"{file.name}: {reason}")
    if head.startswith(b"\xef\xbb\xbf"):
        stream.read(3)
        head = head[3:]
    if head.lstrip()[:1] == b"<":
        raise UnreadableFile(
            f"{file.name}: is HTML or XML; perhaps an error page was saved in its place"
        )


class _Unpacked(RawIOBase):
    """Gzip that gives up when it grows beyond all reason."""

    def __init__(self, raw: BinaryIO, file: DataFile) -> None:
        self._inner = gzip.GzipFile(fileobj=raw)
        self._most = max(GZIP_FREE, file.path.stat().st_size * GZIP_RATIO)
        self._name = file.name
        self._given = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]  # what BufferedReader passes
        count = self._inner.readinto(buffer)
        self._given += count
        if self._given > self._most:
            raise UnreadableFile(
                f"{self._name}: unpacks to more than {GZIP_RATIO} times its size: "
                "unpack it yourself if you trust it"
            )
        return count
