"""Curation: which items a curator looks at, and how many there are of each kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Avg, Count, Exists, F, Func, OuterRef, Q

from datasets_app.models import Dataset, Item, Verdict
from datasets_app.models.item import ItemQuerySet
from datasets_app.vocabulary import ItemState, Severity

PAGE_SIZE = 40


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
        words=str(query.get("q", "")).replace("\x00", "").strip()[:200],
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
    counted = dict(
        Item.objects.filter(dataset=dataset)
        .values_list("state")
        .annotate(number=Count("pk"))
        .order_by()
    )
    return {state: counted.get(state.value, 0) for state in ItemState}


def state_facets(dataset: Dataset) -> list[Facet]:
    counts = state_counts(dataset)
    return [Facet(s.value, str(s.label), n) for s, n in counts.items() if n]


def severity_facets(dataset: Dataset) -> list[Facet]:
    counted = (
        Item.objects.filter(dataset=dataset, machine_severity__isnull=False)
        .values_list("machine_severity")
        .annotate(number=Count("pk"))
        .order_by("machine_severity")
    )
    return [Facet(str(value), str(Severity(value).label), n) for value, n in counted]


def category_facets(dataset: Dataset) -> list[Facet]:
    counted = (
        Item.objects.filter(dataset=dataset, machine_categories__isnull=False)
        .annotate(category=Func(F("machine_categories"), function="unnest"))
        .values_list("category")
        .annotate(number=Count("pk"))
        .order_by("-number", "category")[:20]
    )
    return [Facet(value, value, n) for value, n in counted]


def model_facets(dataset: Dataset) -> list[Facet]:
    counted = (
        Item.objects.filter(dataset=dataset)
        .exclude(first__model="")
        .values_list("first__model")
        .annotate(number=Count("pk"))
        .order_by("-number", "first__model")[:20]
    )
    return [Facet(value, value, n) for value, n in counted]


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far people agree on one question: the mean share of the leading answer, 0-1."""

    question: str
    verdicts: int
    disputed: int
    mean: float | None


def agreement_by_question(dataset: Dataset) -> list[Agreement]:
    """From the verdicts that votes made; rulings are left out, since no vote stands behind them."""
    rows = (
        Verdict.objects.filter(item__dataset=dataset, agreement__isnull=False)
        .values("question")
        .annotate(
            number=Count("pk"), disputed=Count("pk", filter=~Q(dispute="")), mean=Avg("agreement")
        )
        .order_by("question")
    )
    return [Agreement(r["question"], r["number"], r["disputed"], r["mean"]) for r in rows]


def severity_by_category(dataset: Dataset) -> list[tuple[str, list[int]]]:
    """For each harm category that people named, how many responses they gave each severity 0-3.

    From protocols that ask both about a response; the commonest category first.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT category, severity.value::int, count(*)
            FROM datasets_app_verdict named
            JOIN datasets_app_item item ON item.id = named.item_id
            JOIN datasets_app_verdict severity ON severity.item_id = named.item_id
             AND severity.response_id = named.response_id AND severity.question = 'severity'
            CROSS JOIN LATERAL jsonb_array_elements_text(named.value) AS category
            WHERE item.dataset_id = %s AND named.question = 'categories'
              AND jsonb_typeof(named.value) = 'array' AND jsonb_typeof(severity.value) = 'number'
            GROUP BY 1, 2
            """,
            [dataset.pk],
        )
        table: dict[str, list[int]] = {}
        for category, severity, number in cursor.fetchall():
            table.setdefault(category, [0, 0, 0, 0])[severity] += number
    return sorted(table.items(), key=lambda row: (-sum(row[1]), row[0]))
