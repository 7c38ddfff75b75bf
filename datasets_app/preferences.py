"""The settled preferences of a dataset: in which prompts some of them run in a circle."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from itertools import groupby
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from datasets_app.circles import Circular, Preference, in_circles
from datasets_app.models import Dataset
from datasets_app.protocols import protocol_named
from datasets_app.vocabulary import QuestionKind

# No circle of comparisons of two has fewer: the same two are compared once.
SHORTEST = 3
_PAGE = 10_000

# Prompts with fewer comparisons are not read: most have one. What is held back is in no version.
_COMPARED = """
    FROM datasets_app_item i
    WHERE i.dataset_id = %(dataset)s AND i.state = 'settled' AND i.second_id IS NOT NULL
      AND NOT EXISTS (SELECT FROM datasets_app_holdback h WHERE h.item_id = i.id)
"""
_AMONG = """
      AND i.prompt_id IN (SELECT a.prompt_id FROM datasets_app_item a WHERE a.id = ANY(%(among)s))
"""
_READ = """
SELECT i.prompt_id, v.question, i.id, i.first_id, i.second_id, v.value #>> '{{}}'
FROM (SELECT i.id, i.prompt_id, i.first_id, i.second_id, count(*) OVER (PARTITION BY i.prompt_id) n
      {compared}) i
JOIN datasets_app_verdict v ON v.item_id = i.id
WHERE i.n >= %(shortest)s AND v.question = ANY(%(questions)s) AND v.dispute = ''
ORDER BY i.prompt_id, v.question
"""


def circular(dataset: Dataset, *, among: Collection[UUID] | None = None) -> Circular:
    """The settled preferences that run in circles, each question by itself.

    A tie prefers nothing. With `among`, only the prompts of those items are looked at.
    """
    prompts, found = 0, {}
    for prompt, rows in groupby(_rows(dataset, among), key=lambda row: row[0]):
        prompts += 1
        if items := _of_prompt(rows):
            found[prompt] = items
    return Circular(prompts, found)


def _of_prompt(rows: Iterable[tuple[Any, ...]]) -> dict[UUID, frozenset[str]]:
    found: defaultdict[UUID, set[str]] = defaultdict(set)
    for question, answered in groupby(rows, key=lambda row: row[1]):
        for item in in_circles(_preferences(answered)):
            found[item].add(question)
    return {item: frozenset(questions) for item, questions in found.items()}


def _preferences(rows: Iterable[tuple[Any, ...]]) -> Iterator[Preference[UUID]]:
    for _prompt, _question, item, first, second, value in rows:
        if value == str(first):
            yield Preference(item, first, second)
        elif value == str(second):
            yield Preference(item, second, first)


def _rows(dataset: Dataset, among: Collection[UUID] | None) -> Iterator[tuple[Any, ...]]:
    """(prompt, question, item, first, second, value) by prompt and question, streamed."""
    protocol = protocol_named(dataset.protocol)
    values = {
        "dataset": dataset.pk,
        "shortest": SHORTEST,
        "questions": [q.key for q in protocol.questions if q.kind is QuestionKind.CHOICE],
        "among": list(among or ()),
    }
    query = _READ.format(compared=_COMPARED + ("" if among is None else _AMONG))
    connection.ensure_connection()
    with transaction.atomic(), connection.connection.cursor(name="castor_circles") as cursor:
        cursor.execute(query, values)
        while rows := cursor.fetchmany(_PAGE):
            yield from rows
