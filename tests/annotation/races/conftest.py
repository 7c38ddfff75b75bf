"""A campaign over four items, one who works in it, and two connections."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from annotation.models import Annotator, Campaign
from datasets_app.models import Dataset
from tests import build
from tests.actors import Actor
from tests.cast import annotators


@pytest.fixture
def dataset() -> Dataset:
    return build.dataset()


@pytest.fixture
def campaign(dataset: Dataset) -> Campaign:
    build.items(4, dataset)
    return build.campaign(dataset)


@pytest.fixture
def ana(dataset: Dataset) -> Annotator:
    return annotators(1, dataset)[0]


@pytest.fixture
def two() -> Iterator[tuple[Actor, Actor]]:
    """Two connections; the second one is impatient."""
    first, second = Actor(), Actor(impatient=50)
    yield first, second
    first.leaves()
    second.leaves()
