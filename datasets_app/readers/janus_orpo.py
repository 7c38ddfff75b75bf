"""Janus, the Multifaceted Collection: texts under a system message, chosen and rejected, or one.

Three shapes: chosen and rejected as lists of messages (ORPO, RM), the same two as texts under the
names that axolotl's configurations give them (DPO), and one `output` (SFT), which makes an item of
one response: for a protocol that judges one.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from datasets_app.readers import cells
from datasets_app.readers.base import (
    BadRow,
    Incoming,
    IncomingResponse,
    IncomingTurn,
    IncomingVote,
    Interpret,
    Reader,
    ReadOptions,
    Row,
    Unusable,
)
from datasets_app.readers.rows.by_ending import rows_by_ending
from datasets_app.vocabulary import Speaker

# What axolotl's configurations call the columns.
_ALIASES = {"prompt": "instruction", "chosen": "chosen_response", "rejected": "rejected_response"}
_PAIR = ("chosen", "rejected")
_STATED = ("dimension", "subdimension", "preference", "description")
_USED = frozenset(
    {"external_id", "system", "output", "preference_set", *_ALIASES, *_ALIASES.values()}
)


def read_rows(path: Path, options: ReadOptions) -> Iterator[Row | BadRow]:
    """Parquet, JSON or JSON lines, or a folder of them."""
    return rows_by_ending(path, options, needs=("system",))


def interpret(row: Row) -> Incoming:
    """One pair, or one response where the row has just an output. Raises Unusable.

    Which one was chosen is a vote; of an output there is none. `external_id` is ours.
    """
    is_single = "output" in row.values
    system, prompt = cells.text(row, "system"), cells.text(row, _name(row, "prompt"))
    said = (
        [cells.text(row, "output")]
        if is_single
        else [_said(row, name, system, prompt) for name in _PAIR]
    )
    values = _values(row)
    return Incoming(
        row.file,
        row.line,
        cells.word(row, "external_id"),
        (
            IncomingTurn(Speaker.SYSTEM.value, system),
            IncomingTurn(Speaker.USER.value, prompt),
        ),
        tuple(IncomingResponse(text) for text in said),
        prompt_meta={"preference_set": values} if values else {},
        meta=cells.rest(row, _USED),
        votes=() if is_single else (IncomingVote("", {"follows": "0"}),),
    )


def _name(row: Row, name: str) -> str:
    alias = _ALIASES[name]
    return alias if alias in row.values and name not in row.values else name


def _said(row: Row, name: str, system: str, prompt: str) -> str:
    """What the assistant says at last, in a text or in messages that repeat what came before."""
    column = _name(row, name)
    value = row.values.get(column)
    if not isinstance(value, list):
        return cells.text(row, column)
    messages = [_message(each, column) for each in value]
    before = [(Speaker.SYSTEM.value, system), (Speaker.USER.value, prompt)]
    if not messages or messages[-1][0] != Speaker.ASSISTANT.value:
        raise Unusable(f"{column} does not end with a message of the assistant")
    if any(message not in before for message in messages[:-1]):
        raise Unusable(f"{column} holds a message that is neither system, prompt nor the answer")
    return cells.said(messages[-1][1], column)


def _message(value: Any, column: str) -> tuple[str, str]:
    if not isinstance(value, dict):
        value = {}
    role, content = value.get("role"), value.get("content")
    if not isinstance(role, str) or not isinstance(content, str):
        raise Unusable(f"{column} is a list, but not of messages with role and content")
    return role, content


def _values(row: Row) -> list[dict[str, str]]:
    """The statements of values behind the system message, as the collection lists them."""
    given = row.values.get("preference_set")
    if given is None:
        return []
    if not isinstance(given, list) or not all(isinstance(each, dict) for each in given):
        raise Unusable("preference_set is not a list of objects")
    stated = [{name: each.get(name) or "" for name in _STATED} for each in given]
    if not all(isinstance(text, str) for each in stated for text in each.values()):
        raise Unusable("preference_set holds something that is no text")
    return [{name: cells.clean(text, name) for name, text in each.items()} for each in stated]


def _interpreter(options: ReadOptions) -> Interpret:
    return interpret


READER = Reader(
    key="janus_orpo",
    title="Janus, Multifaceted Collection: rows of system, prompt, chosen and rejected",
    protocol="system_message",
    rows=read_rows,
    interpreter=_interpreter,
)
