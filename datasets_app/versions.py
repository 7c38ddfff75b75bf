"""Versions: cutting one from the settled items, and reading its records back in order."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import orjson
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.db.models import Count

from datasets_app import ledger, preferences, record, splits
from datasets_app.census import Census
from datasets_app.models import Cut, Dataset, Item, Record, Version
from datasets_app.protocols import protocol_named
from datasets_app.recipe import BadRecipe, Recipe, parse_recipe, read_recipe
from datasets_app.record import RecordBody
from datasets_app.selection import REASONS, Selection
from datasets_app.splits import Groups
from datasets_app.vocabulary import ItemState

__all__ = [
    "REASONS",
    "BadRecipe",
    "NothingToCut",
    "Recipe",
    "UnknownVersion",
    "cut",
    "digest_of",
    "parse_recipe",
    "read_recipe",
    "version_named",
]

PAGE = 500
Progress = Callable[[int], None]

_ORDER = """
SELECT id FROM datasets_app_item WHERE dataset_id = %s AND state = 'settled'
ORDER BY sha256(convert_to(%s || ':' || digest, 'UTF8')), id
"""

# Every file that a prompt shows, itself or in an answer: prompts that share one stay together.
_SHARED = """
SELECT DISTINCT prompt_id, media_id FROM (
    SELECT l.prompt_id, l.media_id FROM datasets_app_promptmedia l
    JOIN datasets_app_prompt p ON p.id = l.prompt_id WHERE p.dataset_id = %(dataset)s
    UNION ALL
    SELECT r.prompt_id, r.media_id FROM datasets_app_response r
    JOIN datasets_app_prompt p ON p.id = r.prompt_id
    WHERE p.dataset_id = %(dataset)s AND r.media_id IS NOT NULL
) shared ORDER BY prompt_id, media_id
"""

_RESPONSE = """
    'id', r.id, 'position', CASE WHEN r.id = i.first_id THEN 0 ELSE 1 END,
    'text', r.text, 'media', r.media_id, 'model', r.model, 'parent', r.parent_id, 'meta', r.meta
"""
# A text that is no beginning of its leaf's was loaded before with other white space.
_CUTS = """
    WITH RECURSIVE above (parent_id, text) AS (
        SELECT a.parent_id, a.text FROM datasets_app_response a WHERE a.id = r.parent_id
        UNION ALL
        SELECT a.parent_id, a.text FROM above JOIN datasets_app_response a ON a.id = above.parent_id
    )
    SELECT coalesce(json_agg(length(text) ORDER BY length(text)), '[]')
    FROM above WHERE starts_with(r.text, text)
