"""Holding back: keeps items out of every version while their answers must not be public."""

from __future__ import annotations

from uuid import UUID

from django.db import connection, transaction

from datasets_app import ledger
from datasets_app.models import Holdback, Item, Record


class AlreadyFrozen(Exception):
    """The item is in a version, so its answers are out; the text is a line that says which."""


def hold_back(item: Item, *, reason: str, by: int | None) -> None:
    """Keep the item out of versions from now on; nothing happens when it is held back already.

    Raises AlreadyFrozen.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        # A cut in flight ends first, and is then seen.
        cursor.execute("LOCK TABLE datasets_app_version IN ROW EXCLUSIVE MODE")
        frozen = Record.objects.filter(item_id=item.pk).select_related("version__dataset").first()
        if frozen is not None:
            raise AlreadyFrozen(
                f"{item.external_id} is in {frozen.version}: its answers can be looked up."
            )
        _held, is_new = Holdback.objects.get_or_create(item_id=item.pk, defaults={"reason": reason})
        if is_new:
            ledger.note("hold_back", by=by, dataset=item.dataset_id, item=item.pk, reason=reason)


def let_go(item: UUID, *, dataset: int, by: int | None) -> None:
    """Let the next version take the item again."""
    removed, _rows = Holdback.objects.filter(item_id=item).delete()
    if removed:
        ledger.note("let_go", by=by, dataset=dataset, item=item)
