"""Reads a source to its end, and tells items from bad rows."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from datasets_app.readers import reader_named
from datasets_app.readers.base import BadRow, Incoming, ReadOptions, UnreadableFile


@dataclass(frozen=True, slots=True)
class Read:
    """What came of a source."""

    items: list[Incoming]
    bad: list[BadRow]

    @property
    def reasons(self) -> list[str]:
        return [str(row) for row in self.bad]


def read(key: str, path: Path, **options: Any) -> Read:
    """Everything that a reader finds. Raises UnreadableFile."""
    rows = list(reader_named(key).read(path, ReadOptions(**options)))
    return Read(
        [row for row in rows if isinstance(row, Incoming)],
        [row for row in rows if isinstance(row, BadRow)],
    )


def refusal(key: str, path: Path, **options: Any) -> str:
    """Why the source as a whole cannot be read."""
    with pytest.raises(UnreadableFile) as error:
        read(key, path, **options)
    assert "\n" not in str(error.value)
    return str(error.value)
