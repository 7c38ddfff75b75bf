"""What every test may ask for."""

from __future__ import annotations

import os
from urllib.parse import quote

import pytest
from django.db import connection


@pytest.fixture
def castor_env(db: None) -> dict[str, str]:
    """The environment of a child process that is to see this test run's database.

    What it should see must be committed: mark the test `django_db(transaction=True)`.
    """
    words = connection.settings_dict
    url = f"postgresql://{words['USER']}@/{words['NAME']}?host={quote(words['HOST'], safe='')}"
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CASTOR_")}
    return kept | {
        "DATABASE_URL": url,
        "CASTOR_HOME": os.environ["CASTOR_HOME"],
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
