"""Answering: the answers to a check are kept and graded; they are no vote and take no place."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from psycopg.types.json import Jsonb

from annotation import prepared
from annotation.checks import keeping
from annotation.labelling.sheet import Place, written
from annotation.models import Annotator
from annotation.prepared import compact
from annotation.quality import conduct, grading
from annotation.vocabulary import CheckPurpose, Standing
from datasets_app.protocols import protocol_named


@dataclass(frozen=True, slots=True)
class Paper:
    """A check that is being answered: where it belongs, and what its answers are held against."""

    check: int
    place: Place
    purpose: CheckPurpose
    expected: Mapping[str, Any]
    tolerance: Mapping[str, int]
    token: UUID

    def faults(self, answers: Mapping[str, Any]) -> dict[str, float]:
        step = protocol_named(self.place.protocol).step(self.place.step)
        return grading.faults(step, self.expected, answers, tolerance=self.tolerance)


_PAPER = """
SELECT k.id, k.purpose, coalesce(g.expected, r.answers, '{{}}')::json,
       coalesce(g.tolerance, '{{}}')::json, k.token, k.campaign_id, c.dataset_id, k.item_id, k.step,
       k.flipped, c.protocol, c.guideline_version, i.first_id, i.second_id
FROM annotation_check k
JOIN annotation_campaign c ON c.id = k.campaign_id
JOIN datasets_app_item i ON i.id = k.item_id
LEFT JOIN annotation_gold g ON g.id = k.gold_id
LEFT JOIN annotation_annotation r ON r.id = k.repeats_id
WHERE k.annotator_id = %(annotator)s AND {which}
"""
_BY_TOKEN = compact(_PAPER.format(which="k.token = %(token)s"))
_BY_ANNOTATION = compact(
    _PAPER.format(which="k.annotation_id = %(annotation)s AND k.closes_at > now()")
)

_INSERT = """
INSERT INTO annotation_annotation
    (key, body_digest, campaign_id, item_id, step, annotator_id, slot_id, token, protocol, answers,
     overrides, flipped, seconds, guideline_version, standing)
SELECT %(key)s::uuid, %(digest)s, %(campaign)s::bigint, %(item)s::uuid, %(step)s,
       %(annotator)s::bigint, NULL, %(token)s::uuid, %(protocol)s, %(answers)s::jsonb,
       %(overrides)s::jsonb, %(flipped)s::boolean, %(seconds)s::float8,
       %(guideline_version)s::int, %(standing)s
FROM mine RETURNING id
"""
# A check whose time was over is answered all the same; one whose item was taken away is not.
_ANSWER = compact(f"""
WITH mine AS (
    SELECT k.id, k.state FROM annotation_check k JOIN datasets_app_item i ON i.id = k.item_id
    WHERE k.id = %(check)s AND k.state <> 'answered' AND i.state IN ('open', 'settled', 'disputed')
    FOR UPDATE OF k
), given AS ({_INSERT}), answered AS (
    UPDATE annotation_check k
    SET state = 'answered', annotation_id = given.id, faults = %(faults)s,
        answered_at = clock_timestamp()
    FROM mine, given WHERE k.id = mine.id
), noted AS (
    INSERT INTO datasets_app_event (actor_id, verb, dataset_id, item, subject, before, after, data)
    SELECT %(user)s::bigint, 'answer_check', %(dataset)s::bigint, %(item)s::uuid,
           'check:' || mine.id, mine.state, 'answered', jsonb_build_object('annotation', given.id)
    FROM mine, given
), undrafted AS (
    DELETE FROM annotation_draft WHERE token = %(token)s
)
SELECT id FROM given
""")  # noqa: S608  pieces of ours

_REVISE = compact(f"""
WITH mine AS (
    SELECT id FROM annotation_check
    WHERE id = %(check)s AND annotation_id = %(annotation)s FOR UPDATE
), retired AS (
    UPDATE annotation_annotation SET standing = 'revised' FROM mine
    WHERE annotation_annotation.id = %(annotation)s
), given AS ({_INSERT}), answered AS (
    UPDATE annotation_check k SET annotation_id = given.id, faults = %(faults)s
    FROM mine, given WHERE k.id = mine.id
), noted AS (
    INSERT INTO datasets_app_event (actor_id, verb, dataset_id, item, subject, before, after, data)
    SELECT %(user)s::bigint, 'revise_check', %(dataset)s::bigint, %(item)s::uuid,
           'check:' || mine.id, 'answered', 'answered', jsonb_build_object('annotation', given.id)
    FROM mine, given
)
SELECT id FROM given
""")  # noqa: S608  pieces of ours


def paper_of(annotator: Annotator, token: UUID) -> Paper | None:
    """The check that this person had under that token; None when it names none."""
    return _paper(_BY_TOKEN, {"annotator": annotator.pk, "token": token})


def paper_to_revise(annotator: Annotator, annotation: int) -> Paper | None:
    """The check that this annotation answered, while it may be answered anew."""
    return _paper(_BY_ANNOTATION, {"annotator": annotator.pk, "annotation": annotation})


def answer(annotator: Annotator, paper: Paper, given: Mapping[str, Any]) -> int | None:
    """Keep and grade the answers; the annotation's id, None when they came too late.

    `given` are the arguments of a submit: key, digest, answers, overrides, seconds. Raises what
    `labelling.submit` raises of answers.
    """
    return _kept(_ANSWER, annotator, paper, given)


def revise(
    annotator: Annotator, paper: Paper, given: Mapping[str, Any], *, annotation: int
) -> int | None:
    """Answers anew in place of the earlier ones, graded anew; None when another tab was first."""
    return _kept(_REVISE, annotator, paper, {**given, "annotation": annotation})


def _kept(
    statement: str, annotator: Annotator, paper: Paper, given: Mapping[str, Any]
) -> int | None:
    values = written(paper.place, given["answers"], given["overrides"], given["seconds"])
    faults = paper.faults(values["answers"].obj)
    is_trial = paper.purpose is CheckPurpose.QUALIFICATION
    values |= {
        **{name: given[name] for name in ("key", "digest", "annotation") if name in given},
        "annotator": annotator.pk,
        "user": annotator.user_id,
        "check": paper.check,
        "token": paper.token,
        "faults": Jsonb(faults),
        "standing": (Standing.TRIAL if is_trial else Standing.CHECK).value,
    }
    with transaction.atomic(savepoint=False):
        rows = prepared.fetch(statement, values)
        if rows and paper.purpose in (CheckPurpose.SILENT, CheckPurpose.ATTENTION):
            step = protocol_named(paper.place.protocol).step(paper.place.step)
            groups = grading.by_group(step, faults)
            conduct.weigh(annotator, paper.place.campaign, sorted(groups))
    return int(rows[0][0]) if rows else None


def _paper(statement: str, values: dict[str, Any]) -> Paper | None:
    rows = prepared.fetch(statement, values)
    if not rows:
        return None
    check, purpose, expected, tolerance, token, *facts = rows[0]
    campaign, dataset, item, step, flipped, protocol, version, first, second = facts
    earlier = json.dumps(list(keeping.own_answers(check).values()))
    place = Place(
        None, campaign, dataset, item, step, 0, flipped, protocol, version, first, second, earlier
    )
    return Paper(check, place, CheckPurpose(purpose), expected, tolerance, token)
