"""A campaign over three items, which is closed; two connections, for what happens meanwhile."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from annotation.models import Campaign, Slot
from annotation.vocabulary import SlotState
from datasets_app.models import Dataset
from tests import build
from tests.actors import Actor


@pytest.fixture
def dataset() -> Dataset:
    found = build.dataset()
    build.items(3, found)
    return found


@pytest.fixture
def campaign(dataset: Dataset) -> Campaign:
    return build.campaign(dataset)


@pytest.fixture
def two() -> Iterator[tuple[Actor, Actor]]:
    first, second = Actor(), Actor()
    yield first, second
    first.leaves()
    second.leaves()


def is_held() -> bool:
    return Slot.objects.filter(state=SlotState.LEASED).exists()
