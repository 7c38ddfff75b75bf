"""What a format is: pure functions from records to the rows of one published shape."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from datasets_app.formats.reading import Reading
from datasets_app.label_sets import LABEL_SETS, LabelSet
from datasets_app.protocols.base import Protocol
from datasets_app.vocabulary import Split

# The type of a column: "string", "bool", "int64" or "float64"; "image" or "audio" for a file inside
# the row, "binary" for its bare bytes; a dict for a struct; a list of one type for a list.
Feature = str | dict[str, "Feature"] | list["Feature"]
Features = dict[str, Feature]
Row = dict[str, Any]  # its values are as its features say, a file inside it as a `reading.Picture`


class Encoding(StrEnum):
    """How the rows of a file are written."""

    JSON_LINES = "jsonl"
    PARQUET = "parquet"
    JSON_LIST = "json"
    # A gzip stream without name and time; of lines, or of one JSON list.
    JSON_LINES_GZ = "jsonl.gz"
    JSON_LIST_GZ = "json.gz"


@dataclass(frozen=True, slots=True)
class Refusal:
    """That a record cannot be said in this shape; `reason` is a key of the format's `refuses`."""

    reason: str


@dataclass(frozen=True, slots=True)
class Attachment:
    """A media file that lies beside the rows, at `path` below the export's folder."""

    path: str
    digest: str


Rows = list[Row] | Refusal


@dataclass(frozen=True, slots=True)
class Table:
    """One kind of row, in one file for each config and split that has any.

    `config` is the name to load it by, unless `config_column` says that each row names its own.
    `path` holds {config} and {split}, or {part} for our own name of the split; `splits` says what
    the format calls each split. Where `once` is given, a second row of the same value is refused
    as `repeated`.
    """

    rows: Callable[[Reading], Rows]
    features: Features
    encoding: Encoding
    path: str
    config: str = "default"
    config_column: str = ""
    splits: Mapping[Split, str] = field(default_factory=lambda: {s: s.value for s in Split})
    once: Callable[[Row], str] | None = None
    attachments: Callable[[Reading], Sequence[Attachment]] | None = None

    def path_of(self, config: str, split: Split) -> str:
        """The file of a config and split, below the export's folder."""
        return self.path.format(config=config, split=self.splits[split], part=split.value)


@dataclass(frozen=True, slots=True)
class Shape:
    """What of a version decides how a format lays it out: nothing else may.

    `prompt_media` and `response_media` are the modalities that its records show.
    """

    protocol: Protocol
    prompt_media: frozenset[str] = frozenset()
    response_media: frozenset[str] = frozenset()

    @property
    def label_set(self) -> LabelSet:
        return LABEL_SETS[self.protocol.label_set]


@dataclass(frozen=True, slots=True)
class Written:
    """A file of rows that an export has: which config and split, and where."""

    config: str
    split: str
    path: str


@dataclass(frozen=True, slots=True)
class Format:
    """One published shape.

    `protocols` are the keys of the protocols whose records it can say, empty for every one.
    `refuses` maps each reason for which it leaves a record out to why. `version` grows whenever
    the bytes that it writes change. `task_categories` and `tags` go into the card. `beside` gives
    further files that its loader wants, by path, from the files of rows that were written.
    """

    key: str
    version: int
    title: str
    summary: str
    refuses: Mapping[str, str]
    tables: Callable[[Shape], Sequence[Table]]
    protocols: frozenset[str] = frozenset()
    task_categories: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    beside: Callable[[Shape, Sequence[Written]], Mapping[str, bytes]] | None = None

    def fits(self, protocol: str) -> bool:
        """Whether it can say records of a protocol, given as `key` or `key@version`."""
        return not self.protocols or protocol.partition("@")[0] in self.protocols


# Why a record cannot be said, for the reasons that several formats share.
NO_PREFERENCE = "People chose neither response; a loader would read a tie as a choice."
NOT_A_PAIR = "It has one response; the shape wants two."
SAME_TEXT = "Both responses read the same; loaders refuse or silently drop such a pair."
SAFER_IS_UNSAFE = "The safer response is labelled unsafe and the other one safe; loaders refuse it."
NO_VERDICT = "A column has no verdict behind it."
DIALOGUE = "Its prompt is a dialogue or has a system message; the column is one string."


def contradicts_safety(safer: int, safe: tuple[bool, bool]) -> bool:
    """Whether the one called safer is unsafe although the other one is safe."""
    return not safe[safer] and safe[1 - safer]


def flagged(categories: object, names: Sequence[str]) -> dict[str, bool]:
    """A verdict's categories as an object from every name of the label set to a boolean."""
    flags = dict.fromkeys(names, False)
    for name in categories if isinstance(categories, list) else ():
        if name in flags:
            flags[name] = True
    return flags
