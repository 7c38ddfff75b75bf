"""The ledger's invariants as queries that must return no row."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Check:
    """One query: `number` is the invariant's (docs/invariants.md), `columns` name what it returns.

    `values` are its parameters. A row that comes back is a broken promise.
    """

    number: str
    title: str
    columns: tuple[str, ...]
    query: str
    values: dict[str, Any] = field(default_factory=dict)


CHECKS = (
    Check(
        "I7",
        "An item is where its last event says",
        ("item", "state", "last event"),
        """
        SELECT i.id, i.state, last.after FROM datasets_app_item i
        LEFT JOIN LATERAL (
            SELECT e.after FROM datasets_app_event e
            WHERE e.item = i.id AND e.subject = '' AND e.after = ANY(%(states)s)
            ORDER BY e.id DESC LIMIT 1
        ) AS last ON true
        WHERE last.after IS DISTINCT FROM i.state
        """,
        {
            "states": [
                "screening",
                "quarantined",
                "open",
                "disputed",
                "settled",
                "withdrawn",
            ]
        },
    ),
    Check(
        "I8",
        "Work that is running has a worker, and none is tried more than three times",
        ("job", "id", "state", "attempts"),
        """
        SELECT 'export', id, state, attempts FROM datasets_app_export
        WHERE state = 'running' AND leased_until < now() - interval '10 minutes'
           OR attempts > 3 AND state NOT IN ('failed', 'done')
        UNION ALL
        SELECT 'publication', id, state, attempts FROM datasets_app_publication
        WHERE state = 'running' AND leased_until < now() - interval '10 minutes'
           OR attempts > 3 AND state NOT IN ('failed', 'done')
        """,
    ),
    Check(
        "I8",
        "An item is settled if and only if it has verdicts and all of them stand",
        ("item", "state", "verdicts", "in dispute"),
        """
        SELECT i.id, i.state, count(v.id), count(v.id) FILTER (WHERE v.dispute <> '')
        FROM datasets_app_item i LEFT JOIN datasets_app_verdict v ON v.item_id = i.id
        WHERE i.state IN ('settled', 'disputed')
        GROUP BY i.id, i.state
        HAVING (i.state = 'settled') <> (count(v.id) > 0 AND bool_and(v.dispute = ''))
        """,
    ),
    Check(
        "I9",
        "A version has the records that it counts",
        ("version", "split", "counted", "records"),
        """
        SELECT v.id, c.split, c.number, coalesce(r.number, 0) FROM datasets_app_version v
        CROSS JOIN LATERAL (
            SELECT key AS split, value::bigint AS number FROM jsonb_each_text(v.counts)
        ) AS c
        LEFT JOIN (
            SELECT version_id, split, count(*) AS number FROM datasets_app_record GROUP BY 1, 2
        ) AS r ON r.version_id = v.id AND r.split = c.split
        WHERE c.number <> coalesce(r.number, 0)
        """,
    ),
    Check(
        "I9",
        "An export holds its version, and is done only with a manifest",
        ("export", "version", "records", "in the manifest"),
        """
        SELECT e.id, e.version_id, r.number, (e.manifest ->> 'records')::bigint
        FROM datasets_app_export e
        CROSS JOIN LATERAL (
            SELECT count(*) AS number FROM datasets_app_record WHERE version_id = e.version_id
        ) AS r
        WHERE e.state = 'done' AND r.number IS DISTINCT FROM (e.manifest ->> 'records')::bigint
        """,
    ),
    Check(
        "I10",
        "A record names no one: its workers are pseudonyms of its version",
        ("version", "record", "worker"),
        """
        SELECT r.version_id, r.position, worker #>> '{}' FROM datasets_app_record r
        CROSS JOIN LATERAL jsonb_path_query(
            r.body::jsonb, '$.verdicts[*].votes[*].worker') AS worker
        WHERE worker #>> '{}' !~ '^[a-z2-7]{16}$'
        """,
    ),
    Check(
        "I16",
        "A group of prompts is on one side of a split",
        ("version", "group", "splits"),
        """
        SELECT version_id, "group", array_agg(DISTINCT split) FROM datasets_app_record
        GROUP BY version_id, "group" HAVING count(DISTINCT split) > 1
        """,
    ),
    Check(
        "I16",
        "What is held back is in no version",
        ("version", "item", "reason"),
        """
        SELECT r.version_id, r.item_id, h.reason FROM datasets_app_holdback h
        JOIN datasets_app_record r ON r.item_id = h.item_id
        """,
    ),
)
