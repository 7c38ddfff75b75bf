"""Django's way to PostgreSQL: connections of the pool are looked at without asking the server.

Django's own check asks the server before every request, which costs as much as any other question.
A server that ends, crashes or breaks with a connection says so: there is something to read on the
socket of a connection that nobody is waiting at. Only then is the server asked.
"""

from __future__ import annotations

import select
from typing import Any

from django.db.backends.postgresql import base
from psycopg import Connection
from psycopg_pool import ConnectionPool


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's own but for that."""

    @property
    def pool(self) -> Any:  # Any: django-stubs say no more
        """The pool of this process, None where there is none."""
        pool = super().pool
        if pool is not None and pool._check is not None:
            pool._check = look
        return pool


def look(connection: Connection[Any]) -> None:
    """Return when nothing was heard on an idle connection, or the server answers all the same.

    Raises psycopg.OperationalError when it is gone.
    """
    watch = select.poll()
    watch.register(connection.pgconn.socket, select.POLLIN)
    if watch.poll(0):
        ConnectionPool.check_connection(connection)
