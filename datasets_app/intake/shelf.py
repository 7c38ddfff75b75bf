"""Media on their way in: verified once, kept on a shelf until the load that brings them is stored.

The shelf is a folder with one small JSON file for each source file, named by the SHA-256 of its
bytes as they came, and the prepared files beside them. It is found again after a crash, so a load
that was killed decodes nothing twice; it is gone after a load that ends, well or badly.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import orjson

from datasets_app.media import MediaChild, MediaChildFailed, MediaRefused, Prepared
from datasets_app.models import Media
from datasets_app.readers.base import IncomingMedia, Unusable
from datasets_app.storage import Storage, media_key
from datasets_app.vocabulary import MediaState

_RENDITIONS = ("poster", "preview", "peaks")


class NotPrepared(Exception):
    """A file was asked for that nobody has looked at yet."""


class Shelf:
    """The files of one load.

    `take` decodes what is new and asks the database what is not; `find` only reads the shelf, so
    it may be called from another thread.
    """

    def __init__(self, folder: Path, storage: Storage) -> None:
        self._files = folder / "files"
        self._notes = folder / "notes"
        self._rows = folder / "rows"
        self._storage = storage
        self._stack = ExitStack()
        self._child: MediaChild | None = None
        self._notes.mkdir(parents=True, exist_ok=True)
        self._rows.mkdir(exist_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stack.close()

    def is_empty(self) -> bool:
        """Whether nobody has taken anything yet, in this load or before it."""
        return not any(self._notes.iterdir())

    def find(self, media: IncomingMedia) -> str:
        """The digest a file is stored under. Raises Unusable if it was refused, NotPrepared."""
        note = self._read(_source_digest(media))
        if note is None:
            raise NotPrepared
        return _digest_in(note, media)

    def take(self, media: IncomingMedia) -> str:
        """The same, and look at the file first if nobody has.

        Raises Unusable when it is refused, OSError when the disk is full, MediaChildFailed.
        """
        source_digest = _source_digest(media)
        note = self._read(source_digest)
        if note is None:
            note = self._known(source_digest) or self._prepare(media)
            self._write(source_digest, note)
        return _digest_in(note, media)

    def rows_of(self, digests: Iterable[str]) -> Iterator[Media]:
        """The rows to store for files that were prepared here."""
        for digest in digests:
            yield _row(orjson.loads((self._rows / f"{digest}.json").read_bytes()))

    def keep_all(self) -> None:
        """Put every prepared file into the storage. Raises OSError, StorageFault."""
        if self._files.is_dir():
            for path in sorted(self._files.iterdir()):
                if not path.name.startswith("."):
                    _refuse_torn(path)
                    self._storage.keep(path.name, path)

    def _known(self, source_digest: str) -> dict[str, Any] | None:
        """A file that some dataset has already; decoded again only if its bytes are lost."""
        found = Media.objects.filter(source_digest=source_digest).first()
        if found is None or found.state == MediaState.REFUSED:
            return None
        digests = (found.digest, *(getattr(found, name) for name in _RENDITIONS))
        if any(each and self._storage.size(media_key(each)) is None for each in digests):
            return None
        return {"digest": found.digest, "modality": found.modality}

    def _prepare(self, media: IncomingMedia) -> dict[str, Any]:
        source = media.path if media.path is not None else media.content
        assert source is not None
        if self._child is None:
            self._child = self._stack.enter_context(MediaChild())
        try:
            prepared = self._child.prepare(
                source, into=self._files, expect=media.modality.value, name=media.name
            )
        except MediaRefused as refusal:
            return {"refused": refusal.reason}
        note = _note(prepared)
        # Before the note that leads to it. Two files may differ in nothing but what was stripped;
        # one row stands for both.
        (self._rows / f"{note['digest']}.json").write_bytes(orjson.dumps(note))
        return note

    def _read(self, source_digest: str) -> dict[str, Any] | None:
        try:
            note: dict[str, Any] = orjson.loads(self._path(source_digest).read_bytes())
        except (FileNotFoundError, ValueError):
            # Torn by a crash: as good as not there.
            return None
        return note

    def _write(self, source_digest: str, note: dict[str, Any]) -> None:
        self._path(source_digest).write_bytes(orjson.dumps(note))

    def _path(self, source_digest: str) -> Path:
        return self._notes / f"{source_digest}.json"


def _source_digest(media: IncomingMedia) -> str:
    if media.path is None:
        return hashlib.sha256(media.content or b"").hexdigest()
    try:
        with media.path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise Unusable(f"{media.name} cannot be read: {error.strerror}") from None


def _refuse_torn(path: Path) -> None:
    """A power cut may have torn what an earlier try left; the shelf goes with this error."""
    with path.open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != path.name:
            raise OSError(None, "what an interrupted load left is damaged: load again", str(path))


def _digest_in(note: dict[str, Any], media: IncomingMedia) -> str:
    if "refused" in note:
        raise Unusable(str(note["refused"]))
    if note["modality"] != media.modality.value:
        raise Unusable(f"{media.name} is {note['modality']}, not {media.modality.value}")
    return str(note["digest"])


def _note(prepared: Prepared) -> dict[str, Any]:
    return {
        "digest": prepared.stored.digest,
        "source_digest": prepared.source_digest,
        "modality": prepared.facts.modality,
        "size": prepared.stored.size,
        "renditions": {role: kept.digest for role, kept in prepared.renditions.items()},
        "facts": asdict(prepared.facts),
    }


def _row(note: dict[str, Any]) -> Media:
    facts = dict(note["facts"])
    del facts["notes"]
    return Media(
        digest=note["digest"],
        source_digest=note["source_digest"],
        state=MediaState.READY,
        size=note["size"],
        **facts,
        **{role: note["renditions"].get(role, "") for role in _RENDITIONS},
    )


__all__ = ["MediaChildFailed", "NotPrepared", "Shelf"]
