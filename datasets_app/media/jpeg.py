"""JPEG: keep the segments that carry pixels, drop the rest."""

from __future__ import annotations

import re

from datasets_app.media.exif import orientation_of
from datasets_app.media.rebuilt import Damaged, Rebuilt

_START, _END = b"\xff\xd8", b"\xff\xd9"
_FRAMES = {0xC0, 0xC1, 0xC2}  # baseline, extended, progressive; nothing else is common
_TABLES = {0xC4, 0xDB, 0xDD}
_SCAN = 0xDA
_ADOBE = 0xEE
_EXIF = 0xE1
_DROPPED = set(range(0xE0, 0xF0)) | {0xFE}
_MOST_SCANS = 100
# Within coded data 0xFF is followed by 0 or a restart marker; anything else ends the scan.
_NEXT_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
_JFIF = b"\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"


def rebuild(data: bytes) -> Rebuilt:
    """Return the JPEG without EXIF, profiles, thumbnails, comments and whatever follows its end.

    Kept: the frame, the scans, their tables, and the markers of JFIF (without its thumbnail) and
    Adobe, which say how colours are coded. An embedded colour profile is dropped and not applied,
    because trainers ignore it: people then judge the very colours that models see. Raises Damaged.
    """
    reader = _Segments(data)
    parts = [_START]
    size: tuple[int, int, int] | None = None
    scans, orientation = 0, 1
    while True:
        marker, body = reader.next()
        if marker == 0xD9:
            break
        if marker in _FRAMES:
            size = _frame(body, seen=size)
        elif marker == _SCAN:
            scans += 1
            body += reader.coded()
        elif marker == _EXIF and body[2:8] == b"Exif\0\0":
            orientation = orientation_of(body[2:])
        if marker not in _DROPPED or (marker == _ADOBE and body[2:7] == b"Adobe"):
            parts.append(bytes((0xFF, marker)) + body)
        elif marker == 0xE0 and body[2:7] == b"JFIF\0":
            parts.append(_JFIF)
        if scans > _MOST_SCANS:
            raise Damaged(f"has more than {_MOST_SCANS} scans")
    if size is None or not scans:
        raise Damaged("is damaged: it ends before its pixels")
    width, height, components = size
    return Rebuilt(
        b"".join((*parts, _END)), width, height, orientation, must_encode=components == 4
    )


class _Segments:
    """Walks the segments of a JPEG."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 2

    def next(self) -> tuple[int, bytes]:
        """Return the next marker and its body, length field included; the end has no body."""
        data, at = self._data, self._at
        while data[at : at + 2] == b"\xff\xff":
            at += 1
        if len(data) < at + 2:
            raise Damaged("is cut short: it has no end marker")
        if data[at] != 0xFF:
            raise Damaged(f"is damaged: no marker at byte {at}")
        marker = data[at + 1]
        if marker == 0xD9:
            return marker, b""
        if marker not in _FRAMES | _TABLES | _DROPPED | {_SCAN}:
            raise Damaged(f"is damaged or a rare kind of JPEG (marker {marker:02X})")
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        if length < 2 or at + 2 + length > len(data):
            raise Damaged("is cut short inside a segment")
        self._at = at + 2 + length
        return marker, data[at + 2 : self._at]

    def coded(self) -> bytes:
        """Return the coded data of the scan whose header was read last."""
        found = _NEXT_MARKER.search(self._data, self._at)
        if found is None:
            raise Damaged("is cut short: it has no end marker")
        start, self._at = self._at, found.start()
        return self._data[start : self._at]


def _frame(body: bytes, *, seen: tuple[int, int, int] | None) -> tuple[int, int, int]:
    if seen is not None or len(body) < 8 or body[2] != 8:
        raise Damaged("is a rare kind of JPEG: not 8 bits a channel, or several frames")
    return int.from_bytes(body[5:7], "big"), int.from_bytes(body[3:5], "big"), body[7]
