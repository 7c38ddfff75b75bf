"""`manage.py invariants`: promises of docs/invariants.md as queries; exit 1 if one is broken."""

from __future__ import annotations

import sys
from typing import Any

from django.db import connection

from annotation.invariants import CHECKS as OF_ANNOTATION
from datasets_app.commands import CastorCommand
from datasets_app.invariants import CHECKS as OF_DATASETS
from datasets_app.invariants import Check

CHECKS = sorted((*OF_DATASETS, *OF_ANNOTATION), key=lambda check: int(check.number[1:]))
# More rows than these would hide the other invariants.
MOST_ROWS = 20


class Command(CastorCommand):
    """Look for rows that break a promise, print them, and exit with 1 if there are any."""

    help = "Look for rows that break a promise; print them and exit with 1 if there are any."

    def handle(self, *args: Any, **options: Any) -> None:
        broken = [(check, rows) for check in CHECKS if (rows := rows_breaking(check))]
        if options["json"]:
            self.print_json(
                {
                    "checked": len(CHECKS),
                    "broken": [
                        {"invariant": check.number, "title": check.title, "rows": rows}
                        for check, rows in broken
                    ],
                }
            )
        else:
            for check, rows in broken:
                self._tell(check, rows)
            self.stdout.write(f"{len(CHECKS)} checks, {len(broken)} broken.")
        if broken:
            sys.exit(1)

    def _tell(self, check: Check, rows: list[dict[str, Any]]) -> None:
        self.stdout.write(f"{check.number} broken: {check.title}.")
        for row in rows[:MOST_ROWS]:
            self.stdout.write("   " + "  ".join(f"{name} {value}" for name, value in row.items()))
        if len(rows) > MOST_ROWS:
            self.stdout.write(f"   … and {len(rows) - MOST_ROWS:,} more.")


def rows_breaking(check: Check) -> list[dict[str, Any]]:
    """The rows that break a promise, by the names of its columns."""
    with connection.cursor() as cursor:
        cursor.execute(check.query, check.values or None)
        return [dict(zip(check.columns, row, strict=True)) for row in cursor.fetchall()]
