"""Placing at once places once."""

from __future__ import annotations

from functools import partial

import pytest
from django.db import IntegrityError

from annotation import placing
from annotation.models import Slot
from datasets_app.models import Dataset
from tests import build
from tests.actors import Actor, all_at_once, wait_for_a_lock

pytestmark = pytest.mark.django_db(transaction=True)


def test_placing_at_once_places_once(dataset: Dataset) -> None:
    build.items(20, dataset)
    campaign = build.campaign(dataset, place=False)
    placed = all_at_once(*(partial(placing.place, campaign) for _ in range(6)))
    assert sum(number for number in placed if isinstance(number, int)) == 20 * 9, placed
    assert Slot.objects.count() == 20 * 9


def test_without_the_campaigns_lock_two_place_the_same(
    dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    build.items(2, dataset)
    campaign = build.campaign(dataset, place=False)
    monkeypatch.setattr(placing, "_lock", lambda campaign, **_how: campaign)
    first, second = Actor(), Actor()
    try:
        first.begin()
        first.does(placing.place, campaign)
        placed = second.starts(placing.place, campaign)
        wait_for_a_lock()
        first.commit()
        with pytest.raises(IntegrityError, match="slot_number_once"):
            placed.result(30)
    finally:
        first.leaves()
        second.leaves()
