"""Carries out a plan: new rows by COPY, changed ones by set-based updates, each with its events."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

import orjson
from django.db import connection

from datasets_app import ledger
from datasets_app.intake.arrivals import NewPrompt, NewResponse
from datasets_app.intake.copying import copy, jsonb, whole
from datasets_app.intake.plan import NewItem, Plan, Replacement
from datasets_app.vocabulary import ItemState

_EMPTY = jsonb(b"{}")
_PROMPT = ("id", "dataset_id", "external_id", "digest", "turns", "meta")
_RESPONSE = ("id", "prompt_id", "digest", "text", "media_id", "model", "meta")
_ITEM = (
    *("id", "dataset_id", "prompt_id", "first_id", "second_id"),
    *("external_id", "digest", "state", "meta"),
)
_EVENT = ("verb", "actor_id", "dataset_id", "item", "after")

_UPDATE_PROMPTS = """
UPDATE datasets_app_prompt p SET external_id = new.external_id, meta = new.meta::jsonb
FROM unnest(%s::uuid[], %s::text[], %s::text[]) AS new (id, external_id, meta) WHERE p.id = new.id
"""
_UPDATE_RESPONSES = """
UPDATE datasets_app_response r SET model = new.model, meta = new.meta::jsonb
FROM unnest(%s::uuid[], %s::text[], %s::text[]) AS new (id, model, meta) WHERE r.id = new.id
"""
_UPDATE_ITEMS = """
UPDATE datasets_app_item i SET meta = new.meta::jsonb
FROM unnest(%s::uuid[], %s::text[]) AS new (id, meta) WHERE i.id = new.id
"""
# What a machine said was of the old content.
_REPLACE = """
UPDATE datasets_app_item SET
    prompt_id = %(prompt)s, first_id = %(first)s, second_id = %(second)s, digest = %(digest)s,
    machine_severity = NULL, machine_categories = NULL
