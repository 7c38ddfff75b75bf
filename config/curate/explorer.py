"""The explorer: items of a dataset, narrowed by facets; the address bar is the view."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_safe

from config.requests import SignedIn
from datasets_app import access, curation
from datasets_app.protocols import protocol_named
from datasets_app.vocabulary import Role


@require_safe
def items(request: SignedIn, slug: str) -> HttpResponse:
    """One page of items, with facets and their counts."""
    dataset = access.dataset_for(request.user, slug, Role.CURATOR)
    view = curation.read_view(request.GET)
    found = curation.page(
        curation.selection(dataset, view),
        before=_key(request.GET, "before"),
        after=_key(request.GET, "after"),
    )
    facets = [
        ("state", curation.state_facets(dataset), view.states),
        ("severity", curation.severity_facets(dataset), tuple(map(str, view.severities))),
        ("category", curation.category_facets(dataset), view.categories),
        ("model", curation.model_facets(dataset), view.models),
    ]
    context = {
        "dataset": dataset,
        "tab": "items",
        "protocol": protocol_named(dataset.protocol),
        "view": view,
        "page": found,
        "facets": [facet for facet in facets if facet[1]],
        "filters": _filters(request.GET),
        "narrowed": _without(request.GET, "before", "after").urlencode(),
    }
    return render(request, "curate/items.html", context)


def _key(query: QueryDict, name: str) -> UUID | None:
    """The item id under that name; whatever is no id asks for the first page."""
    try:
        return UUID(query.get(name, ""))
    except ValueError:
        return None


def _without(query: QueryDict, *names: str) -> QueryDict:
    rest = query.copy()
    for name in names:
        rest.pop(name, None)
    return rest


def _filters(query: QueryDict) -> list[tuple[str, str, str]]:
    """Each filter in force: its name, its value, and the query string without it."""
    rest = _without(query, "before", "after")
    found = []
    for name in ("state", "severity", "category", "model", "disputed", "q"):
        for value in rest.getlist(name):
            if value:
                others = rest.copy()
                others.setlist(name, [v for v in rest.getlist(name) if v != value])
                found.append((name, value, others.urlencode()))
    return found
