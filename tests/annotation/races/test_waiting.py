"""Who waits for a lease in flight: the other tab of the same person, and nobody else."""

from __future__ import annotations

from functools import partial

import pytest
from django.db import IntegrityError, OperationalError

from annotation import assigning, walking
from annotation.models import Annotator, Campaign, Slot
from annotation.vocabulary import SlotState
from datasets_app.models import Dataset
from tests.actors import Actor, all_at_once, wait_for_a_lock
from tests.annotation.weakening import weakened
from tests.cast import annotators

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_tabs_asking_at_once_get_the_same(campaign: Campaign, ana: Annotator) -> None:
    answers = all_at_once(*(partial(assigning.leases, ana, campaign) for _ in range(8)))
    tokens = {
        tuple(one.token for one in held) for held in answers if not isinstance(held, Exception)
    }
    assert len(tokens) == 1, answers
    assert Slot.objects.filter(state=SlotState.LEASED).count() == 2


def test_a_second_tab_waits_for_the_first(
    campaign: Campaign, ana: Annotator, two: tuple[Actor, Actor]
) -> None:
    first, second = two
    first.begin()
    first.does(assigning.leases, ana, campaign)
    with pytest.raises(OperationalError, match="lock timeout"):
        second.does(assigning.leases, ana, campaign)
    first.commit()
    assert len(second.does(assigning.leases, ana, campaign)) == 2


def test_without_the_annotators_lock_two_tabs_collide(
    campaign: Campaign, ana: Annotator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(walking, "LOCK", "SELECT 1")
    first, second = Actor(), Actor()
    try:
        first.begin()
        first.does(assigning.leases, ana, campaign)
        other_tab = second.starts(assigning.leases, ana, campaign)
        wait_for_a_lock()
        first.commit()
        with pytest.raises(IntegrityError, match="slot_once_per_annotator"):
            other_tab.result(30)
    finally:
        first.leaves()
        second.leaves()


def test_nobody_waits_for_the_lease_of_another(
    dataset: Dataset, campaign: Campaign, two: tuple[Actor, Actor]
) -> None:
    ana, ben = annotators(2, dataset)
    first, second = two
    first.begin()
    anas = first.does(assigning.leases, ana, campaign)
    bens = second.does(assigning.leases, ben, campaign)
    assert {one.slot_id for one in anas}.isdisjoint(one.slot_id for one in bens)
    first.commit()


def test_without_skip_locked_one_waits_for_the_lease_of_another(
    dataset: Dataset, campaign: Campaign, two: tuple[Actor, Actor]
) -> None:
    ana, ben = annotators(2, dataset)
    first, second = two
    with weakened((walking, "LEASE"), (walking, "LEASE_AND_TERMS"), guard="SKIP LOCKED"):
        first.begin()
        first.does(assigning.leases, ana, campaign)
        with pytest.raises(OperationalError, match="lock timeout"):
            second.does(assigning.leases, ben, campaign)
