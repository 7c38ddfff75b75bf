"""The bare minimum of leasing and submitting in SQL: what the server itself allows."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import connection
from psycopg import Connection

from benchmarks.crowd import Turn

# A task with so many places, a label for each: the promises of docs/leases.md and nothing else.
_TABLES = """
CREATE TABLE raw_annotator (id bigint PRIMARY KEY);
CREATE TABLE raw_slot (
    task bigint, n smallint, state text NOT NULL DEFAULT 'open', annotator bigint, token uuid,
    lease_until timestamptz, PRIMARY KEY (task, n));
CREATE UNIQUE INDEX ON raw_slot (task, annotator) WHERE annotator IS NOT NULL;
CREATE INDEX ON raw_slot (task, n) WHERE state = 'open';
CREATE TABLE raw_label (
    id bigserial PRIMARY KEY, key uuid UNIQUE, task bigint, n smallint, annotator bigint,
    body jsonb, created_at timestamptz DEFAULT now(), UNIQUE (task, n));
"""
_LOCK = "SELECT id FROM raw_annotator WHERE id = %(annotator)s FOR UPDATE"
_CLAIM = """
UPDATE raw_slot SET state = 'leased', annotator = %(annotator)s, token = gen_random_uuid(),
    lease_until = now() + interval '30 minutes'
WHERE (task, n) = (
    SELECT task, n FROM raw_slot s
    WHERE state = 'open' AND task >= %(task)s AND NOT EXISTS (
        SELECT FROM raw_slot o WHERE o.task = s.task AND o.annotator = %(annotator)s)
    ORDER BY task, n LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING task, n, token
"""
_LABEL = """
WITH done AS (
    UPDATE raw_slot SET state = 'done'
    WHERE task = %(task)s AND n = %(n)s AND token = %(token)s AND state = 'leased'
    RETURNING task, n)
INSERT INTO raw_label (key, task, n, annotator, body)
SELECT %(key)s, task, n, %(annotator)s, '{"better": "a", "safer": "tie"}' FROM done
"""


def prepare(tasks: int, overlap: int, annotators: int) -> None:
    """The tables, filled."""
    with connection.cursor() as cursor:
        cursor.execute(_TABLES)
        cursor.execute("INSERT INTO raw_annotator SELECT generate_series(1, %s)", [annotators])
        cursor.execute(
            "INSERT INTO raw_slot (task, n) SELECT t, n"
            " FROM generate_series(1, %s) t, generate_series(1, %s) n",
            [tasks, overlap],
        )
        cursor.execute("ANALYZE raw_slot")


def person(annotator: int) -> Turn:
    """Somebody who claims and submits, with prepared statements on a connection of his own."""
    connection.ensure_connection()
    raw: Connection[Any] = connection.connection
    raw.autocommit = True
    cursor = raw.cursor()
    values: dict[str, Any] = {"annotator": annotator, "task": 0}

    def turn() -> bool:
        with raw.transaction():
            cursor.execute(_LOCK, values, prepare=True)
            cursor.execute(_CLAIM, values, prepare=True)
            row = cursor.fetchone()
        if row is None:
            return False
        values["task"], values["n"], values["token"] = row
        values["key"] = uuid.uuid4()
        cursor.execute(_LABEL, values, prepare=True)
        return True

    return turn
