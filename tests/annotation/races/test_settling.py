"""Settling beside others: once, and not under a revision."""

from __future__ import annotations

from uuid import uuid4

import pytest

from annotation import labelling, settling
from annotation.labelling import revising
from annotation.models import Annotation, Annotator, Campaign
from datasets_app.models import Dataset, Event, Verdict
from tests import build
from tests.actors import Actor, all_at_once
from tests.annotation.answering import work_until_nothing
from tests.annotation.promises import no_promise_is_broken
from tests.annotation.weakening import weakened
from tests.cast import annotators

pytestmark = pytest.mark.django_db(transaction=True)


def test_an_item_does_not_settle_under_a_revision(dataset: Dataset, ana: Annotator) -> None:
    build.item(dataset)
    campaign = build.campaign(dataset, overlap=1)
    work_until_nothing(ana, campaign)
    old = Annotation.objects.get(step="helpful")
    first = Actor()
    try:
        first.begin()
        first.does(labelling.revise, ana, old, key=uuid4(), answers={"better": "a"})
        assert settling.settle_ripe().settled == 0  # passed over, and not forgotten
        first.commit()
    finally:
        first.leaves()
    assert settling.settle_ripe().settled == 1
    assert Annotation.objects.get(step="helpful", standing="counted").answers != old.answers


def test_without_the_items_lock_it_settles_on_the_older_answers(
    dataset: Dataset, ana: Annotator
) -> None:
    build.item(dataset)
    campaign = build.campaign(dataset, overlap=1)
    work_until_nothing(ana, campaign)
    old = Annotation.objects.get(step="helpful")
    first = Actor()
    try:
        with weakened((revising, "_PLACE"), guard="FOR SHARE OF i"):
            first.begin()
            first.does(labelling.revise, ana, old, key=uuid4(), answers={"better": "a"})
            assert settling.settle_ripe().settled == 1
            first.commit()
    finally:
        first.leaves()
    # What was revised counts on an item that had closed before, with another verdict.
    newer = Annotation.objects.get(step="helpful", standing="counted")
    assert newer.answers != old.answers
    assert Verdict.objects.get(question="better").value == old.answers["better"]


def test_settling_at_once_settles_once(dataset: Dataset, campaign: Campaign) -> None:
    for one in annotators(3, dataset):
        work_until_nothing(one, campaign)
    found = all_at_once(*(settling.settle_ripe for _ in range(4)))
    assert not [answer for answer in found if isinstance(answer, Exception)], found
    settling.settle_ripe()
    assert Event.objects.filter(verb="settle").count() == 4
    no_promise_is_broken()
