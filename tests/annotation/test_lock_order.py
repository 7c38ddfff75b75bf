"""Places of one item are locked in the order of their ids: who reports it, and who gives up a step
that follows another, wait for each other and not in a ring.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from datetime import timedelta
from functools import partial
from threading import Event as Signal
from typing import Any
from uuid import uuid4

import pytest
from django.db import OperationalError
from django.db.models.functions import Now

from annotation import assigning, labelling, leaving, reopening, returning
from annotation.models import Annotation, Annotator, Campaign, Check, Slot
from annotation.vocabulary import CheckPurpose, SkipReason, SlotState
from datasets_app.models import Item
from datasets_app.vocabulary import ItemState
from tests import build
from tests.actors import PATIENCE, Actor, wait_for_a_lock
from tests.annotation.answering import submit
from tests.cast import annotators

pytestmark = pytest.mark.django_db(transaction=True)

Act = Callable[[], object]


@pytest.fixture
def two() -> Iterator[tuple[Actor, Actor]]:
    first, second = Actor(), Actor()
    yield first, second
    first.leaves()
    second.leaves()


class Desk:
    """Ana has done the first look at two films and holds what follows it; Ben holds the look."""

    def __init__(self) -> None:
        dataset = build.dataset("safesora")
        self.item = build.item(dataset)
        self.campaign: Campaign = build.campaign(dataset, overlap=2)
        self.ana: Annotator
        self.ben: Annotator
        self.ana, self.ben = annotators(2, dataset)
        submit(self.ana, assigning.leases(self.ana, self.campaign, want=1)[0])
        (self.follow_up,) = assigning.leases(self.ana, self.campaign, want=1)
        (self.bens,) = assigning.leases(self.ben, self.campaign, want=1)

    def way(self, name: str) -> Act:
        """A way in which Ana gives the follow-up up."""
        ways: dict[str, Act] = {
            "skip": partial(
                labelling.skip, self.ana, self.follow_up.token, reason=SkipReason.UPSETTING
            ),
            "revoke": partial(leaving.revoke, self.ana, self.campaign, by=None),
            "set_aside": partial(leaving.set_aside, self.ana, self.campaign, by=None, reason="x"),
        }
        return ways[name]

    def is_reported(self) -> bool:
        return Item.objects.get(pk=self.item.pk).state == ItemState.QUARANTINED


RETURNS = {
    "skip": "return_lease",
    "revoke": "return_leases_of",
    "set_aside": "return_leases_of",
}


def reported_halfway(desk: Desk, name: str, two: tuple[Actor, Actor]) -> list[Future[object]]:
    """Ana's follow-up is returned, and the step before not yet opened, when Ben reports."""
    first, second = two
    is_returned, go_on = Signal(), Signal()
    returns: Callable[..., Any] = getattr(returning, RETURNS[name])

    def halts(*args: Any, **kwargs: Any) -> Any:
        found = returns(*args, **kwargs)
        is_returned.set()
        assert go_on.wait(PATIENCE)
        return found

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(returning, RETURNS[name], halts)
        giving_up = first.starts(desk.way(name))
        assert is_returned.wait(PATIENCE)
        reports = partial(labelling.report, desk.ben, desk.bens.token, reason="bad")
        reporting: Future[object] = second.starts(reports)
        wait_for_a_lock()
        go_on.set()
        giving_up.exception(PATIENCE)
        reporting.exception(PATIENCE)
    return [giving_up, reporting]


@pytest.mark.parametrize("name", list(RETURNS))
def test_giving_up_a_follow_up_and_a_report_of_its_item_both_come_to_pass(
    name: str, two: tuple[Actor, Actor]
) -> None:
    desk = Desk()
    giving_up, reporting = reported_halfway(desk, name, two)
    assert giving_up.result()
    assert reporting.result()
    assert desk.is_reported()
    assert Annotation.objects.get().standing == "set_aside"
    assert not Slot.objects.exclude(state=SlotState.OPEN, reserved_for=None).exists()


@pytest.mark.parametrize("name", list(RETURNS))
def test_without_the_one_order_they_wait_in_a_ring(
    name: str, two: tuple[Actor, Actor], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reopening, "lock_before", lambda *_: None)
    ends = [one.exception() for one in reported_halfway(Desk(), name, two)]
    (broken,) = [error for error in ends if error is not None]
    assert isinstance(broken, OperationalError)
    assert "deadlock" in str(broken)


def test_skipping_what_follows_nothing_locks_no_place_beforehand(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    dataset = build.dataset()
    build.item(dataset)
    campaign = build.campaign(dataset)
    (ana,) = annotators(1, dataset)
    (held,) = assigning.leases(ana, campaign, want=1)
    monkeypatch.setattr(reopening, "lock_before", pytest.fail)
    assert labelling.skip(ana, held.token, reason=SkipReason.UPSETTING)
    assert not labelling.skip(ana, held.token, reason=SkipReason.UPSETTING)


def a_repeat(ana: Annotator, given: Annotation) -> Check:
    """What Ana answered, handed to her once more as a check."""
    return Check.objects.create(
        campaign=given.campaign,
        annotator=ana,
        item=given.item,
        step=given.step,
        purpose=CheckPurpose.REPEAT,
        repeats=given,
        token=uuid4(),
        flipped=not given.flipped,
        leased_at=Now(),
        expires_at=Now() + timedelta(hours=1),
    )


def test_a_report_of_a_check_and_one_of_its_item_both_come_to_pass(
    two: tuple[Actor, Actor], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The check's item is frozen, and not yet taken back, when who has it as an item reports it."""
    first, second = two
    dataset = build.dataset()
    item = build.item(dataset)
    campaign = build.campaign(dataset, overlap=2)
    ana, ben = annotators(2, dataset)
    submit(ana, assigning.leases(ana, campaign, want=1)[0])
    repeat = a_repeat(ana, Annotation.objects.get())
    (bens,) = assigning.leases(ben, campaign, want=1)
    is_frozen, go_on = Signal(), Signal()
    returns = returning.return_leases_on

    def halts(*args: Any, **kwargs: Any) -> Any:
        if not is_frozen.is_set():
            is_frozen.set()
            assert go_on.wait(PATIENCE)
        return returns(*args, **kwargs)

    monkeypatch.setattr(returning, "return_leases_on", halts)
    of_check = first.starts(partial(labelling.report, ana, repeat.token, reason="bad"))
    assert is_frozen.wait(PATIENCE)
    of_item = second.starts(partial(labelling.report, ben, bens.token, reason="bad"))
    wait_for_a_lock()
    go_on.set()
    assert of_check.exception(PATIENCE) is None
    assert of_item.exception(PATIENCE) is None
    assert Item.objects.get(pk=item.pk).state == ItemState.QUARANTINED
    # It was gone when the second came to it.
    assert (of_check.result(), of_item.result()) == (True, False)
