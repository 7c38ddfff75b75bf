"""Drafts: answers not yet submitted, kept on the server so that nothing typed is lost.

A draft is of a step of an item, for one person, and outlives the lease: who is given the same again
finds it. An item and a check have theirs alike.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from psycopg.types.json import Jsonb

from annotation import judgement, prepared, sizes
from annotation.models import Annotator, Draft
from datasets_app.protocols import protocol_named

# So long what nobody goes on with is kept.
KEPT_DAYS = 7


class BadDraft(Exception):
    """Answers and reasons must be JSON objects that could be answers, without NUL characters."""


class Place(Protocol):
    """A step of an item as somebody has it: a lease, or one that is over."""

    @property
    def token(self) -> UUID: ...
    @property
    def campaign_id(self) -> int: ...
    @property
    def item_id(self) -> UUID: ...
    @property
    def step(self) -> str: ...
    @property
    def flipped(self) -> bool: ...


class _Place(NamedTuple):
    token: UUID
    campaign_id: int
    item_id: UUID
    step: str
    flipped: bool


# What this person holds under the token, or held until the lease was over: not what he parted from
# or answered since. An item and a check are looked for alike.
_HELD = """
SELECT token, campaign_id, item_id, step, flipped FROM annotation_slot
WHERE token = %(token)s AND annotator_id = %(annotator)s AND state = 'leased'
UNION ALL
SELECT token, campaign_id, item_id, step, flipped FROM annotation_check
WHERE token = %(token)s AND annotator_id = %(annotator)s AND state = 'leased'
"""
_SINCE = """NOT EXISTS (
    SELECT FROM annotation_annotation n
    WHERE n.item_id = was.item_id AND n.annotator_id = was.annotator_id AND n.step = was.step
      AND n.campaign_id = was.campaign_id AND n.created_at > was.leased_at)"""
_PLACE = prepared.compact(f"""
{_HELD} UNION ALL
SELECT token, campaign_id, item_id, step, flipped FROM annotation_lapse was
WHERE token = %(token)s AND annotator_id = %(annotator)s
  AND cause NOT IN ('skipped', 'reported') AND {_SINCE}
UNION ALL
SELECT token, campaign_id, item_id, step, flipped FROM annotation_check was
WHERE token = %(token)s AND annotator_id = %(annotator)s AND state = 'lapsed' AND {_SINCE}
""")  # noqa: S608  pieces of ours

# An older revision that arrives late changes nothing, nor does a page that has not seen what
# another page kept: neither of the two is overwritten unseen.
_SAVE = prepared.compact(f"""
INSERT INTO annotation_draft (annotator_id, campaign_id, item_id, step, flipped, token, revision,
                              answers, reasons, page)
SELECT %(annotator)s::bigint, place.campaign_id, place.item_id, place.step, place.flipped,
       place.token, %(revision)s::int, %(answers)s::jsonb, %(reasons)s::jsonb, %(page)s::uuid
FROM ({_PLACE}) AS place
ON CONFLICT (annotator_id, campaign_id, item_id, step) DO UPDATE
SET revision = excluded.revision, answers = excluded.answers, reasons = excluded.reasons,
    page = excluded.page, token = excluded.token, flipped = excluded.flipped, updated_at = now()
WHERE annotation_draft.revision < excluded.revision
  AND (annotation_draft.page IN (excluded.page, %(heir_of)s::uuid)
       OR annotation_draft.revision = %(based_on)s::int)
