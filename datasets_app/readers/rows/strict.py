"""JSON without its traps: no key twice, no NaN, no number beyond 64 bits, no deep nesting."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, NoReturn

from datasets_app.readers.rows.limits import DEPTH

_BIGGEST = 1 << 63


class NotStrict(Exception):
    """The text is no JSON that can be trusted; says why, without quoting it."""


def loads(text: str) -> Any:  # Any: JSON is anything
    """The value of a JSON text. Raises NotStrict.

    Python's own decoder takes NaN, lets the last of two equal keys win, and knows integers of any
    length; PostgreSQL and trainers do not. Lone surrogates and NUL are left to `cells`, which
    looks at every text anyway. With hooks the decoder's scanner is still the one in C.
    """
    try:
        return _decoder.decode(text)
    except json.JSONDecodeError as error:
        raise NotStrict(f"is not JSON: {why(error)}") from None
    except RecursionError:
        raise NotStrict(f"is nested more than {DEPTH} deep") from None


def raw_decode(text: str, start: int) -> tuple[Any, int]:
    """The value that begins at `start`, and where it ends.

    Raises json.JSONDecodeError when the text is no JSON, or ends too soon; NotStrict as `loads`.
    """
    try:
        return _decoder.raw_decode(text, start)
    except RecursionError:
        raise NotStrict(f"is nested more than {DEPTH} deep") from None


def complaint(error: json.JSONDecodeError) -> str:
    """What the decoder says, without a place: some of its words end in "at", and expect one."""
    return (error.msg[0].lower() + error.msg[1:]).removesuffix(" at")


def why(error: json.JSONDecodeError) -> str:
    """The decoder's complaint in our words, with the place."""
    message = complaint(error)
    place = f"at character {error.colno}"
    if error.pos >= len(error.doc.rstrip()):
        return f"it ends too soon ({message} {place})"
    return f"{message} {place}"


def depth(value: Any) -> int:  # Any: JSON is anything
    """How deep lists and objects are nested; 0 for anything else. Stops counting past the limit."""
    deepest, level = 0, [value]
    while level and deepest <= DEPTH:
        below: list[Any] = []
        for each in level:
            below.extend(_inside(each))
        if any(isinstance(each, dict | list) for each in level):
            deepest += 1
        level = below
    return deepest


def _inside(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        twin = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]  # add says None
        raise NotStrict(f"has the key {twin[:80]!r} twice")
    return found


def _no_constant(name: str) -> NoReturn:
    raise NotStrict(f"holds {name}, which is no JSON: write null or leave it out")


def _whole(digits: str) -> int:
    # The length first: Python refuses 4,300 digits only after a while, and words it oddly.
    if len(digits) > 20 or not -_BIGGEST <= (number := int(digits)) < _BIGGEST:
        raise NotStrict(f"holds a number of {len(digits)} digits: more than 64 bits")
    return number


def _finite(digits: str) -> float:
    number = float(digits)
    if number in (float("inf"), float("-inf")):
        raise NotStrict(f"holds the number {digits[:20]}, which is too large")
    return number


_decoder = json.JSONDecoder(
    object_pairs_hook=_without_twins,
    parse_constant=_no_constant,
    parse_int=_whole,
    parse_float=_finite,
)
