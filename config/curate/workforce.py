"""Outside workforces: entries into the dataset's campaign, and hours and counts for who pays."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from annotation import campaigns, entries, hours
from annotation.models import Entry
from config.curate.forms import EntryForm, HoursForm, ReadmitForm
from config.requests import SignedIn
from datasets_app import access, ledger
from datasets_app.models import Dataset
from datasets_app.vocabulary import Role

ROWS = 100


@require_safe
def workforce(request: SignedIn, slug: str) -> HttpResponse:
    """The entries with their links, the form that makes one, and what was worked."""
    dataset = access.dataset_for(request.user, slug, Role.CURATOR)
    return _page(request, dataset, form=EntryForm())


def _page(
    request: SignedIn, dataset: Dataset, *, form: EntryForm, status: int = 200
) -> HttpResponse:
    asked = HoursForm(request.GET or None)
    rows = hours.worked(dataset, **asked.chosen())
    shown = Paginator(rows[::-1], ROWS).get_page(request.GET.get("page"))
    context = {
        "dataset": dataset,
        "tab": "workforce",
        "campaign": campaigns.open_campaign(dataset),
        "entries": _shown(request, _entries(dataset)),
        "form": form,
        "hours_form": asked,
        "rows": shown,
        "answers": sum(row.answers for row in rows),
        "hours": sum(row.seconds for row in rows) / 3600,
        "people": len({row.annotator for row in rows}),
        "asked": urlencode({name: request.GET.get(name, "") for name in asked.fields}),
    }
    return render(request, "curate/workforce.html", context, status=status)


def _entries(dataset: Dataset) -> list[Entry]:
    found = Entry.objects.filter(campaign__dataset=dataset)
    return list(found.select_related("campaign").order_by("-pk")[:50])


def _shown(request: SignedIn, found: list[Entry]) -> list[dict[str, Any]]:
    """Entries with their links, and what became of each."""
    states = entries.states(found)
    return [
        {
            "entry": entry,
            "link": _link(request, entry),
            "inside": entry.places - entry.places_left,
            "state": states[entry.pk],
        }
        for entry in found
    ]


def _link(request: SignedIn, entry: Entry) -> str:
    """An entry's link as Prolific wants it: names in braces are filled in there."""
    query = f"{entry.participant_parameter}={{{{%{entry.participant_parameter}%}}}}"
    if entry.study:
        query += f"&{urlencode({entry.study_parameter: entry.study})}"
    address = request.build_absolute_uri(reverse("enter", args=[entry.token]))
    return f"{address}?{query}"


@require_POST
def open_entry(request: SignedIn, slug: str) -> HttpResponse:
    """Make an entry into the dataset's open campaign."""
    dataset = access.dataset_for(request.user, slug, Role.CURATOR)
    form = EntryForm(request.POST)
    campaign = campaigns.open_campaign(dataset)
    if campaign is None:
        messages.error(request, _("No campaign is open, so there is nothing to come in to."))
        return redirect("curate:workforce", slug=slug)
    if not form.is_valid():
        return _page(request, dataset, form=form, status=422)
    entries.open_entry(campaign, by=request.user, **form.cleaned_data)
    messages.success(request, _("The entry is open. Its link stands below."))
    return redirect("curate:workforce", slug=slug)


@require_POST
def close_entry(request: SignedIn, slug: str, entry_id: int) -> HttpResponse:
    """Close an entry."""
    entry = _entry_for(request, slug, entry_id)
    entries.close(entry, by=request.user)
    messages.success(request, _("The entry is closed. Who is inside gets nothing new."))
    return redirect("curate:workforce", slug=slug)


@require_POST
def readmit(request: SignedIn, slug: str, entry_id: int) -> HttpResponse:
    """Let the next browser that names an id in, because its person lost the first one."""
    entry = _entry_for(request, slug, entry_id)
    form = ReadmitForm(request.POST)
    try:
        if form.is_valid() and entries.readmit(
            entry, form.cleaned_data["participant"], by=request.user
        ):
            messages.success(
                request,
                _("The next browser that opens the link with this number is let in (24 h)."),
            )
        else:
            messages.error(request, _("Nobody came in by this entry with such a number."))
    except entries.Ended:
        messages.error(
            request, _("Nobody is let in again whose work was ended or set aside, as it was here.")
        )
    return redirect("curate:workforce", slug=slug)


def _entry_for(request: SignedIn, slug: str, entry_id: int) -> Entry:
    dataset = access.dataset_for(request.user, slug, Role.CURATOR)
    return get_object_or_404(Entry, pk=entry_id, campaign__dataset=dataset)


@require_POST
def download_hours(request: SignedIn, slug: str) -> HttpResponse:
    """The table as a file, with the ids by which a provider pays; that it was taken is noted."""
    dataset = access.dataset_for(request.user, slug, Role.CURATOR)
    rows = hours.worked(dataset, **HoursForm(request.POST).chosen())
    ledger.note("export_hours", by=request.user.pk, dataset=dataset.pk, data={"rows": len(rows)})
    return HttpResponse(
        hours.as_csv(rows),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="hours-{dataset.slug}.csv"'},
    )
