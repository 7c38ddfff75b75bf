"""Runs prepared statements on Django's connection, for the verbs that annotators wait for.

Django binds parameters on the client, so that PostgreSQL plans every statement anew; planning
costs a lease more than running it. Transactions, errors and the pool stay Django's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from django.db import connection
from psycopg import Connection, RawCursor

# Rows of statements whose columns only the statement knows.
Row = tuple[Any, ...]

# One annotator's annotations `n`, the newest first. A plan is kept for all parameters: with an
# equality it might walk back through everybody's annotations by their primary key, which is no
# matter while there are few. So asked, only the index annotation_latest has them in order.
BY_ANNOTATOR = "n.annotator_id BETWEEN %(annotator)s AND %(annotator)s"
NEWEST_FIRST = "n.annotator_id, n.id DESC"


def fetch(statement: str, values: Mapping[str, Any]) -> list[Row]:
    """The rows that `statement` returns; it names its parameters as `%(name)s`.

    Raises Django's database errors.
    """
    text, names = _numbered(statement)
    connection.ensure_connection()
    connection.validate_no_broken_transaction()
    raw = connection.connection
    assert isinstance(raw, Connection)
    with connection.wrap_database_errors, RawCursor(raw) as cursor:
        cursor.execute(text, [values[name] for name in names], prepare=True)
        return cursor.fetchall()


@cache
def _numbered(statement: str) -> tuple[str, list[str]]:
    """The statement with `$1`, `$2` … as PostgreSQL wants them, and their names in that order.

    psycopg would look for the names in every long statement each time.
    """
    numbers: dict[str, int] = {}

    def number(found: re.Match[str]) -> str:
        if found[0] == "%%":
            return "%"
        return f"${numbers.setdefault(found[1], len(numbers) + 1)}"

    return re.sub(r"%%|%\((\w+)\)s", number, statement), list(numbers)


def compact(statement: str) -> str:
    """The statement without comments and indentation: the shorter, the less is sent and read."""
    return re.sub(r"\s+", " ", re.sub(r"--[^\n]*", "", statement)).strip()
