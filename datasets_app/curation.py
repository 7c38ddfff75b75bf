"""Curation: which items a curator looks at, and how many there are of each kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Count, Exists, F, Func, OuterRef, Q

from datasets_app.models import Dataset, Item, Verdict
from datasets_app.models.item import ItemQuerySet
from datasets_app.vocabulary import ItemState, Severity

PAGE_SIZE = 40
# How many of the newest items are counted where counting all of them would take too long.
COUNTED = 20_000


@dataclass(frozen=True, slots=True)
class View:
    """What the address bar asks for. Empty fields ask for nothing."""

    states: tuple[str, ...] = ()
    severities: tuple[int, ...] = ()
    categories: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    disputed_question: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of items, newest first; `older` and `newer` are the keys of its neighbours."""

    items: list[Item]
    older: UUID | None
    newer: UUID | None


@dataclass(frozen=True, slots=True)
class Facet:
    """One value that items may be narrowed to, and how many there are in the whole dataset."""

    value: str
    label: str
    number: int


def read_view(query: Mapping[str, Any]) -> View:
    """The view that a query string asks for; what it names wrongly is left out."""
    chosen = query.getlist if hasattr(query, "getlist") else lambda key: query.get(key, [])
    severities = [int(v) for v in chosen("severity") if v in {str(s) for s in Severity.values}]
    return View(
        states=tuple(state for state in chosen("state") if state in ItemState.values),
        severities=tuple(severities),
        categories=tuple(chosen("category"))[:30],
        models=tuple(chosen("model"))[:30],
        disputed_question=str(query.get("disputed", ""))[:60],
        words=str(query.get("q", "")).strip()[:200],
    )


def selection(dataset: Dataset, view: View) -> ItemQuerySet:
    """The items of the dataset that the view asks for."""
    items = Item.objects.filter(dataset=dataset)
    if view.states:
        items = items.filter(state__in=view.states)
    if view.severities:
        items = items.filter(machine_severity__in=view.severities)
    if view.categories:
        items = items.filter(machine_categories__overlap=list(view.categories))
    if view.models:
        items = items.filter(Q(first__model__in=view.models) | Q(second__model__in=view.models))
    if view.disputed_question:
        items = items.filter(Exists(_disputes().filter(question=view.disputed_question)))
    if view.words:
        items = items.filter(
            Q(external_id=view.words)
            | Q(prompt__turns__icontains=view.words)
            | Q(first__text__icontains=view.words)
            | Q(second__text__icontains=view.words)
        )
    return items


def _disputes() -> Any:
    return Verdict.objects.filter(item=OuterRef("pk")).exclude(dispute="")


def page(items: ItemQuerySet, *, before: UUID | None = None, after: UUID | None = None) -> Page:
    """The page that starts below `before`, or ends above `after`; the newest one without either.

    Keyset pages: the millionth item costs what the first one does.
    """
    rows = items.select_related("prompt", "first__media", "second__media").prefetch_related(
        "prompt__media_links__media"
    )
    if after is not None:
        found = list(rows.filter(pk__gt=after).order_by("pk")[: PAGE_SIZE + 1])
        more, found = len(found) > PAGE_SIZE, found[:PAGE_SIZE][::-1]
        return Page(found, found[-1].pk if found else None, found[0].pk if more else None)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    found = list(rows.order_by("-pk")[: PAGE_SIZE + 1])
    more, found = len(found) > PAGE_SIZE, found[:PAGE_SIZE]
    newer = found[0].pk if before is not None and found else None
    return Page(found, found[-1].pk if more else None, newer)


def state_counts(dataset: Dataset) -> dict[ItemState, int]:
    """How many items stand where; every state is there, the empty ones too."""
    return state_counts_of([dataset])[dataset.pk]


def state_counts_of(datasets: Iterable[Dataset]) -> dict[int, dict[ItemState, int]]:
    """The same of many datasets, by their ids."""
    counts = {dataset.pk: dict.fromkeys(ItemState, 0) for dataset in datasets}
    rows = (
        Item.objects.filter(dataset__in=counts)
        .values_list("dataset", "state")
        .annotate(number=Count("pk"))
        .order_by()
    )
    for dataset, state, number in rows:
        counts[dataset][ItemState(state)] = number
    return counts


