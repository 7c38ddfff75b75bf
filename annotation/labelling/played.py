"""Played: what of an item's sounds and films was played under a lease, and whether that is enough.

The requirement is the verb's: answers to a step that asks for it are not kept without viewings
that suffice, whoever hands them in. The law is in docs/labelling.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil
from uuid import UUID

from annotation import prepared
from annotation.judgement import sides_of
from annotation.labelling.sheet import Place
from annotation.models import Annotator
from annotation.prepared import compact
from annotation.vocabulary import ViewingEvidence
from datasets_app.protocols import protocol_named

# The sounds and films of the item, and the response that each is; none where it is the prompt's.
_SHOWN = """
SELECT m.digest, m.duration_ms, shown.response FROM (
    SELECT r.media_id, r.id AS response FROM datasets_app_item i
    JOIN datasets_app_response r ON r.id IN (i.first_id, i.second_id) WHERE i.id = %(item)s
    UNION ALL
    SELECT pm.media_id, NULL FROM datasets_app_item i
    JOIN datasets_app_promptmedia pm ON pm.prompt_id = i.prompt_id WHERE i.id = %(item)s
) AS shown JOIN datasets_app_media m ON m.digest = shown.media_id
WHERE m.modality IN ('audio', 'video') AND m.duration_ms > 0
"""
_SHARES = compact(f"""
SELECT shown.response::text, least(1, coalesce(v.played_ms, 0) / shown.duration_ms::float8)
FROM ({_SHOWN}) AS shown LEFT JOIN annotation_viewing v
    ON v.token = %(token)s AND v.annotator_id = %(annotator)s AND v.media = shown.digest
""")  # noqa: S608  pieces of ours
# In one order for everybody; what was reported beyond what is credited stays.
_CREDIT = compact("""
INSERT INTO annotation_viewing AS v
    (annotator_id, token, media, ranges, played_ms, opened_at, evidence)
SELECT %(annotator)s::bigint, %(token)s::uuid, file.digest, '[]'::jsonb, file.ms,
       coalesce(to_timestamp(%(opened)s::float8), clock_timestamp()), %(evidence)s
FROM unnest(%(files)s::text[], %(milliseconds)s::int[]) AS file(digest, ms) ORDER BY file.digest
ON CONFLICT (token, media) DO UPDATE
SET played_ms = excluded.played_ms, evidence = excluded.evidence, reported_at = clock_timestamp()
WHERE v.annotator_id = excluded.annotator_id AND v.played_ms < excluded.played_ms
RETURNING v.id
""")


class NotPlayed(Exception):
    """Too little was played: `shares` by what the page calls the file, `wanted` of each."""

    def __init__(self, shares: Mapping[str, float], wanted: float) -> None:
        super().__init__(f"less than {wanted:.0%} played")
        self.shares = dict(shares)
        self.wanted = wanted


def require(annotator: Annotator, place: Place, token: UUID) -> None:
    """Let answers pass only when enough was played under their lease. Raises NotPlayed."""
    wanted = protocol_named(place.protocol).step(place.step).played
    if not wanted:
        return
    values = {"annotator": annotator.pk, "token": token, "item": place.item}
    rows = prepared.fetch(_SHARES, values)
    if any(share < wanted for _response, share in rows):
        sides = sides_of([str(pk) for pk in place.responses], flipped=place.flipped)
        names = {response: side for side, response in sides.items()}
        shares = {names.get(response, "prompt"): share for response, share in rows}
        raise NotPlayed(dict(sorted(shares.items())), wanted)


def lengths_of(item: UUID) -> dict[str, int]:
    """How long each sound and film of an item lasts, in milliseconds, by digest."""
    rows = prepared.fetch(_SHOWN, {"item": item})
    return {digest: duration for digest, duration, _response in rows}


def credit(
    annotator: Annotator,
    token: UUID,
    lengths: Mapping[str, int],
    *,
    share: float,
    evidence: ViewingEvidence,
    opened: float | None = None,
) -> None:
    """Take this share of some files as played under a lease, and say on what it rests.

    `lengths` are in milliseconds, by digest; `opened` is since when they could be played, in
    seconds since 1970, else now. Nobody but simulated annotators is credited with more than there
    was time for: the row's constraint refuses it (IntegrityError).
    """
    values = {
        "annotator": annotator.pk,
        "token": token,
        "files": list(lengths),
        "milliseconds": [ceil(share * length) for length in lengths.values()],
        "evidence": evidence.value,
        "opened": opened,
    }
    prepared.fetch(_CREDIT, values)
