"""A report while leases of the item are in flight leaves it with nobody."""

from __future__ import annotations

import pytest
from django.db import connection

from annotation import assigning, labelling, walking
from annotation.assigning import Assignment
from annotation.models import Slot
from annotation.vocabulary import SlotState
from datasets_app.models import Dataset, Item
from datasets_app.vocabulary import ItemState
from tests import build
from tests.actors import Actor, wait_for_a_lock
from tests.annotation.weakening import weakened
from tests.cast import annotators

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_reported_item_is_left_with_nobody(dataset: Dataset) -> None:
    """A lease is in flight while the item is frozen: the report waits for it, and takes it too."""
    ana, ben = annotators(2, dataset)
    build.item(dataset)
    campaign = build.campaign(dataset)
    held = assigning.leases(ana, campaign, want=1)[0]
    first, second = Actor(), Actor()
    try:
        first.begin()
        first.does(assigning.leases, ben, campaign, want=1)
        reporting = second.starts(labelling.report, ana, held.token, reason="x")
        wait_for_a_lock()
        first.commit()
        assert reporting.result(30)
    finally:
        first.leaves()
        second.leaves()
    assert not Slot.objects.filter(state=SlotState.LEASED).exists()
    assert Item.objects.get().state == ItemState.QUARANTINED


def _leased_under_a_report(dataset: Dataset) -> list[Assignment]:
    """What Ben is given, whose lease began before Ana's report and comes to its slot after it."""
    ana, ben = annotators(2, dataset)
    build.item(dataset)
    campaign = build.campaign(dataset)
    held = assigning.leases(ana, campaign, want=1)[0]
    gate = "AND pg_advisory_xact_lock_shared(11) IS NOT NULL ), live AS ("
    keeper, late = Actor(), Actor()
    try:
        with weakened((walking, "LEASE_AND_TERMS"), guard="), live AS (", instead=gate):
            keeper.begin()
            keeper.does(_shut_the_gate)
            leasing = late.starts(assigning.leases, ben, campaign, want=1)
            wait_for_a_lock()
            assert labelling.report(ana, held.token, reason="x")
            keeper.commit()
            return leasing.result(30)
    finally:
        keeper.leaves()
        late.leaves()


def _shut_the_gate() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(11)")


def test_a_lease_that_began_before_a_report_takes_nothing_after_it(dataset: Dataset) -> None:
    assert _leased_under_a_report(dataset) == []
    assert not Slot.objects.filter(state=SlotState.LEASED).exists()


def test_without_the_items_lock_what_was_reported_is_handed_out(dataset: Dataset) -> None:
    with weakened((walking, "LEASE_AND_TERMS"), guard="FOR SHARE OF i SKIP LOCKED"):
        (held,) = _leased_under_a_report(dataset)
    assert Item.objects.get(pk=held.item_id).state == ItemState.QUARANTINED
