"""Who annotates no longer: neither a second thought nor a look comes through the old doors."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import pytest
from django.test import Client

from annotation import access, assigning, holding, labelling, leaving
from annotation.checks import answering
from annotation.labelling import revising
from annotation.models import Annotation, Annotator, Campaign, Slot
from annotation.vocabulary import Standing
from datasets_app.access import Sight
from datasets_app.models import Dataset, Item
from datasets_app.protocols import VERSIONS
from datasets_app.vocabulary import Modality
from tests import build
from tests.actors import Actor, wait_for_a_lock
from tests.annotation import checked
from tests.annotation.answering import PLAIN, submit
from tests.annotation.test_told_apart import next_of
from tests.annotation.weakening import weakened
from tests.cast import Cast, annotators, as_annotator, cast

pytestmark = pytest.mark.django_db

INSIDE = "m.role = 'annotator'"


@pytest.fixture
def people() -> Cast:
    dataset = build.dataset()
    build.items(4, dataset)
    return cast(dataset)


@pytest.fixture
def campaign(people: Cast) -> Campaign:
    found = checked.mixing(build.campaign(Dataset.objects.get()))
    checked.some_gold(found)
    return found


def answered_and_let_go(
    ana: Annotator, campaign: Campaign, *, is_check: bool
) -> tuple[Annotation, str]:
    held = next_of(ana, campaign, is_check=is_check)
    done = submit(ana, held)
    leaving.revoke(ana, campaign, by=None, reason="the study is over")
    return Annotation.objects.get(pk=done.annotation_id), held.step


@pytest.mark.parametrize("is_check", [False, True], ids=["item", "check"])
def test_who_was_let_go_answers_nothing_anew(
    people: Cast, campaign: Campaign, is_check: bool
) -> None:
    ana = as_annotator(people.ana)
    given, step = answered_and_let_go(ana, campaign, is_check=is_check)
    with pytest.raises(labelling.NotOpen):
        labelling.revise(ana, given, key=uuid4(), answers=PLAIN[step])


@pytest.mark.parametrize("is_check", [False, True], ids=["item", "check"])
def test_without_that_look_he_would(people: Cast, campaign: Campaign, is_check: bool) -> None:
    where = ((answering, "_PAPER"),) if is_check else ((revising, "_PLACE"),)
    with (
        weakened(*where, guard=INSIDE, instead="true) OR (true"),
        pytest.raises(pytest.fail.Exception),
    ):
        test_who_was_let_go_answers_nothing_anew(people, campaign, is_check)


def test_who_was_let_go_reads_no_prompt_of_the_dataset_any_more(
    people: Cast, campaign: Campaign
) -> None:
    ana = as_annotator(people.ana)
    browser = Client()
    browser.force_login(people.ana)
    submit(ana, next_of(ana, campaign))
    assert len(browser.get("/label/").context["latest"]) == 1
    leaving.revoke(ana, campaign, by=people.cora, reason="the study is over")
    assert browser.get("/label/").context["latest"] == []


def test_nor_sees_its_pictures() -> None:
    shown = next(p.key for p in VERSIONS.values() if p.prompt_modality is Modality.IMAGE)
    dataset = build.dataset(shown)
    build.items(2, dataset)
    people = cast(dataset)
    campaign = build.campaign(dataset)
    ana = as_annotator(people.ana)
    (held,) = assigning.leases(ana, campaign, want=1)
    Slot.objects.filter(pk=held.slot_id).update(state="done", expires_at=None)
    mine = Item.objects.filter(pk=held.item_id)
    assert access.may_see_media(people.ana, mine) > Sight.NOTHING
    leaving.revoke(ana, campaign, by=people.cora, reason="the study is over")
    assert access.may_see_media(people.ana, mine) is Sight.NOTHING


# --- At the same moment


@pytest.fixture
def two() -> Iterator[tuple[Actor, Actor]]:
    first, second = Actor(), Actor()
    yield first, second
    first.leaves()
    second.leaves()


@pytest.mark.django_db(transaction=True)
def test_what_is_handed_in_late_while_it_is_being_reported_is_no_vote(
    two: tuple[Actor, Actor],
) -> None:
    dataset = build.dataset()
    build.item(dataset)
    campaign = build.campaign(dataset)
    ana, ben = annotators(2, dataset)
    (anas,) = assigning.leases(ana, campaign, want=1)
    holding.release(ana, anas.token)
    (bens,) = assigning.leases(ben, campaign, want=1)
    reporting, handing_in = two
    reporting.begin()
    assert reporting.does(labelling.report, ben, bens.token, reason="should not be here")
    answer = handing_in.starts(submit, ana, anas)
    wait_for_a_lock()
    reporting.commit()
    assert answer.result(30).standing is Standing.LATE