def state_facets(counts: Mapping[ItemState, int]) -> list[Facet]:
    return [Facet(s.value, str(s.label), n) for s, n in counts.items() if n]


def severity_facets(dataset: Dataset) -> list[Facet]:
    counted = (
        Item.objects.filter(pk__in=_newest(dataset), machine_severity__isnull=False)
        .values_list("machine_severity")
        .annotate(number=Count("pk"))
        .order_by("machine_severity")
    )
    return [Facet(str(value), str(Severity(value).label), n) for value, n in counted]


def category_facets(dataset: Dataset) -> list[Facet]:
    counted = (
        Item.objects.filter(pk__in=_newest(dataset), machine_categories__isnull=False)
        .annotate(category=Func(F("machine_categories"), function="unnest"))
        .values_list("category")
        .annotate(number=Count("pk"))
        .order_by("-number", "category")[:20]
    )
    return [Facet(value, value, n) for value, n in counted]


def model_facets(dataset: Dataset) -> list[Facet]:
    """Whose responses: an item of two models counts for both."""
    items = Item.objects.filter(pk__in=_newest(dataset))
    counted: Counter[str] = Counter()
    for side in (items, items.exclude(second__model=F("first__model"))):
        name = "first__model" if side is items else "second__model"
        rows = side.values_list(name).annotate(number=Count("pk")).order_by()
        counted.update({model: number for model, number in rows if model})
    found = sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))
    return [Facet(value, value, n) for value, n in found[:20]]


def _newest(dataset: Dataset) -> Any:
    """The items that facets are counted among."""
    return Item.objects.filter(dataset=dataset).order_by("-pk").values("pk")[:COUNTED]


def latest_judged(dataset: Dataset, number: int) -> dict[UUID, tuple[UUID, UUID | None]]:
    """The items last loaded among those that people have judged, with their responses.

    What is measured on the overview is measured on these: by two walks of an index, however many
    items there are.
    """
    found: list[tuple[UUID, UUID, UUID | None]] = []
    for state in (ItemState.SETTLED, ItemState.DISPUTED):
        rows = Item.objects.filter(dataset=dataset, state=state).order_by("-pk")
        found += rows.values_list("pk", "first_id", "second_id")[:number]
    latest = sorted(found, key=lambda row: row[0], reverse=True)[:number]
    return {item: (first, second) for item, first, second in latest}


def disputes_by_question(dataset: Dataset) -> dict[str, int]:
    """How many verdicts on each question are in dispute, of the items that are."""
    rows = (
        Verdict.objects.filter(item__in=Item.objects.filter(dataset=dataset).disputed())
        .exclude(dispute="")
        .values_list("question")
        .annotate(number=Count("item", distinct=True))
        .order_by()
    )
    return dict(rows)


def severity_by_category(items: Sequence[UUID]) -> list[tuple[str, list[int]]]:
    """For each harm category that people named, how many responses they gave each severity 0-3.

    Of these items, from protocols that ask both about a response; the commonest category first.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT category, severity.value::int, count(*)
            FROM datasets_app_verdict named
            JOIN datasets_app_verdict severity ON severity.item_id = named.item_id
             AND severity.response_id = named.response_id AND severity.question = 'severity'
            CROSS JOIN LATERAL jsonb_array_elements_text(named.value) AS category
            WHERE named.item_id = ANY(%s) AND named.question = 'categories'
              AND jsonb_typeof(named.value) = 'array' AND jsonb_typeof(severity.value) = 'number'
            GROUP BY 1, 2
            """,
            [list(items)],
        )
        table: dict[str, list[int]] = {}
        for category, severity, number in cursor.fetchall():
            table.setdefault(category, [0, 0, 0, 0])[severity] += number
    return sorted(table.items(), key=lambda row: (-sum(row[1]), row[0]))
