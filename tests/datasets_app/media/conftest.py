"""One media child for the whole test run, as an intake would keep it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from datasets_app.media import MediaChild, MediaRefused, Prepared

Prepare = Callable[..., Prepared]
Refuse = Callable[..., str]


@pytest.fixture(scope="session")
def child() -> Iterator[MediaChild]:
    with MediaChild() as child:
        yield child


@pytest.fixture
def prepare(child: MediaChild, tmp_path: Path) -> Prepare:
    """Prepare bytes or a path into the test's own folder."""

    def call(source: bytes | Path, *, name: str = "", expect: str = "") -> Prepared:
        return child.prepare(source, into=tmp_path / "into", expect=expect, name=name)

    return call


@pytest.fixture
def refuse(child: MediaChild, tmp_path: Path) -> Refuse:
    """Expect a refusal that leaves nothing behind; give its reason."""

    def call(source: bytes | Path, *, name: str = "", expect: str = "") -> str:
        into = tmp_path / "into"
        before = sorted(into.iterdir()) if into.exists() else []
        with pytest.raises(MediaRefused) as refusal:
            child.prepare(source, into=into, expect=expect, name=name)
        after = sorted(into.iterdir()) if into.exists() else []
        assert after == before, "a refused file left something"
        assert "\n" not in refusal.value.reason
        return refusal.value.reason

    return call
