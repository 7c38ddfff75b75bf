"""Submitting: answers become a counted annotation, once, or a late one, but are never lost.

A submit is two statements when all is well: one reads what the answers must fit, one writes the
annotation, ends the lease, notes the event and tells settling, or does nothing of it. The law is
in docs/leases.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from annotation import prepared
from annotation.labelling.sheet import Place, body_digest, written
from annotation.models import Annotator
from annotation.vocabulary import Standing


@dataclass(frozen=True, slots=True)
class Submitted:
    """What became of a submit. `standing` is COUNTED, or LATE when the place was no longer theirs.

    `replayed` says that this same submit had been taken before, and nothing was done now.
    """

    annotation_id: int
    standing: Standing
    replayed: bool = False


class UnknownLease(Exception):
    """This annotator never had a lease under that token."""


class KeyReused(Exception):
    """The idempotency key came before with another body."""


_EARLIER = """
    SELECT coalesce(jsonb_agg(a.answers), '[]') AS answers FROM annotation_annotation a
    WHERE a.item_id = p.item_id AND a.annotator_id = %(annotator)s
      AND a.campaign_id = p.campaign_id AND a.step <> p.step AND a.standing = 'counted'
"""
_PLACE = """
SELECT p.slot, p.campaign_id, c.dataset_id, p.item_id, p.step, p.number, p.flipped, c.protocol,
       c.guideline_version, i.first_id, i.second_id, earlier.answers
FROM place p
JOIN annotation_campaign c ON c.id = p.campaign_id
JOIN datasets_app_item i ON i.id = p.item_id
CROSS JOIN LATERAL (""" + _EARLIER + """) AS earlier
"""
_KNOWN = """
SELECT id, standing, body_digest, annotator_id = %(annotator)s AS is_own
FROM annotation_annotation WHERE key = %(key)s
"""
# Both at once: what came under this key before, and the slot that the token names.
_READ = """
WITH known AS MATERIALIZED (""" + _KNOWN + """), place AS MATERIALIZED (
    SELECT id AS slot, campaign_id, item_id, step, number, flipped FROM annotation_slot
    WHERE token = %(token)s AND annotator_id = %(annotator)s
), wanted AS (""" + _PLACE + """)
SELECT known.*, wanted.*
FROM (SELECT) AS one LEFT JOIN known ON true LEFT JOIN wanted ON true
"""
_READ_LAPSED = """
WITH place AS MATERIALIZED (
    SELECT NULL::bigint AS slot, campaign_id, item_id, step, number, flipped FROM annotation_lapse
    WHERE token = %(token)s AND annotator_id = %(annotator)s
)""" + _PLACE

_INSERT = """
INSERT INTO annotation_annotation
    (key, body_digest, campaign_id, item_id, step, annotator_id, slot_id, token, protocol, answers,
     overrides, flipped, seconds, guideline_version, standing)
