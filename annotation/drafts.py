"""Drafts: answers not yet submitted, kept on the server so that nothing typed is lost."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from annotation import prepared
from annotation.models import Annotator, Draft

# A page of answers is a few hundred bytes; critiques and corrections a few thousand.
LARGEST = 256_000


class BadDraft(Exception):
    """Answers and reasons must be JSON objects of at most 256 kB, without NUL characters."""


# Only for what the annotator holds now. An older revision that arrives late changes nothing, nor
# does a page that has not seen what another page kept: neither of the two is overwritten unseen.
_SAVE = """
INSERT INTO annotation_draft (annotator_id, token, revision, answers, reasons, page)
SELECT %(annotator)s::bigint, held.token, %(revision)s::int, %(answers)s::jsonb,
       %(reasons)s::jsonb, %(page)s::uuid
FROM (
    SELECT token FROM annotation_slot
    WHERE token = %(token)s AND annotator_id = %(annotator)s AND state = 'leased'
    UNION ALL
    SELECT token FROM annotation_check
    WHERE token = %(token)s AND annotator_id = %(annotator)s AND state = 'leased'
) AS held
ON CONFLICT (token) DO UPDATE
SET revision = excluded.revision, answers = excluded.answers, reasons = excluded.reasons,
    page = excluded.page, updated_at = now()
WHERE annotation_draft.annotator_id = excluded.annotator_id
  AND annotation_draft.revision < excluded.revision
  AND (annotation_draft.page IN (excluded.page, %(heir_of)s::uuid)
       OR annotation_draft.revision = %(based_on)s::int)
RETURNING revision
"""


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
    """Keep what the page holds; False when that is not the newest, or the lease is lost.

    `answers` as the page has them, by side; `reasons` against warnings, by rule. `page` names the
    page that is open, `revision` grows with every change on it. What another page kept gives way
    only to one that began with it (`based_on` is its revision, 0 for none) or that found in the
    browser what the page `heir_of` had and may have sent on its way out. Raises BadDraft.
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
    """The draft under a token of this annotator's, if there is one."""
    return Draft.objects.filter(annotator=annotator, token=token).first()


def of_another_page(annotator: Annotator, token: UUID, page: UUID) -> Draft | None:
    """The draft that another page kept under this token: why one of `page` was not taken."""
    return Draft.objects.filter(annotator=annotator, token=token).exclude(page=page).first()


def _checked(answers: dict[str, Any]) -> dict[str, Any]:
    try:
        text = json.dumps(answers, allow_nan=False, ensure_ascii=False)
        size = len(text.encode())
    except (ValueError, TypeError, RecursionError) as error:
        raise BadDraft from error
    # NUL and halves of surrogate pairs are what jsonb cannot hold; encoding found the latter.
    if size > LARGEST or "\\u0000" in text.replace("\\\\", ""):
        raise BadDraft
    return answers
