"""Openness: whether what somebody answered may still be answered anew, a check like an item.

An item is open until it settles. A check has nobody who could settle it, so it goes by what became
of the items around it: those that the same person answered just before and just after. Each check
was given a number when it was handed out, its `endurance`; once so large a share of them would be
closed by now in its place, it is closed as well. The law is in docs/quality.md.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from uuid import UUID

from annotation import prepared
from annotation.models import Annotation
from annotation.prepared import compact

# So many items are looked at, those nearest in time.
NEIGHBOURS = 10

# When the item `i` of the answer `a` was no longer open; NULL while it is.
_CLOSED_AT = """
CASE WHEN i.state <> 'open' THEN coalesce((
    SELECT max(e.at) FROM datasets_app_event e
    WHERE e.item = i.id AND e.before = 'open'
      AND e.after IN ('settled', 'disputed', 'quarantined', 'withdrawn')), a.created_at) END
"""
_SIDE = """
(SELECT a.created_at, {closed_at} AS closed_at
 FROM annotation_annotation a JOIN datasets_app_item i ON i.id = a.item_id
 WHERE a.annotator_id = {{annotator}} AND a.campaign_id = {{campaign}} AND a.standing = 'counted'
   AND a.id {side} {{first}}
 ORDER BY a.id {order} LIMIT {number})
"""
_BEFORE = _SIDE.format(closed_at=_CLOSED_AT, side="<", order="DESC", number=NEIGHBOURS)
_AFTER = _SIDE.format(closed_at=_CLOSED_AT, side=">", order="ASC", number=NEIGHBOURS)
# The share of the neighbours that in the place of what was answered `at` then would be closed now:
# what closed since would have closed with it; what had closed before tells after what time.
_CLOSED = f"""
coalesce((
    SELECT avg(coalesce(near.closed_at > {{at}}
        OR near.closed_at - near.created_at <= clock_timestamp() - {{at}}, false)::int)
    FROM (SELECT * FROM ({_BEFORE} UNION ALL {_AFTER}) AS around
          ORDER BY abs(extract(epoch FROM around.created_at - {{at}})) LIMIT {NEIGHBOURS}) AS near
), 0)
"""  # noqa: S608  pieces of ours
_STATES = "('open', 'settled', 'disputed')"


def is_inside(dataset: str) -> str:
    """SQL: whether the person `%(user)s` annotates in this dataset: only then answers count, by
    whatever door they come.
    """
    return f"""
EXISTS (SELECT FROM auth_user u WHERE u.id = %(user)s AND (u.is_superuser OR EXISTS (
    SELECT FROM datasets_app_membership m
    WHERE m.user_id = u.id AND m.dataset_id = {dataset} AND m.role = 'annotator')))
"""  # noqa: S608  pieces of ours


def check_is_open(check: str) -> str:
    """SQL: whether the answered check under this alias may still be answered anew.

    Its item may be judged no longer for other reasons: see `JUDGED`.
    """
    closed = _CLOSED.format(
        annotator=f"{check}.annotator_id",
        campaign=f"{check}.campaign_id",
        first=f"coalesce({check}.first_id, {check}.annotation_id)",
        at=f"{check}.answered_at",
    )
    return f"({check}.purpose <> 'qualification' AND {check}.endurance > {closed})"


# SQL: whether the item `i` is still one that people judge: neither reported nor withdrawn.
JUDGED = f"i.state IN {_STATES}"

_OWN_CLOSED = _CLOSED.format(
    annotator="o.annotator_id",
    campaign="o.campaign_id",
    first="coalesce(k.first_id, o.id)",
    at="coalesce(k.answered_at, o.created_at)",
)
# The neighbours are looked at in any case: nobody is to tell a check by how long this takes.
_OPEN = compact(f"""
SELECT o.id
FROM annotation_annotation o
JOIN datasets_app_item i ON i.id = o.item_id
LEFT JOIN annotation_check k ON k.annotation_id = o.id
CROSS JOIN LATERAL (SELECT {_OWN_CLOSED} AS share OFFSET 0) AS closed
WHERE o.id = ANY(%(annotations)s)
  AND closed.share >= 0
  AND CASE WHEN k.id IS NULL THEN i.state = 'open'
      ELSE k.purpose <> 'qualification' AND {JUDGED} AND k.endurance > closed.share END
""")  # noqa: S608  pieces of ours
_OPEN_CHECKS = compact(f"""
SELECT k.item_id FROM annotation_check k JOIN datasets_app_item i ON i.id = k.item_id
WHERE k.id = ANY(%(checks)s) AND {JUDGED}
  AND (k.state = 'leased' OR k.state = 'answered' AND {check_is_open("k")})
""")  # noqa: S608  pieces of ours


def open_among(annotations: Iterable[Annotation]) -> set[int]:
    """The ids of those of these annotations that may still be answered anew."""
    rows = prepared.fetch(_OPEN, {"annotations": [one.pk for one in annotations]})
    return {row[0] for row in rows}


def items_of_open(checks: Collection[int]) -> list[UUID]:
    """The items of those of these checks that are held, or may still be answered anew."""
    return [row[0] for row in prepared.fetch(_OPEN_CHECKS, {"checks": list(checks)})]
