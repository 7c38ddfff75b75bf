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
    """A draft must be a JSON object of at most 256 kB, without NUL characters."""


# Only for what the annotator holds now. An older revision that arrives late changes nothing.
_SAVE = """
INSERT INTO annotation_draft (annotator_id, token, revision, answers)
SELECT %(annotator)s::bigint, held.token, %(revision)s::int, %(answers)s::jsonb FROM (
    SELECT token FROM annotation_slot
    WHERE token = %(token)s AND annotator_id = %(annotator)s AND state = 'leased'
    UNION ALL
    SELECT token FROM annotation_check
    WHERE token = %(token)s AND annotator_id = %(annotator)s AND state = 'leased'
) AS held
ON CONFLICT (token) DO UPDATE
SET revision = excluded.revision, answers = excluded.answers, updated_at = now()
WHERE annotation_draft.annotator_id = excluded.annotator_id
  AND annotation_draft.revision < excluded.revision
RETURNING revision
"""


def save(annotator: Annotator, token: UUID, *, revision: int, answers: object) -> bool:
    """Keep what the page holds; False when a newer one is kept already or the lease is lost.

    `answers` as the page has them, by side; `revision` grows with every change on the page.
    Raises BadDraft.
    """
    if not isinstance(answers, dict) or not 0 <= revision < 2**31:
        raise BadDraft
    values = {
        "annotator": annotator.pk,
        "token": token,
        "revision": revision,
        "answers": Jsonb(_checked(answers)),
    }
    return bool(prepared.fetch(_SAVE, values))


def load(annotator: Annotator, token: UUID) -> tuple[int, dict[str, Any]] | None:
    """Revision and answers of the draft under a token of this annotator's, if there is one."""
    found = Draft.objects.filter(annotator=annotator, token=token).first()
    return (found.revision, found.answers) if found else None


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
