"""How PostgreSQL is reached: the embedded one, or the one that DATABASE_URL names."""

from __future__ import annotations

from typing import Any

from psycopg import Error
from psycopg.conninfo import conninfo_to_dict

from config.embedded.layout import Layout
from config.environment import BadSetting


def conninfo(url: str, embedded: Layout) -> dict[str, str]:
    """The words of libpq (`host`, `dbname`, `user`, …) for the database in use.

    libpq itself reads the URL, so all that it knows is allowed: sockets (`?host=/run/…`),
    certificates, several hosts. Raises BadSetting where it cannot.
    """
    if not url:
        return embedded.conninfo()
    if not url.startswith(("postgres://", "postgresql://")):
        raise BadSetting("DATABASE_URL must begin with postgresql://; Castor needs PostgreSQL ≥ 15")
    try:
        words = {name: str(value) for name, value in conninfo_to_dict(url).items()}
    except Error as error:
        # The reason without the URL, which holds a password.
        raise BadSetting(f"DATABASE_URL cannot be read: {str(error).split(':')[0]}") from None
    if not words.get("dbname"):
        raise BadSetting("DATABASE_URL names no database; end it with /castor or another name")
    return words


def django_database(
    words: dict[str, str],
    *,
    embedded: bool,
    web_threads: int,
    statement_seconds: int,
) -> dict[str, Any]:  # Any: as Django's DATABASES has it
    """Django's entry for these words.

    A web process (`web_threads` > 0) has a pool of that many connections, each looked at before
    use, and gives up on slow statements and locks. Commands and workers keep one connection
    and wait as long as it takes.
    """
    own = ("dbname", "user", "password", "host", "port")
    rest: dict[str, Any] = {name: word for name, word in words.items() if name not in own}
    rest["prepare_threshold"] = 5  # Django turns it off; `annotation.prepared` needs it on
    # Its plans are made once: planning a lease anew costs more than running it, and PostgreSQL
    # would do so for whoever has few rows.
    rest["options"] = f"{rest.get('options', '')} -c plan_cache_mode=force_generic_plan".strip()
    entry: dict[str, Any] = {
        "ENGINE": "config.embedded" if embedded else "config.pooled",
        "NAME": words["dbname"],
        "USER": words.get("user", ""),
        "PASSWORD": words.get("password", ""),
        "HOST": words.get("host", ""),
        "PORT": words.get("port", ""),
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": rest,
    }
    if not web_threads:
        entry["CONN_MAX_AGE"] = 60
        return entry
    limits = {
        "statement_timeout": statement_seconds * 1000,
        "lock_timeout": 3000,
        "idle_in_transaction_session_timeout": 30_000,
    }
    spoken = " ".join(f"-c {name}={value}" for name, value in limits.items())
    entry["OPTIONS"] = {
        **rest,
        "options": f"{rest.get('options', '')} {spoken}".strip(),
        "pool": {"min_size": 1, "max_size": web_threads + 1, "timeout": 5.0},
    }
    return entry
