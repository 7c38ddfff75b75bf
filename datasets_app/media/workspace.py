"""The parent's side of the files: opened, hashed and named here, never by the child."""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from datasets_app.media.facts import Facts, MediaRefused
from datasets_app.media.outputs import KEPT, ROLES

_BLOCK = 1 << 20
_RENDITION_MIMES = {"poster": "image/webp", "preview": "image/webp", "peaks": "application/json"}


@dataclass(frozen=True, slots=True)
class Kept:
    """One file of ours: its name is the SHA-256 of its bytes, in hexadecimal."""

    digest: str
    path: Path
    mime: str
    size: int


@dataclass(frozen=True, slots=True)
class Prepared:
    """A medium taken in: the stored file, its renditions by role, and its facts.

    `source_digest` is the SHA-256 of the bytes as they came. `renditions` holds "poster" and
    "preview" for images and videos, "peaks" for audio.
    """

    stored: Kept
    source_digest: str
    facts: Facts
    renditions: Mapping[str, Kept] = field(default_factory=dict)


@contextmanager
def opened(source: Path | bytes, *, name: str, most: int) -> Iterator[BinaryIO]:
    """Open a source for reading.

    Raises MediaRefused when it is no file, is empty, or holds more than `most` bytes.
    """
    if isinstance(source, bytes):
        file: BinaryIO = tempfile.TemporaryFile()  # noqa: SIM115  Closed below.
        file.write(source)
        file.seek(0)
    else:
        file = _open_path(source, name)
    with file:
        about = os.fstat(file.fileno())
        if not stat.S_ISREG(about.st_mode):
            raise MediaRefused(f"{name} is a folder or a device, not a file")
        if not about.st_size:
            raise MediaRefused(f"{name} is empty")
        if about.st_size > most:
            raise MediaRefused(
                f"{name} is too large: {about.st_size >> 20} MB, at most {most >> 20} MB"
            )
        yield file


def _open_path(path: Path, name: str) -> BinaryIO:
    try:
        # Without O_NONBLOCK a named pipe would block here until somebody wrote to it.
        return os.fdopen(os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK), "rb")
    except FileNotFoundError:
        raise MediaRefused(f"{name} is missing") from None
    except IsADirectoryError:
        raise MediaRefused(f"{name} is a folder or a device, not a file") from None
    except OSError as error:
        raise MediaRefused(f"{name} cannot be opened: {error.strerror}") from None
    except ValueError:
        raise MediaRefused(f"{name} cannot be opened: its path holds a NUL") from None


@dataclass(frozen=True, slots=True)
class Workspace:
    """A folder of its own below `into`, with one open file for each role."""

    into: Path
    files: Mapping[str, BinaryIO]

    def keep(self, *, facts: Facts, source_digest: str, name: str) -> Prepared:
        """Hash what the child wrote and move it to its name. Raises MediaRefused if it is empty."""
        kept = {role: found for role in KEPT if (found := self._keep(role, facts)) is not None}
        if "stored" not in kept:
            raise MediaRefused(f"{name} left nothing to store")
        return Prepared(kept.pop("stored"), source_digest, facts, kept)

    def _keep(self, role: str, facts: Facts) -> Kept | None:
        file = self.files[role]
        size = os.fstat(file.fileno()).st_size
        if not size:
            return None
        digest = digest_of(file)
        path = self.into / digest
        # Atomic, and harmless when another process put the same bytes there first.
        Path(file.name).replace(path)
        return Kept(digest, path, _RENDITION_MIMES.get(role, facts.mime), size)


@contextmanager
def workspace(into: Path) -> Iterator[Workspace]:
    """Make the folder `into` if need be, and a workspace in it that is gone afterwards."""
    into.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=".incoming-", dir=into))
    try:
        with ExitStack() as stack:
            yield Workspace(
                into, {role: stack.enter_context((folder / role).open("x+b")) for role in ROLES}
            )
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def digest_of(file: BinaryIO) -> str:
    """Return the SHA-256 of a file, in hexadecimal, and leave it at its start."""
    file.seek(0)
    digest = hashlib.sha256()
    while block := file.read(_BLOCK):
        digest.update(block)
    file.seek(0)
    return digest.hexdigest()
