"""A media folder of the test's own, and rows to load."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytest_django.fixtures import Settings


@pytest.fixture(autouse=True)
def media_root(settings: Settings, tmp_path: Path) -> Path:
    settings.CASTOR_MEDIA_ROOT = tmp_path / "stored"
    return tmp_path / "stored"
