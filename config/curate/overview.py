"""A curator's datasets, and where the items of one of them stand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import UTC, datetime, time, timedelta
from itertools import groupby
from typing import Any
from uuid import UUID

from django.db.models import Count
from django.db.models.functions import TruncDate
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from annotation import campaigns
from annotation.models import Annotation, Campaign, Progress
from config.curate import charts, measures, wording
from config.requests import SignedIn
from datasets_app import access, curation, preferences
from datasets_app.models import Dataset, Item, Version
from datasets_app.protocols import protocol_named
from datasets_app.protocols.base import Protocol
from datasets_app.vocabulary import ItemState, Role

DAYS = 28
# Prompts whose preferences run in a circle that are listed with their items.
PROMPTS_SHOWN = 10


@require_safe
def datasets(request: SignedIn) -> HttpResponse:
    """Every dataset that this person curates."""
    mine = list(access.datasets_of(request.user, Role.CURATOR))
    counts = curation.state_counts_of(mine)
    rows = [(one, protocol_named(one.protocol), counts[one.pk]) for one in mine]
    return render(request, "curate/datasets.html", {"rows": rows, "states": list(ItemState)})


@require_safe
def overview(request: SignedIn, slug: str) -> HttpResponse:
    """Where items are, votes a day, agreement by question, categories × severity."""
    dataset = access.dataset_for(request.user, slug, Role.CURATOR)
    protocol = protocol_named(dataset.protocol)
    campaign = campaigns.latest(dataset)
    counts = curation.state_counts(dataset)
    context = {
        "dataset": dataset,
        "tab": "overview",
        "protocol": protocol,
        "campaign": campaign,
        "counts": counts,
        "judged": counts[ItemState.SETTLED] + counts[ItemState.DISPUTED],
        "votes": charts.bars(votes_a_day(dataset)),
        "versions": Version.objects.filter(dataset=dataset).order_by("-number")[:3],
        "people": people(dataset),
    }
    return render(request, "curate/overview.html", context | _measured(dataset, campaign, protocol))


def _measured(
    dataset: Dataset, campaign: Campaign | None, protocol: Protocol
) -> dict[str, Any]:  # Any: a template's context
    items = curation.latest_judged(dataset, measures.MEASURED)
    disputed = curation.disputes_by_question(dataset)
    confusion, measured = measures.compared(campaign)
    return {
        "measured": measured,
        "agreement": measures.agreements(campaign, protocol, disputed) if measured else [],
        "heat": _heat(list(items), protocol),
        "confusion": confusion,
        "circles": _circles(dataset, protocol, items),
    }


def _circles(dataset: Dataset, protocol: Protocol, items: Collection[UUID]) -> dict[str, Any]:
    """Where preferences on one prompt run in a circle: the questions, and the items by prompt."""
    seen = preferences.circular(dataset, among=items)
    shown = list(seen.found)[:PROMPTS_SHOWN]
    found = [item for prompt in shown for item in seen.found[prompt]]
    listed = Item.objects.filter(pk__in=found).select_related("prompt").order_by("prompt", "pk")
    asked = Counter(key for keys in seen.items.values() for key in keys)
    return {
        "prompts": seen.prompts,
        "questions": [(wording.question(protocol, key), n) for key, n in sorted(asked.items())],
        "shown": [list(items) for _, items in groupby(listed, key=lambda item: item.prompt_id)],
        "others": len(seen.found) - len(shown),
    }


def _heat(items: Sequence[UUID], protocol: Protocol) -> list[tuple[str, list[charts.Cell]]]:
    found = curation.severity_by_category(items)
    return charts.heat([(wording.category(key, protocol.label_set), row) for key, row in found])


def votes_a_day(dataset: Dataset) -> list[tuple[str, int]]:
    """Annotations given on each of the last 28 days (UTC), days without any included."""
    first = timezone.now().date() - timedelta(days=DAYS - 1)
    # By campaign and time, as the index has them.
    since = datetime.combine(first, time(), tzinfo=UTC)
    ids = list(Campaign.objects.filter(dataset=dataset).values_list("pk", flat=True))
    counted = dict(
        Annotation.objects.filter(campaign__in=ids, created_at__gte=since)
        .annotate(day=TruncDate("created_at", tzinfo=UTC))
        .values_list("day")
        .annotate(number=Count("pk"))
        .order_by()
    )
    days = (first + timedelta(days=n) for n in range(DAYS))
    return [(day.isoformat(), counted.get(day, 0)) for day in days]


def people(dataset: Dataset) -> int:
    """How many people have been given something to judge in this dataset.

    From how far each has walked: a row or two a person, however much each has done.
    """
    walked = Progress.objects.filter(campaign__dataset=dataset, position__gt=0)
    return walked.values("annotator").distinct().count()
