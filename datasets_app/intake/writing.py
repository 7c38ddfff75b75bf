"""Carries out a plan: new rows by COPY, changed ones by set-based updates, each with its events."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import orjson
from django.contrib.auth import get_user_model
from django.db import connection
from django.db.models import BigAutoField

from datasets_app import ledger
from datasets_app.intake import merging
from datasets_app.intake.arrivals import (
    ITEM_FIELDS,
    PROMPT_FIELDS,
    RESPONSE_FIELDS,
    NewPrompt,
    NewResponse,
)
from datasets_app.intake.copying import (
    NULL,
    UUID_LENGTH,
    copy,
    ident,
    start,
    text,
    whole,
)
from datasets_app.intake.known import UNSEEN
from datasets_app.intake.plan import NewItem, Plan, Replacement
from datasets_app.vocabulary import ItemState

_PROMPT = ("id", "dataset_id", *PROMPT_FIELDS)
_RESPONSE = ("id", "prompt_id", *RESPONSE_FIELDS, "parent_id")
_ITEM = ("id", "dataset_id", "prompt_id", "first_id", "second_id", *ITEM_FIELDS)
_LINK = ("prompt_id", "media_id", "position")
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
# First the lock. Then, in a statement that sees all that was done before it was given, whether
# the item was ever open. What a machine said was of the old content.
_LOCK = "SELECT FROM datasets_app_item WHERE id = ANY(%s) ORDER BY id FOR UPDATE"
_REPLACE = """
UPDATE datasets_app_item SET
    prompt_id = %(prompt)s, first_id = %(first)s, second_id = %(second)s, digest = %(digest)s,
    machine_severity = NULL, machine_categories = NULL
WHERE id = %(item)s AND state = ANY(%(unseen)s) AND NOT EXISTS (
    SELECT FROM datasets_app_event e
    WHERE e.item = %(item)s AND e.subject = '' AND e.after = 'open')
RETURNING state
"""
_SEEN = """
INSERT INTO castor_load_seen (item, rows)
SELECT * FROM unnest(%s::uuid[], %s::integer[])
ON CONFLICT (item) DO UPDATE SET rows = excluded.rows
"""


class Moved(Exception):
    """Between the look and the write, somebody moved an item that was to be replaced."""


def write(plan: Plan, *, dataset: int, by: int | None) -> None:
    """Store everything that a plan asks for, in the caller's transaction. Raises Moved.

    Votes are put by until all of them are there: see `merging`.
    """
    _write_prompts(plan.prompts, dataset)
    _write_responses(plan.responses)
    _write_items(plan.items, dataset, by)
    _replace_all(plan.replacements, dataset, by)
    _update(plan)
    _execute(_SEEN, [(UUID(bytes=item), rows) for item, rows in plan.seen.items()])
    merging.keep(plan.votes)


def _write_prompts(prompts: Sequence[NewPrompt], dataset: int) -> None:
    head, of = start(_PROMPT) + UUID_LENGTH, whole(dataset)
    copy("datasets_app_prompt", _PROMPT, [b"".join((head, p.id, of, p.packed)) for p in prompts])
    head = start(_LINK)
    links = [
        b"".join((head, ident(prompt.id), text(media), whole(at, size=2)))
        for prompt in prompts
        for at, media in enumerate(prompt.media)
    ]
    if links:
        copy("datasets_app_promptmedia", _LINK, links)


def _write_responses(responses: Sequence[tuple[bytes, NewResponse, bytes | None]]) -> None:
    head = start(_RESPONSE) + UUID_LENGTH
    rows = [
        b"".join(
            (
                *(head, response.id, UUID_LENGTH, prompt, response.packed),
                NULL if parent is None else ident(parent),
            )
        )
        for prompt, response, parent in responses
    ]
    copy("datasets_app_response", _RESPONSE, rows)


def _write_items(items: Sequence[NewItem], dataset: int, by: int | None) -> None:
    head, of = start(_ITEM) + UUID_LENGTH, whole(dataset)
    rows = [
        b"".join(
            (
                *(head, new.arrival.id, of, UUID_LENGTH, new.prompt, UUID_LENGTH, new.responses[0]),
                ident(new.responses[1]) if len(new.responses) > 1 else NULL,
                new.arrival.packed,
            )
        )
        for new in items
    ]
    copy("datasets_app_item", _ITEM, rows)
    # The change from nothing to SCREENING; the columns left out default to "".
    actor = NULL if by is None else whole(by, size=_user_key_size())
    head, tail = start(_EVENT) + text("load") + actor + of + UUID_LENGTH, text(ItemState.SCREENING)
    copy("datasets_app_event", _EVENT, [b"".join((head, n.arrival.id, tail)) for n in items])


def _user_key_size() -> int:
    """Bytes of a user's key, which the project's user model decides."""
    return 8 if isinstance(get_user_model()._meta.pk, BigAutoField) else 4


def _replace_all(replacements: Sequence[Replacement], dataset: int, by: int | None) -> None:
    if replacements:
        with connection.cursor() as cursor:
            cursor.execute(_LOCK, [[UUID(bytes=each.item.id) for each in replacements]])
    for replacement in replacements:
        _replace(replacement, dataset, by)


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
                "unseen": [state.value for state in UNSEEN],
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


def _execute(statement: str, rows: Iterable[tuple[Any, ...]]) -> None:
    """Run a statement over rows, given to it as one array for each column."""
    columns = [list(column) for column in zip(*rows, strict=True)]
    if columns:
        with connection.cursor() as cursor:
            cursor.execute(statement, columns)


def _text(value: Any) -> str:
    return orjson.dumps(value).decode()
