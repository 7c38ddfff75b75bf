"""The overlap goes down while places are coming back: none stays that nobody asks for any more."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from annotation import assigning, campaigns, holding, narrowing, settling
from annotation.models import Campaign, Slot
from tests import build
from tests.actors import Actor
from tests.annotation.answering import submit
from tests.cast import annotators

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def somebody() -> Iterator[Actor]:
    actor = Actor()
    yield actor
    actor.leaves()


def given_back_while_it_goes_down(somebody: Actor) -> int:
    """Ana answers, Ben gives back what he had while fewer are asked for; places after settling."""
    dataset = build.dataset()
    item = build.item(dataset)
    campaign: Campaign = build.campaign(dataset, overlap=2)
    ana, ben = annotators(2, dataset)
    submit(ana, assigning.leases(ana, campaign, want=1)[0])
    (held,) = assigning.leases(ben, campaign, want=1)
    somebody.begin()
    assert somebody.does(holding.release, ben, held.token)  # two are asked for, as far as he sees
    campaigns.set_overlap(campaign, 1, by=None)
    somebody.commit()
    settling.settle_ripe()
    return Slot.objects.filter(item=item, step=held.step).count()


def test_what_comes_back_in_that_very_moment_goes(somebody: Actor) -> None:
    assert given_back_while_it_goes_down(somebody) == 1


def test_unless_settling_did_not_look_for_it(
    somebody: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(narrowing, "narrow_settling", lambda *_: [])
    assert given_back_while_it_goes_down(somebody) == 2