RETURNING revision
""")  # noqa: S608  pieces of ours


def save(
    annotator: Annotator,
    token: UUID,
    *,
    page: UUID,
    revision: int,
    answers: object,
    reasons: object = None,
    based_on: int = 0,
    heir_of: UUID | None = None,
) -> bool:
    """Keep what the page holds; False when that is not the newest, or of nothing of this person's.

    `answers` as the page has them, by side; `reasons` against warnings, by rule. `page` names the
    page that is open, `revision` grows with every change on it. What another page kept gives way
    only to one that began with it (`based_on` is its revision, 0 for none) or that found in the
    browser what the page `heir_of` had and may have sent on its way out. A lease that is over is no
    reason not to keep it. Raises BadDraft.
    """
    reasons = {} if reasons is None else reasons
    if not isinstance(answers, dict) or not isinstance(reasons, dict):
        raise BadDraft
    if not 0 <= revision < 2**31 or not 0 <= based_on < 2**31:
        raise BadDraft
    values = {
        "annotator": annotator.pk,
        "token": token,
        "page": page,
        "revision": revision,
        "based_on": based_on,
        "heir_of": heir_of or page,
        "answers": Jsonb(_checked(answers)),
        "reasons": Jsonb(_checked(reasons)),
    }
    return bool(prepared.fetch(_SAVE, values))


def load(annotator: Annotator, token: UUID) -> Draft | None:
    """The draft of what this person has, or had, under that token, if there is one."""
    rows = prepared.fetch(_PLACE, {"annotator": annotator.pk, "token": token})
    return found(annotator, [_Place(*row) for row in rows]).get(token)


def found(annotator: Annotator, places: Collection[Place]) -> dict[UUID, Draft]:
    """The drafts of these places, by their tokens, with left and right as they are there."""
    if not places:
        return {}
    named = {"annotator": annotator.pk, "items": [place.item_id for place in places]}
    ids = [row[0] for row in prepared.fetch(_OF_ITEMS, named)]
    if not ids:  # as most often, and asked of every item that is given
        return {}
    kept = {
        (draft.campaign_id, draft.item_id, draft.step): draft
        for draft in Draft.objects.filter(pk__in=ids).select_related("campaign")
    }
    drafts = {
        place.token: (kept.get((place.campaign_id, place.item_id, place.step)), place)
        for place in places
    }
    return {token: _at(draft, place) for token, (draft, place) in drafts.items() if draft}


_OF_ITEMS = """
SELECT id FROM annotation_draft WHERE annotator_id = %(annotator)s AND item_id = ANY(%(items)s)
"""


def _at(draft: Draft, place: Place) -> Draft:
    if draft.flipped != place.flipped:
        protocol = protocol_named(draft.campaign.protocol)
        draft.answers = judgement.turned(protocol, draft.answers)
        draft.flipped = place.flipped
    return draft


def of_another_page(annotator: Annotator, token: UUID, page: UUID) -> Draft | None:
    """The draft that another page kept of this: why one of `page` was not taken."""
    draft = load(annotator, token)
    return None if draft is None or draft.page == page else draft


_AGAIN = prepared.compact(f"""
WITH place AS ({_PLACE})
SELECT s.token, s.campaign_id, s.item_id, s.step, s.flipped
FROM annotation_slot s JOIN place USING (campaign_id, item_id, step)
WHERE s.annotator_id = %(annotator)s AND s.state = 'leased'
UNION ALL
SELECT k.token, k.campaign_id, k.item_id, k.step, k.flipped
FROM annotation_check k JOIN place USING (campaign_id, item_id, step)
WHERE k.annotator_id = %(annotator)s AND k.state = 'leased'
""")  # noqa: S608  pieces of ours


def given_again(annotator: Annotator, token: UUID) -> tuple[UUID, Draft] | None:
    """What was kept under a lease that is over, and the token of the same where it was given
    again; None where it was not."""
    rows = prepared.fetch(_AGAIN, {"annotator": annotator.pk, "token": token})
    drafts = found(annotator, [_Place(*row) for row in rows])
    return next(iter(drafts.items()), None)


def forget_old() -> int:
    """Forget what nobody went on with for a week; how many."""
    return len(prepared.fetch(_FORGET, {"days": KEPT_DAYS}))


_FORGET = """
DELETE FROM annotation_draft WHERE updated_at < now() - make_interval(days => %(days)s)
RETURNING id
"""


def _checked(answers: dict[str, Any]) -> dict[str, Any]:
    try:
        text = json.dumps(answers, allow_nan=False, ensure_ascii=False)
        size = len(text.encode())
    except (ValueError, TypeError, RecursionError) as error:
        raise BadDraft from error
    # NUL and halves of surrogate pairs are what jsonb cannot hold; encoding found the latter.
    if size > sizes.ANSWERS or "\\u0000" in text.replace("\\\\", ""):
        raise BadDraft
    return answers
