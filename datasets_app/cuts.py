"""Cuts as rows: asking for the next version by a recipe, and working that off."""

from __future__ import annotations

import logging

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from datasets_app import jobs, ledger, versions
from datasets_app.models import Cut, Dataset, Version
from datasets_app.recipe import Recipe, parse_recipe
from datasets_app.vocabulary import ItemState

log = logging.getLogger(__name__)


class AlreadyCutting(Exception):
    """A version of this dataset is being cut: wait for it."""


def request(dataset: Dataset, recipe: Recipe, by: User | None) -> Cut:
    """Ask for the next version: a row that a worker finds. Raises AlreadyCutting."""
    settled = dataset.items.filter(state=ItemState.SETTLED).count()
    try:
        with transaction.atomic():
            cut = Cut.objects.create(
                dataset=dataset, recipe=recipe.as_json(), requested_by=by, total_rows=settled
            )
            ledger.note(
                "cut",
                by=by.pk if by else None,
                dataset=dataset.pk,
                subject=f"cut:{cut.pk}",
                after=cut.state,
            )
    except IntegrityError:
        raise AlreadyCutting from None
    return cut


def run_waiting() -> int:
    """Work off every cut that waits; return how many were tried. Faults are kept in the rows."""
    tried = 0
    while (cut := jobs.claim(Cut)) is not None:
        tried += 1
        try:
            _run(cut)
        except versions.NothingToCut as reason:
            log.info("cut %s: %s", cut.pk, reason)
        except Exception:
            log.exception("cut %s failed", cut.pk)
    return tried


def _run(cut: Cut) -> None:
    """Cut, unless a worker that died before it could say so has done it already."""
    with jobs.worked_on(cut, for_good=(versions.NothingToCut,)):
        if not Version.objects.filter(asked=cut).exists():
            recipe = parse_recipe(cut.recipe, where=str(cut))
            with jobs.kept_beside(cut) as tell:
                versions.cut(cut.dataset, recipe, cut.requested_by, asked=cut, progress=tell)
        jobs.finish(cut, done_rows=cut.total_rows)
