"""What the dataset holds already of a batch of arrivals, looked up in a few set-based queries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import orjson
from django.db import connection

from datasets_app.intake.arrivals import Arrival
from datasets_app.intake.strangers import NoStrangers, Strangers
from datasets_app.vocabulary import ItemState

# In these nobody may see an item: unless it was open before, its content may still be replaced.
UNSEEN = frozenset({ItemState.SCREENING, ItemState.QUARANTINED})

# The items that rows of this load have spoken of, and how many did. It makes repeated rows votes,
# and an id used twice a bad row, in a file of any length. An item that this load made is not in it
# until it comes a second time: it is known by its `xmin`, the number of the transaction that wrote
# it, which is that of the marker row too.
_DROP_SEEN = "DROP TABLE IF EXISTS castor_load_seen"
_CREATE_SEEN = """
CREATE TEMPORARY TABLE castor_load_seen (item uuid PRIMARY KEY, rows integer NOT NULL)
ON COMMIT DROP
"""
_MARK = """
INSERT INTO castor_load_seen VALUES ('00000000-0000-0000-0000-000000000000', 0)
"""

# One look into one index for each key. The planner knows nothing yet of a dataset that is being
# loaded: asked for the dataset's row with that key, it may believe that the dataset has but one
# row, take any index that begins with the dataset, and read all of it, for every key. So it is
# asked for the first row that is not before (dataset, key), and may not sort: one index has that
# order.
_NO_SORTS = "SET LOCAL enable_sort = off; SET LOCAL enable_incremental_sort = off"
_PROMPTS = """
SELECT p.id, p.digest, p.external_id, p.meta
FROM unnest(string_to_array(%(prompts)s, ' ')) AS asked (digest)
CROSS JOIN LATERAL (
    SELECT id, dataset_id, digest, external_id, meta FROM datasets_app_prompt
    WHERE (dataset_id, digest) >= (%(dataset)s, asked.digest)
    ORDER BY dataset_id, digest LIMIT 1
) AS p
WHERE p.dataset_id = %(dataset)s AND p.digest = asked.digest
"""
_RESPONSES = """
SELECT r.* FROM unnest(%(ids)s::uuid[], %(responses)s::text[]) AS asked (prompt, digest)
CROSS JOIN LATERAL (
    SELECT id, prompt_id, digest, model, meta FROM datasets_app_response
    WHERE prompt_id = asked.prompt AND digest = asked.digest LIMIT 1
) AS r
"""
_ITEMS = """
WITH found AS (
    SELECT i.id FROM jsonb_array_elements_text(%(external)s::jsonb) AS asked (external_id)
    CROSS JOIN LATERAL (
        SELECT id, dataset_id, external_id FROM datasets_app_item
        WHERE (dataset_id, external_id) >= (%(dataset)s, asked.external_id)
        ORDER BY dataset_id, external_id LIMIT 1
    ) AS i
    WHERE i.dataset_id = %(dataset)s AND i.external_id = asked.external_id
    UNION
    SELECT i.id FROM unnest(string_to_array(%(items)s, ' ')) AS asked (digest)
    CROSS JOIN LATERAL (
        SELECT id, dataset_id, digest FROM datasets_app_item
        WHERE (dataset_id, digest) >= (%(dataset)s, asked.digest)
        ORDER BY dataset_id, digest LIMIT 1
    ) AS i
    WHERE i.dataset_id = %(dataset)s AND i.digest = asked.digest
)
SELECT i.id, i.external_id, i.digest, i.state, i.meta,
    coalesce(s.rows, CASE WHEN i.written = marker.xmin THEN 1 ELSE 0 END),
    CASE WHEN i.state = ANY(%(unseen)s)
        THEN (SELECT true FROM datasets_app_event e
              WHERE e.item = i.id AND e.subject = '' AND e.after = 'open' LIMIT 1)
    END IS TRUE
