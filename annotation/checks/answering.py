"""Answering: what the answers to a check are held against, and answering it anew."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from psycopg.types.json import Jsonb

from annotation import openness, prepared
from annotation.checks.other_steps import OTHER_STEPS
from annotation.clock import SECONDS
from annotation.models import Annotator
from annotation.prepared import compact
from annotation.quality import grading
from annotation.vocabulary import CheckPurpose, Standing
from datasets_app.protocols import protocol_named


@dataclass(frozen=True, slots=True)
class Paper:
    """A check that is being answered, by its id, and what its answers are held against."""

    check: int
    purpose: str
    expected: Mapping[str, Any]
    tolerance: Mapping[str, int]

    def graded(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """What the statements that keep it need beyond the `values` of `sheet.written`."""
        step = protocol_named(values["protocol"]).step(values["step"])
        given = values["answers"].obj
        faults = grading.faults(step, self.expected, given, tolerance=self.tolerance)
        is_trial = self.purpose == CheckPurpose.QUALIFICATION
        standing = Standing.TRIAL if is_trial else Standing.CHECK
        return {"check": self.check, "faults": Jsonb(faults), "standing": standing.value}


_PAPER = compact(f"""
SELECT NULL::bigint, p.campaign_id, c.dataset_id, p.item_id, p.step, 0, p.flipped, c.protocol,
       c.guideline_version, i.first_id, i.second_id,
       (SELECT coalesce(jsonb_agg(a.answers), '[]') {OTHER_STEPS.format(check="p.id")}), p.token,
       p.id, p.purpose, coalesce(g.expected, r.answers, '{{}}')::json,
       coalesce(g.tolerance, '{{}}')::json
FROM annotation_check p
JOIN annotation_campaign c ON c.id = p.campaign_id
JOIN datasets_app_item i ON i.id = p.item_id
LEFT JOIN annotation_gold g ON g.id = p.gold_id
LEFT JOIN annotation_annotation r ON r.id = p.repeats_id
WHERE p.annotator_id = %(annotator)s AND p.annotation_id = %(annotation)s
  AND {openness.JUDGED} AND {openness.check_is_open("p")} AND {openness.is_inside("i.dataset_id")}
FOR UPDATE OF p
""")  # noqa: S608  pieces of ours

# After the earlier answers were retired, as `labelling.revise` does with those to an item. What was
# answered first stays what is graded: nobody betters a record by a second thought.
REPLACE = compact(f"""
WITH given AS (
    INSERT INTO annotation_annotation
        (key, body_digest, campaign_id, item_id, step, annotator_id, slot_id, token, protocol,
         answers, overrides, flipped, seconds, guideline_version, standing, is_first)
    VALUES (%(key)s, %(digest)s, %(campaign)s, %(item)s, %(step)s, %(annotator)s, NULL,
            %(token)s, %(protocol)s, %(answers)s, %(overrides)s, %(flipped)s, {SECONDS},
            %(guideline_version)s, %(standing)s, false)
    RETURNING id
), answered AS (
    UPDATE annotation_check k
    SET first_id = coalesce(k.first_id, k.annotation_id), annotation_id = given.id
    FROM given WHERE k.id = %(check)s
), noted AS (
    INSERT INTO datasets_app_event (actor_id, verb, dataset_id, item, subject, before, after, data)
    SELECT %(user)s, 'revise_check', %(dataset)s, %(item)s, 'check:' || %(check)s::bigint,
           'answered', 'answered', jsonb_build_object('annotation', given.id)
    FROM given
)
SELECT id FROM given
""")  # noqa: S608  pieces of ours


def to_revise(annotator: Annotator, annotation: int) -> prepared.Row | None:
    """The check that this annotation answered, locked, while it may be answered anew.

    Its place, its token and its paper, as `labelling.revise` reads them of an item.
    """
    names = {"annotator": annotator.pk, "user": annotator.user_id, "annotation": annotation}
    rows = prepared.fetch(_PAPER, names)
    return rows[0] if rows else None