"""
# One JSON text per item, so that what belongs to it was read in one statement.
_FACTS = f"""
SELECT i.id, i.prompt_id, json_build_object(
    'item', i.id, 'external_id', i.external_id, 'meta', i.meta,
    'held_back', EXISTS (SELECT FROM datasets_app_holdback h WHERE h.item_id = i.id),
    'prompt_id', p.id, 'prompt_external_id', p.external_id, 'prompt_meta', p.meta,
    'turns', p.turns,
    'machine', CASE WHEN i.machine_severity IS NOT NULL THEN json_build_object(
        'severity', i.machine_severity, 'categories', coalesce(i.machine_categories, '{{}}')) END,
    'responses', (
        SELECT json_agg(CASE WHEN r.parent_id IS NULL
            THEN json_build_object({_RESPONSE})
            ELSE json_build_object({_RESPONSE}, 'cuts', ({_CUTS})) END
            ORDER BY CASE WHEN r.id = i.first_id THEN 0 ELSE 1 END)
        FROM datasets_app_response r WHERE r.id IN (i.first_id, i.second_id)),
    'media', coalesce((
        SELECT json_agg(json_build_object(
            'digest', m.digest, 'modality', m.modality, 'mime', m.mime, 'size', m.size,
            'width', m.width, 'height', m.height, 'duration_ms', m.duration_ms,
            'state', m.state) ORDER BY m.digest)
        FROM datasets_app_media m WHERE m.digest IN (
            SELECT l.media_id FROM datasets_app_promptmedia l WHERE l.prompt_id = i.prompt_id
            UNION
            SELECT r.media_id FROM datasets_app_response r WHERE r.id IN (i.first_id, i.second_id))
        ), '[]'),
    'verdicts', coalesce((
        SELECT json_agg(json_build_object(
            'question', v.question, 'response', v.response_id, 'value', v.value,
            'method', v.method, 'agreement', v.agreement, 'posterior', v.posterior,
            'votes', v.votes, 'dispute', v.dispute))
        FROM datasets_app_verdict v WHERE v.item_id = i.id), '[]')
)::text
FROM datasets_app_item i JOIN datasets_app_prompt p ON p.id = i.prompt_id
WHERE i.id = ANY(%s)
"""  # noqa: S608  pieces of ours


class NothingToCut(Exception):
    """No item passes the recipe; the text counts what stayed out, by reason."""


class UnknownVersion(Exception):
    """There is no such version; the text is one line that says which there are."""


def version_named(name: str) -> Version:
    """The version of `SLUG@N`. Raises UnknownVersion."""
    slug, at, number = name.rpartition("@")
    if not at or not number.isdecimal() or len(number) > 9:
        raise UnknownVersion(f"{name!r} names no version; write SLUG@N, for example demo@1.")
    versions = Version.objects.filter(dataset__slug=slug).select_related("dataset")
    version = versions.filter(number=int(number)).first()
    if version is None:
        known = ", ".join(str(v) for v in versions.order_by("number")) or "none"
        raise UnknownVersion(f"There is no version {name}. Versions of {slug!r}: {known}.")
    return version


def cut(
    dataset: Dataset,
    recipe: Recipe,
    by: User | None,
    *,
    asked: Cut | None = None,
    progress: Progress | None = None,
) -> Version:
    """Freeze the settled items that the recipe takes, as the dataset's next version.

    One transaction, one snapshot: all records or none. Records stand in an order drawn from the
    recipe's seed, so a smaller `size` takes a prefix of what a larger one takes. The same state of
    the ledger and the same recipe give the same digest. `asked` is the row that asked for it, for
    which there can be one version only. `progress` is told how many items were looked at. Raises
    NothingToCut.
    """
    with _one_at_a_time():
        dataset.refresh_from_db()
        draft = _Draft(dataset, recipe)
        for page in _pages(dataset, recipe):
            draft.add(page)
            if progress is not None:
                progress(draft.taken + draft.refusals.total())
        if not draft.taken:
            raise NothingToCut(_nothing(draft.refusals))
        version = draft.freeze(by, asked)
        ledger.note(
            "cut",
            by=by.pk if by else None,
            dataset=dataset.pk,
            subject=f"version:{version.pk}",
            after=str(version.number),
            data={"digest": version.digest, "records": version.size},
        )
    return version


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """A transaction in which no other cut runs and the ledger stands still.

    The lock comes first, because a statement that reads would already fix the snapshot, and with
    it the number of the version that another cut is about to write.
    """
    is_outermost = not connection.in_atomic_block
    with transaction.atomic(), connection.cursor() as cursor:
        if is_outermost:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute("LOCK TABLE datasets_app_version IN SHARE ROW EXCLUSIVE MODE")
        yield


def _pages(dataset: Dataset, recipe: Recipe) -> Iterator[list[UUID]]:
    """The settled items' ids in the seed's order, a page at a time, by a server-side cursor."""
    connection.ensure_connection()
    with connection.connection.cursor(name="castor_cut") as cursor:
        cursor.execute(_ORDER, (dataset.pk, str(recipe.seed)))
        while rows := cursor.fetchmany(PAGE):
            yield [row[0] for row in rows]


class _Draft:
    """A version in the making: its records are written already, its own row comes last."""

    def __init__(self, dataset: Dataset, recipe: Recipe) -> None:
        self.dataset = dataset
        self.recipe = recipe
        # Versions are never removed, so their count is the last number.
        self.number = 1 + Version.objects.filter(dataset=dataset).count()
        self.protocol = protocol_named(dataset.protocol)
        worker = record.pseudonyms(bytes(dataset.pseudonym_key), self.number)
        self.frame = record.frame_of(dataset.slug, self.protocol, worker)
        circular = preferences.circular(dataset)
        self.selection = Selection(self.frame, recipe, circular.items.keys())
        self.groups = _groups(dataset)
        self.census = Census(self.frame.unweighed, circular)
        self.digest = hashlib.sha256()
        self.taken = 0
        self.refusals: Counter[str] = Counter()
        # Records refer to the version before its row exists; the constraint waits for the commit.
        with connection.cursor() as cursor:
            cursor.execute("SELECT nextval(pg_get_serial_sequence('datasets_app_version', 'id'))")
            self.id: int = cursor.fetchone()[0]

    def add(self, page: Sequence[UUID]) -> None:
        """Take or refuse the items of a page, in its order."""
        found = self._facts(page)
        heads = _digests({self.groups.head(prompt) for _, prompt, _ in found.values()})
        rows = []
        for item in page:
            _, prompt, facts = found[item]
            body = self._body(facts, heads[self.groups.head(prompt)])
            reason = self.selection.refusal(facts, body) or self._beyond_size()
            if reason:
                self.refusals[reason] += 1
            else:
                rows.append(self._taken(item, body))
        self._copy(rows)

    def _facts(self, page: Sequence[UUID]) -> dict[UUID, tuple[UUID, UUID, dict[str, Any]]]:
        with connection.cursor() as cursor:
            cursor.execute(_FACTS, [list(page)])
            return {row[0]: (row[0], row[1], orjson.loads(row[2])) for row in cursor.fetchall()}

    def _body(self, facts: dict[str, Any], group: str) -> RecordBody:
        split = splits.split_of(group, seed=self.recipe.seed, ratios=self.recipe.splits)
        return record.build(facts, self.frame, group=group, split=split)

    def _beyond_size(self) -> str:
        size = self.recipe.size
        return "beyond_size" if size is not None and self.taken >= size else ""

    def _taken(self, item: UUID, body: RecordBody) -> tuple[int, int, UUID, str, str, str]:
        self.digest.update(record.face(body) + b"\n")
        self.census.add(body)
        position, self.taken = self.taken, self.taken + 1
        text = record.canonical(body).decode()
        return (self.id, position, item, body["split"], body["group"], text)

    def _copy(self, rows: Sequence[tuple[Any, ...]]) -> None:
        with (
            connection.cursor() as cursor,
            cursor.copy(
                'COPY datasets_app_record (version_id, position, item_id, split, "group", body)'
                " FROM STDIN"
            ) as copy,
        ):
            for row in rows:
                copy.write_row(row)

    def freeze(self, by: User | None, asked: Cut | None) -> Version:
        """Write the version's row; from here on nothing of it changes."""
        dataset = self.dataset
        return Version.objects.create(
            id=self.id,
            dataset=dataset,
            number=self.number,
            protocol=f"{self.protocol.key}@{self.protocol.version}",
            recipe=self.recipe.as_json(),
            counts={split.value: self.census.splits[split.value] for split in splits.ORDER},
            refusals={**_unsettled(dataset), **dict(sorted(self.refusals.items()))},
            digest=self.digest.hexdigest(),
            about={
                "name": dataset.name,
                "description": dataset.description,
                "language": dataset.language,
                "licence": dataset.licence,
            },
            census=self.census.as_json(),
            cut_by=by,
            asked=asked,
        )


