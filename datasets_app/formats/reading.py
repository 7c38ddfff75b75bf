"""A record as formats read it: verdicts by question, and what the prompt and the files are."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import EllipsisType
from typing import Any

from datasets_app.record import MediaPart, RecordBody, VerdictPart
from datasets_app.vocabulary import Modality


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture or sound in a row: its bytes lie in the media storage, `name` is the row's own."""

    digest: str
    name: str


class Reading:
    """A record with its answers at hand; what several formats ask of it is found out once."""

    __slots__ = ("_by_question", "_images", "_reads_the_same", "_values", "record")

    def __init__(self, record: RecordBody) -> None:
        self.record = record
        self._values = {(v["question"], v["response"]): v["value"] for v in record["verdicts"]}
        self._by_question: dict[str, list[VerdictPart]] | None = None
        self._images: list[Picture] | EllipsisType | None = ...
        self._reads_the_same: bool | None = None

    def of(self, question: str, response: int | None = None) -> Any:
        """The verdict on a question of the item, or of the response at a position; None without."""
        return self._values.get((question, response))

    def chosen(self, question: str) -> int | None:
        """The position of the response that a choice names; None for every other outcome."""
        value = self._values.get((question, None))
        return value if type(value) is int and value in (0, 1) else None

    def flags(self, question: str) -> tuple[bool, bool] | None:
        """A yes-or-no question about both responses; None unless both have an answer."""
        first, second = self._values.get((question, 0)), self._values.get((question, 1))
        return (first, second) if type(first) is bool and type(second) is bool else None

    def numbers(self, question: str) -> tuple[int, int] | None:
        """A severity or scale of both responses; None unless both have an answer."""
        first, second = self._values.get((question, 0)), self._values.get((question, 1))
        return (first, second) if type(first) is int and type(second) is int else None

    def verdicts_on(self, question: str) -> list[VerdictPart]:
        """The verdicts on a question: one, or one for each response."""
        if self._by_question is None:
            self._by_question = {}
            for verdict in self.record["verdicts"]:
                self._by_question.setdefault(verdict["question"], []).append(verdict)
        return self._by_question.get(question, [])

    @property
    def is_pair(self) -> bool:
        return len(self.record["responses"]) == 2

    @property
    def reads_the_same(self) -> bool:
        """Whether both texts are the same but for spaces, which tokenisers may swallow."""
        if self._reads_the_same is None:
            one, other = (part["text"] for part in self.record["responses"])
            # Nearly all pairs differ in their first word, and need no more than that.
            is_alike = one.split(None, 1)[:1] == other.split(None, 1)[:1]
            self._reads_the_same = is_alike and one.split() == other.split()
        return self._reads_the_same

    @property
    def question(self) -> str | None:
        """The prompt's text when it is one turn of a user; None for anything longer."""
        turns = self.record["turns"]
        return turns[0]["text"] if len(turns) == 1 and turns[0]["speaker"] == "user" else None

    @property
    def has_prompt_media(self) -> bool:
        return bool(self.record["media"]) and any(turn["media"] for turn in self.record["turns"])

    @property
    def images(self) -> list[Picture] | None:
        """The prompt's images in the order shown; None when it shows anything else as well."""
        if isinstance(self._images, EllipsisType):
            self._images = self._prompt_images() if self.record["media"] else []
        return self._images

    def _prompt_images(self) -> list[Picture] | None:
        shown = [digest for turn in self.record["turns"] for digest in turn["media"]]
        found = [self.media(digest) for digest in shown]
        if any(part is None or part["modality"] != Modality.IMAGE for part in found):
            return None
        return [Picture(part["digest"], file_name(part)) for part in found if part is not None]

    def media(self, digest: str | None) -> MediaPart | None:
        """What the record says of one of its files."""
        return next((part for part in self.record["media"] if part["digest"] == digest), None)


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
