"""Revising: a second thought while the item is open; the newer counts, the older is kept."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import transaction

from annotation import prepared
from annotation.checks import answering
from annotation.checks.answering import Paper
from annotation.clock import SECONDS
from annotation.labelling.sheet import Place, body_digest, written
from annotation.labelling.submitting import Submitted, known_submit
from annotation.models import Annotation, Annotator
from annotation.openness import is_inside
from annotation.prepared import compact
from annotation.vocabulary import Standing


class NotOpen(Exception):
    """The item is no longer open, what was to be revised no longer counts, or its person no longer
    annotates there.
    """


# The item's row is locked, so that it cannot settle on the older answers meanwhile.
_PLACE = compact(f"""
SELECT a.slot_id, a.campaign_id, i.dataset_id, a.item_id, a.step, s.number, a.flipped, a.protocol,
       c.guideline_version, i.first_id, i.second_id,
       (SELECT coalesce(jsonb_agg(o.answers), '[]') FROM annotation_annotation o
        WHERE o.item_id = a.item_id AND o.annotator_id = a.annotator_id AND o.step <> a.step
          AND o.campaign_id = a.campaign_id AND o.standing = 'counted'), a.token
FROM annotation_annotation a
JOIN annotation_slot s ON s.id = a.slot_id
JOIN annotation_campaign c ON c.id = a.campaign_id
JOIN datasets_app_item i ON i.id = a.item_id
WHERE a.id = %(annotation)s AND a.annotator_id = %(annotator)s AND a.standing = 'counted'
  AND i.state = 'open' AND {is_inside("i.dataset_id")}
FOR SHARE OF i FOR UPDATE OF a
""")  # noqa: S608  pieces of ours

# Two statements, because a slot holds one counted annotation at any moment.
_RETIRE = """
UPDATE annotation_annotation SET standing = 'revised' WHERE id = %(annotation)s RETURNING id
"""
_REPLACE = compact(f"""
WITH counted AS (
    INSERT INTO annotation_annotation
        (key, body_digest, campaign_id, item_id, step, annotator_id, slot_id, token, protocol,
         answers, overrides, flipped, seconds, guideline_version, standing, is_first)
    VALUES (%(key)s, %(digest)s, %(campaign)s, %(item)s, %(step)s, %(annotator)s, %(slot)s,
            %(token)s, %(protocol)s, %(answers)s, %(overrides)s, %(flipped)s, {SECONDS},
            %(guideline_version)s, 'counted', false)
    RETURNING id
), noted AS (
    INSERT INTO datasets_app_event (actor_id, verb, dataset_id, item, subject, before, after, data)
    SELECT %(user)s, 'revise', %(dataset)s, %(item)s, 'annotation:' || %(annotation)s::bigint,
           'counted', 'revised', jsonb_build_object('annotation', id)
    FROM counted
), due AS (
    INSERT INTO annotation_due (campaign_id, item_id) VALUES (%(campaign)s, %(item)s)
)
SELECT id FROM counted
""")  # noqa: S608  pieces of ours


def revise(
    annotator: Annotator,
    annotation: Annotation,
    *,
    key: UUID,
    answers: object,
    overrides: object = None,
    seconds: object = None,
) -> Submitted:
    """Answer once more what this annotator answered before; arguments as in `submit`.

    Raises NotOpen when the item is no longer open or the annotation no longer counts, and what
    `submit` raises of the answers and the key.
    """
    body = body_digest(annotation.token, answers, overrides)
    with transaction.atomic():
        Annotator.objects.select_for_update(no_key=True).get(pk=annotator.pk)
        known = known_submit(annotator, key=key, body=body)
        if known is not None:
            return known
        place, token, paper = _place(annotator, annotation)
        values: dict[str, Any] = written(place, answers, overrides, seconds)
        values |= {"annotator": annotator.pk, "user": annotator.user_id, "key": key}
        values |= {"annotation": annotation.pk, "token": token, "digest": body}
        # The same statements for a check: nobody is to tell it by how long they take.
        more = paper.graded(values) if paper else {"slot": place.slot}
        prepared.fetch(_RETIRE, {"annotation": annotation.pk})
        rows = prepared.fetch(answering.REPLACE if paper else _REPLACE, values | more)
        return Submitted(rows[0][0], Standing.COUNTED)


def _place(annotator: Annotator, annotation: Annotation) -> tuple[Place, UUID, Paper | None]:
    """Where the answers belong, under which token; with its paper if they are to a check."""
    if annotation.standing == Standing.CHECK:
        found = answering.to_revise(annotator, annotation.pk)
        if found is None:
            raise NotOpen
        return Place(*found[:-5]), found[-5], Paper(*found[-4:])
    names = {"annotator": annotator.pk, "user": annotator.user_id, "annotation": annotation.pk}
    rows = prepared.fetch(_PLACE, names)
    if not rows:
        raise NotOpen
    *facts, token = rows[0]
    return Place(*facts), token, None