def _groups(dataset: Dataset) -> Groups[UUID]:
    """The dataset's prompts, joined where they share a file.

    Over all items and not the chosen ones only, so that a recipe does not decide who is grouped;
    the head is the oldest prompt, so that a group that grows stays where it was.
    """
    with connection.cursor() as cursor:
        cursor.execute(_SHARED, {"dataset": dataset.pk})
        return splits.groups_by_shared_things(cursor.fetchall())


def _digests(prompts: set[UUID]) -> dict[UUID, str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, digest FROM datasets_app_prompt WHERE id = ANY(%s)", [list(prompts)]
        )
        return dict(cursor.fetchall())


def _unsettled(dataset: Dataset) -> dict[str, int]:
    others = Item.objects.filter(dataset=dataset).exclude(state=ItemState.SETTLED)
    counted = others.order_by("state").values_list("state").annotate(number=Count("pk"))
    return {f"state_{state}": number for state, number in counted}


def _nothing(refusals: Counter[str]) -> str:
    if not refusals:
        return "Nothing to cut: no item is settled yet."
    told = ", ".join(f"{reason} {number}" for reason, number in refusals.most_common())
    return f"Nothing to cut: the recipe takes none of the settled items ({told})."


def digest_of(version: Version) -> str:
    """The digest over the version's records as they stand; differs from `version.digest` never."""
    digest = hashlib.sha256()
    for body in (
        Record.objects.filter(version=version)
        .order_by("position")
        .values_list("body", flat=True)
        .iterator(chunk_size=PAGE)
    ):
        digest.update(record.face(orjson.loads(body)) + b"\n")
    return digest.hexdigest()
