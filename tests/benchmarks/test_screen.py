"""The screening benchmark judges all that waits, and the same by the model alone."""

from __future__ import annotations

import pytest

from benchmarks.screen import BENCHMARK
from datasets_app.models import Item
from datasets_app.vocabulary import ItemState
from moderation.models import Screening


@pytest.mark.django_db
def test_what_waits_is_screened_beside_the_bare_model() -> None:
    whole, limit, share = BENCHMARK.run({"items": 5, "classifier": ""})
    assert not Item.objects.filter(state=ItemState.SCREENING).exists()
    assert Screening.objects.count() == 15  # five prompts, each with two responses
    assert share.value == pytest.approx(100 * whole.value / limit.value)
