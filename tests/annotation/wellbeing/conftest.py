"""What tests of the day's budget share."""

from __future__ import annotations

import pytest

from annotation import walking
from annotation.wellbeing import eligibility


@pytest.fixture
def noon(monkeypatch: pytest.MonkeyPatch) -> None:
    """A day long enough on both sides of now, whenever the tests are run."""
    midnight = "(clock_timestamp() - interval '12 hours')"
    for module, name in ((eligibility, "_READ"), (walking, "LEASE_AND_TERMS")):
        written = getattr(module, name)
        monkeypatch.setattr(module, name, written.replace(eligibility.MIDNIGHT, midnight))
