"""A file that is being written and knows its own size and digest."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Written:
    """A finished file. `rows` is None for a file that holds none."""

    bytes: int
    sha256: str
    rows: int | None = None


class HashedFile:
    """A new file that knows its size and SHA-256; `finish` makes it durable."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("xb", buffering=0)
        self._sha256 = hashlib.sha256()
        self._size = 0
        self.closed = False

    def write(self, data: Any) -> int:
        """Write all of the data, a bytes-like object. Once the file is given up it goes nowhere."""
        view = memoryview(data).cast("B")
        if self.closed:
            # pyarrow finishes its file when it is collected, even one that nobody wants any more.
            return len(view)
        done = 0
        while done < len(view):
            done += self._file.write(view[done:]) or 0
        self._sha256.update(view)
        self._size += len(view)
        return len(view)

    def tell(self) -> int:
        return self._size

    def flush(self) -> None:
        """Nothing is held back here."""

    def close(self) -> None:
        """Close the file as it is, whole or not."""
        self.closed = True
        self._file.close()

    def finish(self, rows: int | None = None) -> Written:
        """Bring the file to disk and close it."""
        os.fsync(self._file.fileno())
        self.close()
        return Written(self._size, self._sha256.hexdigest(), rows)
