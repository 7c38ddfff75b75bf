"""Runs prepared statements on Django's connection, for the verbs that annotators wait for.

Django binds parameters on the client, so that PostgreSQL plans every statement anew; planning
costs a lease more than running it. Transactions, errors and the pool stay Django's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.db import connection
from psycopg import Connection, Cursor

# Rows of statements whose columns only the statement knows.
Row = tuple[Any, ...]
# psycopg._queries.MAX_CACHED_STATEMENT_LENGTH
REMEMBERED = 4_096


def fetch(statement: str, values: Mapping[str, Any]) -> list[Row]:
    """The rows that `statement` returns. Raises Django's database errors."""
    connection.ensure_connection()
    connection.validate_no_broken_transaction()
    raw = connection.connection
    assert isinstance(raw, Connection)
    with connection.wrap_database_errors, Cursor(raw) as cursor:
        cursor.execute(statement, values, prepare=True)
        return cursor.fetchall()


def compact(statement: str, *, is_rare: bool = False) -> str:
    """The statement without comments and indentation, and then short enough.

    psycopg looks for the placeholders anew, every time, in statements above `REMEMBERED`; only
    what is rare may be longer.
    """
    bare = re.sub(r"\s+", " ", re.sub(r"--[^\n]*", "", statement)).strip()
    assert is_rare or len(bare) <= REMEMBERED, f"{len(bare)} letters: {bare[:60]}"
    return bare
