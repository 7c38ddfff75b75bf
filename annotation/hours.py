"""Hours: what each annotator did on each day, and how long it took, for who pays."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from django.db import connection

from annotation.models.annotator import pseudonym_of
from annotation.work import IS_WORK
from datasets_app.models import Dataset

# No answer counts for longer than this, unless the caller says otherwise.
LONGEST_SECONDS = 600

# What a person worked at ends with an answer, a skip, a report, a release or the day's limit; by
# the database's clock throughout. It began with the lease, or when the person ended what was
# before, whichever was later: an item that is leased ahead while another is worked on is not
# counted twice. What is before may lie in another campaign. A lease that ran out counts for
# nothing.
_WORKED = f"""
WITH somebody AS (
    SELECT annotator_id AS id FROM annotation_annotation WHERE campaign_id = ANY(%(campaigns)s)
    UNION SELECT annotator_id FROM annotation_lapse WHERE campaign_id = ANY(%(campaigns)s)
), answered AS (
    SELECT a.*, {IS_WORK} AS is_work FROM annotation_annotation a
    WHERE a.annotator_id IN (SELECT id FROM somebody) AND a.standing <> 'trial'
), ended AS (
    SELECT a.annotator_id, a.campaign_id, a.created_at AS at,
           coalesce(s.leased_at, l.leased_at, k.leased_at, (
               SELECT max(e.at) FROM datasets_app_event e
               WHERE e.item = a.item_id AND e.verb = 'lease' AND e.actor_id = o.user_id
                 AND e.at <= a.created_at)) AS leased_at,
           a.is_work::int AS answers, 0 AS skips
    FROM answered a
    JOIN annotation_annotator o ON o.id = a.annotator_id
    LEFT JOIN annotation_slot s ON s.id = a.slot_id AND s.token = a.token
    LEFT JOIN annotation_lapse l ON l.token = a.token
    LEFT JOIN annotation_check k ON k.token = a.token
    -- Whatever else came late is no second answer, nor any time.
    WHERE a.standing <> 'late' OR a.is_work
    UNION ALL
    SELECT annotator_id, campaign_id, created_at, leased_at, 0,
           (cause IN ('skipped', 'reported'))::int
    FROM annotation_lapse
    WHERE cause IN ('skipped', 'reported', 'released', 'rested')
      AND annotator_id IN (SELECT id FROM somebody)
    UNION ALL
    -- A check that was skipped; only its event knows when.
    SELECT k.annotator_id, k.campaign_id, e.at, k.leased_at, 0, 1
    FROM annotation_check k
    JOIN datasets_app_event e
        ON e.item = k.item_id AND e.subject = 'check:' || k.id AND e.verb = 'end_check'
    WHERE k.state = 'skipped' AND k.purpose <> 'qualification'
      AND k.annotator_id IN (SELECT id FROM somebody)
), timed AS (
    SELECT ended.*, extract(epoch FROM at - greatest(
        leased_at, lag(at) OVER (PARTITION BY annotator_id ORDER BY at, answers))) AS seconds
    FROM ended
)
SELECT (t.at AT TIME ZONE 'UTC')::date AS day, c.slug, o.id, o.key, o.participant,
       sum(t.answers)::int, sum(t.skips)::int,
       coalesce(sum(least(greatest(t.seconds, 0), %(longest)s)), 0)::float8
FROM timed t
JOIN annotation_campaign c ON c.id = t.campaign_id
JOIN annotation_annotator o ON o.id = t.annotator_id
WHERE t.campaign_id = ANY(%(campaigns)s)
  AND (%(since)s::date IS NULL OR (t.at AT TIME ZONE 'UTC')::date >= %(since)s::date)
  AND (%(until)s::date IS NULL OR (t.at AT TIME ZONE 'UTC')::date <= %(until)s::date)
GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3
"""  # noqa: S608  pieces of ours

COLUMNS = ("day", "campaign", "annotator", "participant", "answers", "skipped", "seconds", "hours")
# How a spreadsheet knows a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


@dataclass(frozen=True, slots=True)
class Worked:
    """One annotator on one day (UTC) in one campaign.

    `annotator` is the pseudonym, `participant` the id at the provider of an outside workforce,
    for who pays only. `answers` counts each step of an item once, also when it was revised, set
    aside or came too late, unless it was let go of before; a qualification counts for nothing;
    `skipped` what was skipped or reported; `seconds` is by the server's clock.
    """

    day: date
    campaign: str
    annotator: str
    participant: str
    answers: int
    skipped: int
    seconds: float

    @property
    def hours(self) -> float:
        return round(self.seconds / 3600, 2)


def worked(
    dataset: Dataset,
    *,
    since: date | None = None,
    until: date | None = None,
    longest: int = LONGEST_SECONDS,
) -> list[Worked]:
    """The work in all campaigns of a dataset from `since` to `until` (both included), by day.

    No single answer or skip counts for more than `longest` seconds.
    """
    campaigns = list(dataset.campaigns.values_list("pk", flat=True))
    values = {"campaigns": campaigns, "since": since, "until": until, "longest": longest}
    with connection.cursor() as cursor:
        cursor.execute(_WORKED, values)
        return [
            Worked(day, slug, pseudonym_of(key), *facts)
            for day, slug, _id, key, *facts in cursor.fetchall()
        ]


def as_csv(rows: Iterable[Worked]) -> str:
    """The table as a file for a spreadsheet; no cell can be a formula."""
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    writer.writerows([plain(cell) for cell in cells] for cells in _cells(rows))
    return file.getvalue()


def _cells(rows: Iterable[Worked]) -> Iterator[tuple[str, ...]]:
    for row in rows:
        facts = (row.answers, row.skipped, round(row.seconds), f"{row.hours:.2f}")
        who = (row.campaign, row.annotator, row.participant)
        yield (row.day.isoformat(), *who, *(str(fact) for fact in facts))


def plain(cell: str) -> str:
    """The cell with an apostrophe before what a spreadsheet would compute."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
