"""Past the guards of history: to set a clock back, and to empty the database between two tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.commands import flush
from django.db import connection, models
from django.db.backends.postgresql.operations import DatabaseOperations

# Whoever owns the tables may do this; nobody does in the product.
_SWITCH = """
DO $$
DECLARE guard record;
BEGIN
    FOR guard IN SELECT tgrelid::regclass AS watched, tgname FROM pg_trigger
        WHERE tgfoid = 'castor_refuse_change'::regproc AND tgname ~ '{which}$'
    LOOP
        EXECUTE format('ALTER TABLE %s {switch} TRIGGER %I', guard.watched, guard.tgname);
    END LOOP;
END $$
"""

# No guard and no foreign key is asked: all that has rows is emptied, in whatever order.
NO_TRIGGERS = "SET LOCAL session_replication_role = replica"
# Where somebody still writes and waits for us as we for him, he is the one to give up, not we.
PATIENT = "SET LOCAL deadlock_timeout = '1min'"
# Made after a migration and the same after every test.
MADE_BY_MIGRATE = {"auth_permission", "django_content_type"}


def switch(which: str, *, on: bool) -> str:
    """The statement that sets all guards whose names end so."""
    return _SWITCH.format(which=which, switch="ENABLE" if on else "DISABLE")


@contextmanager
def unguarded(which: str) -> Iterator[None]:
    """Without the guards whose names end so, in this transaction."""
    with connection.cursor() as cursor:
        # A table with checks that are put off cannot be altered.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(switch(which, on=False))
        yield
        cursor.execute(switch(which, on=True))
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def rewrite(annotations: models.QuerySet[Any], **fields: Any) -> None:
    """Give annotations what they were never given, such as another time."""
    with unguarded("_as_given"):
        annotations.update(**fields)


def empty_between_tests() -> None:
    """Let the flush that follows a test with transactions of its own empty history, too, and be
    quick about it: TRUNCATE makes some three hundred files anew where ten tables have rows, and
    what follows a migration is still there.
    """

    def sql_flush(
        self: DatabaseOperations, _style: object, tables: list[str], **_: Any
    ) -> list[str]:
        names = [self.quote_name(table) for table in sorted({*tables} - MADE_BY_MIGRATE)]
        # Like TRUNCATE, this waits for whoever still writes.
        lock = f"LOCK TABLE {', '.join(names)} IN EXCLUSIVE MODE"
        return [NO_TRIGGERS, PATIENT, lock, "; ".join(f"DELETE FROM {name}" for name in names)]  # noqa: S608  names of our tables

    DatabaseOperations.sql_flush = sql_flush  # type: ignore[method-assign, assignment]  # for this run
    flush.emit_post_migrate_signal = lambda *_: None  # type: ignore[attr-defined]  # for this run
