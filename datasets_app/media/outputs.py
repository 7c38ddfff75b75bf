"""The open files that one prepared medium is written to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO

KEPT = ("stored", "poster", "preview", "peaks")
ROLES = (*KEPT, "scratch")


@dataclass(frozen=True, slots=True)
class Outputs:
    """Files open for reading and writing, made by the parent.

    Those of `KEPT` are kept unless they are empty; `scratch` is for what only passes through.
    """

    stored: BinaryIO
    poster: BinaryIO
    preview: BinaryIO
    peaks: BinaryIO
    scratch: BinaryIO
