"""Submitting: answers become a counted annotation, once, or a late one, but are never lost.

A submit is two statements when all is well: one reads what the answers must fit, one writes the
annotation, ends the lease, notes the event and tells settling, or does nothing of it. The law is
in docs/leases.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from annotation import prepared
from annotation.checks import answering
from annotation.labelling import statements
from annotation.labelling.sheet import Place, body_digest, written
from annotation.models import Annotator
from annotation.vocabulary import Standing


@dataclass(frozen=True, slots=True)
class Submitted:
    """What became of a submit. `standing` is COUNTED, or LATE when the place was no longer theirs.

    `replayed` says that this same submit had been taken before, and nothing was done now.
    """

    annotation_id: int
    standing: Standing
    replayed: bool = False


class UnknownLease(Exception):
    """This annotator never had a lease under that token."""


class KeyReused(Exception):
    """The idempotency key came before with another body."""


def submit(
    annotator: Annotator,
    *,
    token: UUID,
    key: UUID,
    answers: object,
    overrides: object = None,
    seconds: object = None,
) -> Submitted:
    """Take the answers to the step that this annotator holds under `token`.

    `answers` are as the page sends them, by side; `overrides` are reasons against warnings, by
    rule; `seconds` is how long it took, as measured by the page. `key` names the submit: again
    with the same body it gives the same result, again with another one KeyReused. A lease that
    lapsed is taken back while a place is free; else the annotation is kept as LATE.

    Raises UnknownLease, AnswersRefused, RulesBroken, BadOverride, KeyReused; then nothing is kept.
    """
    body = body_digest(token, answers, overrides)
    names = {"annotator": annotator.pk, "user": annotator.user_id, "token": token, "key": key}
    row = prepared.fetch(statements.READ, names)[0]
    known, found = row[:4], row[4:]
    if known[0] is not None:
        return _replay(known, body)
    if found[0] is None:
        paper = answering.paper_of(annotator, token)
        if paper is not None:
            given = {"answers": answers, "overrides": overrides, "seconds": seconds}
            return _submit_check(annotator, paper, given | names, body)
    place = Place(*found) if found[0] is not None else _lapsed(names)
    values = names | written(place, answers, overrides, seconds) | {"digest": body}
    if place.slot is not None:
        try:
            rows = prepared.fetch(statements.COUNT, values | {"slot": place.slot})
        except IntegrityError as error:
            # The same key was submitted for another slot at this very moment.
            raise KeyReused from error
        if rows:
            return Submitted(rows[0][0], Standing.COUNTED)
    return _submit_lapsed(annotator, values, body)


def _submit_check(
    annotator: Annotator, paper: answering.Paper, given: dict[str, Any], body: str
) -> Submitted:
    """Keep the answers to a check; nobody is told that it was one."""
    with transaction.atomic():
        Annotator.objects.select_for_update(no_key=True).get(pk=annotator.pk)
        known = known_submit(annotator, key=given["key"], body=body)
        if known is not None:
            return known
        kept = answering.answer(annotator, paper, given | {"digest": body})
        if kept is not None:
            return Submitted(kept, Standing.COUNTED)
        values = given | written(
            paper.place, given["answers"], given["overrides"], given["seconds"]
        )
        rows = prepared.fetch(statements.LATE, values | {"digest": body})
        return Submitted(rows[0][0], Standing.LATE)


def _submit_lapsed(annotator: Annotator, values: dict[str, Any], body: str) -> Submitted:
    """The lease is over: take a place back, or keep the annotation as late."""
    with transaction.atomic():
        Annotator.objects.select_for_update(no_key=True).get(pk=annotator.pk)
        known = known_submit(annotator, key=values["key"], body=body)
        if known is not None:
            return known
        rows = prepared.fetch(statements.TAKE_BACK, values)
        if rows:
            return Submitted(rows[0][0], Standing.COUNTED)
        rows = prepared.fetch(statements.LATE, values)
        return Submitted(rows[0][0], Standing.LATE)


def known_submit(annotator: Annotator, *, key: UUID, body: str) -> Submitted | None:
    """What came of an earlier submit under this key. Raises KeyReused if it was another one."""
    rows = prepared.fetch(statements.KNOWN, {"annotator": annotator.pk, "key": key})
    return _replay(rows[0], body) if rows else None


def _replay(known: Sequence[Any], body: str) -> Submitted:
    annotation, standing, digest, is_own = known
    if not is_own or digest != body:
        raise KeyReused
    # Nobody is told that it was a check.
    said = Standing.COUNTED if standing == Standing.CHECK else Standing(standing)
    return Submitted(annotation, said, replayed=True)


def _lapsed(names: dict[str, Any]) -> Place:
    rows = prepared.fetch(statements.READ_LAPSED, names)
    if not rows:
        raise UnknownLease
    return Place(*rows[0])
