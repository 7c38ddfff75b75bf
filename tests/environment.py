"""What a child process of the tests is told of where it is."""

from __future__ import annotations

import os
from urllib.parse import quote

from django.conf import settings
from django.db import connection


def of_this_run() -> dict[str, str]:
    """The environment in which Castor's own settings lead to this process's database and files."""
    words = connection.settings_dict
    url = f"postgresql://{words['USER']}@/{words['NAME']}?host={quote(words['HOST'], safe='')}"
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CASTOR_")}
    return kept | {
        "DATABASE_URL": url,
        "CASTOR_HOME": os.environ["CASTOR_HOME"],
        "CASTOR_MEDIA_ROOT": str(settings.CASTOR_MEDIA_ROOT),
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
