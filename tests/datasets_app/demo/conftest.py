"""The demo's content, drawn once for all of its tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from datasets_app.demo.draw import draw


@pytest.fixture(scope="session")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The path to load for each protocol."""
    return draw(tmp_path_factory.mktemp("demo"))
