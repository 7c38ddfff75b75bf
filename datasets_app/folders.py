"""Folders that appear whole or not at all, whatever happens while they are filled."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


class FolderInUse(Exception):
    """The target holds something that may not be replaced; the text is one line."""


@contextmanager
def appearing(target: Path, *, replaces: Callable[[Path], bool]) -> Iterator[Path]:
    """A draft to be filled; when the block ends well it is on disk, and in the target's place.

    An empty folder is replaced, and one of which `replaces` says so; anything else raises
    FolderInUse, before the block. When the block raises, nothing is left and the target is as it
    was. What a killed process leaves beside the target is removed by the next one.
    """
    _refuse_to_overwrite(target, replaces)
    target.parent.mkdir(parents=True, exist_ok=True)
    with draft_beside(target) as draft:
        yield draft
        _fsync_all(draft)
        _swap(draft, target)


def _refuse_to_overwrite(target: Path, replaces: Callable[[Path], bool]) -> None:
    if target.is_symlink() or (target.exists() and not target.is_dir()):
        raise FolderInUse(f"{target} is not a folder; name a new one.")
    if target.exists() and any(target.iterdir()) and not replaces(target):
        raise FolderInUse(f"{target} holds something else; name a new or empty folder.")


@contextmanager
def draft_beside(target: Path) -> Iterator[Path]:
    """A folder beside the target, on the same disk, gone when the block ends unless it was moved.

    A lock on the folder itself tells a living draft from a dead one: it ends with its process.
    """
    prefix = f".{target.name}.draft-"
    for left in target.parent.glob(f"{prefix}*"):
        with _locked(left) as is_ours:
            if is_ours:
                shutil.rmtree(left, ignore_errors=True)
    draft = Path(tempfile.mkdtemp(prefix=prefix, dir=target.parent))
    draft.chmod(0o755)
    with _locked(draft):
        try:
            yield draft
        finally:
            shutil.rmtree(draft, ignore_errors=True)


@contextmanager
def _locked(folder: Path) -> Iterator[bool]:
    """Whether nobody else holds the folder; it is ours until the block ends."""
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except OSError:
        yield False
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        is_ours = True
    except BlockingIOError:
        is_ours = False
    try:
        yield is_ours
    finally:
        os.close(descriptor)


def _fsync_all(top: Path) -> None:
    for folder in (top, *(path for path in top.rglob("*") if path.is_dir())):
        _fsync(folder)


def _fsync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _swap(draft: Path, target: Path) -> None:
    """Put the draft in the target's place; what was there goes away after it is replaced."""
    if target.exists() and any(target.iterdir()):
        old = Path(tempfile.mkdtemp(prefix=f".{target.name}.draft-", dir=target.parent)) / "old"
        target.rename(old)
        draft.rename(target)
        shutil.rmtree(old.parent, ignore_errors=True)
    else:
        draft.rename(target)
    _fsync(target.parent)
