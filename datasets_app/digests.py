"""Normalised digests: what makes two prompts, responses or items the same.

Normalised is Unicode's NFC with every run of white space as one space and none at the ends.
Digests are SHA-256 in hexadecimal.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256
from unicodedata import normalize

# `str.split()` takes exactly these for white space among the ASCII characters.
_ASCII_SPACE = bytes(32 if chr(code).isspace() and code < 128 else code for code in range(256))

# Both are white space, so normalised text holds neither: no text can imitate a boundary.
_FIELD = b"\x1f"
_PART = b"\x1e"


def normalised(text: str) -> bytes:
    """The text as it is compared, in UTF-8. Raises UnicodeEncodeError for a lone surrogate."""
    if not text.isascii():
        return " ".join(normalize("NFC", text).split()).encode()
    # The same in a third of the time; most texts are ASCII.
    plain = text.encode().translate(_ASCII_SPACE)
    while b"  " in plain:
        plain = plain.replace(b"  ", b" ")
    return plain.strip(b" ")


def prompt_digest(turns: Iterable[tuple[str, str, Sequence[str]]]) -> str:
    """Of turns as (speaker, text, digests of media), system turns included, in their order."""
    whole = sha256()
    for speaker, text, media in turns:
        whole.update(_FIELD.join((speaker.encode(), normalised(text), *map(str.encode, media))))
        whole.update(_PART)
    return whole.hexdigest()


def response_digest(text: str, media: str = "") -> str:
    """Of one response: its text and the digest of its medium."""
    return sha256(normalised(text) + _FIELD + media.encode()).hexdigest()


def item_digest(prompt: str, responses: Iterable[str]) -> str:
    """Of a prompt's digest and its responses' digests, whichever comes first."""
    return sha256(_FIELD.join(map(str.encode, (prompt, *sorted(responses))))).hexdigest()
