"""The moderator's pages: what machines held back, to release or to withdraw."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Count, Max, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from datasets_app.models import Event, Item
from datasets_app.models.item import ItemQuerySet
from datasets_app.vocabulary import ItemState
from moderation import access, reviewing
from moderation.models import Screening

PAGE_SIZE = 24


@require_safe
def datasets(request: HttpRequest) -> HttpResponse:
    """The datasets that this person moderates, with how much is held back in each."""
    held = Count("items", filter=Q(items__state=ItemState.QUARANTINED))
    waiting = Count("items", filter=Q(items__state=ItemState.SCREENING))
    rows = access.datasets(request.user).annotate(held=held, waiting=waiting)  # type: ignore[arg-type]  # signed in
    return render(request, "moderate/datasets.html", {"rows": rows})


@require_safe
def quarantine(request: HttpRequest, slug: str) -> HttpResponse:
    """A grid of what is held back, the gravest first, everything covered."""
    dataset, held = access.quarantine(request.user, slug)  # type: ignore[arg-type]  # signed in
    cards = _cards(held)
    context = {"dataset": dataset, "cards": cards, "number": held.count(), "size": PAGE_SIZE}
    return render(request, "moderate/quarantine.html", context)


def _cards(held: ItemQuerySet) -> list[dict[str, Any]]:  # Any: a template's context
    items = list(
        held.select_related("prompt", "first__media", "second__media")
        .prefetch_related("prompt__media_links__media")
        .order_by("-machine_severity", "pk")[:PAGE_SIZE]
    )
    return [
        {
            "item": item,
            "responses": [r for r in (item.first, item.second) if r is not None],
            "unsafe": _unsafe(item),
            "why": _why(item),
        }
        for item in items
    ]


def _unsafe(item: Item) -> float | None:
    shown = Q(response__in=(item.first_id, item.second_id)) | Q(response__isnull=True)
    found = Screening.objects.filter(shown, prompt=item.prompt_id)
    highest: float | None = found.aggregate(highest=Max("unsafe_probability"))["highest"]
    return highest


def _why(item: Item) -> str:
    event = Event.objects.filter(item=item.pk, after=ItemState.QUARANTINED).order_by("-pk").first()
    return event.reason if event else ""


@require_POST
def decide(request: HttpRequest, slug: str) -> HttpResponse:
    """Release or withdraw the chosen items; those that somebody else decided stay decided."""
    _dataset, held = access.quarantine(request.user, slug)  # type: ignore[arg-type]  # signed in
    chosen = list(held.filter(pk__in=_ids(request)).values_list("pk", flat=True))
    by = int(request.user.pk)
    reason = request.POST.get("reason", "")
    try:
        if request.POST.get("decision") == "withdraw":
            moved = reviewing.withdraw(chosen, by=by, reason=reason)
            done = ngettext("%d item withdrawn.", "%d items withdrawn.", len(moved))
        else:
            moved = reviewing.release(chosen, by=by, reason=reason)
            done = ngettext("%d item released.", "%d items released.", len(moved))
        messages.success(request, done % len(moved))
    except reviewing.ReasonMissing:
        messages.error(request, _("Say why: a withdrawn item cannot come back."))
    return redirect("moderate:quarantine", slug=slug)


def _ids(request: HttpRequest) -> list[UUID]:
    found = []
    for value in request.POST.getlist("item"):
        try:
            found.append(UUID(value))
        except ValueError:
            continue
    return found
