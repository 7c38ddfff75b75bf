"""Looks at single values of a row: each is what it should be, or the row is unusable."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import orjson

from datasets_app.readers.base import IncomingMedia, Row, Unusable
from datasets_app.readers.rows.limits import DEPTH, META, NAME, TEXT
from datasets_app.readers.rows.strict import depth
from datasets_app.vocabulary import Modality

_FLAGS = {"true": True, "false": False}
_WHOLE = frozenset("0123456789-")
# JavaScript gives these keys a meaning of their own.
_FORBIDDEN_KEYS = frozenset({"__proto__", "constructor", "prototype"})


def text(row: Row, name: str) -> str:
    """A text that says something. Raises Unusable."""
    value = row.values.get(name)
    if not isinstance(value, str):
        raise Unusable(_wrong(row, name, "a text"))
    return said(value, name)


def said(value: str, name: str) -> str:
    """The same text, if it says something. Raises Unusable."""
    if not value or value.isspace():
        raise Unusable(f"{name} is empty")
    return clean(value, name)


def clean(value: str, name: str, *, most: int = TEXT) -> str:
    """The same text, if a database can hold it and a person can read it. Raises Unusable."""
    if len(value) > most:
        raise Unusable(f"{name} is longer than {most:,} characters")
    if "\0" in value:
        raise Unusable(f"{name} holds a NUL character: remove it")
    if not value.isascii():
        _refuse_no_characters(value, name)
    return value


def _refuse_no_characters(value: str, name: str) -> None:
    if "\ufffe" in value or "\uffff" in value:
        raise Unusable(f"{name} holds U+FFFE or U+FFFF, which are no characters")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        half = ord(value[error.start])
        raise Unusable(f"{name} holds half of a surrogate pair (U+{half:04X})") from None


def word(row: Row, name: str) -> str:
    """A short text such as an id or a model's name, "" when there is none. Numbers are taken."""
    value = row.values.get(name)
    if value is None or value == "":
        return ""
    if type(value) is int:
        return str(value)
    if not isinstance(value, str):
        raise Unusable(_wrong(row, name, "a text or a whole number"))
    return clean(value, name, most=NAME)


def flag(row: Row, name: str) -> bool | None:
    """True or false, None when there is none. A text is taken only where all are texts (CSV)."""
    value = row.values.get(name)
    if value is None or (row.textual and value == ""):
        return None
    if row.textual and str(value).lower() in _FLAGS:
        return _FLAGS[str(value).lower()]
    if not isinstance(value, bool):
        raise Unusable(_wrong(row, name, "true or false"))
    return value


def whole(row: Row, name: str, *, low: int, high: int) -> int | None:
    """A whole number in a range, both ends included; None when there is none."""
    value = row.values.get(name)
    if value is None or (row.textual and value == ""):
        return None
    if row.textual and len(value) < 20 and set(value) <= _WHOLE and value.lstrip("-"):
        value = int(value) if value.rfind("-") <= 0 else value
    # A bool is an int in Python, and 1.0 is none.
    if type(value) is not int:
        raise Unusable(_wrong(row, name, "a whole number"))
    if not low <= value <= high:
        raise Unusable(f"{name} is {value}, not between {low} and {high}")
    return value


def one_of(row: Row, name: str, known: Mapping[Any, Any]) -> Any:
    """What `known` gives for the value; None when there is none. Raises Unusable for others."""
    value = row.values.get(name)
    if value is None or (row.textual and value == ""):
        return None
    if not isinstance(value, str | int) or isinstance(value, bool) or value not in known:
        choices = ", ".join(repr(each) for each in known)
        raise Unusable(f"{name} is {shown(value)}, not one of {choices}")
    return known[value]


