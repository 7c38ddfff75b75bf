"""Makes an item of any row whose columns are named: the three mapped readers share it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from datasets_app.readers import cells
from datasets_app.readers.base import (
    Incoming,
    IncomingMedia,
    IncomingResponse,
    IncomingTurn,
    Interpret,
    ReadOptions,
    Row,
    UnreadableFile,
    Unusable,
)
from datasets_app.readers.rows.limits import TEXT
from datasets_app.vocabulary import Modality, Speaker

_MEDIA = (Modality.IMAGE, Modality.VIDEO, Modality.AUDIO)
_SIDES = ("response_0", "response_1")
NAMES = (
    "id",
    "prompt",
    "prompt_id",
    "system",
    *(modality.value for modality in _MEDIA),
    *_SIDES,
    *(f"{side}_{modality.value}" for side in _SIDES for modality in _MEDIA),
    *(f"{side}_model" for side in _SIDES),
)
_ROLES = {role.value: role.value for role in Speaker}


def mapping_of(options: ReadOptions) -> dict[str, str]:
    """Our names to the file's: as asked for, otherwise the same. Raises UnreadableFile."""
    strange = [name for name in options.columns if name not in NAMES]
    if strange:
        known = ", ".join(NAMES)
        raise UnreadableFile(f"--columns: {strange[0]!r} is no name of ours; there are {known}")
    return {name: name for name in NAMES} | dict(options.columns)


def needed(options: ReadOptions) -> set[str]:
    """The columns that a table must have: those that were mapped, and the prompt's."""
    return {mapping_of(options)["prompt"], *options.columns.values()}


def interpreter(options: ReadOptions) -> Interpret:
    """The function that makes an item of a row under this mapping. Raises UnreadableFile."""
    columns = mapping_of(options)
    used = frozenset(columns.values())

    def interpret(row: Row) -> Incoming:
        ours = {name: row.values[c] for name, c in columns.items() if c in row.values}
        return _interpret(replace(row, values=ours), columns, cells.rest(row, used))

    return interpret


def _interpret(row: Row, columns: Mapping[str, str], meta: dict[str, Any]) -> Incoming:
    responses = tuple(_responses(row, columns))
    if not responses:
        raise Unusable(f"has no {columns['response_0']}: name its column with --columns")
    return Incoming(
        row.file,
        row.line,
        cells.word(row, "id"),
        tuple(_turns(row, columns)),
        responses,
        prompt_external_id=cells.word(row, "prompt_id"),
        meta=meta,
    )


def _turns(row: Row, columns: Mapping[str, str]) -> Iterator[IncomingTurn]:
    """The system turn, if any, then the prompt's; media go with the last turn."""
    if row.values.get("system"):
        yield IncomingTurn(Speaker.SYSTEM.value, cells.text(row, "system"))
    media = tuple(_media(row, ""))
    said = _said(row, "prompt", columns, may_be_empty=bool(media))
    *before, (speaker, text) = said
    yield from (IncomingTurn(*turn) for turn in before)
    yield IncomingTurn(speaker, text, media)


def _responses(row: Row, columns: Mapping[str, str]) -> Iterator[IncomingResponse]:
    for side in _SIDES:
        media = list(_media(row, f"{side}_"))
        if len(media) > 1:
            raise Unusable(f"{side} has more than one file")
        if not media and row.values.get(side) in (None, ""):
            if side in row.values:
                raise Unusable(f"{columns[side]} is empty")
            continue
        *before, (_, text) = _said(row, side, columns, may_be_empty=bool(media))
        if before:
            raise Unusable(f"{columns[side]} has more than one message")
        yield IncomingResponse(
            text, media=media[0] if media else None, model=cells.word(row, f"{side}_model")
        )


def _media(row: Row, prefix: str) -> Iterator[IncomingMedia]:
    for modality in _MEDIA:
        found = cells.media(row, f"{prefix}{modality.value}", modality)
        if found:
            yield found


def _said(
    row: Row, name: str, columns: Mapping[str, str], *, may_be_empty: bool
) -> list[tuple[str, str]]:
    """A text, or a list of messages {role, content}, as turns; never empty."""
    value = row.values.get(name)
    speaker = Speaker.USER if name == "prompt" else Speaker.ASSISTANT
    called = columns[name]
    if may_be_empty and value in (None, ""):
        return [(speaker.value, "")]
    if isinstance(value, list) and value:
        return [_message(each, called) for each in value]
    return [(speaker.value, cells.text(replace(row, values={called: value}), called))]


def _message(value: Any, called: str) -> tuple[str, str]:
    if not isinstance(value, dict) or not isinstance(value.get("content"), str):
        raise Unusable(f"{called} is a list, but not of messages with role and content")
    role = value.get("role")
    if not isinstance(role, str) or role not in _ROLES:
        raise Unusable(
            f"{called} has a message of {cells.shown(role)}, not system, user, assistant"
        )
    if not value["content"].strip():
        raise Unusable(f"{called} has an empty message")
    return _ROLES[role], cells.clean(value["content"], called, most=TEXT)
