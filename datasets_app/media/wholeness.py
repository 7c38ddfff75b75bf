"""Whether a film or sound is all there, told by the lengths that its container declares.

FFmpeg decodes what is there of a file cut short and calls it a shorter one. MP3 declares no
length, and FLAC's decoder notices by itself; the others are checked here.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import BinaryIO

from datasets_app.media import kinds
from datasets_app.media.facts import MediaRefused
from datasets_app.media.kinds import Kind

_MOST_BOXES = 100_000
_OGG_PAGE = 65_307  # the longest there is
_OGG_LAST = 4
_CUT = "is cut short or damaged"


def refuse_cut_short(source: BinaryIO, *, kind: Kind) -> None:
    """Raise MediaRefused when what the container declares reaches past the end of the file.

    Leaves the file at its start.
    """
    check = _CHECKS.get(kind)
    if check is not None:
        check(source, os.fstat(source.fileno()).st_size)
    source.seek(0)


def _mp4(source: BinaryIO, size: int) -> None:
    at, seen = 0, set[bytes]()
    for _ in range(_MOST_BOXES):
        if at == size:
            break
        head = _read(source, at, 16)
        length, header = int.from_bytes(head[:4], "big"), 8
        if length == 1:
            length, header = int.from_bytes(head[8:16], "big"), 16
        elif length == 0:
            length = size - at
        if len(head) < 8 or length < header or at + length > size:
            raise MediaRefused(f"{_CUT}: a part reaches past the end of the file")
        seen.add(head[4:8])
        at += length
    if not seen >= {b"moov", b"mdat"}:
        raise MediaRefused(f"{_CUT}: it has no index (moov) or no content (mdat)")


def _wav(source: BinaryIO, size: int) -> None:
    at = 12
    while at + 8 <= size:
        head = _read(source, at, 8)
        length, there = int.from_bytes(head[4:8], "little"), size - at - 8
        if length > there:
            raise MediaRefused(f"{_CUT}: it declares {length} bytes of sound, {there} are there")
        if head[:4] == b"data":
            return
        at += 8 + length + length % 2
    raise MediaRefused(f"{_CUT}: it has no samples")


def _webm(source: BinaryIO, size: int) -> None:
    head = _read(source, 0, kinds.HEAD)
    header_length, at = _ebml_length(head, 4)
    segment = at + (header_length or 0)
    if head[segment : segment + 4] != b"\x18\x53\x80\x67":
        raise MediaRefused(f"{_CUT}: it has no content")
    length, at = _ebml_length(head, segment + 4)
    # A live recording may leave its length open.
    if length is not None and at + length > size:
        raise MediaRefused(f"{_CUT}: its content reaches past the end of the file")


def _ogg(source: BinaryIO, size: int) -> None:
    tail = _read(source, max(0, size - _OGG_PAGE), _OGG_PAGE)
    page = tail[max(0, tail.rfind(b"OggS\0")) :]
    lengths = page[27 : 27 + page[26]] if len(page) > 27 else b""
    if 27 + len(lengths) + sum(lengths) != len(page) or not page[5] & _OGG_LAST:
        raise MediaRefused(f"{_CUT}: its last page is missing")


def _ebml_length(data: bytes, at: int) -> tuple[int | None, int]:
    """Return the length that stands at `at`, None for an open one, and where its content begins."""
    first = data[at] if at < len(data) else 0
    width = 9 - first.bit_length()
    bits = int.from_bytes(data[at : at + width], "big") & ((1 << 7 * width) - 1)
    return (None if bits == (1 << 7 * width) - 1 else bits), at + width


def _read(source: BinaryIO, at: int, count: int) -> bytes:
    source.seek(at)
    return source.read(count)


_CHECKS: dict[Kind, Callable[[BinaryIO, int], None]] = {
    kinds.MP4: _mp4,
    kinds.WAV: _wav,
    kinds.WEBM: _webm,
    kinds.OGG: _ogg,
}