def flags(value: Any, name: str, known: Collection[str]) -> list[str] | None:
    """The keys of a {key: bool} object that are true, sorted; None when there is none."""
    if value is None:
        return None
    if not isinstance(value, dict):
        raise Unusable(f"{name} is {shown(value)}, not an object of kinds of harm")
    for key, on in value.items():
        if key not in known:
            raise Unusable(f"{name} names {shown(key)}, which is none of the {len(known)} kinds")
        # Absent is null in Parquet, where every row has every key.
        if not isinstance(on, bool | None):
            raise Unusable(f"{name}: {key} is {shown(on)}, not true or false")
    return sorted(key for key, on in value.items() if on)


def rest(row: Row, used: Collection[str]) -> dict[str, Any]:
    """What the row says besides the names in `used`, kept as it came. Raises Unusable."""
    left = {name: value for name, value in row.values.items() if name not in used}
    if row.split:
        left.setdefault("split", row.split)
    return meta(left) if left else left


def meta(values: dict[str, Any]) -> dict[str, Any]:
    """The same values, if they may be kept beside an item. Raises Unusable."""
    if any(isinstance(value, dict | list) for value in values.values()) and depth(values) > DEPTH:
        raise Unusable(f"is nested more than {DEPTH} deep")
    for name in values:
        if not name or len(name) > NAME or name in _FORBIDDEN_KEYS:
            raise Unusable(f"has a key that cannot be kept: {shown(name)}")
    try:
        said = orjson.dumps(values)
    except (TypeError, ValueError):
        raise Unusable("holds something that cannot be kept: bytes, or broken characters") from None
    if len(said) > META:
        raise Unusable(f"has more than {META // 1024} kB in columns that are no prompt or response")
    if b"\\u0000" in said:
        raise Unusable("holds a NUL character: remove it")
    return values


def media(row: Row, name: str, modality: Modality) -> IncomingMedia | None:
    """The file that a column names, or holds as {bytes, path}; None when it is empty."""
    value = row.values.get(name)
    if value is None or value == "":
        return None
    if isinstance(value, dict) and isinstance(value.get("bytes"), bytes):
        called = value.get("path")
        called = Path(called).name if isinstance(called, str) else name
        return IncomingMedia(modality, content=value["bytes"], name=called[:NAME])
    if isinstance(value, dict):
        value = value.get("path")
    if not isinstance(value, str):
        raise Unusable(_wrong(row, name, "a path or bytes"))
    return IncomingMedia(modality, path=below(row, value, name), name=value[:NAME])


def below(row: Row, path: str, name: str) -> Path:
    """The file at a relative path, which lies below the source. Raises Unusable.

    Links are followed first: what counts is where the file really lies.
    """
    if "://" in path:
        raise Unusable(f"{name} is an address; Castor fetches none: give a file beside the rows")
    if "\0" in path or "\\" in path or len(path) > 1024:
        raise Unusable(f"{name} is no path: {shown(path)}")
    real = (row.folder / path).resolve()
    if path.startswith("/") or not real.is_relative_to(row.root.resolve()):
        raise Unusable(f"{name} leads out of the source's folder: {shown(path)}")
    if not real.is_file():
        raise Unusable(f"{name}: {shown(path)} is missing")
    return real


def shown(value: Any) -> str:
    """A value as a report may show it: short, and as JSON has it, not Python."""
    is_plain = isinstance(value, str | bytes)
    said = repr(value) if is_plain else json.dumps(value, ensure_ascii=False, default=repr)
    return said if len(said) <= 60 else f"{said[:59]}…"


def _wrong(row: Row, name: str, wanted: str) -> str:
    if name not in row.values:
        return f"has no {name}"
    return f"{name} is {shown(row.values[name])}, not {wanted}"


def given(answers: dict[str, Any]) -> dict[str, Any]:
    """Answers without what was not answered: no null, and no question of nobody."""
    kept: dict[str, Any] = {}
    for question, value in answers.items():
        said = value
        if isinstance(value, dict):
            said = {side: each for side, each in value.items() if each is not None} or None
        if said is not None:
            kept[question] = said
    return kept
