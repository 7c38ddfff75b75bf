"""What must be true of the rows, whatever happened to them."""

from __future__ import annotations

from config.management.commands.invariants import CHECKS, rows_breaking


def no_promise_is_broken() -> None:
    assert [(check.title, rows) for check in CHECKS if (rows := rows_breaking(check))] == []
