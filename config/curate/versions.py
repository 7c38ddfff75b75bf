"""Versions: their list, the cut, and one version with its records, refusals and exports."""

from __future__ import annotations

import json
from datetime import timedelta

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from config.curate import exports, forms, wording
from config.curate.forms import RecipeForm
from config.requests import SignedIn
from datasets_app import access, cuts
from datasets_app.models import Cut, Dataset, Record, Version
from datasets_app.protocols import protocol_named
from datasets_app.vocabulary import ItemState, Role, Split

SHOWN = 3
# So long the page says of a version that it has just been frozen.
NEWS = timedelta(minutes=30)


@require_safe
def version_list(request: SignedIn, slug: str) -> HttpResponse:
    """All versions, and the form that cuts the next."""
    dataset = access.dataset_for(request.user, slug, Role.CURATOR)
    return _show(request, dataset, RecipeForm())


@require_safe
def table(request: SignedIn, slug: str) -> HttpResponse:
    """The list by itself, for the page to refresh while a version is being cut."""
    dataset = access.dataset_for(request.user, slug, Role.CURATOR)
    return render(request, "curate/parts/versions.html", _rows(dataset))


def _rows(dataset: Dataset) -> dict[str, object]:
    """Every version, and the latest cut: on its way, done or failed."""
    cut = Cut.objects.filter(dataset=dataset).select_related("version").last()
    return {
        "dataset": dataset,
        "versions": Version.objects.filter(dataset=dataset).order_by("-number"),
        "cut": cut,
        "is_running": cut is not None and cut.state in exports.RUNNING,
        "is_news": cut is not None
        and cut.finished_at is not None
        and timezone.now() - cut.finished_at < NEWS,
    }


def _show(request: SignedIn, dataset: Dataset, form: RecipeForm, status: int = 200) -> HttpResponse:
    context = {
        **_rows(dataset),
        "tab": "versions",
        "settled": dataset.items.filter(state=ItemState.SETTLED).count(),
        "form": form,
    }
    return render(request, "curate/versions.html", context, status=status)


@require_POST
def cut(request: SignedIn, slug: str) -> HttpResponse:
    """Ask for the next version by the recipe in the form; the `export` worker cuts it."""
    dataset = access.dataset_for(request.user, slug, Role.CURATOR)
    form = RecipeForm(request.POST)
    if not form.is_valid():
        return _show(request, dataset, form, status=422)
    try:
        cuts.request(dataset, form.recipe, by=request.user)
    except cuts.AlreadyCutting:
        form.add_error(None, _("A version is being cut already: wait for it, then cut again."))
        return _show(request, dataset, form, status=409)
    return redirect("curate:versions", slug=slug)


@require_safe
def version(request: SignedIn, slug: str, number: int) -> HttpResponse:
    """One version: counts, refusals, recipe, three literal records, exports with progress."""
    frozen = access.version_for(request.user, slug, number)
    protocol = protocol_named(frozen.protocol)
    records = Record.objects.filter(version=frozen).order_by("position")[:SHOWN]
    context = {
        **exports.rows(frozen),
        "tab": "versions",
        "recipe": json.dumps(frozen.recipe, indent=2, sort_keys=True),
        "rules": forms.in_words(frozen.recipe),
        "refusals": [
            (wording.refusal(reason, protocol), number)
            for reason, number in sorted(frozen.refusals.items(), key=lambda pair: -pair[1])
        ],
        "splits": [(split.label, frozen.counts.get(split, 0)) for split in Split],
        "records": [json.dumps(json.loads(r.body), indent=2, ensure_ascii=False) for r in records],
    }
    return render(request, "curate/version.html", context)
