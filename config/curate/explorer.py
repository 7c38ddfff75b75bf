"""The explorer: items of a dataset, narrowed by facets; the address bar is the view."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import OperationalError, transaction
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from psycopg.errors import QueryCanceled

from config.curate import wording
from config.requests import SignedIn
from datasets_app import access, curation
from datasets_app.models import Dataset
from datasets_app.protocols import protocol_named
from datasets_app.protocols.base import Protocol
from datasets_app.vocabulary import ItemState, Role, Severity

# A facet with more values is folded until one of them is chosen.
SHOWN_UNFOLDED = 6


@dataclass(frozen=True, slots=True)
class Facets:
    """One thing that items may be narrowed by, with its values; (facet, words, is it chosen)."""

    name: str
    legend: str
    values: list[tuple[curation.Facet, str, bool]]

    @property
    def is_open(self) -> bool:
        return len(self.values) <= SHOWN_UNFOLDED or any(chosen for _f, _w, chosen in self.values)


@require_safe
def items(request: SignedIn, slug: str) -> HttpResponse:
    """One page of items, with facets and their counts."""
    dataset = access.dataset_for(request.user, slug, Role.CURATOR)
    protocol = protocol_named(dataset.protocol)
    view = curation.read_view(request.GET)
    counts = curation.state_counts(dataset)
    found = _page(dataset, view, request.GET)
    context = {
        "dataset": dataset,
        "tab": "items",
        "view": view,
        "page": found,
        "facets": _facets(dataset, protocol, view, counts),
        "is_sample": sum(counts.values()) > curation.COUNTED,
        "counted": curation.COUNTED,
        "total": _total(view, counts),
        "filters": _filters(request.GET, protocol),
        "narrowed": _without(request.GET, "before", "after").urlencode(),
    }
    return render(request, "curate/items.html", context)


def _page(dataset: Dataset, view: curation.View, query: QueryDict) -> curation.Page | None:
    """The page asked for; None when the database gave the search up as too long."""
    chosen = curation.selection(dataset, view)
    try:
        with transaction.atomic():
            return curation.page(chosen, before=_key(query, "before"), after=_key(query, "after"))
    except OperationalError as error:
        if isinstance(error.__cause__, QueryCanceled):
            return None
        raise


def _total(view: curation.View, counts: dict[ItemState, int]) -> int | None:
    """How many items there are in all, where no filter but the state makes it a long count."""
    if view != curation.View(states=view.states):
        return None
    return sum(n for state, n in counts.items() if not view.states or state in view.states)


def _facets(
    dataset: Dataset, protocol: Protocol, view: curation.View, counts: dict[ItemState, int]
) -> list[Facets]:
    chosen = {
        "state": view.states,
        "severity": tuple(map(str, view.severities)),
        "category": view.categories,
        "model": view.models,
    }
    found = {
        "state": curation.state_facets(counts),
        "severity": curation.severity_facets(dataset),
        "category": curation.category_facets(dataset),
        "model": curation.model_facets(dataset),
    }
    return [
        Facets(name, legend, _values(found[name], name, protocol, chosen[name]))
        for name, legend in _legends().items()
        if found.get(name)
    ]


def _values(
    facets: Sequence[curation.Facet], name: str, protocol: Protocol, chosen: Sequence[str]
) -> list[tuple[curation.Facet, str, bool]]:
    return [(one, _in_words(name, one.value, protocol), one.value in chosen) for one in facets]


def _legends() -> dict[str, str]:
    return {
        "state": _("State"),
        "severity": _("Severity, by machine"),
        "category": _("Kind of harm, by machine"),
        "model": _("Model"),
        "disputed": _("Disputed"),
        "q": _("Words"),
    }


def _in_words(name: str, value: str, protocol: Protocol) -> str:
    match name:
        case "state":
            return wording.state(value)
        case "severity":
            known = {str(severity.value): str(severity.label) for severity in Severity}
            return known.get(value, value)
        case "category":
            return wording.category(value, protocol.label_set)
        case "disputed":
            return wording.question(protocol, value)
        case _:
            return value


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


def _filters(query: QueryDict, protocol: Protocol) -> list[tuple[str, str, str]]:
    """Each filter in force in words: its name, its value, and the query string without it."""
    rest = _without(query, "before", "after")
    found = []
    for name, legend in _legends().items():
        for value in rest.getlist(name):
            if value:
                others = rest.copy()
                others.setlist(name, [v for v in rest.getlist(name) if v != value])
                found.append((legend, _in_words(name, value, protocol), others.urlencode()))
    return found
