"""PNG: keep the chunks that carry pixels, drop the rest."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from datasets_app.media.exif import orientation_of
from datasets_app.media.rebuilt import Damaged, Rebuilt

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_KEPT = {b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"}


def rebuild(data: bytes) -> Rebuilt:
    """Return the PNG without text, times, profiles, EXIF, animation and whatever follows its end.

    Of an animation the still image stays that every viewer without animations shows. Every
    checksum is verified. Raises Damaged.
    """
    parts, orientation, frames = [_SIGNATURE], 1, 1
    header = b""
    for kind, body, whole in _chunks(data):
        if kind == b"IHDR":
            header = body
        elif kind == b"eXIf":
            orientation = orientation_of(body)
        elif kind == b"acTL" and len(body) >= 4:
            frames = int.from_bytes(body[:4], "big")
        elif kind not in _KEPT and not kind[0] & 0x20:
            raise Damaged(f"is damaged: unknown critical chunk {kind!r}")
        if kind in _KEPT:
            parts.append(whole)
    if len(header) != 13:
        raise Damaged("is damaged: it has no header")
    width, height = int.from_bytes(header[:4], "big"), int.from_bytes(header[4:8], "big")
    return Rebuilt(b"".join(parts), width, height, orientation, max(frames, 1))


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes, bytes]]:
    at = len(_SIGNATURE)
    while True:
        length = int.from_bytes(data[at : at + 4], "big")
        end = at + 12 + length
        if len(data) < at + 12 or len(data) < end:
            raise Damaged("is cut short: it has no end chunk")
        kind, body = data[at + 4 : at + 8], data[at + 8 : end - 4]
        if zlib.crc32(kind + body) != int.from_bytes(data[end - 4 : end], "big"):
            raise Damaged(f"is damaged: wrong checksum at byte {at}")
        yield kind, body, data[at:end]
        if kind == b"IEND":
            return
        at = end
