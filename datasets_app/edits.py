"""What an edit changed of a text, word by word: a pure function of the two."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

# One sign of a script that puts no spaces between words, a word with its marks and apostrophes, or
# one sign of punctuation; each with the white space behind it, so that a text is all its words.
_SIGNS = r"\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U000323af"
_IN_WORDS = r"\w\u0300-\u036f\u0483-\u0489\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0900-\u0dff"
_WORD = re.compile(
    rf"(?P<word>[{_SIGNS}]|(?:(?![{_SIGNS}])[{_IN_WORDS}]|(?<=\w)['’](?=\w))+|\S)\s*"
)
# Comparing takes time with the square of the length. What differs of longer texts counts as
# replaced from the first change to the last one.
_MOST_COMPARED = 400_000


class Fate(StrEnum):
    """What became of a piece of text."""

    KEPT = "kept"
    OUT = "out"
    IN = "in"


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of words with one fate; of what was kept, the text as it is after the edit."""

    fate: Fate
    text: str


@dataclass(frozen=True, slots=True)
class Edit:
    """What makes one text of another. `words` are those there were, `out` and `put_in` what went
    and came; signs of punctuation are compared, but are no words.
    """

    pieces: tuple[Piece, ...]
    words: int
    out: int
    put_in: int


def edit_of(before: str, after: str) -> Edit:
    """The words that went and came, in the order of reading: first what went, then what came.

    White space is not compared.
    """
    old, new = list(_WORD.finditer(before)), list(_WORD.finditer(after))
    a, b = [word["word"] for word in old], [word["word"] for word in new]
    pieces: list[Piece] = []
    out = put_in = 0
    for low, high, start, end, is_kept in _runs(a, b):
        if is_kept:
            pieces.append(Piece(Fate.KEPT, _text(new[start:end])))
            continue
        out, put_in = out + _count(a[low:high]), put_in + _count(b[start:end])
        pieces += [Piece(Fate.OUT, _text(old[low:high]))] if low < high else []
        pieces += [Piece(Fate.IN, _text(new[start:end]))] if start < end else []
    return Edit(tuple(pieces), _count(a), out, put_in)


def _runs(a: list[str], b: list[str]) -> Iterator[tuple[int, int, int, int, bool]]:
    """(from, to) in `a`, (from, to) in `b`, and whether these are alike; never empty in both."""
    first = _alike(a, b)
    last = _alike(a[first:][::-1], b[first:][::-1])
    if first:
        yield 0, first, 0, first, True
    mid_a, mid_b = a[first : len(a) - last], b[first : len(b) - last]
    if len(mid_a) * len(mid_b) > _MOST_COMPARED:
        yield first, len(a) - last, first, len(b) - last, False
    else:
        compared = SequenceMatcher(None, mid_a, mid_b, autojunk=False)
        for tag, low, high, start, end in compared.get_opcodes():
            yield first + low, first + high, first + start, first + end, tag == "equal"
    if last:
        yield len(a) - last, len(a), len(b) - last, len(b), True


def _alike(a: list[str], b: list[str]) -> int:
    """How many of both are alike from the beginning."""
    alike = 0
    while alike < min(len(a), len(b)) and a[alike] == b[alike]:
        alike += 1
    return alike


def _text(words: list[re.Match[str]]) -> str:
    return "".join(word.group() for word in words)


def _count(words: list[str]) -> int:
    return sum(word[0].isalnum() for word in words)
