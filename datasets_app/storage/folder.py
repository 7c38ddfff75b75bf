"""Files in a folder of this machine."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import BinaryIO

from datasets_app.storage.base import LINK_SECONDS, Storage, folders_in, workplace_at


class Folder(Storage):
    """Files in a folder of this machine."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def put(self, key: str, source: Path) -> None:
        target = self.root / key
        target.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(prefix=".writing-", dir=target.parent)
        draft = Path(name)
        try:
            with os.fdopen(descriptor, "wb") as written, source.open("rb") as read:
                shutil.copyfileobj(read, written, 1 << 20)
                written.flush()
                # A committed row must not name bytes that a power cut takes away.
                os.fsync(written.fileno())
            draft.chmod(0o640)
            draft.replace(target)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise
        _fsync_folder(target.parent)

    def open(self, key: str) -> BinaryIO:
        return (self.root / key).open("rb")

    def size(self, key: str) -> int | None:
        try:
            return (self.root / key).stat().st_size
        except FileNotFoundError:
            return None

    def delete(self, key: str) -> None:
        (self.root / key).unlink(missing_ok=True)

    def keys(self, prefix: str) -> Iterator[str]:
        folder = self.root / prefix
        files = (path for path in folder.rglob("*") if path.is_file())
        yield from sorted(
            str(path.relative_to(self.root)) for path in files if not path.name.startswith(".")
        )

    def link(
        self,
        key: str,
        *,
        mime: str,
        download: str = "",
        seconds: int = LINK_SECONDS,
        is_fleeting: bool = False,
    ) -> str:
        return ""

    def path(self, key: str) -> Path | None:
        path = self.root / key
        return path if path.is_file() else None

    def workplace(self, name: str) -> AbstractContextManager[Path]:
        return workplace_at(self.root / "incoming" / name)

    def workplaces(self) -> list[Path]:
        return folders_in(self.root / "incoming")


def _fsync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
