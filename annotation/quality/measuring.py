"""Measuring: keeps the figures about people up to date, from what is new since the last time.

The audit log says who did something, and on whose items other verdicts stand: only their figures
are made anew, from their latest annotations. So nothing drifts, and no page computes anything.
"""

from __future__ import annotations

from typing import Any

from django.db import connection, transaction
from django.db.models.functions import Now

from annotation import campaigns
from annotation.models import Annotator, Campaign, Measure
from annotation.quality import conduct, figures
from annotation.quality.figures import Figures, Given, Graded
from datasets_app.protocols import protocol_named

# Figures are about so many of a person's latest annotations: about how the person works now.
LATEST = 1_000
# Events looked at in one go; what is left waits for the next sweep.
EVENTS = 50_000

# An event is written before its transaction ends, so numbers arrive out of order: those of the
# last minute are looked at again the next time. Whatever changes which verdicts stand has an event,
# whether the item moves or not; a ruling's names its item as its subject, "item:…".
_NEW = """
WITH news AS MATERIALIZED (
    SELECT id, at, verb, actor_id,
           CASE verb WHEN 'ruling' THEN substr(subject, 6)::uuid ELSE item END AS item
    FROM datasets_app_event
    WHERE dataset_id = %(dataset)s AND id > %(after)s ORDER BY id LIMIT %(events)s
), people AS (
    SELECT o.id FROM news JOIN annotation_annotator o ON o.user_id = news.actor_id
    WHERE news.verb IN ('submit', 'revise', 'answer_check', 'revise_check')
    UNION
    SELECT a.annotator_id FROM news JOIN annotation_annotation a ON a.item_id = news.item
    WHERE news.verb IN ('settle', 'weigh', 'unjudgeable', 'reopen', 'rule', 'ruling', 'set_aside',
                        'give_up')
      AND a.campaign_id = %(campaign)s
)
SELECT coalesce((SELECT max(id) FROM news WHERE at < now() - interval '1 minute'), %(after)s),
       coalesce((SELECT array_agg(id) FROM people), '{}')
"""

_GIVEN = """
SELECT a.step, a.answers::json, a.seconds, a.flipped, i.first_id::text, i.second_id::text,
       (SELECT json_agg(json_build_array(v.question, v.response_id, v.value))
        FROM datasets_app_verdict v WHERE v.item_id = a.item_id AND v.dispute = '')
FROM (
    SELECT * FROM annotation_annotation
    WHERE annotator_id = %(annotator)s AND campaign_id = %(campaign)s AND standing = 'counted'
    ORDER BY id DESC LIMIT %(latest)s
) AS a JOIN datasets_app_item i ON i.id = a.item_id
ORDER BY a.id
"""

_GRADED = """
SELECT step, faults::json, purpose = 'repeat' FROM annotation_check
WHERE annotator_id = %(annotator)s AND campaign_id = %(campaign)s AND state = 'answered'
  AND purpose <> 'qualification'
ORDER BY answered_at DESC LIMIT %(latest)s
"""


def measure_all() -> int:
    """Bring the figures of the latest campaigns up to date; how many people's were made anew."""
    return sum(measure(campaign) for campaign in campaigns.latest_of_all())


def measure(campaign: Campaign) -> int:
    """The same for one campaign. Safe to run beside itself: the campaign's row is locked."""
    with transaction.atomic():
        locked = Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)
        upto, people = _fetch(
            _NEW,
            {
                "dataset": locked.dataset_id,
                "campaign": locked.pk,
                "after": locked.measured_to,
                "events": EVENTS,
            },
        )[0]
        for annotator in people:
            _measure_one(locked, annotator)
        if locked.is_checked:
            # For who asks for nothing more; everybody else's were applied when they did.
            for one in Annotator.objects.filter(pk__in=people):
                conduct.bar(one, locked)
        Campaign.objects.filter(pk=locked.pk).update(measured_to=upto)
    return len(people)


def _measure_one(campaign: Campaign, annotator: int) -> None:
    names = {"annotator": annotator, "campaign": campaign.pk, "latest": LATEST}
    given = [_given(row) for row in _fetch(_GIVEN, names)]
    graded = [Graded(*row) for row in _fetch(_GRADED, names)]
    found = figures.figures(protocol_named(campaign.protocol), given, graded)
    for group, row in found.items():
        _store(campaign, annotator, group, row)
    rows = Measure.objects.filter(annotator=annotator, campaign=campaign)
    rows.exclude(group__in=found).delete()


def _store(campaign: Campaign, annotator: int, group: str, row: Figures) -> None:
    Measure.objects.update_or_create(
        annotator_id=annotator,
        campaign=campaign,
        group=group,
        defaults={**row.as_fields(), "updated_at": Now()},
    )


def _given(row: tuple[Any, ...]) -> Given:
    step, answers, seconds, flipped, first, second, verdicts = row
    return Given(
        step=step,
        answers=answers,
        seconds=seconds,
        flipped=flipped,
        responses=[first] if second is None else [first, second],
        verdicts={(question, response): value for question, response, value in verdicts or ()},
    )


def _fetch(statement: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())
