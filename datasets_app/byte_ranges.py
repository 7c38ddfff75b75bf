"""The Range header of a request (RFC 9110, section 14), as far as players use it: one range."""

from __future__ import annotations

import re
from dataclasses import dataclass

# Longer numbers are no offset of any file, and int() is not fast on them.
_RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})")


class NotInFile(Exception):
    """The range begins behind the file's end."""


@dataclass(frozen=True, slots=True)
class ByteRange:
    """Bytes `first` to `last`, both included, counted from 0."""

    first: int
    last: int

    @property
    def length(self) -> int:
        return self.last - self.first + 1


def byte_range(header: str, size: int, *, most: int | None = None) -> ByteRange | None:
    """The part of a file of `size` bytes that `header` asks for, cut to its end.

    A range that names no end is cut to `most` bytes (at least 1): who asked so asks on. None where
    the whole is to be sent: no header, several ranges, or one that cannot be read.
    Raises NotInFile.
    """
    found = _RANGE.fullmatch(header.strip())
    if found is None or found.groups() == ("", ""):
        return None
    start, end = found.groups()
    if start == "":
        first, last = max(0, size - int(end)), size - 1
    else:
        first, last = int(start), min(int(end), size - 1) if end else size - 1
        if most is not None and not end:
            last = min(last, first + most - 1)
    if end and start and int(end) < int(start):
        return None
    if first > last:
        raise NotInFile
    return ByteRange(first, last)
