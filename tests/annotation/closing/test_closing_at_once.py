"""Closing while people lease: whom it waits for, and in what order, so that nothing survives it."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import OperationalError, transaction
from django.db.models import Exists, Q, QuerySet

from annotation import assigning, closing
from annotation.models import Annotator, Campaign
from datasets_app.models import Dataset, Membership
from tests.actors import PATIENCE, Actor, wait_for_a_lock
from tests.annotation.closing.conftest import is_held
from tests.cast import annotators, as_annotator, cast, person

pytestmark = pytest.mark.django_db(transaction=True)


def leases(person: Annotator, campaign: Campaign, *, at: Actor) -> None:
    """The person is just given items: two are held then, but the transaction goes on."""
    at.begin()
    assert len(at.does(assigning.leases, person, campaign)) == 2


def closed_when_it_ends(campaign: Campaign, two: tuple[Actor, Actor]) -> int | None:
    """What closing brings back, which waits for the lease in flight."""
    first, second = two
    done = second.starts(closing.close, campaign, by=None, reason="x")
    wait_for_a_lock(unless=done)
    first.commit()
    return done.result(PATIENCE)


def closed_before_it_ends(campaign: Campaign, two: tuple[Actor, Actor]) -> int | None:
    """The same where it does not wait."""
    first, second = two
    done = second.does(closing.close, campaign, by=None, reason="x")
    first.commit()
    return done


# --- Who is no member any more, and has something


def gets_more_and_is_out(dataset: Dataset, campaign: Campaign, *, at: Actor) -> None:
    """Ana has an item and is just given another, while her membership goes."""
    (ana,) = annotators(1, dataset)
    assigning.leases(ana, campaign, want=1)
    leases(ana, campaign, at=at)
    Membership.objects.filter(user=ana.user_id).delete()


def test_who_holds_and_is_no_member_any_more_is_waited_for(
    dataset: Dataset, campaign: Campaign, two: tuple[Actor, Actor]
) -> None:
    gets_more_and_is_out(dataset, campaign, at=two[0])
    assert closed_when_it_ends(campaign, two) == 2
    assert not is_held()


def test_without_a_look_at_who_holds_what_such_a_one_gets_survives(
    dataset: Dataset,
    campaign: Campaign,
    two: tuple[Actor, Actor],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def of_members(rows: QuerySet[Any]) -> Exists | Q:
        return Exists(rows) if rows.model is Membership else Q(pk__in=())

    monkeypatch.setattr(closing, "Exists", of_members)
    gets_more_and_is_out(dataset, campaign, at=two[0])
    assert closed_before_it_ends(campaign, two) == 1
    assert is_held()


# --- Who needs no membership


@pytest.fixture
def boss() -> Annotator:
    return as_annotator(User.objects.create_superuser("boss"))


def test_who_may_lease_everywhere_is_waited_for(
    campaign: Campaign, boss: Annotator, two: tuple[Actor, Actor]
) -> None:
    leases(boss, campaign, at=two[0])
    assert closed_when_it_ends(campaign, two) == 2
    assert not is_held()


def test_without_a_look_at_superusers_what_they_get_survives(
    campaign: Campaign,
    boss: Annotator,
    two: tuple[Actor, Actor],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(closing, "Q", lambda **_asked: Q(pk__in=()))
    leases(boss, campaign, at=two[0])
    assert closed_before_it_ends(campaign, two) == 0
    assert is_held()


# --- In one order


def lock(person: Annotator) -> None:
    Annotator.objects.select_for_update(no_key=True, nowait=True).get(pk=person.pk)


def is_locked(person: Annotator) -> bool:
    try:
        with transaction.atomic():
            lock(person)
    except OperationalError:
        return True
    return False


def has_the_lower_first(dataset: Dataset, campaign: Campaign, two: tuple[Actor, Actor]) -> bool:
    """Whether closing, while it waits for the higher of two people, has the lower one's row.

    In no other order does the lower one come first by itself: its user has the higher id, and its
    row was written last.
    """
    cast(dataset)
    lower, higher = as_annotator(person("ben")), as_annotator(person("ana"))
    assert (lower.pk < higher.pk, lower.user_id < higher.user_id) == (True, False)
    lower.save()
    keeper, closer = two
    keeper.begin()
    keeper.does(lock, higher)
    done = closer.starts(closing.close, campaign, by=None, reason="x")
    wait_for_a_lock(unless=done)
    found = is_locked(lower)
    keeper.commit()
    assert done.result(PATIENCE) == 0
    return found


def test_people_are_locked_in_the_order_of_their_ids(
    dataset: Dataset, campaign: Campaign, two: tuple[Actor, Actor]
) -> None:
    """So two campaigns with the same people close at once, and neither waits for the other's."""
    assert has_the_lower_first(dataset, campaign, two)


def test_in_another_order_one_has_the_higher_and_waits_for_the_lower(
    dataset: Dataset,
    campaign: Campaign,
    two: tuple[Actor, Actor],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    order_by = QuerySet.order_by

    def backwards(rows: QuerySet[Any], *names: Any) -> QuerySet[Any]:
        return order_by(rows, *(("-pk",) if rows.model is Annotator else names))

    monkeypatch.setattr(QuerySet, "order_by", backwards)
    assert not has_the_lower_first(dataset, campaign, two)
