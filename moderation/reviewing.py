"""Reviewing: a moderator releases what a machine held back, or withdraws it."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction

from datasets_app import ledger
from datasets_app.vocabulary import ItemState


class ReasonMissing(Exception):
    """A withdrawal needs a reason: it cannot be undone."""


@transaction.atomic
def release(items: Sequence[UUID], *, by: int, reason: str = "") -> list[UUID]:
    """QUARANTINED → OPEN; returns the ids that were still quarantined."""
    return ledger.move(
        items,
        before=ItemState.QUARANTINED,
        after=ItemState.OPEN,
        verb="release",
        by=by,
        reason=reason,
    )


@transaction.atomic
def withdraw(items: Sequence[UUID], *, by: int, reason: str) -> list[UUID]:
    """QUARANTINED → WITHDRAWN for good; returns the ids that moved. Raises ReasonMissing."""
    if not reason.strip():
        raise ReasonMissing("Say why: a withdrawn item cannot come back.")
    return ledger.move(
        items,
        before=ItemState.QUARANTINED,
        after=ItemState.WITHDRAWN,
        verb="withdraw",
        by=by,
        reason=reason.strip(),
    )
