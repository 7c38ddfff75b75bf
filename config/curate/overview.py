"""A curator's datasets, and where the items of one of them stand."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.auth.models import User
from django.db.models import Count
from django.db.models.functions import TruncDate
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from annotation.models import Annotation, Campaign
from config.curate import charts
from config.requests import SignedIn
from datasets_app import access, curation
from datasets_app.models import Dataset, Version
from datasets_app.protocols import protocol_named
from datasets_app.vocabulary import ItemState, Role

DAYS = 28


@require_safe
def datasets(request: SignedIn) -> HttpResponse:
    """Every dataset that this person curates."""
    mine = access.datasets_of(request.user, Role.CURATOR)
    rows = [(dataset, curation.state_counts(dataset)) for dataset in mine]
    return render(request, "curate/datasets.html", {"rows": rows, "states": list(ItemState)})


@require_safe
def overview(request: SignedIn, slug: str) -> HttpResponse:
    """Where items are, votes a day, agreement by question, categories × severity."""
    dataset = access.dataset_for(request.user, slug, Role.CURATOR)
    campaign = Campaign.objects.filter(dataset=dataset).order_by("-pk").first()
    return render(
        request,
        "curate/overview.html",
        {
            "dataset": dataset,
            "tab": "overview",
            "protocol": protocol_named(dataset.protocol),
            "campaign": campaign,
            "counts": curation.state_counts(dataset),
            "votes": charts.bars(votes_a_day(dataset)),
            "agreement": curation.agreement_by_question(dataset),
            "heat": charts.heat(curation.severity_by_category(dataset)),
            "versions": Version.objects.filter(dataset=dataset).order_by("-number")[:3],
            "people": people(dataset),
        },
    )


def votes_a_day(dataset: Dataset) -> list[tuple[str, int]]:
    """Annotations given on each of the last 28 days, days without any included."""
    today = timezone.now().date()
    first = today - timedelta(days=DAYS - 1)
    counted = dict(
        Annotation.objects.filter(campaign__dataset=dataset, created_at__date__gte=first)
        .annotate(day=TruncDate("created_at"))
        .values_list("day")
        .annotate(number=Count("pk"))
        .order_by()
    )
    days = (first + timedelta(days=n) for n in range(DAYS))
    return [(day.isoformat(), counted.get(day, 0)) for day in days]


def people(dataset: Dataset) -> int:
    """How many people have annotated in this dataset."""
    return User.objects.filter(annotator__annotations__campaign__dataset=dataset).distinct().count()
