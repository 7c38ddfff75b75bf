"""What a format is: pure functions from records to the rows of one published shape."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from datasets_app.label_sets import LABEL_SETS, LabelSet
from datasets_app.protocols.base import Protocol
from datasets_app.record import MediaPart, RecordBody
from datasets_app.vocabulary import Modality, Speaker, Split

# The type of a column: "string", "bool", "int64", "float64" or "image"; a dict for a struct;
# a list of one type for a list.
Feature = str | dict[str, "Feature"] | list["Feature"]
Features = dict[str, Feature]
Row = dict[str, Any]  # its values are as its features say, an image as a Picture


class Encoding(StrEnum):
    """How the rows of a file are written."""

    JSON_LINES = "jsonl"
    PARQUET = "parquet"
    # One JSON list in a gzip stream, without name and time.
    JSON_LIST_GZ = "json.gz"


@dataclass(frozen=True, slots=True)
class Picture:
    """An image in a row: the bytes lie in the media storage, `name` is what the row calls them."""

    digest: str
    name: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """That a record cannot be said in this shape; `reason` is a key of the format's `refuses`."""

    reason: str


@dataclass(frozen=True, slots=True)
class Attachment:
    """A media file that lies beside the rows, at `path` below the export's folder."""

    path: str
    digest: str


Rows = Sequence[Row] | Refusal


def no_attachments(_record: RecordBody) -> Sequence[Attachment]:
    return ()


@dataclass(frozen=True, slots=True)
class Table:
    """One kind of row, in one file for each config and split that has any.

    `config` is the name to load it by, unless `config_column` says that each row names its own.
    `path` holds {config} and {split}; `splits` says what the format calls each split. Where `once`
    is given, a second row of the same value is refused as `repeated`.
    """

    rows: Callable[[RecordBody], Rows]
    features: Features
    encoding: Encoding
    path: str
    config: str = "default"
    config_column: str = ""
    splits: Mapping[Split, str] = field(default_factory=lambda: {s: s.value for s in Split})
    once: Callable[[Row], str] | None = None
    attachments: Callable[[RecordBody], Sequence[Attachment]] = no_attachments

    def config_of(self, row: Row) -> str:
        """The config that a row belongs to."""
        return str(row[self.config_column]) if self.config_column else self.config

    def path_of(self, config: str, split: Split) -> str:
        """The file of a config and split, below the export's folder."""
        return self.path.format(config=config, split=self.splits[split])


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
class Format:
    """One published shape.

    `protocols` are the keys of the protocols whose records it can say, empty for every one.
    `refuses` maps each reason for which it leaves a record out to why. `version` grows whenever
    the bytes that it writes change. `task_categories` and `tags` go into the card.
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

    def fits(self, protocol: str) -> bool:
        """Whether it can say records of a protocol, given as `key` or `key@version`."""
        return not self.protocols or protocol.partition("@")[0] in self.protocols


class Answers:
    """The verdicts of a record, by question and response position (None for the item)."""

    __slots__ = ("_values",)

    def __init__(self, record: RecordBody) -> None:
        self._values = {(v["question"], v["response"]): v["value"] for v in record["verdicts"]}

    def of(self, question: str, response: int | None = None) -> Any:
        """The value, None where there is none."""
        return self._values.get((question, response))

    def chosen(self, question: str) -> int | None:
        """The position of the response that a choice names; None for every other outcome."""
        value = self._values.get((question, None))
        return value if type(value) is int and value in (0, 1) else None

    def flags(self, question: str) -> tuple[bool, bool] | None:
        """A yes-or-no question about both responses; None unless both have an answer."""
        first, second = self.of(question, 0), self.of(question, 1)
        return (first, second) if isinstance(first, bool) and isinstance(second, bool) else None

    def numbers(self, question: str) -> tuple[int, int] | None:
        """A severity or scale of both responses; None unless both have an answer."""
        first, second = self.of(question, 0), self.of(question, 1)
        return (first, second) if type(first) is int and type(second) is int else None


# Why a record cannot be said, for the reasons that several formats share.
NO_PREFERENCE = "People chose neither response; a loader would read a tie as a choice."
NOT_A_PAIR = "It has one response; the shape wants two."
SAME_TEXT = "Both responses read the same; loaders refuse or silently drop such a pair."
SAFER_IS_UNSAFE = "The safer response is labelled unsafe and the other one safe; loaders refuse it."
NO_VERDICT = "A column has no verdict behind it."


def is_pair(record: RecordBody) -> bool:
    return len(record["responses"]) == 2


def reads_the_same(record: RecordBody) -> bool:
    """Whether both texts are the same but for spaces, which tokenisers may swallow."""
    one, other = (part["text"] for part in record["responses"])
    # Nearly all pairs differ in their first word, and need no more than that.
    if one.split(None, 1)[:1] != other.split(None, 1)[:1]:
        return False
    return one.split() == other.split()


def contradicts_safety(safer: int, safe: tuple[bool, bool]) -> bool:
    """Whether the one called safer is unsafe although the other one is safe."""
    return not safe[safer] and safe[1 - safer]


def question_of(record: RecordBody) -> str | None:
    """The prompt's text, when it is one turn of a user; None for a dialogue or a system message."""
    turns = record["turns"]
    return turns[0]["text"] if len(turns) == 1 and turns[0]["speaker"] == Speaker.USER else None


def has_prompt_media(record: RecordBody) -> bool:
    return any(turn["media"] for turn in record["turns"])


def media_of(record: RecordBody, digest: str | None) -> MediaPart | None:
    """What the record says of one of its files."""
    return next((part for part in record["media"] if part["digest"] == digest), None)


def prompt_images(record: RecordBody) -> list[Picture] | None:
    """The images of the prompt in the order shown; None when it shows anything else as well."""
    found = [media_of(record, digest) for turn in record["turns"] for digest in turn["media"]]
    if any(part is None or part["modality"] != Modality.IMAGE for part in found):
        return None
    return [Picture(part["digest"], file_name(part)) for part in found if part is not None]


_SUFFIXES = {
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/webp": "webp",
    "video/mp4": "mp4",
    "video/webm": "webm",
    "audio/wav": "wav",
    "audio/mpeg": "mp3",
    "audio/flac": "flac",
    "audio/ogg": "ogg",
}


def file_name(part: MediaPart) -> str:
    """The name of a file: its digest, with the suffix of what it is."""
    return f"{part['digest']}.{_SUFFIXES.get(part['mime'], 'bin')}"


_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")


def plain_name(wanted: object, otherwise: str) -> str:
    """A source's own id where it can be a file's name as it stands; ours where it cannot."""
    is_plain = isinstance(wanted, str) and _PLAIN.fullmatch(wanted)
    return str(wanted) if is_plain else otherwise


def said(meta: Mapping[str, Any], *keys: str) -> str:
    """The first of these keys under which a source said a text; "" when it said none."""
    return next((meta[key] for key in keys if isinstance(meta.get(key), str) and meta[key]), "")
