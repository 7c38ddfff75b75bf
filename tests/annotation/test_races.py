"""Races: many at once over few places, and what each guard is there for.

Beside what a guard keeps stands its negative control: a test that takes it away and shows the
fault. The table of guards, their tests and controls is in docs/leases.md.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from uuid import uuid4

import pytest
from django.db import IntegrityError, OperationalError, connection, connections, transaction

from annotation import assigning, holding, labelling, placing, settling, walking
from annotation.assigning import Assignment
from annotation.labelling import Submitted, revising, statements
from annotation.models import Annotation, Annotator, Campaign, Slot
from annotation.vocabulary import SlotState, Standing
from config.management.commands.invariants import CHECKS, rows_breaking
from datasets_app.models import Dataset, Event, Item, Verdict
from datasets_app.vocabulary import ItemState
from tests import build
from tests.actors import Actor, all_at_once, wait_for_a_lock
from tests.annotation.answering import submit
from tests.annotation.weakening import weakened
from tests.cast import annotators

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def dataset() -> Dataset:
    return build.dataset()


@pytest.fixture
def campaign(dataset: Dataset) -> Campaign:
    build.items(4, dataset)
    return build.campaign(dataset)


@pytest.fixture
def ana(dataset: Dataset) -> Annotator:
    return annotators(1, dataset)[0]


@pytest.fixture
def two() -> Iterator[tuple[Actor, Actor]]:
    """Two connections; the second one is impatient."""
    first, second = Actor(), Actor(impatient=50)
    yield first, second
    first.leaves()
    second.leaves()


def no_promise_is_broken() -> None:
    assert [(check.title, rows) for check in CHECKS if (rows := rows_breaking(check))] == []


def work_until_nothing(annotator: Annotator, campaign: Campaign) -> int:
    """Answer until told that there is nothing; "busy" is not nothing."""
    done = 0
    while True:
        try:
            held = assigning.leases(annotator, campaign, want=1)
        except assigning.Busy:
            continue
        if not held:
            return done
        submit(annotator, held[0])
        done += 1


def test_a_crowd_over_few_places_gives_each_one_vote(dataset: Dataset, campaign: Campaign) -> None:
    crowd = annotators(16, dataset)
    done = all_at_once(*(partial(work_until_nothing, one, campaign) for one in crowd))
    assert sum(number for number in done if isinstance(number, int)) == 4 * 3 * 3, done
    assert set(Slot.objects.values_list("state", flat=True)) == {"done"}
    votes = Counter(Annotation.objects.values_list("item", "step"))
    assert set(votes.values()) == {3}
    no_promise_is_broken()


def _sixty_four_over_the_last_places(*, gives_up_early: bool) -> list[int | Exception]:
    """Ten of thirty places are locked by somebody who gives them up: when the others are taken,
    or only when everybody has gone home."""
    dataset = build.dataset()
    build.items(10, dataset)
    campaign = build.campaign(dataset, overlap=1)
    first, *crowd = annotators(65, dataset)
    holder = Actor()
    try:
        holder.begin()
        assert len(holder.does(assigning.leases, first, campaign, want=10)) == 10
        with ThreadPoolExecutor(max_workers=1) as watch:
            if gives_up_early:
                watch.submit(_give_up_when_all_others_are_taken, holder, campaign)
            done = all_at_once(*(partial(work_until_nothing, one, campaign) for one in crowd))
    finally:
        holder.leaves()
    return done


def _give_up_when_all_others_are_taken(holder: Actor, campaign: Campaign) -> None:
    try:
        while Slot.objects.filter(campaign=campaign, state=SlotState.DONE).count() < 20:
            pass
        holder.roll_back()
    finally:
        connections.close_all()


def test_sixty_four_over_the_last_places_leave_none_and_take_none_twice() -> None:
    """Nobody is told that there is nothing while a place is only locked."""
    done = _sixty_four_over_the_last_places(gives_up_early=True)
    assert sum(number for number in done if isinstance(number, int)) == 30, done
    assert set(Slot.objects.values_list("state", flat=True)) == {SlotState.DONE}
    assert set(Counter(Annotation.objects.values_list("item", "step")).values()) == {1}
    no_promise_is_broken()


def test_without_the_query_that_minds_no_locks_places_are_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The negative control: the crowd is told that there is nothing, and goes home."""
    monkeypatch.setattr(walking, "ORACLE", "SELECT false")
    done = _sixty_four_over_the_last_places(gives_up_early=False)
    assert sum(number for number in done if isinstance(number, int)) == 20, done
    assert Slot.objects.filter(state=SlotState.OPEN).count() == 10


