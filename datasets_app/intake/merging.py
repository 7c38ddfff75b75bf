"""Merges the votes that a load brings with those there are: one that two files hold is one vote."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from django.db import connection

from datasets_app.intake.copying import copy, ident, jsonb, start, text

# In the order of the rows: of equally many answers in words the first stand.
_BEGIN = (
    "DROP TABLE IF EXISTS castor_load_votes",
    """
    CREATE TEMPORARY TABLE castor_load_votes (
        at bigint GENERATED ALWAYS AS IDENTITY, item uuid, file text, worker text, answers jsonb
    ) ON COMMIT DROP
    """,
)
_VOTE = ("item", "file", "worker", "answers")

# Who is not named is the first, second … to speak of an item in one file, or in the whole of a
# load that names its source. Without such a name, a vote is there already when another file has
# said the same as the same person; what the same file says otherwise now is a correction.
_MERGE = """
WITH said AS (
    SELECT at, item, answers, left(coalesce(%(named)s, %(origin)s || file), 200) AS source,
        CASE WHEN worker <> '' THEN worker ELSE row_number() OVER (
            PARTITION BY item, worker <> '', CASE WHEN %(named)s IS NULL THEN file END ORDER BY at
        )::text END AS worker
    FROM castor_load_votes
), last AS (
    SELECT DISTINCT ON (item, source, worker) * FROM said ORDER BY item, source, worker, at DESC
), new AS (
    SELECT DISTINCT ON (item, worker, answers) * FROM last ORDER BY item, worker, answers, at
)
INSERT INTO datasets_app_importedvote (item_id, source, worker, answers)
SELECT item, source, worker, answers FROM new
WHERE %(named)s IS NOT NULL OR NOT EXISTS (
    SELECT FROM datasets_app_importedvote v
    WHERE v.item_id = new.item AND v.worker = new.worker AND v.answers = new.answers
      AND v.source <> new.source)
ORDER BY at
ON CONFLICT (item_id, source, worker) DO UPDATE SET answers = excluded.answers
WHERE datasets_app_importedvote.answers IS DISTINCT FROM excluded.answers
"""


class Vote(NamedTuple):
    """One row's vote on an item, by the item's id; `worker` is "" where the row names nobody."""

    item: bytes
    file: str
    worker: str
    answers: dict[str, Any]


def begin() -> None:
    """Prepare this transaction for `keep`."""
    with connection.cursor() as cursor:
        for statement in _BEGIN:
            cursor.execute(statement)


def keep(votes: Sequence[Vote]) -> None:
    """Put the votes of a batch by, until `merge`."""
    head = start(_VOTE)
    rows = [
        b"".join((head, ident(v.item), text(_name(v.file)), text(v.worker), jsonb(v.answers)))
        for v in votes
    ]
    if rows:
        copy("castor_load_votes", _VOTE, rows)


def _name(file: str) -> str:
    """A file's name as text: on disk it need not be any."""
    return file.encode(errors="replace").decode()


def merge(*, named: str, origin: str) -> int:
    """Store what was put by; how many votes are new or say something new.

    `named` is the source under which all are kept; where it is "", each is kept under its file's
    name, after `origin`.
    """
    with connection.cursor() as cursor:
        cursor.execute(_MERGE, {"named": named or None, "origin": origin})
        return int(cursor.rowcount)
