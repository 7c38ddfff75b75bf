"""All verbs in any order, with transactions open side by side: no promise is ever broken."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.db import OperationalError, transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from annotation import assigning, campaigns, holding, labelling, leaving, priority, settling
from annotation.assigning import Assignment
from annotation.consensus import strategies
from annotation.consensus.strategies import Plan
from annotation.invariants import CHECKS
from annotation.labelling import statements
from annotation.models import Annotator, Campaign, Slot
from annotation.vocabulary import Priority, SkipReason, SlotState, Strategy
from config.management.commands.invariants import rows_breaking
from datasets_app.models import Dataset, Item
from datasets_app.vocabulary import ItemState
from tests import build
from tests.actors import Actor
from tests.annotation.answering import submit
from tests.cast import annotators

# What may happen to anybody at any time, and changes nothing.
EXPECTED = (
    OperationalError,  # somebody else has it locked
    assigning.Busy,
    assigning.NoEntry,
    labelling.RulesBroken,
    labelling.UnknownLease,  # the transaction that gave it was rolled back
)
ACTORS = st.integers(0, 2)
PEOPLE = st.integers(0, 3)
WAYS = st.sampled_from(["release", "skip", "extend"])
PROTOCOL = "safesora"  # its second step follows the first


class Leasing(RuleBasedStateMachine):
    """Three connections, four annotators, two items to begin with, an overlap of two."""

    @initialize(strategy=st.sampled_from(Strategy))
    def begin(self, strategy: Strategy = Strategy.FIXED) -> None:
        self.actors = [Actor(impatient=30) for _ in range(3)]
        self.dataset: Dataset = build.dataset(PROTOCOL)
        self.crowd: list[Annotator] = annotators(4, self.dataset)
        build.items(2, self.dataset)
        self.campaign: Campaign = build.campaign(self.dataset, overlap=2)
        strategies.follow(self.campaign, Plan(strategy, 2, 3, 0.99, 2), by=None)
        self.held: list[tuple[int, Assignment]] = []

    def attempt(self, actor: int, act: Any, *args: Any, **kwargs: Any) -> Any:
        if self.actors[actor].is_in_transaction:
            act = transaction.atomic()(act)  # what fails is undone, the rest stays open
        try:
            return self.actors[actor].does(act, *args, **kwargs)
        except EXPECTED:
            return None

    @rule(actor=ACTORS)
    def open_a_transaction(self, actor: int) -> None:
        if not self.actors[actor].is_in_transaction:
            self.actors[actor].begin()

    @rule(actor=ACTORS, crashes=st.booleans())
    def end_it(self, actor: int, crashes: bool) -> None:
        if self.actors[actor].is_in_transaction:
            self.actors[actor].roll_back() if crashes else self.actors[actor].commit()

    @rule(actor=ACTORS, person=PEOPLE, want=st.integers(1, 2))
    def lease(self, actor: int, person: int, want: int) -> None:
        held = self.attempt(actor, assigning.leases, self.crowd[person], self.campaign, want=want)
        self.held += [(person, one) for one in held or []]

    @rule(actor=ACTORS, choice=st.integers(0, 99), is_own=st.booleans())
    def submit(self, actor: int, choice: int, is_own: bool) -> None:
        """Fresh tokens, stale ones, and those of others."""
        if not self.held:
            return
        person, held = self.held[choice % len(self.held)]
        sender = self.crowd[person if is_own else (person + 1) % 4]
        self.attempt(actor, submit, sender, held, key=uuid4())

    @rule(
        actor=ACTORS, choice=st.integers(0, 99), way=st.sampled_from(["release", "skip", "extend"])
    )
    def part(self, actor: int, choice: int, way: str) -> None:
        if not self.held:
            return
        person, held = self.held[choice % len(self.held)]
        one = self.crowd[person]
        if way == "release":
            self.attempt(actor, holding.release, one, held.token)
        elif way == "extend":
            self.attempt(actor, holding.extend, one, held.token)
        else:
            self.attempt(actor, labelling.skip, one, held.token, reason=SkipReason.CANNOT_JUDGE)

    @rule(actor=ACTORS)
    def time_passes(self, actor: int) -> None:
        """Every lease that nobody has locked runs out and is swept up."""
        self.attempt(actor, _run_out, self.campaign)
        self.attempt(actor, holding.expire_leases)

    @rule(actor=ACTORS, overlap=st.integers(1, 3))
    def set_overlap(self, actor: int, overlap: int) -> None:
        self.attempt(actor, campaigns.set_overlap, self.campaign, overlap, by=None)

    @rule(actor=ACTORS, person=PEOPLE, skips=st.booleans())
    def work_through(self, actor: int, person: int, skips: bool) -> None:
        """Everything that there is for somebody; or that person cannot judge the first of it."""
        one = self.crowd[person]
        for _turn in range(1 if skips else 6):
            held = self.attempt(actor, assigning.leases, one, self.campaign, want=1)
            if not held:
                return
            if skips:
                reason = SkipReason.CANNOT_JUDGE
                self.attempt(actor, labelling.skip, one, held[0].token, reason=reason)
            else:
                self.attempt(actor, submit, one, held[0], key=uuid4())

    @rule(
        actor=ACTORS,
        strategy=st.sampled_from(Strategy),
        at_most=st.integers(3, 4),
        skips=st.sampled_from([None, 1, 2]),
    )
    def plan(self, actor: int, strategy: Strategy, at_most: int, skips: int | None) -> None:
        """With so much certainty wanted, plain answers are never sure enough."""
        wanted = Plan(strategy, 2, at_most, 0.99, skips)
        self.attempt(actor, strategies.follow, self.campaign, wanted, by=None)

    @rule(actor=ACTORS, choice=st.integers(0, 3), wanted=st.sampled_from(Priority))
    def prioritise(self, actor: int, choice: int, wanted: Priority) -> None:
        items = list(Item.objects.filter(dataset=self.dataset).order_by("pk"))
        chosen = [items[choice % len(items)].pk]
        self.attempt(actor, priority.set_priority, self.campaign, chosen, wanted, by=None)

    @rule(actor=ACTORS, person=PEOPLE)
    def revoke(self, actor: int, person: int) -> None:
        """The membership is withdrawn; what was done counts on."""
        self.attempt(actor, leaving.revoke, self.crowd[person], self.campaign, by=None)

    @rule(actor=ACTORS)
    def settle(self, actor: int) -> None:
        self.attempt(actor, settling.settle_ripe)

    @rule()
    def load_an_item(self) -> None:
        if Item.objects.filter(dataset=self.dataset).count() < 4:
            build.item(self.dataset)

    @rule(actor=ACTORS, person=PEOPLE)
    def set_aside(self, actor: int, person: int) -> None:
        self.attempt(
            actor, leaving.set_aside, self.crowd[person], self.campaign, by=None, reason="x"
        )

    @rule(actor=ACTORS, person=PEOPLE)
    def come_back(self, actor: int, person: int) -> None:
        self.attempt(actor, annotators, person + 1, self.dataset)

    @invariant()
    def no_promise_is_broken(self) -> None:
        broken = [(check.title, rows) for check in CHECKS if (rows := rows_breaking(check))]
        assert broken == []

    def teardown(self) -> None:
        """Whatever happened: honest people finish everything that anybody may still do."""
        if not hasattr(self, "actors"):
            return
        for actor in self.actors:
            actor.leaves()
        _run_out(self.campaign)
        holding.expire_leases()
        while self.finish():  # settling asks one person more where it is not sure
            settling.settle_ripe()
            self.no_promise_is_broken()
        left = Slot.objects.filter(campaign=self.campaign, item__state=ItemState.OPEN)
        assert not left.exclude(state=SlotState.DONE).exists()

    def finish(self) -> int:
        """Whatever anybody may still do; how many answers."""
        done = 0
        for one in annotators(8, self.dataset):
            while held := assigning.leases(one, self.campaign, want=1):
                submit(one, held[0])
                done += 1
        return done


def _run_out(campaign: Campaign) -> None:
    Slot.objects.filter(campaign=campaign, state=SlotState.LEASED).update(
        expires_at="2020-01-01T00:00:00Z", leased_at="2020-01-01T00:00:00Z"
    )


SOME = settings(
    max_examples=8,
    stateful_step_count=25,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],  # who has to wait for whom differs from run to run: nothing to shrink
    database=None,
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.django_db(transaction=True)
def test_no_order_of_things_breaks_a_promise() -> None:
    run_state_machine_as_test(Leasing, settings=SOME)


@pytest.mark.django_db(transaction=True)
def test_the_machine_sees_the_fault_when_a_guard_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    """A submit that does not keep the step after it for its person: anybody may walk in."""
    careless = statements.COUNT.replace("reserved_for_id = %(annotator)s,", "")
    assert careless != statements.COUNT
    monkeypatch.setattr(statements, "COUNT", careless)
    machine = Leasing()
    machine.begin()
    machine.lease(actor=0, person=0, want=1)
    machine.submit(actor=0, choice=0, is_own=True)
    with pytest.raises(AssertionError, match="No step waits for somebody who cannot come"):
        machine.no_promise_is_broken()
    for actor in machine.actors:
        actor.leaves()


@pytest.mark.django_db(transaction=True)
def test_the_machine_sees_people_beyond_the_most(monkeypatch: pytest.MonkeyPatch) -> None:
    """A campaign that forgets how many people it may ask at most."""
    machine = Leasing()
    machine.begin()
    machine.plan(actor=0, strategy=Strategy.SEQUENTIAL, at_most=3, skips=None)
    monkeypatch.setattr(Campaign, "widest", 9)
    for person in range(4):
        for _step in range(4):
            machine.lease(actor=0, person=person, want=1)
            machine.submit(actor=0, choice=len(machine.held) - 1, is_own=True)
        machine.settle(actor=0)
    with pytest.raises(AssertionError, match="Nobody judges beyond the overlap"):
        machine.no_promise_is_broken()
    for actor in machine.actors:
        actor.leaves()


@pytest.mark.django_db(transaction=True)
def test_the_machine_sees_a_priority_without_its_event(monkeypatch: pytest.MonkeyPatch) -> None:
    """A change of priority that takes what somebody has: the slot is not as its event left it."""
    greedy = priority._SET.replace("s.state = 'open'", "TRUE").replace(
        "SET priority", "SET state = 'open', annotator_id = NULL, token = NULL, priority"
    )
    assert greedy != priority._SET
    monkeypatch.setattr(priority, "_SET", greedy)
    machine = Leasing()
    machine.begin()
    machine.lease(actor=0, person=0, want=1)
    for choice in (0, 1):
        machine.prioritise(actor=0, choice=choice, wanted=Priority.FIRST)
    with pytest.raises(AssertionError, match="A slot is as its last event left it"):
        machine.no_promise_is_broken()
    for actor in machine.actors:
        actor.leaves()
