"""The database is killed under people at work: nothing that was acknowledged is lost.

A real `kill -9` of a server of its own, all of its processes: in the middle of submits, and between
any two of all verbs.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event as Signal
from typing import ClassVar, TypeVar
from uuid import UUID, uuid4

import pytest
from django.db import InterfaceError, OperationalError, connection, connections
from hypothesis import settings
from hypothesis.stateful import invariant, run_state_machine_as_test

from annotation import assigning, holding
from annotation.assigning import Assignment
from annotation.checks import mixing
from annotation.models import Annotation, Annotator, Campaign, Slot
from annotation.vocabulary import SlotState
from config.embedded import account, server
from config.embedded.layout import Layout
from tests import build
from tests.actors import Actor
from tests.annotation.answering import submit, work
from tests.annotation.promises import no_promise_is_broken
from tests.annotation.test_leasing_machine import SOME, Leasing
from tests.cast import annotators
from tests.config.test_embedded import eventually, folder, kill, processes_of

T = TypeVar("T")
pytestmark = pytest.mark.django_db(transaction=True)

# What is in memory only stays there: who does not wait for the log loses it.
OPTIONS = {
    "fsync": "off",  # the machine lives on, and what the kernel has is written
    "shared_buffers": "32MB",
    "max_connections": "30",
    "wal_writer_delay": "10s",
    "bgwriter_delay": "10s",
}
DEAD = (OperationalError, InterfaceError)
PEOPLE = 4
# Steps of the machine between one death of its server and the next.
KILLED_EVERY = 6


@pytest.fixture(scope="module")
def made_once(django_db_setup: None) -> Iterator[Layout]:
    """A server with our tables, and nothing in them at first."""
    programs = account.wheel_programs()
    words = connection.settings_dict
    with folder() as home:
        layout = Layout(home / "postgres", OPTIONS)
        server.hold(layout)
        there = layout.conninfo()
        tables = subprocess.run(
            [programs / "pg_dump", "-s", "-h", words["HOST"], "-U", words["USER"], words["NAME"]],
            capture_output=True,
            check=True,
        )
        subprocess.run(
            [programs / "psql", "-q", "-h", there["host"], "-U", there["user"], there["dbname"]],
            input=tables.stdout,
            capture_output=True,
            check=True,
        )
        yield layout
        server.release(layout)
        kill(processes_of(layout))
        eventually(lambda: not processes_of(layout))


@pytest.fixture
def another(made_once: Layout, monkeypatch: pytest.MonkeyPatch) -> Layout:
    """That server; threads that begin now work there."""
    there = made_once.conninfo()
    for word, value in (("HOST", there["host"]), ("NAME", there["dbname"])):
        monkeypatch.setitem(connections.databases["default"], word, value)
    return made_once


def kill_and_recover(layout: Layout) -> None:
    """All processes of the server are gone at once, and it comes back from its log."""
    eventually(lambda: not killed(layout))
    server.hold(layout)


def killed(layout: Layout) -> list[int]:
    """What there was of the server, killed: the youngest first, the keeper last, at whose end
    PostgreSQL would still write down all it has."""
    left = sorted(processes_of(layout), reverse=True)
    kill(left)
    return left


def there(act: Callable[[], T]) -> T:
    """What comes of something done at a connection of its own."""

    def run() -> T:
        try:
            return act()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(run).result(200)


class Work:
    """People who lease and submit until the server dies under them."""

    def __init__(self, people: list[Annotator], campaign: Campaign, *, careless: bool) -> None:
        self.people = people
        self.campaign = campaign
        self.careless = careless
        self.acknowledged: list[int] = []
        # What was on its way when the server died.
        self.pending: dict[int, tuple[Assignment, UUID]] = {}
        self.enough = Signal()

    def until_it_is_killed(self, layout: Layout, *, after: int) -> None:
        with ThreadPoolExecutor(max_workers=PEOPLE) as crowd:
            ends = [crowd.submit(self._work, person, after) for person in self.people]
            assert self.enough.wait(60)
            kill_and_recover(layout)
            for end in ends:
                end.result(60)

    def _work(self, person: Annotator, after: int) -> None:
        try:
            if self.careless:
                with connection.cursor() as cursor:
                    cursor.execute("SET synchronous_commit = off")
            while held := assigning.leases(person, self.campaign, want=1):
                self.pending[person.pk] = held[0], uuid4()
                done = submit(person, held[0], key=self.pending[person.pk][1])
                self.acknowledged.append(done.annotation_id)
                if len(self.acknowledged) >= after:
                    self.enough.set()
        except DEAD:
            pass
        finally:
            connections.close_all()

    def lost(self) -> set[int]:
        kept = Annotation.objects.filter(pk__in=self.acknowledged)
        return set(self.acknowledged) - set(kept.values_list("pk", flat=True))


def set_up() -> tuple[list[Annotator], Campaign]:
    dataset = build.dataset("safesora")
    people = annotators(PEOPLE, dataset)
    build.items(60, dataset)
    return people, build.campaign(dataset, overlap=2)


def test_nothing_that_was_acknowledged_is_lost_when_the_server_is_killed(another: Layout) -> None:
    people, campaign = there(set_up)
    honest = Work(people, campaign, careless=False)
    honest.until_it_is_killed(another, after=30)
    assert there(honest.lost) == set()
    there(no_promise_is_broken)
    there(lambda: send_again(honest))

    careless = Work(people, campaign, careless=True)
    careless.until_it_is_killed(another, after=30)
    # The negative control: the promise hangs on waiting for the log.
    assert there(careless.lost)
    there(no_promise_is_broken)
    there(lambda: finish(people, campaign))


def send_again(honest: Work) -> None:
    """Whose submit got no answer sends it again: it is there once, arrived or not."""
    for person in honest.people:
        held, key = honest.pending[person.pk]
        submit(person, held, key=key)
        assert Annotation.objects.filter(key=key).count() == 1
    no_promise_is_broken()


def finish(people: list[Annotator], campaign: Campaign) -> None:
    """Work goes on as if nothing had been, each place taken once."""
    mine = Slot.objects.filter(campaign=campaign)
    mine.filter(state=SlotState.LEASED).update(expires_at="2020-01-01T00:00:00Z")
    holding.expire_leases()
    for person in people:
        work(person, campaign)
    assert set(mine.values_list("state", flat=True)) == {SlotState.DONE}
    no_promise_is_broken()


class Dying(Leasing):
    """The same verbs in any order, and now and then the server is killed between two of them."""

    layout: ClassVar[Layout]
    steps = 0

    @invariant()
    def the_server_dies_now_and_then(self) -> None:
        """Every promise holds of what came back."""
        self.steps += 1
        if self.steps % KILLED_EVERY == 0:
            self.kill()
            self.no_promise_is_broken()
            self.what_was_acknowledged_is_there()

    def kill(self) -> None:
        """What was open is lost, for the server and for everybody; what was told is not."""
        kill_and_recover(self.layout)
        connections.close_all()
        for actor in self.actors:
            actor.dies()
        self.pending.clear()
        self.actors = [Actor(impatient=30) for _ in self.actors]


FEW = settings(SOME, max_examples=2, stateful_step_count=20)


def test_no_order_of_things_breaks_a_promise_although_the_server_dies(
    another: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Dying, "layout", another, raising=False)
    monkeypatch.setattr(mixing, "REPEAT_AFTER", 1)
    there(lambda: run_state_machine_as_test(Dying, settings=FEW))


def test_the_machine_sees_what_was_acknowledged_and_is_gone(
    another: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: answers that do not wait for the log."""
    monkeypatch.setattr(Dying, "layout", another, raising=False)
    there(_lose_an_answer)


def _lose_an_answer() -> None:
    """Every ten seconds the server writes its log by itself: so it may take a second answer."""
    machine = Dying()
    machine.begin()
    for person in range(4):
        machine.actors[0].does(_stop_waiting_for_the_log)
        machine.lease(actor=0, person=person, want=1)
        machine.submit(actor=0, choice=len(machine.held) - 1, is_own=True)
        machine.what_was_acknowledged_is_there()
        machine.kill()
        machine.no_promise_is_broken()  # all that belonged together is gone together
        if not _is_all_there(machine):
            break
    assert not _is_all_there(machine)
    for actor in machine.actors:
        actor.leaves()


def _is_all_there(machine: Dying) -> bool:
    try:
        machine.what_was_acknowledged_is_there()
    except AssertionError:
        return False
    return True


def _stop_waiting_for_the_log() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")