FROM found
CROSS JOIN LATERAL (
    SELECT id, external_id, digest, state, meta, xmin AS written FROM datasets_app_item
    WHERE id = found.id LIMIT 1
) AS i
JOIN castor_load_seen marker ON marker.item = '00000000-0000-0000-0000-000000000000'
LEFT JOIN castor_load_seen s ON s.item = i.id
"""


_HOLDS_SOMETHING = """
SELECT EXISTS (SELECT FROM datasets_app_prompt WHERE dataset_id = %(dataset)s)
"""


@dataclass(slots=True)
class KnownPrompt:
    """A prompt of the dataset, or of an earlier row of the batch."""

    id: bytes
    external_id: str
    meta: dict[str, Any]


@dataclass(slots=True)
class KnownResponse:
    """A response of the dataset, or of an earlier row of the batch."""

    id: bytes
    model: str
    meta: dict[str, Any]


@dataclass(slots=True)
class KnownItem:
    """An item of the dataset, or of an earlier row. `rows` of this load have spoken of it.

    `was_open`: people could see it before it came to a state in which nobody may.
    """

    id: bytes
    digest: str
    state: str
    meta: dict[str, Any]
    rows: int = 0
    was_open: bool = False

    @property
    def may_have_been_seen(self) -> bool:
        return self.was_open or self.state not in UNSEEN


@dataclass(slots=True)
class Known:
    """Everything known of one batch, by what the arrivals are recognised by."""

    prompts: dict[str, KnownPrompt] = field(default_factory=dict)
    responses: dict[tuple[bytes, str], KnownResponse] = field(default_factory=dict)
    by_external_id: dict[str, KnownItem] = field(default_factory=dict)
    by_digest: dict[str, KnownItem] = field(default_factory=dict)


def begin(dataset: int) -> Strangers | NoStrangers:
    """Prepare this transaction for `known_of`, and say who may be unknown."""
    with connection.cursor() as cursor:
        for statement in (_NO_SORTS, _DROP_SEEN, _CREATE_SEEN, _MARK):
            cursor.execute(statement)
        cursor.execute(_HOLDS_SOMETHING, {"dataset": dataset})
        (holds_something,) = cursor.fetchone() or (True,)
    return NoStrangers() if holds_something else Strangers()


def known_of(
    arrivals: Sequence[Arrival], *, dataset: int, strangers: Strangers | NoStrangers
) -> Known:
    """What the dataset and the earlier batches of this load hold of these arrivals."""
    may_be = strangers.may_be_known
    prompts = [digest for a in arrivals if may_be(digest := a.prompt.digest)]
    ids = [external_id for a in arrivals if may_be(external_id := a.external_id)]
    digests = [digest for a in arrivals if may_be(digest := a.digest)]
    known = Known(prompts=_prompts(set(prompts), dataset))
    known.responses = _responses(arrivals, known.prompts)
    for external_id, item in _items(ids, digests, dataset):
        known.by_external_id[external_id] = known.by_digest[item.digest] = item
    return known


def _prompts(digests: Iterable[str], dataset: int) -> dict[str, KnownPrompt]:
    asked = " ".join(digests)
    rows = _rows(_PROMPTS, {"dataset": dataset, "prompts": asked}) if asked else []
    return {
        digest: KnownPrompt(id.bytes, external, orjson.loads(meta))
        for id, digest, external, meta in rows
    }


def _responses(
    arrivals: Sequence[Arrival], prompts: Mapping[str, KnownPrompt]
) -> dict[tuple[bytes, str], KnownResponse]:
    asked = {
        (prompts[arrival.prompt.digest].id, each.digest)
        for arrival in arrivals
        if arrival.prompt.digest in prompts
        for response in arrival.responses
        for each in response.line
    }
    if not asked:
        return {}
    ids = [UUID(bytes=prompt) for prompt, _ in asked]
    rows = _rows(_RESPONSES, {"ids": ids, "responses": [digest for _, digest in asked]})
    return {
        (prompt.bytes, digest): KnownResponse(id.bytes, model, orjson.loads(meta))
        for id, prompt, digest, model, meta in rows
    }


def _items(ids: Sequence[str], digests: Sequence[str], dataset: int) -> list[tuple[str, KnownItem]]:
    if not ids and not digests:
        return []
    asked = {
        "dataset": dataset,
        # One text each: psycopg takes long over arrays of many.
        "external": orjson.dumps(ids).decode(),
        "items": " ".join(digests),
        "unseen": [state.value for state in UNSEEN],
    }
    return [
        (external_id, KnownItem(id.bytes, digest, state, orjson.loads(meta), rows, was_open))
        for id, external_id, digest, state, meta, rows, was_open in _rows(_ITEMS, asked)
    ]


def _rows(statement: str, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    # Django leaves jsonb as text, which is decoded where it is wanted.
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return list(cursor.fetchall())
