"""What every reader yields: items as they came, or a bad row with its place and reason."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from datasets_app.vocabulary import Modality


class UnreadableFile(Exception):
    """The source as a whole cannot be read; the text is one line: what, where, what to do."""


class Unusable(Exception):
    """This row cannot become an item; the text says why, in words a curator understands."""


# What comes by the million is a named tuple: as immutable as a frozen dataclass, and made in a
# third of the time.
NOTHING: Mapping[str, Any] = MappingProxyType({})


class IncomingMedia(NamedTuple):
    """A file to take in: a path below the source's folder, or the bytes themselves."""

    modality: Modality
    path: Path | None = None
    content: bytes | None = None
    name: str = ""


class IncomingTurn(NamedTuple):
    """One turn of a prompt."""

    speaker: str
    text: str
    media: tuple[IncomingMedia, ...] = ()


class IncomingResponse(NamedTuple):
    """One response; `meta` is what its source said of it, kept as it came.

    `segments` are the pieces of the text by which it grew in a tree, first to last, () where it
    is in none.
    """

    text: str
    media: IncomingMedia | None = None
    model: str = ""
    meta: Mapping[str, Any] = NOTHING
    segments: tuple[str, ...] = ()


class IncomingVote(NamedTuple):
    """What a person (or the source as a whole) had answered already.

    `answers` has the shape of `protocols.base`, responses named by position: "0", "1".
    `worker` is the source's own name for the person, or "" when it gives none.
    """

    worker: str
    answers: Mapping[str, Any]


class Incoming(NamedTuple):
    """One item as it came. `line` is its place in `file`, as in `Row`.

    `external_id` is the source's own id, or "" when it has none: the intake then derives one from
    the content, so that loading twice changes nothing. `prompt_external_id` is the source's own
    id of the prompt, "" when it has none. `notes` tell, in words that rows share, what of the row
    is kept otherwise than it came; the report of a load counts them.
    """

    file: str
    line: int
    external_id: str
    turns: tuple[IncomingTurn, ...]
    responses: tuple[IncomingResponse, ...]
    prompt_meta: Mapping[str, Any] = NOTHING
    prompt_external_id: str = ""
    meta: Mapping[str, Any] = NOTHING
    votes: tuple[IncomingVote, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def media(self) -> tuple[IncomingMedia, ...]:
        """Every file it shows."""
        shown = [media for turn in self.turns for media in turn.media]
        return (*shown, *(each.media for each in self.responses if each.media))


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that cannot be taken, and why, in words a curator understands."""

    file: str
    line: int
    reason: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.reason}"


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """What a reader may be told.

    `columns` maps our names to the file's, for the mapped readers. `split` and `config` choose
    among the files of a folder, `only` names them outright, relative to it. `root` is the folder
    that no medium may lie outside of, by default the source's own.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    split: str = ""
    config: str = ""
    root: Path | None = None
    only: frozenset[str] = frozenset()


class Row(NamedTuple):
    """One row as its file has it.

    `line` is the line of a text file, or the number of the row, from 1, where there are no lines
    (a JSON list, Parquet). Media paths start at `folder` and stay below `root`. `textual` says
    that every value is a string, as in CSV. `split` is that of the file's name, "" if it has none.
    """

    file: str
    line: int
    values: Mapping[str, Any]  # Any: what the file holds, to be looked at before use
    folder: Path
    root: Path
    textual: bool = False
    split: str = ""

    def bad(self, reason: str) -> BadRow:
        """This row, refused."""
        return BadRow(self.file, self.line, reason)


Interpret = Callable[[Row], Incoming]


@dataclass(frozen=True, slots=True)
class Reader:
    """An incoming shape. `protocol` is the preset that a new dataset of this shape gets.

    `rows` streams what the files hold and raises UnreadableFile when nothing can be read at all;
    `interpreter` gives the function that makes an item of one row, or raises Unusable.
    `media_folders` are those beside the rows whose files the rows name.
    """

    key: str
    title: str
    protocol: str
    rows: Callable[[Path, ReadOptions], Iterator[Row | BadRow]]
    interpreter: Callable[[ReadOptions], Interpret]
    media_folders: tuple[str, ...] = ()

    def read(self, path: Path, options: ReadOptions) -> Iterator[Incoming | BadRow]:
        """Every row of the source as an item or a bad row, streamed.

        Raises UnreadableFile when nothing can be read at all.
        """
        interpret = self.interpreter(options)
        for row in self.rows(path, options):
            if isinstance(row, BadRow):
                yield row
                continue
            try:
                incoming = interpret(row)
            except Unusable as refusal:
                yield row.bad(str(refusal))
            else:
                yield incoming
