"""Submitting: answers become a counted annotation, once, or a late one, but are never lost.

A submit is two statements when all is well: one reads what the answers must fit, one writes the
annotation, ends the lease, notes the event and tells settling, or does nothing of it. So is that
of a check. The law is in docs/leases.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from annotation import prepared
from annotation.checks.answering import Paper
from annotation.labelling import played, statements
from annotation.labelling.sheet import Place, body_digest, written
from annotation.models import Annotator
from annotation.quality import qualifying
from annotation.vocabulary import CheckPurpose, Standing


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
    rule; `seconds` is how long it took, as measured by the page; no more is kept than has passed
    since the lease. `key` names the submit: again
    with the same body it gives the same result, again with another one KeyReused. A lease that
    lapsed is taken back while a place is free; else the annotation is kept as LATE.

    Raises UnknownLease, NotPlayed, AnswersRefused, RulesBroken, BadOverride, KeyReused; then
    nothing is kept.
    """
    body = body_digest(token, answers, overrides)
    names = {"annotator": annotator.pk, "user": annotator.user_id, "token": token, "key": key}
    row = prepared.fetch(statements.READ, names)[0]
    known, found = row[:4], row[4:]
    if known[0] is not None:
        return _replay(known, body)
    is_lapsed = found[1] is None
    place, paper = _read(_lapsed(names) if is_lapsed else found)
    played.require(annotator, place, token)
    values = names | written(place, answers, overrides, seconds) | {"digest": body}
    # The two ways make the same statements one after the other: see docs/quality.md.
    if paper is not None:
        way = _Way(statements.ANSWER, statements.ANSWER)
        values |= paper.graded(values)
        if paper.purpose == CheckPurpose.QUALIFICATION:
            return _concluded(annotator, values, body, is_lapsed, way)
        return _kept(annotator, values, body, is_lapsed, way)
    way = _Way(statements.COUNT, statements.TAKE_BACK)
    return _kept(annotator, values | {"slot": place.slot}, body, is_lapsed, way)


@dataclass(frozen=True, slots=True)
class _Way:
    """How answers are kept: while the lease lives, and once it is over."""

    take: str
    take_back: str


def _kept(
    annotator: Annotator, values: dict[str, Any], body: str, is_lapsed: bool, way: _Way
) -> Submitted:
    """Keep the answers, as counted if there is a place for them; nobody is told of a check."""
    if is_lapsed:
        return _submit_lapsed(annotator, values, body, way)
    try:
        rows = prepared.fetch(way.take, values)
    except IntegrityError as error:
        # The same key was submitted for another slot at this very moment.
        raise KeyReused from error
    if rows:
        return Submitted(rows[0][0], Standing.COUNTED)
    return _submit_lapsed(annotator, values, body, way)


def _concluded(
    annotator: Annotator, values: dict[str, Any], body: str, is_lapsed: bool, way: _Way
) -> Submitted:
    """The same for the qualification, which ends with its last answer; its person knows of it."""
    with transaction.atomic():
        done = _kept(annotator, values, body, is_lapsed, way)
        qualifying.conclude(annotator, values["campaign"])
    return done


def _submit_lapsed(annotator: Annotator, values: dict[str, Any], body: str, way: _Way) -> Submitted:
    """The lease is over: take a place back, or keep the annotation as late."""
    with transaction.atomic():
        Annotator.objects.select_for_update(no_key=True).get(pk=annotator.pk)
        known = known_submit(annotator, key=values["key"], body=body)
        if known is not None:
            return known
        rows = prepared.fetch(way.take_back, values)
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


def _read(found: Sequence[Any]) -> tuple[Place, Paper | None]:
    """The place that a row of READ names, and the paper where it is a check."""
    facts, check = found[:-4], found[-4:]
    return Place(*facts), None if check[0] is None else Paper(*check)


def _lapsed(names: dict[str, Any]) -> Sequence[Any]:
    rows = prepared.fetch(statements.READ_LAPSED, names)
    if not rows:
        raise UnknownLease
    return rows[0]