def test_each_of_a_crowd_with_two_tabs_is_one_person(dataset: Dataset, campaign: Campaign) -> None:
    crowd = annotators(6, dataset) * 2
    done = all_at_once(*(partial(_work_in_a_tab, one, campaign) for one in crowd))
    assert not [error for error in done if isinstance(error, Exception)]
    counted = Annotation.objects.filter(standing=Standing.COUNTED)
    assert counted.count() == 4 * 3 * 3
    assert set(Counter(counted.values_list("item", "step", "annotator")).values()) == {1}
    no_promise_is_broken()


def _work_in_a_tab(annotator: Annotator, campaign: Campaign) -> None:
    """Both tabs show the same item, so one of them is often too late: that is kept, not counted."""
    while True:
        try:
            held = assigning.leases(annotator, campaign, want=1)
        except assigning.Busy:
            continue
        if not held:
            return
        submit(annotator, held[0])


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


def test_busy_is_not_nothing(dataset: Dataset, two: tuple[Actor, Actor]) -> None:
    """The last place is just being taken: it may come back, so nobody is told that all is done."""
    ana, ben = annotators(2, dataset)
    build.item(dataset)
    campaign = build.campaign(dataset, overlap=1)
    first, second = two
    first.begin()
    first.does(assigning.leases, ana, campaign, want=3)
    with pytest.raises(assigning.Busy):
        second.does(assigning.leases, ben, campaign)
    first.roll_back()
    assert second.does(assigning.leases, ben, campaign)


def test_while_somebody_places_nobody_is_told_that_there_is_nothing(
    dataset: Dataset, ana: Annotator, two: tuple[Actor, Actor]
) -> None:
    build.item(dataset)
    campaign = build.campaign(dataset, place=False)
    first, second = two
    first.begin()
    first.does(placing.place, campaign)
    with pytest.raises(assigning.Busy):
        second.does(assigning.leases, ana, campaign)
    first.commit()
    assert second.does(assigning.leases, ana, campaign)


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


def test_a_submit_and_the_sweep_at_once_lose_nothing(dataset: Dataset) -> None:
    build.items(12, dataset)
    campaign = build.campaign(dataset, overlap=1)
    crowd = annotators(6, dataset)
    held = [(one, what) for one in crowd for what in assigning.leases(one, campaign)]
    Slot.objects.filter(state=SlotState.LEASED).update(expires_at="2020-01-01T00:00:00Z")
    answers = all_at_once(
        *(partial(submit, *one) for one in held), *(holding.expire_leases for _ in range(4))
    )
    assert not [answer for answer in answers if isinstance(answer, Exception)], answers
    assert Annotation.objects.filter(standing=Standing.COUNTED).count() == 12
    no_promise_is_broken()


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


def test_placing_at_once_places_once(dataset: Dataset) -> None:
    build.items(20, dataset)
    campaign = build.campaign(dataset, place=False)
    placed = all_at_once(*(partial(placing.place, campaign) for _ in range(6)))
    assert sum(number for number in placed if isinstance(number, int)) == 20 * 9, placed
    assert Slot.objects.count() == 20 * 9


def test_without_the_campaigns_lock_two_place_the_same(
    dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    build.items(2, dataset)
    campaign = build.campaign(dataset, place=False)
    monkeypatch.setattr(placing, "_lock", lambda campaign, **_how: campaign)
    first, second = Actor(), Actor()
    try:
        first.begin()
        first.does(placing.place, campaign)
        placed = second.starts(placing.place, campaign)
        wait_for_a_lock()
        first.commit()
        with pytest.raises(IntegrityError, match="slot_number_once"):
            placed.result(30)
    finally:
        first.leaves()
        second.leaves()


def test_settling_at_once_settles_once(dataset: Dataset, campaign: Campaign) -> None:
    for one in annotators(3, dataset):
        work_until_nothing(one, campaign)
    found = all_at_once(*(settling.settle_ripe for _ in range(4)))
    assert not [answer for answer in found if isinstance(answer, Exception)], found
    settling.settle_ripe()
    assert Event.objects.filter(verb="settle").count() == 4
    no_promise_is_broken()
