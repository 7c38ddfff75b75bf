"""The settings of the test run: the product's own, on a server and in a folder of its own."""

from __future__ import annotations

import fcntl
import os
from itertools import count
from pathlib import Path
from typing import IO

from config.data_folder import default_folder, prepare

_home = default_folder(Path(__file__).resolve().parent.parent)
_home = Path(os.environ.get("CASTOR_TEST_HOME") or _home.with_name(f"{_home.name}-tests"))
# The tests do not depend on how Castor is set up around them.
_ours = [name for name in os.environ if name.startswith("CASTOR_")]
for _name in {*_ours, "DATABASE_URL", "CELERY_BROKER_URL"} - {
    "CASTOR_REQUIRE_BROWSER",
    "CASTOR_SHARED_DATA",
    "CASTOR_TEST_SLOT",
}:
    os.environ.pop(_name, None)
os.environ["CASTOR_HOME"] = str(_home)
# The many processes that the tests start compile each module once, whatever is set around them.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

from config.settings import *  # noqa: E402, F403  first the folder, then everything else
from config.settings import CASTOR_EMBEDDED, DATABASES, STORAGES  # noqa: E402


def _take_slot() -> tuple[str, IO[str] | None]:
    """A number that no other test run on this machine has; its database is named after it."""
    if taken := os.environ.get("CASTOR_TEST_SLOT"):
        return taken, None  # a process of pytest-xdist, in the slot of the run it belongs to
    for number in count():
        lock = (prepare(_home) / f"slot-{number}.lock").open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            continue
        os.environ["CASTOR_TEST_SLOT"] = str(number)
        return str(number), lock
    raise AssertionError  # count() does not end


_slot, _lock = _take_slot()
DATABASES["default"]["TEST"] = {"NAME": f"test_castor_{_slot}"}
# A crash of the machine may lose a test's data. Castor's own server never runs like this.
CASTOR_EMBEDDED = type(CASTOR_EMBEDDED)(
    CASTOR_EMBEDDED.folder,
    {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"},
)
STORAGES = {
    **STORAGES,
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_AUTOREFRESH = WHITENOISE_USE_FINDERS = True
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# Each process has files of its own, as it has a database: what one clears away another may need.
_process = os.environ.get("PYTEST_XDIST_WORKER", "alone")
CASTOR_MEDIA_ROOT = CASTOR_EMBEDDED.folder.parent / f"media-{_slot}-{_process}"
