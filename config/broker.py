"""How Celery reaches its broker: by default queues in the same PostgreSQL, through Kombu's pgmq."""

from __future__ import annotations

from typing import Any

from django.db import connection
from psycopg.conninfo import make_conninfo

# Kombu wants a host name here; the connection string is what counts.
OWN_DATABASE = "pgmq://own-database"

# A message comes back when it was not acknowledged for this long. Longer than any task may take.
VISIBILITY_SECONDS = 1200


def is_own_database(broker_url: str) -> bool:
    """Whether the queues are tables beside the rest."""
    return broker_url.startswith("pgmq://")


def transport_options(broker_url: str, words: dict[str, str]) -> dict[str, Any]:  # Any: Kombu's
    """Kombu's options for this broker; `words` are libpq's for the database of Castor."""
    if is_own_database(broker_url):
        return {
            "conn_string": conn_string(words),
            "init_extension": False,  # pgmq here is plain SQL, see `install_queues`
            "visibility_timeout": VISIBILITY_SECONDS,
            "use_notify": False,  # but see `listening`
            "notify_throttle_interval_ms": 0,
            # LISTEN wakes the worker. A long poll would hold it at one queue while others fill.
            "wait_time_seconds": 0,
            "polling_interval": 1.0,
            "pool_size": 4,
            "pool_timeout": 10.0,
        }
    if broker_url.startswith(("redis://", "rediss://")):
        return {
            "visibility_timeout": VISIBILITY_SECONDS,
            # Kombu's defaults look for messages to give back every 100 s only.
            "unacked_restore_interval": 5,
            "unacked_restore_throttle": 1,
            "socket_connect_timeout": 2,
            "socket_keepalive": True,
            "health_check_interval": 30,
        }
    if broker_url.startswith(("amqp://", "amqps://")):
        return {"confirm_publish": True}
    return {}


def listening(options: dict[str, Any]) -> dict[str, Any]:  # Any: Kombu's
    """The options of a worker, which is woken by LISTEN.

    Kombu listens at every queue that it has met, for those too who only send, and never hear. What
    they are told fills their socket within the hour; then their part of the server stands still,
    and DROP DATABASE, and in the end every NOTIFY, with it.
    """
    return {**options, "use_notify": True} if "notify_throttle_interval_ms" in options else options


def conn_string(words: dict[str, str]) -> str:
    """The connection string for pgmq's client, which takes it apart and joins it without quoting.

    It keeps host, port, dbname, user and password only. Quoting twice brings awkward values through
    its joining, and what else libpq should know (sslmode, …) travels behind the password.
    """
    known = ("host", "port", "dbname", "user", "password")
    quoted = {
        name: make_conninfo(**{name: words[name]}).partition("=")[2]
        for name in known
        if words.get(name)
    }
    rest = {name: value for name, value in words.items() if name not in known}
    if rest:
        quoted["password"] = f"{quoted.get('password', 'none')} {make_conninfo(**rest)}"
    return make_conninfo(**quoted)


def install_queues() -> bool:
    """Create pgmq's schema in the database, once; False if it stands already."""
    # Here, because the settings import this module, and the library takes longer than all else.
    from pgmq.install import get_embedded_install_sql

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('castor: install pgmq'))")
        cursor.execute("SELECT to_regclass('pgmq.meta') IS NOT NULL")
        found = cursor.fetchone()
        if found is not None and found[0]:
            return False
        cursor.execute(get_embedded_install_sql())
    return True
