"""What a storage promises, wherever its files lie."""

from __future__ import annotations

import shutil
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import BinaryIO

from datasets_app.storage.keys import media_key

LINK_SECONDS = 900


class StorageFault(Exception):
    """The storage cannot do what was asked; the text is one line: what failed, what to look at."""


class Storage(ABC):
    """Files by key. What is written is there as a whole or not at all.

    Writing raises OSError when a disk is full and StorageFault when S3 says no.
    """

    @abstractmethod
    def put(self, key: str, source: Path) -> None:
        """Store a file's bytes under `key`, in place of what was there. The file stays."""

    @abstractmethod
    def open(self, key: str) -> BinaryIO:
        """The bytes under `key`. Raises FileNotFoundError."""

    @abstractmethod
    def size(self, key: str) -> int | None:
        """Bytes under `key`; None if there is nothing."""

    @abstractmethod
    def delete(self, key: str) -> None:
        """Forget `key`; nothing happens when it is not there."""

    @abstractmethod
    def keys(self, prefix: str) -> Iterator[str]:
        """Every key below a folder such as `exports/slug@1/votes`, sorted."""

    @abstractmethod
    def link(
        self,
        key: str,
        *,
        mime: str,
        download: str = "",
        seconds: int = LINK_SECONDS,
        is_fleeting: bool = False,
    ) -> str:
        """An address that gives the bytes as `mime` to whoever holds it, for some seconds.

        `download` is the name to save it under; "" shows it in place. What is fleeting tells the
        browser to keep nothing of it. "" is returned where files have no address of their own and
        the web process must serve them. Authorise first.
        """

    @abstractmethod
    def path(self, key: str) -> Path | None:
        """Where the file lies on this machine; None when it does not."""

    @abstractmethod
    def workplace(self, name: str) -> AbstractContextManager[Path]:
        """A folder for files on their way into the storage, gone when the block ends.

        After a kill, or Ctrl-C, it is still there, and the same name finds it again.
        """

    @abstractmethod
    def workplaces(self) -> list[Path]:
        """Every workplace there is, those in use included."""

    def keep(self, digest: str, source: Path) -> bool:
        """Store a file by its digest; False when it was there already."""
        key = media_key(digest)
        if self.size(key) == source.stat().st_size:
            return False
        self.put(key, source)
        return True


def folders_in(folder: Path) -> list[Path]:
    """The folders in a folder, which need not exist."""
    return [path for path in folder.iterdir() if path.is_dir()] if folder.is_dir() else []


@contextmanager
def workplace_at(folder: Path) -> Iterator[Path]:
    """A folder that goes when the block ends, but stays when the process is interrupted."""
    folder.mkdir(parents=True, exist_ok=True)
    try:
        yield folder
    except Exception:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    shutil.rmtree(folder, ignore_errors=True)
