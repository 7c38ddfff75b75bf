"""Exports: asking for one, watching it, fetching it."""

from __future__ import annotations

from django.http import Http404, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from config.requests import SignedIn
from datasets_app import access, exports
from datasets_app.formats import UnknownFormat, fitting
from datasets_app.models import Export, Version
from datasets_app.vocabulary import JobState

RUNNING = (JobState.QUEUED, JobState.RUNNING)


def rows(version: Version) -> dict[str, object]:
    """The table of exports: every format that fits the version, with its export if there is one."""
    made = {export.format: export for export in Export.objects.filter(version=version)}
    return {
        "dataset": version.dataset,
        "version": version,
        "exports": [(format, made.get(format.key)) for format in fitting(version.protocol)],
        "is_running": any(export.state in RUNNING for export in made.values()),
    }


@require_safe
def table(request: SignedIn, slug: str, number: int) -> HttpResponse:
    """The table by itself, for the page to refresh while work goes on."""
    version = access.version_for(request.user, slug, number)
    return render(request, "curate/parts/exports.html", rows(version))


@require_POST
def ask(request: SignedIn, slug: str, number: int) -> HttpResponse:
    """Ask for an export; the `export` worker finds it at its next sweep."""
    version = access.version_for(request.user, slug, number)
    try:
        exports.request(version, request.POST.get("format", ""), by=request.user)
    except UnknownFormat:
        raise Http404 from None
    return redirect("curate:version", slug=slug, number=number)


@require_safe
def download(request: SignedIn, slug: str, number: int, export_id: int) -> HttpResponseBase:
    """All files of a finished export, as one ZIP, made while it is sent."""
    export = access.export_for(request.user, slug, number, export_id)
    try:
        content = exports.open_archive(export)
    except exports.NotReady:
        raise Http404 from None
    return StreamingHttpResponse(
        content,
        content_type="application/zip",
        headers={
            "Content-Disposition": f'attachment; filename="{slug}-{number}-{export.format}.zip"'
        },
    )
