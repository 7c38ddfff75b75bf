"""One curator sets somebody's work aside, another rules on one of its items: both come to pass."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future
from threading import Event as Signal
from typing import Any

import pytest
from django.db import OperationalError

from annotation import adjudicating, leaving, settling
from datasets_app import ledger
from datasets_app.models import Item, Verdict
from datasets_app.vocabulary import ItemState, VerdictMethod
from tests import build
from tests.actors import PATIENCE, Actor, wait_for_a_lock
from tests.annotation.answering import work
from tests.annotation.promises import no_promise_is_broken
from tests.cast import annotators, cast

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def two() -> Iterator[tuple[Actor, Actor]]:
    first, second = Actor(), Actor()
    yield first, second
    first.leaves()
    second.leaves()


def at_once(two: tuple[Actor, Actor]) -> list[Future[Any]]:
    """Cora rules on an item whose verdicts were dropped with Ana's votes, before it is moved."""
    dataset = build.dataset()
    item = build.item(dataset)
    campaign = build.campaign(dataset, overlap=2)
    ana, ben = annotators(2, dataset)
    for one in (ana, ben):
        work(one, campaign)
    assert settling.settle_ripe().settled == 1
    cora = cast(dataset).cora
    is_dropped, go_on = Signal(), Signal()
    moves = ledger.move

    def halts(*args: Any, **kwargs: Any) -> Any:
        if kwargs["verb"] == "reopen" and not is_dropped.is_set():
            is_dropped.set()
            assert go_on.wait(PATIENCE)
        return moves(*args, **kwargs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ledger, "move", halts)
        first: Future[Any] = two[0].starts(leaving.set_aside, ana, campaign, by=None, reason="x")
        assert is_dropped.wait(PATIENCE)
        second: Future[Any] = two[1].starts(
            adjudicating.rule, item, {("safer", None): "tie"}, by=cora
        )
        wait_for_a_lock(unless=second)
        go_on.set()
        for ending in (first, second):
            ending.exception(PATIENCE)
    return [first, second]


def test_the_item_is_open_again_and_the_other_is_told_that_there_is_nothing_to_rule(
    two: tuple[Actor, Actor],
) -> None:
    setting_aside, ruling = at_once(two)
    assert setting_aside.result().reopened == 1
    assert isinstance(ruling.exception(), adjudicating.RulingRefused)
    assert Item.objects.get().state == ItemState.OPEN
    assert not Verdict.objects.exclude(method=VerdictMethod.RULING).exists()
    no_promise_is_broken()


def test_unless_the_item_is_locked_first_they_wait_in_a_ring(
    two: tuple[Actor, Actor], monkeypatch: pytest.MonkeyPatch
) -> None:
    unlocked = settling._LOCK_ALL.replace("FOR NO KEY UPDATE", "")
    assert unlocked != settling._LOCK_ALL
    monkeypatch.setattr(settling, "_LOCK_ALL", unlocked)
    broken = [one.exception() for one in at_once(two)]
    assert any(isinstance(error, OperationalError) and "deadlock" in str(error) for error in broken)
