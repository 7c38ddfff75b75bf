"""The database is killed under people at work: nothing that was acknowledged is lost.

A real `kill -9` of a server of its own, all of its processes, in the middle of submits.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event as Signal
from typing import TypeVar
from uuid import UUID, uuid4

import pytest
from django.db import InterfaceError, OperationalError, connection, connections

from annotation import assigning, holding
from annotation.assigning import Assignment
from annotation.invariants import CHECKS
from annotation.models import Annotation, Annotator, Campaign, Slot
from annotation.vocabulary import SlotState
from config.embedded import account, server
from config.embedded.layout import Layout
from config.management.commands.invariants import rows_breaking
from tests import build
from tests.annotation.answering import submit, work
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


@pytest.fixture
def another(monkeypatch: pytest.MonkeyPatch) -> Iterator[Layout]:
    """A server with our tables and nothing in them; threads that begin now work there."""
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
        for word, value in (("HOST", there["host"]), ("NAME", there["dbname"])):
            monkeypatch.setitem(connections.databases["default"], word, value)
        yield layout
        server.release(layout)
        kill(processes_of(layout))
        eventually(lambda: not processes_of(layout))


def killed(layout: Layout) -> list[int]:
    """What is left of the server, a child that was just being born included, killed too."""
    left = processes_of(layout)
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
        return thread.submit(run).result(60)


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
            kill(processes_of(layout))
            eventually(lambda: not killed(layout))
            for end in ends:
                end.result(60)
        server.hold(layout)  # it recovers from its log

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


def no_promise_is_broken() -> None:
    assert [(check.title, rows) for check in CHECKS if (rows := rows_breaking(check))] == []


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
    Slot.objects.filter(state=SlotState.LEASED).update(expires_at="2020-01-01T00:00:00Z")
    holding.expire_leases()
    for person in people:
        work(person, campaign)
    assert set(Slot.objects.values_list("state", flat=True)) == {SlotState.DONE}
    no_promise_is_broken()
