"""What is shown of items, with one annotator's own answers to them: read in one prepared statement.

The labelling page reads it at every submit, while somebody waits; see `prepared`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from annotation import prepared
from annotation.checks.other_steps import OTHER_STEPS
from annotation.gravity import BY_SOURCE, FORESEEN, GRAVITY
from annotation.models import Annotator, Campaign
from datasets_app.protocols import PROTOCOLS
from datasets_app.vocabulary import QuestionKind

# As json, not jsonb: Django has psycopg leave the latter unread.
_MEDIUM = """
    CASE WHEN {m}.digest IS NOT NULL THEN json_build_object(
        'digest', {m}.digest, 'modality', {m}.modality, 'width', {m}.width, 'height', {m}.height,
        'frame_rate', {m}.frame_rate, 'poster', {m}.poster, 'preview', {m}.preview,
        'peaks', {m}.peaks, 'duration_ms', {m}.duration_ms) END
"""
_NAMING_HARM = sorted(
    {
        question.key
        for protocol in PROTOCOLS.values()
        for question in protocol.questions
        if question.kind is QuestionKind.CATEGORIES
    }
)
_FOUND = f"""
ARRAY(SELECT DISTINCT jsonb_array_elements_text(
          CASE jsonb_typeof(v.value) WHEN 'array' THEN v.value END)
      FROM datasets_app_verdict v
      WHERE v.item_id = i.id AND v.question = ANY('{{{",".join(_NAMING_HARM)}}}') ORDER BY 1)
"""  # noqa: S608  keys of ours
_READ = prepared.compact(f"""
SELECT i.id, p.turns::json, p.meta::json,
       -- What people found would tell a check from what nobody has judged yet.
       CASE WHEN %(check)s::bigint IS NULL THEN {GRAVITY} ELSE {FORESEEN} END, {BY_SOURCE},
       i.machine_categories, {_FOUND},
       a.id, a.text, {_MEDIUM.format(m="am")}, b.id, b.text, {_MEDIUM.format(m="bm")},
       CASE WHEN p.turns @? '$[*].media[*]' THEN (
           SELECT json_object_agg(m.digest, {_MEDIUM.format(m="m")})
           FROM datasets_app_promptmedia pm JOIN datasets_app_media m ON m.digest = pm.media_id
           WHERE pm.prompt_id = p.id) END,
       -- A check knows only checks. One statement, so that it takes no longer than an item.
       CASE WHEN %(check)s::bigint IS NULL THEN (
           SELECT json_object_agg(o.step, o.answers) FROM annotation_annotation o
           WHERE o.item_id = i.id AND o.annotator_id = %(annotator)s
             AND o.campaign_id = %(campaign)s AND o.standing = 'counted')
       ELSE (SELECT json_object_agg(o.step, a.answers) {OTHER_STEPS.format(check="%(check)s")}) END,
       (SELECT g.instruction FROM annotation_check k JOIN annotation_gold g ON g.id = k.gold_id
        WHERE k.id = %(check)s),
       (SELECT d.language FROM datasets_app_dataset d WHERE d.id = i.dataset_id)
FROM datasets_app_item i
JOIN datasets_app_prompt p ON p.id = i.prompt_id
JOIN datasets_app_response a ON a.id = i.first_id
LEFT JOIN datasets_app_response b ON b.id = i.second_id
LEFT JOIN datasets_app_media am ON am.digest = a.media_id
LEFT JOIN datasets_app_media bm ON bm.digest = b.media_id
WHERE i.id = %(item)s
""")  # noqa: S608  pieces of ours


@dataclass(frozen=True, slots=True)
class Medium:
    """A file as the page shows it: by digest, with the digests of its safe renditions."""

    digest: str
    modality: str
    width: int | None
    height: int | None
    frame_rate: str
    poster: str
    preview: str
    peaks: str
    duration_ms: int | None


@dataclass(frozen=True, slots=True)
class Answer:
    """One response."""

    id: UUID
    text: str
    medium: Medium | None


@dataclass(frozen=True, slots=True)
class Content:
    """An item, and what is known of it by now. `own` are the annotator's answers, by step.

    `gravity` is how grave it is by all that is known, of a check by what was known before people
    judged it; `prompt_gravity` is how grave its source calls
    the prompt, both 0-3. `machine_categories` and those that people `found` are of both sides.
    `instruction` is what an attention check says to answer, "" of everything else. `language` is
    the dataset's, a BCP 47 tag.
    """

    turns: Sequence[Mapping[str, Any]]
    prompt_meta: Mapping[str, Any]
    gravity: int
    prompt_gravity: int
    machine_categories: Sequence[str]
    found: Sequence[str]
    responses: tuple[Answer, ...]
    prompt_media: Mapping[str, Medium]
    own: Mapping[str, Mapping[str, Any]]
    instruction: str
    language: str


def contents(
    campaign: Campaign, annotator: Annotator, items: Mapping[UUID, int | None]
) -> dict[UUID, Content]:
    """The items by id, first response before second. `items` says which of them are which check."""
    values = {"annotator": annotator.pk, "campaign": campaign.pk}
    # One by one: for a list PostgreSQL would plan anew each time, hoping for a short one.
    rows = [
        row
        for item, check in items.items()
        for row in prepared.fetch(_READ, values | {"item": item, "check": check})
    ]
    return {row[0]: _content(row) for row in rows}


def _content(row: prepared.Row) -> Content:
    _id, turns, meta, gravity, by_source, by_machine, found, *sides, shown, own, told, lang = row
    a, a_text, am, b, b_text, bm = sides
    first, second = Answer(a, a_text, _medium(am)), Answer(b, b_text, _medium(bm))
    return Content(
        turns=turns,
        prompt_meta=meta,
        gravity=gravity,
        prompt_gravity=by_source,
        machine_categories=by_machine or (),
        found=found,
        responses=(first,) if b is None else (first, second),
        prompt_media={digest: Medium(**facts) for digest, facts in (shown or {}).items()},
        own=own or {},
        instruction=told or "",
        language=lang,
    )


def _medium(facts: Mapping[str, Any] | None) -> Medium | None:
    return Medium(**facts) if facts else None
