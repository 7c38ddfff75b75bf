"""The migrated database that those of the tests are copies of: made once, not by each process."""

from __future__ import annotations

import fcntl
import hashlib
import inspect
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

import django
from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from config.data_folder import prepare

PREFIX = "castor_template_"


def ready() -> str:
    """Name the database that is as the migrations of this checkout leave it; make it if need be.

    It stays for the next run. Those of other migrations go when a new one comes.
    """
    name = f"{PREFIX}{_digest()}"
    with _alone():
        others = _templates()
        if name not in others:
            _make(name)
            _tell(*(f"DROP DATABASE {connection.ops.quote_name(other)}" for other in others))
    return name


def _digest() -> str:
    """Twenty characters that change with any migration, of ours or of a library."""
    migrations = MigrationLoader(None).disk_migrations.values()
    modules = sorted({migration.__module__ for migration in migrations})
    sources = [inspect.getsource(import_module(module)) for module in modules]
    return hashlib.sha256("\0".join([django.__version__, *sources]).encode()).hexdigest()[:20]


@contextmanager
def _alone() -> Iterator[None]:
    """While no other process of the tests makes it."""
    home: Path = settings.CASTOR_EMBEDDED.folder.parent
    with (prepare(home) / "template.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _make(name: str) -> None:
    """Migrate a database, and give it the name only when it is complete."""
    words = connection.settings_dict
    ours, of_the_tests = words["NAME"], words["TEST"]["NAME"]
    unfinished = f"unfinished_{name}"
    words["TEST"]["NAME"] = unfinished
    try:
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    finally:
        connection.close()
        connection.close_pool()  # type: ignore[attr-defined]  # as PostgreSQL's does
        words["TEST"]["NAME"] = of_the_tests
        words["NAME"] = settings.DATABASES["default"]["NAME"] = ours
    quoted = connection.ops.quote_name
    _tell(f"ALTER DATABASE {quoted(unfinished)} RENAME TO {quoted(name)}")


def _templates() -> list[str]:
    with connection._nodb_cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [PREFIX])
        return [name for (name,) in cursor.fetchall()]


def _tell(*statements: str) -> None:
    with connection._nodb_cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
