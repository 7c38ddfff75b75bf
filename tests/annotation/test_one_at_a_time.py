"""Two things that one person does are done one after the other, whatever they are.

Somebody else's transaction has the person's row, as a lease or a submit in another tab would. Each
verb waits for it. Who does not lock the row goes through at once, and the test is red.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.db import OperationalError

from annotation import assigning, labelling, leaving, prepared, walking
from annotation.assigning import Assignment
from annotation.consensus import unjudgeable
from annotation.models import Annotation, Annotator, Campaign, Skip
from annotation.quality import qualifying
from annotation.vocabulary import GoldPurpose, SkipReason
from annotation.wellbeing import exposures, pausing, wishes
from tests import build
from tests.actors import Actor
from tests.annotation import checked
from tests.annotation.answering import PLAIN, submit
from tests.cast import annotators

pytestmark = pytest.mark.django_db(transaction=True)

Verb = Callable[[], object]


class Desk:
    """Ana, with one item answered and one held, in a campaign with a qualification."""

    def __init__(self) -> None:
        dataset = build.dataset()
        build.items(3, dataset, machine_severity=2)
        self.campaign: Campaign = build.campaign(dataset)
        checked.some_gold(self.campaign, purpose=GoldPurpose.QUALIFICATION)
        self.ana: Annotator = annotators(1, dataset)[0]
        submit(self.ana, assigning.leases(self.ana, self.campaign, want=1)[0])
        self.given = Annotation.objects.get()
        self.held: Assignment = assigning.leases(self.ana, self.campaign, want=1)[0]

    def verb(self, name: str) -> Verb:
        ana, campaign, token = self.ana, self.campaign, self.held.token
        revised: dict[str, Any] = {"key": uuid4(), "answers": PLAIN[self.given.step]}
        verbs: dict[str, Verb] = {
            "revoke": partial(leaving.revoke, ana, campaign, by=None),
            "set_aside": partial(leaving.set_aside, ana, campaign, by=None, reason="a bot"),
            "wish": partial(wishes.wish, ana, {"unwanted": ["violence"]}),
            "reveal": partial(exposures.reveal, ana, campaign, token),
            "cover": partial(exposures.cover, ana, campaign, token),
            "pause": partial(pausing.pause, ana, campaign),
            "skip": partial(labelling.skip, ana, token, reason=SkipReason.UPSETTING),
            "report": partial(labelling.report, ana, token, reason="bad"),
            "begin": partial(qualifying.begin, ana, campaign),
            "revise": partial(labelling.revise, ana, self.given, **revised),
        }
        return verbs[name]


@pytest.fixture
def two() -> Iterator[tuple[Actor, Actor]]:
    """Two connections; the second one is impatient."""
    first, second = Actor(), Actor(impatient=50)
    yield first, second
    first.leaves()
    second.leaves()


@pytest.mark.parametrize(
    "name",
    [
        "revoke",
        "set_aside",
        "wish",
        "reveal",
        "cover",
        "pause",
        "skip",
        "report",
        "begin",
        "revise",
    ],
)
def test_a_verb_waits_for_what_its_person_does_elsewhere(
    name: str, two: tuple[Actor, Actor]
) -> None:
    first, second = two
    desk = Desk()
    act = desk.verb(name)
    first.begin()
    first.does(prepared.fetch, walking.LOCK, {"annotator": desk.ana.pk})
    with pytest.raises(OperationalError, match="lock timeout"):
        second.does(act)
    first.commit()
    second.does(act)


def test_two_who_cannot_judge_an_item_are_counted_one_after_the_other(
    two: tuple[Actor, Actor],
) -> None:
    first, second = two
    dataset = build.dataset()
    item = build.item(dataset)
    campaign = build.campaign(dataset, skips_at_most=2)

    def skips(one: Annotator) -> bool:
        Skip.objects.create(
            campaign=campaign, item=item, step="safety", annotator=one,
            reason=SkipReason.CANNOT_JUDGE,
        )  # fmt: skip
        return unjudgeable.consider(campaign, item.pk, "safety")

    ana, ben = annotators(2, dataset)
    first.begin()
    assert not first.does(skips, ana)
    second.begin()
    with pytest.raises(OperationalError, match="lock timeout"):
        second.does(skips, ben)  # it would see one skip, as the first did
    second.roll_back()
    first.commit()
    second.begin()
    assert second.does(skips, ben)