SELECT %(key)s::uuid, %(digest)s, %(campaign)s::bigint, %(item)s::uuid, %(step)s,
       %(annotator)s::bigint, {slot}, %(token)s::uuid, %(protocol)s, %(answers)s::jsonb,
       %(overrides)s::jsonb, %(flipped)s::boolean, %(seconds)s::float8,
       %(guideline_version)s::int, %(standing)s
{from_}
RETURNING id
"""

# All that follows from a slot being taken. Follow-up steps go to the same person, and first.
_AFTER_TAKEN = """, counted AS (
""" + _INSERT.format(slot="taken.id", from_="FROM taken") + """
), followed AS (
    UPDATE annotation_slot f
    SET reserved_for_id = %(annotator)s, priority = 0,
        position = nextval('annotation_slot_position')
    FROM taken
    WHERE f.campaign_id = %(campaign)s AND f.item_id = %(item)s
      AND f.step = ANY(%(follows)s::text[]) AND f.number = taken.number AND f.state = 'open'
), noted AS (
    INSERT INTO datasets_app_event (actor_id, verb, dataset_id, item, subject, before, after, data)
    SELECT %(user)s::bigint, 'submit', %(dataset)s::bigint, %(item)s::uuid, 'slot:' || taken.id,
           taken.before, 'done', jsonb_build_object('annotation', counted.id)
    FROM taken, counted
), due AS (
    INSERT INTO annotation_due (campaign_id, item_id)
    SELECT %(campaign)s::bigint, %(item)s::uuid FROM taken
), undrafted AS (
    DELETE FROM annotation_draft WHERE token = %(token)s
)
SELECT id FROM counted
"""
_COUNT = """
WITH taken AS (
    UPDATE annotation_slot s SET state = 'done', expires_at = NULL
    WHERE s.id = %(slot)s AND s.token = %(token)s AND s.annotator_id = %(annotator)s
      AND s.expires_at IS NOT NULL  -- leased; by another name, so that only the key is an index
      AND (SELECT state FROM datasets_app_item WHERE id = s.item_id) = 'open'
    RETURNING s.id, s.number, 'leased' AS before
)""" + _AFTER_TAKEN

# The lease lapsed, but a place is still free: the same one if it can be, else any of this step. A
# lease that the annotator took on it since, in another tab, keeps its token: what comes from
# there is then a second answer, and late.
_TAKE_BACK = """
WITH free AS MATERIALIZED (
    SELECT s.id, s.state
    FROM annotation_slot s
    JOIN datasets_app_item i ON i.id = s.item_id
    JOIN annotation_campaign c ON c.id = s.campaign_id
    WHERE s.campaign_id = %(campaign)s AND s.item_id = %(item)s AND s.step = %(step)s
      AND i.state = 'open' AND c.state = 'open'
      AND (s.state = 'leased' AND s.annotator_id = %(annotator)s
           OR s.state = 'open' AND CASE WHEN %(is_follow_up)s
               THEN s.reserved_for_id = %(annotator)s ELSE s.reserved_for_id IS NULL END)
      AND NOT EXISTS (
          SELECT FROM annotation_slot own
          WHERE own.annotator_id = %(annotator)s AND own.item_id = s.item_id AND own.step = s.step
            AND own.campaign_id = s.campaign_id AND own.state = 'done')
      AND EXISTS (
          SELECT FROM auth_user u WHERE u.id = %(user)s AND (u.is_superuser OR EXISTS (
              SELECT FROM datasets_app_membership m
              WHERE m.user_id = u.id AND m.dataset_id = c.dataset_id AND m.role = 'annotator')))
    ORDER BY s.state <> 'leased', s.number <> %(number)s, s.number LIMIT 1
    FOR UPDATE OF s
), taken AS (
    UPDATE annotation_slot s
    SET state = 'done', expires_at = NULL, annotator_id = %(annotator)s,
        token = coalesce(s.token, %(token)s), flipped = coalesce(s.flipped, %(flipped)s),
        leased_at = coalesce(s.leased_at, now())
    FROM free WHERE s.id = free.id
    RETURNING s.id, s.number, free.state AS before
)""" + _AFTER_TAKEN

_LATE = """
WITH late AS (
""" + _INSERT.format(slot="NULL", from_="") + """
), noted AS (
    INSERT INTO datasets_app_event (actor_id, verb, dataset_id, item, subject, after)
    SELECT %(user)s::bigint, 'submit_late', %(dataset)s::bigint, %(item)s::uuid,
           'annotation:' || id, 'late'
    FROM late
)
SELECT id FROM late
"""


def submit(
    annotator: Annotator,
    *,
    token: UUID,
    key: UUID,
    answers: object,
    overrides: object = None,
    seconds: object = None,
) -> Submitted:
    """Take the answers to the step that this annotator holds under `token`.

    `answers` are as the page sends them, by side; `overrides` are reasons against warnings, by
    rule; `seconds` is how long it took, as measured by the page. `key` names the submit: again
    with the same body it gives the same result, again with another one KeyReused. A lease that
    lapsed is taken back while a place is free; else the annotation is kept as LATE.

    Raises UnknownLease, AnswersRefused, RulesBroken, BadOverride, KeyReused; then nothing is kept.
    """
    body = body_digest(token, answers, overrides)
    names = {"annotator": annotator.pk, "user": annotator.user_id, "token": token, "key": key}
    row = prepared.fetch(_READ, names)[0]
    known, found = row[:4], row[4:]
    if known[0] is not None:
        return _replay(known, body)
    place = Place(*found) if found[0] is not None else _lapsed(names)
    values = names | written(place, answers, overrides, seconds) | {"digest": body}
    if place.slot is not None:
        try:
            rows = prepared.fetch(_COUNT, values | {"slot": place.slot, "standing": "counted"})
        except IntegrityError as error:
            # The same key was submitted for another slot at this very moment.
            raise KeyReused from error
        if rows:
            return Submitted(rows[0][0], Standing.COUNTED)
    return _submit_lapsed(annotator, values, body)


def _submit_lapsed(annotator: Annotator, values: dict[str, Any], body: str) -> Submitted:
    """The lease is over: take a place back, or keep the annotation as late."""
    with transaction.atomic():
        Annotator.objects.select_for_update(no_key=True).get(pk=annotator.pk)
        known = known_submit(annotator, key=values["key"], body=body)
        if known is not None:
            return known
        rows = prepared.fetch(_TAKE_BACK, values | {"standing": "counted"})
        if rows:
            return Submitted(rows[0][0], Standing.COUNTED)
        rows = prepared.fetch(_LATE, values | {"standing": "late"})
        return Submitted(rows[0][0], Standing.LATE)


def known_submit(annotator: Annotator, *, key: UUID, body: str) -> Submitted | None:
    """What came of an earlier submit under this key. Raises KeyReused if it was another one."""
    rows = prepared.fetch(_KNOWN, {"annotator": annotator.pk, "key": key})
    return _replay(rows[0], body) if rows else None


def _replay(known: Sequence[Any], body: str) -> Submitted:
    annotation, standing, digest, is_own = known
    if not is_own or digest != body:
        raise KeyReused
    return Submitted(annotation, Standing(standing), replayed=True)


def _lapsed(names: dict[str, Any]) -> Place:
    rows = prepared.fetch(_READ_LAPSED, names)
    if not rows:
        raise UnknownLease
    return Place(*rows[0])


