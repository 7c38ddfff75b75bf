"""Makes an item of any row whose columns are named: the three mapped readers share it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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
from datasets_app.vocabulary import Modality, Speaker

_MEDIA = (Modality.IMAGE, Modality.VIDEO, Modality.AUDIO)
_SIDES = ("response_0", "response_1")
_PROMPT_MEDIA = tuple((modality.value, modality) for modality in _MEDIA)
_SIDE_MEDIA = {side: tuple((f"{side}_{m.value}", m) for m in _MEDIA) for side in _SIDES}
_MEDIA_NAMES = frozenset(
    name for names in (_PROMPT_MEDIA, *_SIDE_MEDIA.values()) for name, _ in names
)
_MODELS = {side: f"{side}_model" for side in _SIDES}
# Who wrote what; no author judges his own.
_AUTHORS = {side: f"{side}_author" for side in _SIDES}
NAMES = (
    "id",
    "prompt",
    "prompt_id",
    "system",
    *(name for name, _ in _PROMPT_MEDIA),
    *_SIDES,
    *(name for media in _SIDE_MEDIA.values() for name, _ in media),
    *_MODELS.values(),
    "author",
    "prompt_author",
    *_AUTHORS.values(),
)
_USER, _ASSISTANT = Speaker.USER.value, Speaker.ASSISTANT.value
_ROLES = frozenset(Speaker.values)
_NOTHING = (None, "")


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
    pairs = tuple(columns.items())
    used = frozenset(columns.values())

    def interpret(row: Row) -> Incoming:
        file, line, values, folder, root, textual, split = row
        ours = {name: values[column] for name, column in pairs if column in values}
        mapped = Row(file, line, ours, folder, root, textual, split)
        return _interpret(mapped, columns, cells.rest(row, used))

    return interpret


def _interpret(row: Row, columns: Mapping[str, str], meta: dict[str, Any]) -> Incoming:
    shows = not _MEDIA_NAMES.isdisjoint(row.values)
    responses = [_response(row, side, columns, shows) for side in _SIDES]
    given = tuple(response for response in responses if response is not None)
    if not given:
        raise Unusable(f"has no {columns['response_0']}: name its column with --columns")
    return Incoming(
        row.file,
        row.line,
        cells.word(row, "id"),
        tuple(_turns(row, columns, shows)),
        given,
        prompt_meta=_author(row, "prompt_author"),
        prompt_external_id=cells.word(row, "prompt_id"),
        meta={**meta, **_author(row, "author")},
    )


def _author(row: Row, name: str) -> dict[str, Any]:
    """What metadata says of who wrote it; nothing where nobody is named."""
    author = cells.word(row, name)
    return {"author": author} if author else {}


def _turns(row: Row, columns: Mapping[str, str], shows: bool) -> Iterator[IncomingTurn]:
    """The system turn, if any, then the prompt's; media go with the last turn."""
    if row.values.get("system") not in _NOTHING:
        yield IncomingTurn(Speaker.SYSTEM.value, cells.text(row, "system"))
    media = _media(row, _PROMPT_MEDIA) if shows else ()
    *before, (speaker, text) = _said(row, "prompt", columns, _USER, may_be_empty=bool(media))
    yield from (IncomingTurn(*turn) for turn in before)
    yield IncomingTurn(speaker, text, media)


def _response(
    row: Row, side: str, columns: Mapping[str, str], shows: bool
) -> IncomingResponse | None:
    """One side; None where the row has no column for it."""
    media = _media(row, _SIDE_MEDIA[side]) if shows else ()
    if len(media) > 1:
        raise Unusable(f"{side} has more than one file")
    if not media and side not in row.values:
        return None
    *before, (_, text) = _said(row, side, columns, _ASSISTANT, may_be_empty=bool(media))
    if before:
        raise Unusable(f"{columns[side]} has more than one message")
    model, meta = cells.word(row, _MODELS[side]), _author(row, _AUTHORS[side])
    return IncomingResponse(text, media[0] if media else None, model, meta)


def _media(row: Row, names: tuple[tuple[str, Modality], ...]) -> tuple[IncomingMedia, ...]:
    found = (cells.media(row, name, modality) for name, modality in names)
    return tuple(each for each in found if each)


def _said(
    row: Row, name: str, columns: Mapping[str, str], speaker: str, *, may_be_empty: bool
) -> list[tuple[str, str]]:
    """A text, or a list of messages {role, content}, as turns; never empty."""
    value, called = row.values.get(name), columns[name]
    if isinstance(value, str) and not (may_be_empty and not value):
        return [(speaker, cells.said(value, called))]
    if may_be_empty and value in _NOTHING:
        return [(speaker, "")]
    if isinstance(value, list) and value:
        return [_message(each, called) for each in value]
    if name not in row.values:
        raise Unusable(f"has no {called}")
    raise Unusable(f"{called} is {cells.shown(value)}, not a text or a list of messages")


def _message(value: Any, called: str) -> tuple[str, str]:
    if not isinstance(value, dict) or not isinstance(value.get("content"), str):
        raise Unusable(f"{called} is a list, but not of messages with role and content")
    role = value.get("role")
    if not isinstance(role, str) or role not in _ROLES:
        raise Unusable(
            f"{called} has a message of {cells.shown(role)}, not system, user, assistant"
        )
    return role, cells.said(value["content"], called)
