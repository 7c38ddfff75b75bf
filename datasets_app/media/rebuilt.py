"""A still image's container, built anew from only the parts that carry pixels."""

from __future__ import annotations

from dataclasses import dataclass


class Damaged(Exception):
    """The container breaks its format's rules; the text says how."""


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """`data` holds the same coded pixels as the source, and nothing else.

    `orientation` is the EXIF value 1-8 that the source asked for and `data` no longer mentions.
    `frames` counts the source's frames, of which the first is kept. `must_encode` says that
    `data` itself cannot be stored and its pixels have to be encoded anew.
    """

    data: bytes
    width: int
    height: int
    orientation: int = 1
    frames: int = 1
    must_encode: bool = False
