"""Playing: what the page says was played of an item's sounds and films, as far as it can be so.

With every sheet of a step that asks for it goes a view token: signed, made for one lease of one
person, and dated by the database's clock. The page reports what it played under that token; a
report that says more than could have been played since is refused. See docs/labelling.md.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core import signing
from django.db import connection, transaction

from annotation.labelling.played import credit
from annotation.models import Annotator, Viewing
from annotation.models.viewing import FASTEST, GRACE_MS
from annotation.vocabulary import ViewingEvidence
from datasets_app.protocols.base import Protocol
from datasets_app.vocabulary import Modality

SALT = "annotation.playing"
# More separate ranges than anybody leaves who listens.
MOST_RANGES = 500
PLAYED = (Modality.AUDIO, Modality.VIDEO)

Ranges = list[tuple[int, int]]


class NotAView(Exception):
    """The view token is missing, forged, or of another lease or person."""


class Implausible(Exception):
    """More is said to have been played than there was time for, or it is no list of ranges."""


@dataclass(frozen=True, slots=True)
class Playable:
    """A sound or film of a sheet; `name` is what the page calls it: A, B, or the prompt's."""

    digest: str
    modality: Modality
    duration_ms: int
    name: str = ""


@dataclass(frozen=True, slots=True)
class View:
    """What a view token says: what is to be played, how much of it, and since when it can be."""

    lease: UUID
    share: float
    media: tuple[Playable, ...]
    opened: float  # seconds since 1970, by the database's clock

    @property
    def seconds(self) -> float:
        """How long all of it lasts."""
        return sum(each.duration_ms for each in self.media) / 1_000


def asked_in(protocol: Protocol) -> bool:
    """Whether any step of a protocol asks for something to be played: then all its sheets have
    view tokens, so that a step that asks cannot pass for one that does not."""
    return any(step.played for step in protocol.steps)


def issue(annotator: Annotator, lease: UUID, share: float, media: Sequence[Playable]) -> str:
    """The view token of a sheet that is given out now."""
    said = {
        "by": annotator.pk,
        "lease": str(lease),
        "share": share,
        "media": [
            [each.digest, each.modality.value, each.duration_ms, each.name] for each in media
        ],
        "at": _now(),
    }
    return signing.dumps(said, salt=SALT, compress=True)


def read(annotator: Annotator, token: object) -> View:
    """What a token says, if it was made for this person. Raises NotAView."""
    try:
        said = signing.loads(token if isinstance(token, str) else "", salt=SALT)
    except signing.BadSignature:
        raise NotAView from None
    if said["by"] != annotator.pk:
        raise NotAView
    media = tuple(Playable(d, Modality(m), ms, name) for d, m, ms, name in said["media"])
    return View(UUID(said["lease"]), said["share"], media, said["at"])


@transaction.atomic
def report(annotator: Annotator, view: View, played: object) -> dict[str, float]:
    """Take what the page says was played, together with what it said before; the shares by file.

    `played` is {digest: [[from, to], ...]} in milliseconds. A lease's files could be played since
    its first view token was given out; sounds share one pair of ears, so that together they take
    as long as they last. Raises Implausible; then nothing of it is kept.
    """
    if not view.media:
        return {}
    given = {each.digest: _ranges(played, each) for each in view.media}
    rows = {row.media: row for row in _rows(annotator, view)}
    merged = {
        digest: merge([*map(_pair, rows[digest].ranges), *found]) for digest, found in given.items()
    }
    most = _playable_since(min(row.opened_at.timestamp() for row in rows.values()))
    lengths = {digest: length(ranges) for digest, ranges in merged.items()}
    heard = [lengths[each.digest] for each in view.media if each.modality is Modality.AUDIO]
    if max([sum(heard), *lengths.values()]) > most:
        raise Implausible
    _keep(rows, merged)
    return _shares(view, lengths)


def played_so_far(token: UUID) -> dict[str, Ranges]:
    """What was played under a lease, by file: what a page that is opened again goes on from."""
    found = Viewing.objects.filter(token=token).values_list("media", "ranges")
    return {media: [_pair(each) for each in ranges] for media, ranges in found}


def take(annotator: Annotator, lease: UUID, token: object, played: object) -> None:
    """Take the report that comes with the answers to a lease; the verb says whether it suffices.

    Raises NotAView, Implausible.
    """
    report(annotator, _read_of(annotator, lease, token), played)


