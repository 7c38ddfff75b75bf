"""WebP: keep the chunks that carry pixels, drop the rest."""

from __future__ import annotations

from collections.abc import Iterator

from datasets_app.media.exif import orientation_of
from datasets_app.media.rebuilt import Damaged, Rebuilt

_KEPT = (b"ALPH", b"VP8 ", b"VP8L")
_ALPHA = 0x10


def rebuild(data: bytes) -> Rebuilt:
    """Return the WebP without EXIF, XMP, profile and whatever follows its end. Raises Damaged.

    Of an animation nothing is rebuilt: `data` is the source, to be decoded and encoded anew.
    """
    chunks = list(_chunks(data))
    pixels = [(kind, body) for kind, body in chunks if kind in _KEPT]
    frames = sum(kind == b"ANMF" for kind, _ in chunks)
    orientation = next((orientation_of(body) for kind, body in chunks if kind == b"EXIF"), 1)
    width, height = _size(chunks)
    if frames:
        return Rebuilt(data, width, height, orientation, frames, must_encode=True)
    if sum(kind != b"ALPH" for kind, _ in pixels) != 1:
        raise Damaged("is damaged: it has not exactly one image")
    if any(kind == b"ALPH" for kind, _ in pixels):
        canvas = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
        pixels.insert(0, (b"VP8X", bytes((_ALPHA, 0, 0, 0)) + canvas))
    return Rebuilt(_riff(pixels), width, height, orientation)


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    end = 8 + int.from_bytes(data[4:8], "little")
    if end > len(data) or end < 20:
        raise Damaged("is cut short")
    at = 12
    while at + 8 <= end:
        length = int.from_bytes(data[at + 4 : at + 8], "little")
        if at + 8 + length > end:
            raise Damaged("is cut short inside a chunk")
        yield data[at : at + 4], data[at + 8 : at + 8 + length]
        at += 8 + length + length % 2


def _size(chunks: list[tuple[bytes, bytes]]) -> tuple[int, int]:
    """Return the canvas, which comes first in the file whatever kind it is."""
    kind, body = chunks[0] if chunks else (b"", b"")
    if kind == b"VP8X" and len(body) >= 10:
        return 1 + int.from_bytes(body[4:7], "little"), 1 + int.from_bytes(body[7:10], "little")
    if kind == b"VP8L" and len(body) >= 5:
        bits = int.from_bytes(body[1:5], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if kind == b"VP8 " and len(body) >= 10:
        side = [int.from_bytes(body[at : at + 2], "little") & 0x3FFF for at in (6, 8)]
        return side[0], side[1]
    raise Damaged("is damaged: it does not begin with an image")


def _riff(chunks: list[tuple[bytes, bytes]]) -> bytes:
    body = b"".join(
        kind + len(data).to_bytes(4, "little") + data + b"\0" * (len(data) % 2)
        for kind, data in chunks
    )
    return b"RIFF" + (4 + len(body)).to_bytes(4, "little") + b"WEBP" + body
