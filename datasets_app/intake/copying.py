"""PostgreSQL's binary COPY: a third of the time of INSERT, and nothing to escape.

A row is the number of its fields, then each field as its length and its bytes: text in UTF-8,
uuid 16 bytes, bigint 8, jsonb its version and the JSON text.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

import orjson
from django.db import connection

NULL = b"\xff\xff\xff\xff"
UUID_LENGTH = b"\x00\x00\x00\x10"
_SIGNATURE = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_END = b"\xff\xff"
_JSONB = b"\x01"
_ROWS_PER_WRITE = 500


def copy(table: str, columns: tuple[str, ...], rows: Iterable[bytes]) -> None:
    """Append packed rows to a table. `table` and `columns` are names of ours."""
    statement = f"COPY {table} ({', '.join(columns)}) FROM STDIN (FORMAT binary)"
    left = iter(rows)
    with (
        connection.wrap_database_errors,
        connection.cursor() as cursor,
        cursor.copy(statement) as stream,
    ):
        block = _SIGNATURE
        while some := list(islice(left, _ROWS_PER_WRITE)):
            stream.write(block + b"".join(some))
            block = b""
        stream.write(block + _END)


def start(columns: tuple[str, ...]) -> bytes:
    """How a row with these columns begins."""
    return len(columns).to_bytes(2, "big")


def text(content: str) -> bytes:
    """A text field."""
    encoded = content.encode()
    return len(encoded).to_bytes(4, "big") + encoded


def ident(content: bytes) -> bytes:
    """A uuid field."""
    return UUID_LENGTH + content


def whole(number: int, *, size: int = 8) -> bytes:
    """A field of a whole number: bigint, or of another size in bytes."""
    return size.to_bytes(4, "big") + number.to_bytes(size, "big", signed=True)


def jsonb(value: Any) -> bytes:
    """A jsonb field. Any: what orjson can write."""
    said = _JSONB + orjson.dumps(value)
    return len(said).to_bytes(4, "big") + said


_EMPTY = jsonb({})


def words(meta: Mapping[str, Any]) -> bytes:
    """A jsonb field of metadata, which is mostly empty."""
    return jsonb(meta) if meta else _EMPTY