def take_time(annotator: Annotator, lease: UUID, token: object) -> None:
    """The same of a page without script, which cannot report: that there was time to play it all.

    Where there was not, nothing is credited. Raises NotAView.
    """
    view = _read_of(annotator, lease, token)
    if _playable_since(view.opened) >= view.share * view.seconds * 1_000:
        credit(
            annotator,
            lease,
            {each.digest: each.duration_ms for each in view.media},
            share=view.share,
            evidence=ViewingEvidence.WAITED,
            opened=view.opened,
        )


def _read_of(annotator: Annotator, lease: UUID, token: object) -> View:
    view = read(annotator, token)
    if view.lease != lease:
        raise NotAView
    return view


def merge(ranges: Ranges) -> Ranges:
    """The same stretches, in order, none of them touching another."""
    apart: Ranges = []
    for start, end in sorted(ranges):
        if apart and start <= apart[-1][1]:
            apart[-1] = (apart[-1][0], max(apart[-1][1], end))
        else:
            apart.append((start, end))
    return apart


def length(ranges: Ranges) -> int:
    """How long ranges that do not touch are together."""
    return sum(end - start for start, end in ranges)


def _playable_since(opened: float) -> float:
    """How many milliseconds can have been played since a moment."""
    return FASTEST * 1_000 * (_now() - opened) + GRACE_MS


def _shares(view: View, lengths: Mapping[str, int]) -> dict[str, float]:
    return {
        each.digest: min(1.0, lengths[each.digest] / max(each.duration_ms, 1))
        for each in view.media
    }


def _ranges(played: object, media: Playable) -> Ranges:
    """The ranges that are said of a file, within it. Raises Implausible."""
    said = {} if played is None else played
    given = said.get(media.digest, []) if isinstance(said, Mapping) else None
    if not isinstance(given, list) or len(given) > MOST_RANGES:
        raise Implausible
    return [
        (max(0, start), min(end, media.duration_ms))
        for start, end in map(_pair, given)
        if max(0, start) < min(end, media.duration_ms)
    ]


def _pair(value: Any) -> tuple[int, int]:
    """Two moments in milliseconds. Raises Implausible for anything else."""
    if not isinstance(value, list | tuple) or len(value) != 2:
        raise Implausible
    if any(isinstance(at, bool) or not isinstance(at, int | float) for at in value):
        raise Implausible
    if not all(math.isfinite(at) for at in value):
        raise Implausible
    return int(value[0]), int(value[1])


_OPEN = """
INSERT INTO annotation_viewing (annotator_id, token, media, ranges, played_ms, opened_at)
SELECT %(annotator)s, %(token)s, media, '[]', 0, to_timestamp(%(opened)s)
FROM unnest(%(media)s::text[]) AS media ORDER BY media
ON CONFLICT (token, media) DO NOTHING
"""


def _rows(annotator: Annotator, view: View) -> list[Viewing]:
    """The lease's viewings, locked, in one order for everybody."""
    media = [each.digest for each in view.media]
    with connection.cursor() as cursor:
        cursor.execute(
            _OPEN,
            {
                "annotator": annotator.pk,
                "token": view.lease,
                "opened": view.opened,
                "media": media,
            },
        )
    return list(
        Viewing.objects.select_for_update()
        .filter(annotator=annotator, token=view.lease, media__in=media)
        .order_by("media")
    )


def _keep(rows: Mapping[str, Viewing], merged: Mapping[str, Ranges]) -> None:
    with connection.cursor() as cursor:
        for digest, row in rows.items():
            cursor.execute(
                "UPDATE annotation_viewing SET ranges = %s::jsonb, played_ms = %s,"
                " reported_at = clock_timestamp(), evidence = 'reported' WHERE id = %s"
                " AND played_ms <= %s",  # what was credited stays
                [_json(merged[digest]), length(merged[digest]), row.pk, length(merged[digest])],
            )


def _json(ranges: Ranges) -> str:
    return "[" + ",".join(f"[{start},{end}]" for start, end in ranges) + "]"


def _now() -> float:
    with connection.cursor() as cursor:
        cursor.execute("SELECT extract(epoch FROM clock_timestamp())::float8")
        return float(cursor.fetchall()[0][0])