WHERE id = %(item)s AND state = ANY(%(unseen)s)
RETURNING state
"""
_VOTES = """
INSERT INTO datasets_app_importedvote (item_id, source, worker, answers)
SELECT new.item, %s, new.worker, new.answers::jsonb
FROM unnest(%s::uuid[], %s::text[], %s::text[]) AS new (item, worker, answers)
ON CONFLICT (item_id, source, worker) DO UPDATE SET answers = excluded.answers
WHERE datasets_app_importedvote.answers IS DISTINCT FROM excluded.answers
"""
_SEEN = """
INSERT INTO castor_load_seen (item, rows, file, line)
SELECT * FROM unnest(%s::uuid[], %s::integer[], %s::text[], %s::bigint[])
ON CONFLICT (item) DO UPDATE SET rows = castor_load_seen.rows + excluded.rows
"""


class Moved(Exception):
    """Between the look and the write, somebody moved an item that was to be replaced."""


def write(plan: Plan, *, dataset: int, source: str, by: int | None) -> None:
    """Store everything that a plan asks for, in the caller's transaction.

    `source` is the name under which imported votes are kept. Raises Moved.
    """
    _write_prompts(plan.prompts, dataset)
    copy("datasets_app_response", _RESPONSE, (_response(*each) for each in plan.responses))
    _write_items(plan.items, dataset, by)
    for replacement in plan.replacements:
        _replace(replacement, dataset, by)
    _update(plan)
    _write_votes(plan.votes, source)
    rows = [(UUID(bytes=item), *seen) for item, seen in plan.seen.items()]
    _execute(_SEEN, rows)


def _write_prompts(prompts: Sequence[NewPrompt], dataset: int) -> None:
    of = whole(dataset)
    copy(
        "datasets_app_prompt",
        _PROMPT,
        (
            (p.id, of, p.external_id.encode(), p.digest.encode(), jsonb(p.turns), _meta(p.meta))
            for p in prompts
        ),
    )
    links = [
        (prompt.id, media.encode(), at.to_bytes(2, "big"))
        for prompt in prompts
        for at, media in enumerate(prompt.media)
    ]
    if links:
        copy("datasets_app_promptmedia", ("prompt_id", "media_id", "position"), links)


def _response(prompt: bytes, response: NewResponse) -> tuple[bytes | None, ...]:
    return (
        response.id,
        prompt,
        response.digest.encode(),
        response.text,
        response.media.encode() if response.media else None,
        response.model.encode(),
        _meta(response.meta),
    )


def _write_items(items: Sequence[NewItem], dataset: int, by: int | None) -> None:
    of, state = whole(dataset), ItemState.SCREENING.value.encode()
    rows = (
        (
            *(new.arrival.id, of, new.prompt, new.responses[0]),
            new.responses[1] if len(new.responses) > 1 else None,
            new.arrival.external_id.encode(),
            new.arrival.digest.encode(),
            state,
            _meta(new.arrival.meta),
        )
        for new in items
    )
    copy("datasets_app_item", _ITEM, rows)
    # The change from nothing to SCREENING; the columns left out default to "".
    actor = None if by is None else whole(by)
    copy("datasets_app_event", _EVENT, ((b"load", actor, of, n.arrival.id, state) for n in items))


def _replace(replacement: Replacement, dataset: int, by: int | None) -> None:
    item, new = UUID(bytes=replacement.item.id), replacement.new
    ids = [UUID(bytes=id) for id in new.responses]
    with connection.cursor() as cursor:
        cursor.execute(
            _REPLACE,
            {
                "item": item,
                "prompt": UUID(bytes=new.prompt),
                "first": ids[0],
                "second": ids[1] if len(ids) > 1 else None,
                "digest": new.arrival.digest,
                "unseen": [ItemState.SCREENING.value, ItemState.QUARANTINED.value],
            },
        )
        found = cursor.fetchone()
    if found is None:
        raise Moved(
            f"{new.arrival.file}:{new.arrival.line}: its item was opened while this load ran: "
            "load again"
        )
    ledger.note(
        "replace",
        by=by,
        dataset=dataset,
        item=item,
        before=found[0],
        after=found[0],
        reason="loaded again with another content",
        data={"before": replacement.before, "after": new.arrival.digest},
    )
    if found[0] == ItemState.QUARANTINED:
        _screen_again(item, by)


def _screen_again(item: UUID, by: int | None) -> None:
    ledger.move(
        [item],
        before=ItemState.QUARANTINED,
        after=ItemState.SCREENING,
        verb="replace",
        by=by,
        reason="loaded again with another content",
    )


def _update(plan: Plan) -> None:
    prompts = [
        (UUID(bytes=id), new.external_id, _text(new.meta))
        for id, new in plan.prompt_updates.items()
    ]
    responses = [
        (UUID(bytes=id), new.model, _text(new.meta)) for id, new in plan.response_updates.items()
    ]
    items = [(UUID(bytes=id), _text(meta)) for id, meta in plan.item_updates.items()]
    for statement, rows in (
        (_UPDATE_PROMPTS, prompts),
        (_UPDATE_RESPONSES, responses),
        (_UPDATE_ITEMS, items),
    ):
        _execute(statement, rows)


def _write_votes(votes: Mapping[tuple[bytes, str], Mapping[str, Any]], source: str) -> None:
    rows = [(UUID(bytes=item), worker, _text(answers)) for (item, worker), answers in votes.items()]
    _execute(_VOTES, rows, source)


def _execute(statement: str, rows: Iterable[tuple[Any, ...]], *first: Any) -> None:
    """Run a statement over rows, given to it as one array for each column."""
    columns = [list(column) for column in zip(*rows, strict=True)]
    if columns:
        with connection.cursor() as cursor:
            cursor.execute(statement, [*first, *columns])


def _meta(meta: Mapping[str, Any]) -> bytes:
    return jsonb(orjson.dumps(meta)) if meta else _EMPTY


def _text(value: Any) -> str:
    return orjson.dumps(value).decode()
