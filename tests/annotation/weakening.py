"""Weakening: takes one guard out of a statement, so that a test can see the fault come."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

import pytest

from annotation.prepared import compact


@contextmanager
def weakened(
    *where: tuple[ModuleType, str], guard: str, instead: str = ""
) -> Iterator[pytest.MonkeyPatch]:
    """The statements named, module and name, with `instead` in the place of `guard`.

    Blanks and line breaks do not matter. A guard that is not there fails the test: it was written
    anew, and its control with it.
    """
    with pytest.MonkeyPatch.context() as patch:
        for module, name in where:
            statement = compact(getattr(module, name))
            assert compact(guard) in statement, f"{name} has no such guard: {guard}"
            patch.setattr(module, name, statement.replace(compact(guard), instead))
        yield patch
