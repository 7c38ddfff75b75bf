"""The one thing read from EXIF before it is thrown away: which way is up."""

from __future__ import annotations

import struct

_ORIENTATION = 0x0112
_MOST_ENTRIES = 512


def orientation_of(exif: bytes) -> int:
    """Return the orientation 1-8 from the first directory of an EXIF block; 1 when it has none.

    Only that directory is read, its entries in order and no offset followed, so a block that
    points at itself costs nothing. A broken block says nothing, as in every viewer.
    """
    tiff = exif.removeprefix(b"Exif\0\0")
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(tiff[:4])
    if order is None:
        return 1
    try:
        return _first_directory(tiff, order)
    except struct.error:
        return 1


def _first_directory(tiff: bytes, order: str) -> int:
    (start,) = struct.unpack_from(order + "I", tiff, 4)
    (count,) = struct.unpack_from(order + "H", tiff, start)
    for entry in range(min(count, _MOST_ENTRIES)):
        tag, _, _, value = struct.unpack_from(order + "HHIH", tiff, start + 2 + 12 * entry)
        if tag == _ORIENTATION:
            return value if 1 <= value <= 8 else 1
    return 1
