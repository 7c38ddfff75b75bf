"""What the unique indexes refuse where a statement saw nothing wrong: a second place or answer."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from annotation import assigning, labelling, walking
from annotation.labelling import Submitted, statements
from annotation.models import Annotation, Annotator, Campaign, Slot
from config.management.commands.invariants import CHECKS, rows_breaking
from datasets_app.models import Dataset
from tests import build
from tests.actors import all_at_once
from tests.annotation.answering import submit
from tests.annotation.promises import no_promise_is_broken
from tests.annotation.weakening import weakened
from tests.cast import annotators

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def without_own_check(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leases that forget to look for the annotator's own places."""
    own = "WHERE own.annotator_id = %(annotator)s"
    for name in ("LEASE", "LEASE_AND_TERMS"):
        statement = getattr(walking, name)
        assert own in statement
        monkeypatch.setattr(walking, name, statement.replace(own, "WHERE false"))


def test_the_index_refuses_a_second_place(
    campaign: Campaign, ana: Annotator, without_own_check: None
) -> None:
    submit(ana, assigning.leases(ana, campaign, want=1)[0])
    with pytest.raises(IntegrityError, match="slot_once_per_annotator"):
        assigning.leases(ana, campaign, want=1)


def test_without_the_index_one_person_gets_two_places(
    campaign: Campaign, ana: Annotator, without_own_check: None
) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DROP INDEX slot_once_per_annotator")
        submit(ana, assigning.leases(ana, campaign, want=1)[0])
        assigning.leases(ana, campaign, want=1)
        broken = [check.number for check in CHECKS if rows_breaking(check)]
        transaction.set_rollback(True)
    assert "I2" in broken


def _two_answers_for_one_place(dataset: Dataset, campaign: Campaign) -> None:
    slot = Slot.objects.filter(campaign=campaign).earliest("pk")
    for person in annotators(2, dataset):
        build.counted(slot, person.pk, {})


def test_the_index_refuses_a_second_answer_that_counts_for_a_place(
    dataset: Dataset, campaign: Campaign
) -> None:
    with pytest.raises(IntegrityError, match="annotation_one_counted_per_slot"):
        _two_answers_for_one_place(dataset, campaign)


def test_without_the_index_a_place_holds_two_answers(dataset: Dataset, campaign: Campaign) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DROP INDEX annotation_one_counted_per_slot")
        _two_answers_for_one_place(dataset, campaign)
        broken = [check.number for check in CHECKS if rows_breaking(check)]
        transaction.set_rollback(True)
    assert "I1" in broken


def test_one_key_sent_fifty_times_at_once_is_one_annotation(
    campaign: Campaign, ana: Annotator
) -> None:
    held, key = assigning.leases(ana, campaign, want=1)[0], uuid4()
    answers = all_at_once(*(partial(submit, ana, held, key=key) for _ in range(50)))
    assert {answer.annotation_id for answer in answers if isinstance(answer, Submitted)} == {
        Annotation.objects.get().pk
    }
    assert all(isinstance(answer, Submitted) for answer in answers), answers
    assert sum(not answer.replayed for answer in answers if isinstance(answer, Submitted)) == 1
    no_promise_is_broken()


def test_one_key_for_two_places_at_once_counts_for_one(campaign: Campaign, ana: Annotator) -> None:
    held, key = assigning.leases(ana, campaign), uuid4()
    answers = all_at_once(*(partial(submit, ana, one, key=key) for one in held))
    assert sorted(type(answer).__name__ for answer in answers) == ["KeyReused", "Submitted"]
    no_promise_is_broken()


@pytest.fixture
def without_a_look_at_keys() -> Iterator[None]:
    """Submits that see no key that came before, as when both are on their way at this moment."""
    look = "WHERE key = %(key)s"
    with weakened(
        (statements, "READ"), (statements, "KNOWN"), guard=look, instead=f"{look} AND false"
    ):
        yield


def test_the_index_refuses_a_second_annotation_under_a_key(
    campaign: Campaign, ana: Annotator, without_a_look_at_keys: None
) -> None:
    held, key = assigning.leases(ana, campaign), uuid4()
    submit(ana, held[0], key=key)
    with pytest.raises(labelling.KeyReused):
        submit(ana, held[1], key=key)
    no_promise_is_broken()


def test_without_the_unique_key_one_submit_is_two_annotations(
    campaign: Campaign, ana: Annotator, without_a_look_at_keys: None
) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "ALTER TABLE annotation_annotation DROP CONSTRAINT annotation_annotation_key_key"
        )
        key = uuid4()
        for held in assigning.leases(ana, campaign):
            submit(ana, held, key=key)
        broken = [check.number for check in CHECKS if rows_breaking(check)]
        transaction.set_rollback(True)
    assert broken == ["I6"]
