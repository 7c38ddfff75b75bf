"""Past the guards of history: to set a clock back, and to empty the database between two tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

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
    """Let the flush that follows a test with transactions of its own empty history, too."""
    flush: Callable[..., list[str]] = DatabaseOperations.sql_flush

    def unguarded_flush(*args: Any, **words: Any) -> list[str]:
        statements = flush(*args, **words)
        if not statements:
            return []
        off, on = (switch("_is_not_emptied", on=state) for state in (False, True))
        return [off, *statements, on]

    DatabaseOperations.sql_flush = unguarded_flush  # type: ignore[method-assign]  # for this run
