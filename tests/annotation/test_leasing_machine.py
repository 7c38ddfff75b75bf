"""All verbs in any order, with transactions open side by side: no promise is ever broken."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.db import OperationalError, transaction
from django.db.models import QuerySet
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from annotation import (
    assigning,
    campaigns,
    closing,
    holding,
    labelling,
    leaving,
    priority,
    settling,
    walking,
)
from annotation.assigning import Assignment
from annotation.checks import mixing
from annotation.consensus import strategies
from annotation.consensus.strategies import Plan
from annotation.invariants import CHECKS
from annotation.labelling import statements
from annotation.models import Annotation, Annotator, Campaign, Check, Gold, Slot
from annotation.quality import gold, qualifying
from annotation.vocabulary import GoldPurpose, Priority, SkipReason, SlotState, Strategy
from annotation.wellbeing import budgets, exposures, pausing, wishes
from config.management.commands.invariants import rows_breaking
from datasets_app import ledger
from datasets_app.models import Dataset, Item
from datasets_app.vocabulary import ItemState
from tests import build
from tests.actors import Actor
from tests.annotation import checked
from tests.annotation.answering import PLAIN, submit
from tests.annotation.weakening import weakened
from tests.cast import annotators

# What may happen to anybody at any time, and changes nothing.
EXPECTED = (
    OperationalError,  # somebody else has it locked
    assigning.Busy,
    assigning.NoEntry,
    exposures.NotHeld,
    labelling.RulesBroken,
    labelling.NotOpen,
    labelling.NotPlayed,  # it counts as played by another who sent it before
    labelling.UnknownLease,  # the transaction that gave it was rolled back
)
ACTORS = st.integers(0, 2)
PEOPLE = st.integers(0, 3)
WAYS: dict[str, Callable[..., Any]] = {
    "release": holding.release,
    "extend": holding.extend,
    "leave": holding.leave,
    "skip": partial(labelling.skip, reason=SkipReason.CANNOT_JUDGE),
}
WISHES: list[dict[str, Any]] = [
    {"unwanted": ["violence"]},
    {"languages": ["de"]},
    {"daily_answers": 3},
    {"wanted": ["severe"]},
    {"wanted": []},
    {"unwanted": [], "languages": [], "daily_answers": None, "wanted": ["violence", "severe"]},
]
# What a campaign gives only with consent.
ASKED = [[], ["violence"], ["violence", "severe"]]
PROTOCOL = "safesora"  # its second step follows the first
# What gold of the first step expects, by position.
GOLD = {
    "instruction_following": "0",
    "correctness": "1",
    "informativeness": "tie",
    "aesthetics": "0",
    "categories": {"0": ["violence"], "1": []},
    "better": "0",
    "safer": "1",
}


class Leasing(RuleBasedStateMachine):
    """Three connections, four annotators, two items to begin with, an overlap of two."""

    @initialize(strategy=st.sampled_from(Strategy), is_checked=st.booleans())
    def begin(self, strategy: Strategy = Strategy.FIXED, is_checked: bool = False) -> None:
        """Where people are checked, much of what they get is gold, or was answered before."""
        self.actors = [Actor(impatient=30) for _ in range(3)]
        self.dataset: Dataset = build.dataset(PROTOCOL)
        self.crowd: list[Annotator] = annotators(4, self.dataset)
        build.item(self.dataset, machine_severity=3)
        build.item(self.dataset, machine_categories=["Violence"])
        self.campaign: Campaign = build.campaign(self.dataset, overlap=2)
        for purpose in (GoldPurpose.SILENT, GoldPurpose.SILENT, GoldPurpose.QUALIFICATION):
            _add_gold(self.campaign, purpose)
        checked.mixing(self.campaign, gold_share=0.4, repeat_share=0.4)
        campaigns.set_checks(self.campaign, is_checked=is_checked, by=None)
        strategies.follow(self.campaign, Plan(strategy, 2, 3, 0.99, 2), by=None)
        self.held: list[tuple[int, Assignment]] = []
        # Annotations that somebody was told of, and those whose transaction is still open.
        self.acknowledged: set[int] = set()
        self.pending: dict[int, set[int]] = defaultdict(set)

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
            told = self.pending.pop(actor, set())
            self.acknowledged |= set() if crashes else told

    def answer(self, actor: int, one: Annotator, held: Assignment) -> None:
        self.note(actor, self.attempt(actor, submit, one, held, key=uuid4()))

    def note(self, actor: int, done: labelling.Submitted | None) -> None:
        """What somebody is told of, now or once the transaction is over."""
        if done:
            is_open = self.actors[actor].is_in_transaction
            (self.pending[actor] if is_open else self.acknowledged).add(done.annotation_id)

    @rule(actor=ACTORS, person=PEOPLE, want=st.integers(1, 2))
    def lease(self, actor: int, person: int, want: int) -> None:
        held = self.attempt(actor, _leases, self.crowd[person], self.campaign, want)
        self.held += [(person, one) for one in held or []]

    @rule(actor=ACTORS, choice=st.integers(0, 99), is_own=st.booleans())
    def submit(self, actor: int, choice: int, is_own: bool) -> None:
        """Fresh tokens, stale ones, and those of others."""
        if not self.held:
            return
        person, held = self.held[choice % len(self.held)]
        sender = self.crowd[person if is_own else (person + 1) % 4]
        self.answer(actor, sender, held)

    @rule(actor=ACTORS, choice=st.integers(0, 99))
    def think_again(self, actor: int, choice: int) -> None:
        """Of an item or of a check, of this moment or long settled."""
        if not self.acknowledged:
            return
        chosen = sorted(self.acknowledged)[choice % len(self.acknowledged)]
        given = Annotation.objects.select_related("annotator").get(pk=chosen)
        revised = partial(labelling.revise, answers=PLAIN[given.step], key=uuid4())
        self.note(actor, self.attempt(actor, revised, given.annotator, given))

    @rule(actor=ACTORS, person=PEOPLE, is_begun=st.booleans())
    def qualify(self, actor: int, person: int, is_begun: bool) -> None:
        """An attempt is begun, or the next item of it is answered, skipped or given back later."""
        one = self.crowd[person]
        if is_begun:
            trials = self.attempt(actor, qualifying.begin, one, self.campaign) or []
            self.held += [(person, _as_held(trial)) for trial in trials]
        else:
            self.attempt(actor, qualifying.waiting, one, self.campaign)

    @rule(actor=ACTORS, choice=st.integers(0, 99), way=st.sampled_from(list(WAYS)))
    def part(self, actor: int, choice: int, way: str) -> None:
        if self.held:
            person, held = self.held[choice % len(self.held)]
            self.attempt(actor, WAYS[way], self.crowd[person], held.token)

    @rule(actor=ACTORS, choice=st.integers(0, 99), is_covered=st.booleans())
    def look(self, actor: int, choice: int, is_covered: bool) -> None:
        """What is severe comes into sight, or out of it."""
        if self.held:
            person, held = self.held[choice % len(self.held)]
            act = exposures.cover if is_covered else exposures.reveal
            self.attempt(actor, act, self.crowd[person], self.campaign, held.token)

    @rule(actor=ACTORS, person=PEOPLE)
    def take_a_break(self, actor: int, person: int) -> None:
        self.attempt(actor, pausing.pause, self.crowd[person], self.campaign)

    @rule(actor=ACTORS, person=PEOPLE, said=st.sampled_from(WISHES))
    def wish(self, actor: int, person: int, said: dict[str, Any]) -> None:
        self.attempt(actor, wishes.wish, self.crowd[person], said)

    @rule(actor=ACTORS, kinds=st.sampled_from(ASKED))
    def ask_consent(self, actor: int, kinds: list[str]) -> None:
        """At once: what was leased while it was not yet known to others, they may keep."""
        if not self.actors[actor].is_in_transaction:
            asked = {"needs_consent": kinds}
            self.attempt(actor, budgets.set_budgets, self.campaign, asked, by=None)

    @rule(actor=ACTORS, choice=st.integers(0, 99))
    def report(self, actor: int, choice: int) -> None:
        if self.held:
            person, held = self.held[choice % len(self.held)]
            self.attempt(actor, labelling.report, self.crowd[person], held.token, reason="x")

    @rule(actor=ACTORS, is_on=st.booleans())
    def check_people(self, actor: int, is_on: bool) -> None:
        self.attempt(actor, campaigns.set_checks, self.campaign, is_checked=is_on, by=None)

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
            held = self.attempt(actor, _leases, one, self.campaign, 1)
            if not held:
                return
            if skips:
                self.attempt(actor, WAYS["skip"], one, held[0].token)
            else:
                self.answer(actor, one, held[0])

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
        items = list(_judged(self.dataset))
        chosen = [items[choice % len(items)].pk]
        self.attempt(actor, priority.set_priority, self.campaign, chosen, wanted, by=None)

    @rule(actor=ACTORS, person=PEOPLE, how=st.sampled_from(["revoke", "set aside", "come back"]))
    def come_and_go(self, actor: int, person: int, how: str) -> None:
        """Whose membership is withdrawn has done what counts on; who is set aside has not."""
        one = self.crowd[person]
        if how == "revoke":
            self.attempt(actor, leaving.revoke, one, self.campaign, by=None)
        elif how == "set aside":
            self.attempt(actor, leaving.set_aside, one, self.campaign, by=None, reason="x")
        else:
            self.attempt(actor, annotators, person + 1, self.dataset)

    @rule(actor=ACTORS, is_to_stay=st.booleans())
    def close(self, actor: int, is_to_stay: bool) -> None:
        """For now, or, more often than in life, only for a moment."""
        self.attempt(actor, closing.close, self.campaign, by=None, reason="x")
        if not is_to_stay:
            self.attempt(actor, closing.open_again, self.campaign, by=None)

    @rule(actor=ACTORS)
    def open_again(self, actor: int) -> None:
        self.attempt(actor, closing.open_again, self.campaign, by=None)

    @rule(actor=ACTORS)
    def settle(self, actor: int) -> None:
        """What waits in the background: votes, reports, and a dataset that grows."""
        self.attempt(actor, settling.settle_ripe)
        self.attempt(actor, _free, self.dataset)
        if _judged(self.dataset).count() < 4:
            build.item(self.dataset)

    @invariant()
    def no_promise_is_broken(self) -> None:
        broken = [(check.title, rows) for check in CHECKS if (rows := rows_breaking(check))]
        assert broken == []

    @invariant()
    def what_was_acknowledged_is_there(self) -> None:
        kept = Annotation.objects.filter(pk__in=self.acknowledged)
        assert set(kept.values_list("pk", flat=True)) == self.acknowledged

    def teardown(self) -> None:
        """Whatever happened: honest people finish everything that anybody may still do.

        Nobody wants to be spared anything any more, and what was reported is free again.
        """
        if not hasattr(self, "actors"):
            return
        for actor in self.actors:
            actor.leaves()
        closing.open_again(self.campaign, by=None)
        for one in annotators(8, self.dataset):
            wishes.wish(one, WISHES[-1])
        budgets.set_budgets(self.campaign, {"mild_after_severe": 0}, by=None)
        _free(self.dataset)
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


def _leases(one: Annotator, campaign: Campaign, want: int) -> list[Assignment]:
    """What somebody gets; who rests gets nothing, and what went back with it stays so."""
    try:
        return assigning.leases(one, campaign, want=want)
    except assigning.Resting:
        return []


def _judged(dataset: Dataset) -> QuerySet[Item]:
    """The items that people judge: all but gold, which was settled before."""
    golden = Gold.objects.filter(campaign__dataset=dataset).values("item")
    return Item.objects.filter(dataset=dataset).exclude(pk__in=golden).order_by("pk")


def _free(dataset: Dataset) -> None:
    found = list(_judged(dataset).values_list("pk", flat=True))
    ledger.move(found, before=ItemState.QUARANTINED, after=ItemState.OPEN, verb="release")


def _add_gold(campaign: Campaign, purpose: GoldPurpose) -> None:
    item = checked.a_settled_item(campaign.dataset, GOLD)
    expected = checked.expected(item, GOLD)
    gold.make(
        campaign, item, "pilot", expected=expected, purpose=purpose, by=None, explanation="So."
    )


def _as_held(trial: Check) -> Assignment:
    """What its person holds of a qualification, known as what is held of work is."""
    return Assignment(
        trial.campaign_id, 0, trial.token, trial.item_id, trial.step, 0, trial.flipped,
        trial.leased_at, trial.expires_at, trial.pk,
    )  # fmt: skip


def _run_out(campaign: Campaign) -> None:
    Slot.objects.filter(campaign=campaign, state=SlotState.LEASED).update(
        expires_at="2020-01-01T00:00:00Z", leased_at="2020-01-01T00:00:00Z"
    )


SOME = settings(
    max_examples=10,
    stateful_step_count=25,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],  # who has to wait for whom differs from run to run: nothing to shrink
    database=None,
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.django_db(transaction=True)
def test_no_order_of_things_breaks_a_promise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mixing, "REPEAT_AFTER", 1)  # nobody here answers ten things
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
def test_the_machine_sees_what_somebody_asked_to_be_spared() -> None:
    """A walk that does not look at what is in an item."""
    look = "(i.machine_categories && %(unwanted)s::varchar[]) IS NOT TRUE"
    machine = Leasing()
    machine.begin()
    machine.wish(actor=0, person=0, said=WISHES[0])
    with weakened((walking, "LEASE_CHOOSY"), guard=look, instead="true"):
        machine.lease(actor=0, person=0, want=2)
    with pytest.raises(AssertionError, match="Nobody holds what he asked to be spared"):
        machine.no_promise_is_broken()
    for actor in machine.actors:
        actor.leaves()


@pytest.mark.django_db(transaction=True)
def test_the_machine_sees_what_somebody_has_not_said_yes_to() -> None:
    """A first lease that does not look whether a yes is missing."""
    machine = Leasing()
    machine.begin()
    machine.ask_consent(actor=0, kinds=["violence", "severe"])
    with weakened((walking, "LEASE_AND_TERMS"), guard="AND terms.withheld = '{}'"):
        machine.lease(actor=0, person=0, want=1)
    said = "Nobody holds what is given only with a yes that he has not said"
    with pytest.raises(AssertionError, match=said):
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
