"""Rows of JSON: one object a line, or one list of objects."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

from datasets_app.readers.base import BadRow, ReadOptions, Row, UnreadableFile
from datasets_app.readers.rows import strict
from datasets_app.readers.rows.files import DataFile, data_files, lines, opened
from datasets_app.readers.rows.limits import LINE, MEGABYTE

SUFFIXES = (".jsonl", ".json", ".ndjson")
_SPACE = " \t\r\n"
_CHUNK = MEGABYTE


def json_lines(source: Path, options: ReadOptions) -> Iterator[Row | BadRow]:
    """Files of one object a line. Raises UnreadableFile; a list is refused with a hint."""
    for file in data_files(source, options, suffixes=SUFFIXES):
        yield from counted(file, _lines)


def json_any(source: Path, options: ReadOptions) -> Iterator[Row | BadRow]:
    """Files of either kind, told by their first character. Raises UnreadableFile."""
    for file in data_files(source, options, suffixes=SUFFIXES):
        yield from rows_of(file)


def rows_of(file: DataFile) -> Iterator[Row | BadRow]:
    """The rows of one JSON file of either kind. Raises UnreadableFile."""
    yield from counted(file, _either)


def counted(
    file: DataFile, rows: Callable[[BinaryIO, DataFile], Iterator[Row | BadRow]]
) -> Iterator[Row | BadRow]:
    """What `rows` finds in an open file; raises UnreadableFile if that is nothing at all."""
    some = False
    with opened(file) as stream:
        for row in rows(stream, file):
            some = True
            yield row
    if not some:
        raise UnreadableFile(f"{file.name}: holds no rows")


def _either(stream: BinaryIO, file: DataFile) -> Iterator[Row | BadRow]:
    is_list = _first(stream) == b"["
    yield from (_list if is_list else _lines)(stream, file)


def _first(stream: BinaryIO) -> bytes:
    """The first byte that is no space, left unread."""
    peek: Callable[[int], bytes] = stream.peek  # type: ignore[attr-defined]  # `opened` gives a BufferedReader
    while (head := peek(1)) and not head.strip():
        stream.read(len(head))
    return head.lstrip()[:1]


def _lines(stream: BinaryIO, file: DataFile) -> Iterator[Row | BadRow]:
    for number, line in lines(stream):
        if line is None:
            yield BadRow(file.name, number, f"is longer than {LINE // MEGABYTE} MB")
        elif not line.isspace():
            if number == 1 and line.lstrip()[:1] == b"[":
                raise UnreadableFile(
                    f"{file.name}: is a JSON list, not one object a line; "
                    "`jq -c '.[]' FILE` writes lines"
                )
            yield _row(line, number, file)


def _row(line: bytes, number: int, file: DataFile) -> Row | BadRow:
    try:
        values = strict.loads(line.decode())
    except UnicodeDecodeError as error:
        reason = f"is not UTF-8 (byte {error.object[error.start]:#04x} at {error.start + 1})"
        return BadRow(file.name, number, f"{reason}: save the file as UTF-8")
    except strict.NotStrict as error:
        return BadRow(file.name, number, str(error))
    return _checked(values, number, file)


def _checked(values: Any, number: int, file: DataFile) -> Row | BadRow:
    if not isinstance(values, dict):
        return BadRow(file.name, number, f"is {_kind(values)}, not an object")
    return Row(file.name, number, values, file.folder, file.root, split=file.split)


def _kind(value: Any) -> str:
    kinds = {list: "a list", str: "a text", bool: "a truth value", type(None): "null"}
    return kinds.get(type(value), "a number")


def _list(stream: BinaryIO, file: DataFile) -> Iterator[Row | BadRow]:
    """The elements of a list, one at a time. Broken JSON ends it: nobody knows where to go on."""
    window = _Window(stream)
    number = 0
    try:
        window.expect("[")
        while window.next_is_element(first=not number):
            number += 1
            yield _checked(window.element(), number, file)
        if window.peek():
            yield BadRow(file.name, number, "has something after the end of the list")
    except UnicodeDecodeError:
        yield BadRow(file.name, number + 1, "is not UTF-8: save the file as UTF-8")
    except strict.NotStrict as error:
        yield BadRow(file.name, number, str(error))
    except json.JSONDecodeError as error:
        yield BadRow(file.name, max(number, 1), f"is not JSON: {strict.why(error)}")


class _Window:
    """A moving piece of a text that is too long to be held as a whole."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._text, self._at = "", 0
        self._pending = b""
        self._over = False

    def peek(self) -> str:
        """The next character that is no space; "" at the end."""
        while True:
            while self._at < len(self._text) and self._text[self._at] in _SPACE:
                self._at += 1
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more():
                return ""

    def expect(self, character: str) -> None:
        if self.peek() != character:
            raise json.JSONDecodeError(f"no {character!r} where one must be", self._text, self._at)
        self._at += 1

    def next_is_element(self, *, first: bool) -> bool:
        """Go to the next element; False, and past the bracket, when the list is over."""
        if self.peek() == "]":
            self._at += 1
            return False
        if not self.peek():
            raise strict.NotStrict("is the last row before the list breaks off: it ends too soon")
        if not first:
            self.expect(",")
            self.peek()
        return True

    def element(self) -> Any:
        while True:
            try:
                value, self._at = strict.raw_decode(self._text, self._at)
                return value
            except json.JSONDecodeError as error:
                # Broken, or only cut by the window's edge: more text tells.
                if len(self._text) - self._at > LINE:
                    said, most = strict.complaint(error), LINE // MEGABYTE
                    reason = f"is not JSON, or longer than {most} MB: {said}"
                    raise strict.NotStrict(reason) from None
                if not self._more():
                    raise strict.NotStrict(f"is not JSON: {strict.why(error)}") from None

    def _more(self) -> bool:
        """Read on; what lies behind is dropped. False at the end of the file."""
        if self._over:
            return False
        block = self._stream.read(_CHUNK)
        self._over = not block
        whole, self._pending = _whole_characters(self._pending + block, last=self._over)
        self._text, self._at = self._text[self._at :] + whole, 0
        return not self._over


def _whole_characters(block: bytes, *, last: bool) -> tuple[str, bytes]:
    """Decode a block that may end inside a character; the rest is for the next one."""
    for tail in range(1 if last else min(4, len(block) + 1)):
        try:
            end = len(block) - tail
            return block[:end].decode(), block[end:]
        except UnicodeDecodeError:
            continue
    return block.decode(), b""
