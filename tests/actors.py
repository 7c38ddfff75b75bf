"""Actors: somebody at a connection of his own, so that transactions can be open side by side."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier
from typing import Any, ParamSpec, TypeVar

from django.db import DatabaseError, connection, connections, transaction

P = ParamSpec("P")
T = TypeVar("T")

# How long anybody waits in a test for something that does not come.
PATIENCE = 30


class Actor:
    """One thread with its own database connection; does what it is told, one thing at a time.

    Between `begin` and `commit` or `roll_back` everything is in one open transaction.
    `impatient` gives up on a lock after that many milliseconds.
    """

    def __init__(self, *, impatient: int | None = None) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1)
        self._open: transaction.Atomic | None = None
        if impatient is not None:
            self.does(_set_lock_timeout, impatient)

    def starts(self, act: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Begin something that may have to wait."""
        return self._thread.submit(act, *args, **kwargs)

    def does(self, act: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do something and return what comes of it; what it raises is raised here."""
        return self.starts(act, *args, **kwargs).result(PATIENCE)

    @property
    def is_in_transaction(self) -> bool:
        return self._open is not None

    def begin(self) -> None:
        """Open a transaction."""
        self._open = transaction.atomic()
        self.does(self._open.__enter__)

    def commit(self) -> None:
        """Make what was done since `begin` true for everybody."""
        assert self._open is not None
        block, self._open = self._open, None
        self.does(block.__exit__, None, None, None)

    def roll_back(self) -> None:
        """Undo what was done since `begin`, as a crash would."""
        assert self._open is not None
        block, self._open = self._open, None
        self.does(_doom)
        self.does(block.__exit__, None, None, None)

    def dies(self) -> None:
        """End the thread, whose connection is gone: the server was killed under it."""
        self._open = None
        self.does(_forget_connection)
        self._thread.shutdown()

    def leaves(self) -> None:
        """Give up what is open, close the connection, end the thread."""
        if self._open is not None:
            self.roll_back()
        self.does(connections.close_all)
        self._thread.shutdown()


def all_at_once(*acts: Callable[[], T]) -> list[T | Exception]:
    """What comes of acts that begin at the same moment, each at its own connection."""
    ready = Barrier(len(acts))

    def run(act: Callable[[], T]) -> T | Exception:
        ready.wait(PATIENCE)
        try:
            return act()
        except Exception as error:  # noqa: BLE001  the test looks at it
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(max_workers=len(acts)) as crowd:
        return [future.result(PATIENCE * 4) for future in [crowd.submit(run, a) for a in acts]]


def wait_for_a_lock(*, unless: Future[Any] | None = None) -> None:
    """Return when somebody waits for a lock, or when `unless` was done without waiting."""
    with connection.cursor() as cursor:
        while unless is None or not unless.done():
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
                " AND datname = current_database()"
            )
            if cursor.fetchall()[0][0]:
                return


def _set_lock_timeout(milliseconds: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, false)", [f"{milliseconds}ms"])


def _forget_connection() -> None:
    """A transaction that nobody can end any more is not ended: the next connection is a new one."""
    with suppress(DatabaseError):
        connection.close()
    del connections["default"]


def _doom() -> None:
    transaction.set_rollback(True)
