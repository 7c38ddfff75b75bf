"""Agreeing: keeps how alike people judge, and how the machine compares, whenever something settled.

The audit log says whether anything did; only then the latest items are measured anew. So no page
has to compute anything.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.db import connection, transaction
from django.db.models.functions import Now
from django.utils import timezone

from annotation import campaigns
from annotation.models import Campaign
from config.curate import measures
from config.models import Agreement, Comparison
from datasets_app import curation
from datasets_app.models import Dataset

# Events looked at in one go; what is left waits for the next sweep.
EVENTS = 50_000
# What changes a verdict, or puts an item among those that have some or takes it from them.
_VERBS = [
    *("settle", "weigh", "unjudgeable", "reopen", "rule", "ruling", "set_aside", "give_up"),
    *("report", "withdraw"),
]
# An event is written before its transaction ends, so numbers arrive out of order: those of the
# last minute are looked at again the next time.
_NEWS = """
SELECT count(*) FILTER (WHERE verb = ANY(%(verbs)s)) > 0,
       coalesce(max(id) FILTER (WHERE at < now() - interval '1 minute'), %(after)s)
FROM (SELECT id, at, verb FROM datasets_app_event
      WHERE dataset_id = %(dataset)s AND id > %(after)s ORDER BY id LIMIT %(events)s) AS news
"""


def keep_all() -> int:
    """Measure the campaigns anew in which something settled since; how many."""
    found = (campaigns.latest(dataset) for dataset in Dataset.objects.order_by("pk"))
    return sum(keep(campaign) for campaign in found if campaign is not None)


def keep(campaign: Campaign) -> bool:
    """The same for one campaign; False when there was nothing new. Safe to run beside itself."""
    with transaction.atomic():
        Comparison.objects.get_or_create(campaign=campaign)
        kept = Comparison.objects.select_for_update(no_key=True).get(campaign=campaign)
        is_new, upto = _news(campaign, kept.measured_to)
        if is_new:
            _measure(campaign)
        Comparison.objects.filter(campaign=campaign).update(measured_to=upto)
    return is_new


def _news(campaign: Campaign, after: int | None) -> tuple[bool, int]:
    values: dict[str, Any] = {
        "dataset": campaign.dataset_id, "after": after or 0, "verbs": _VERBS, "events": EVENTS,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_NEWS, values)
        is_new, upto = cursor.fetchone() or (False, 0)
    return is_new or after is None, upto


def _measure(campaign: Campaign) -> None:
    items = curation.latest_judged(campaign.dataset, measures.MEASURED)
    compared = measures.confusion(list(items))
    Comparison.objects.filter(campaign=campaign).update(
        **asdict(compared), items=len(items), measured_at=Now()
    )
    today = timezone.now().date()
    found = measures.measured(campaign, items)
    Agreement.objects.filter(campaign=campaign, day=today).exclude(question__in=found).delete()
    for key, one in found.items():
        Agreement.objects.update_or_create(
            campaign=campaign, question=key, day=today, defaults=asdict(one)
        )
