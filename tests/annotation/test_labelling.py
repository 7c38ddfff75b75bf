"""Labelling: a submit counts once, a late one is kept, and a second thought replaces the first."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from unittest import mock
from uuid import uuid4

import pytest
from django.db.models import F
from django.test import TestCase

from annotation import assigning, drafts, holding, labelling, leaving
from annotation.assigning import Assignment
from annotation.labelling import statements
from annotation.models import Annotation, Annotator, Campaign, Draft, Due, Lapse, Skip, Slot
from annotation.vocabulary import LapseCause, SkipReason, SlotState, Standing
from datasets_app import ledger
from datasets_app.models import Dataset, Event, Item
from datasets_app.vocabulary import ItemState
from tests import build
from tests.annotation.answering import PLAIN, let_pass, submit, work
from tests.annotation.weakening import weakened
from tests.cast import annotators, as_annotator, cast

UNSAFE = {
    "safe": {"a": True, "b": False},
    "categories": {"b": ["Violence", "Drugs"]},
    "severity": {"b": 2},
}


class Labelling(TestCase):
    """One item of PKU-SafeRLHF, Ana and Ben."""

    dataset: Dataset
    ana: Annotator
    ben: Annotator
    item: Item
    campaign: Campaign

    @classmethod
    def setUpTestData(cls) -> None:
        cls.dataset = build.dataset()
        people = cast(cls.dataset)
        cls.ana, cls.ben = as_annotator(people.ana), as_annotator(people.ben)
        cls.item = build.item(cls.dataset)
        cls.campaign = build.campaign(cls.dataset)

    def held(self) -> Assignment:
        return assigning.leases(self.ana, self.campaign, want=1)[0]

    def lose(self, held: Assignment) -> None:
        """Let the lease run out and be swept up."""
        Slot.objects.filter(pk=held.slot_id).update(
            expires_at=F("leased_at") - timedelta(seconds=1)
        )
        assert holding.expire_leases() == 1

    def by_id(self, held: Assignment, a: object, b: object) -> dict[str, object]:
        first, second = str(self.item.first_id), str(self.item.second_id)
        return {second: a, first: b} if held.flipped else {first: a, second: b}


class TestSeconds(Labelling):
    """The page's word, as far as the server's clock allows it."""

    def kept(self, seconds: object) -> float | None:
        held = self.held()
        let_pass(20)
        done = submit(self.ana, held, seconds=seconds)
        return Annotation.objects.get(pk=done.annotation_id).seconds

    def test_no_more_is_kept_than_has_passed_since_the_lease(self) -> None:
        assert self.kept(80_000) == pytest.approx(20, abs=5)

    def test_less_is_kept_as_it_is_said(self) -> None:
        assert self.kept(12.5) == 12.5

    def test_where_nothing_is_said_nothing_is_kept(self) -> None:
        assert self.kept(None) is None

    def test_a_late_answer_and_one_anew_are_bounded_alike(self) -> None:
        held = self.held()
        self.lose(held)
        let_pass(20)
        done = submit(self.ana, held, seconds=80_000)
        given = Annotation.objects.get(pk=done.annotation_id)
        labelling.revise(
            self.ana, given, key=uuid4(), answers={"safe": {"a": True, "b": True}}, seconds=80_000
        )
        for kept in Annotation.objects.filter(item=self.item):
            assert kept.seconds == pytest.approx(20, abs=5)

    def test_without_the_bound_the_page_could_say_anything(self) -> None:
        unbound = statements.COUNT.replace("least(%(seconds)s::float8,", "greatest(%(seconds)s,")
        assert unbound != statements.COUNT
        with mock.patch.object(statements, "COUNT", unbound), pytest.raises(AssertionError):
            self.test_no_more_is_kept_than_has_passed_since_the_lease()


class TestSubmit(Labelling):
    def test_it_stores_the_answers_by_response_and_ends_the_lease(self) -> None:
        held = self.held()
        let_pass(20)
        done = submit(self.ana, held, answers=UNSAFE, seconds=12.5)
        assert (done.standing, done.replayed) == (Standing.COUNTED, False)
        kept = Annotation.objects.get(pk=done.annotation_id)
        assert kept.answers == {
            "safe": self.by_id(held, True, False),
            "categories": self.by_id(held, [], ["Drugs", "Violence"]),
            "severity": self.by_id(held, 0, 2),
        }
        assert (kept.slot_id, kept.flipped, kept.seconds, kept.step) == (
            held.slot_id,
            held.flipped,
            12.5,
            "safety",
        )
        slot = Slot.objects.get(pk=held.slot_id)
        assert (slot.state, slot.annotator_id, slot.expires_at) == ("done", self.ana.pk, None)

    def test_the_event_is_written_with_it(self) -> None:
        held = self.held()
        done = submit(self.ana, held)
        event = Event.objects.get(verb="submit")
        assert (event.actor_id, event.item, event.subject, event.before, event.after) == (
            self.ana.user_id,
            self.item.pk,
            f"slot:{held.slot_id}",
            "leased",
            "done",
        )
        assert event.data == {"annotation": done.annotation_id}

    def test_settling_is_told(self) -> None:
        submit(self.ana, self.held())
        assert list(Due.objects.values_list("item", flat=True)) == [self.item.pk]

    def test_the_same_key_with_the_same_body_gives_the_same_answer(self) -> None:
        held, key = self.held(), uuid4()
        first = submit(self.ana, held, key=key, seconds=1.0)
        again = submit(self.ana, held, key=key, seconds=2.0)
        assert (again.annotation_id, again.replayed) == (first.annotation_id, True)
        assert Annotation.objects.count() == 1

    def test_the_same_key_with_another_body_is_refused(self) -> None:
        held, key = self.held(), uuid4()
        submit(self.ana, held, key=key)
        with pytest.raises(labelling.KeyReused):
            submit(self.ana, held, key=key, answers=UNSAFE)

    def test_the_key_of_another_is_refused(self) -> None:
        key = uuid4()
        submit(self.ana, self.held(), key=key)
        bens = assigning.leases(self.ben, self.campaign, want=1)[0]
        with pytest.raises(labelling.KeyReused):
            submit(self.ben, bens, key=key)

    def test_another_key_for_what_was_submitted_is_kept_as_late(self) -> None:
        held = self.held()
        submit(self.ana, held)
        assert submit(self.ana, held).standing == Standing.LATE
        assert Annotation.objects.filter(standing=Standing.COUNTED).count() == 1

    def test_a_lease_of_another_is_unknown(self) -> None:
        held = self.held()
        with pytest.raises(labelling.UnknownLease):
            submit(self.ben, held)
        with pytest.raises(labelling.UnknownLease):
            labelling.submit(self.ana, token=uuid4(), key=uuid4(), answers={})

    def test_answers_that_do_not_fit_are_refused_and_the_lease_stays(self) -> None:
        held = self.held()
        wrong: Any
        for wrong in (None, [], "yes", {}, {"safe": {"a": True}}, {"safe": {"a": 1, "b": True}}):
            with pytest.raises(labelling.AnswersRefused):
                submit(self.ana, held, answers=wrong)
        assert Slot.objects.get(pk=held.slot_id).state == SlotState.LEASED
        assert not Annotation.objects.exists()

    def test_a_measure_that_cannot_be_is_left_out(self) -> None:
        for number, seconds in enumerate((-1, float("nan"), 1e9, "5", True, None)):
            item = build.item(self.dataset)
            one = annotators(number + 1, self.dataset)[-1]
            build.campaign(self.dataset)
            held = assigning.leases(one, self.campaign, want=1)[0]
            done = submit(one, held, seconds=seconds)
            assert Annotation.objects.get(pk=done.annotation_id).seconds is None, item

    def test_the_draft_goes_with_the_submit(self) -> None:
        held = self.held()
        assert drafts.save(self.ana, held.token, page=uuid4(), revision=1, answers={})
        submit(self.ana, held)
        assert not Draft.objects.exists()


class TestRules(Labelling):
    """Rules hold over all that one person answers on an item, whatever the step."""

    def at(self, step: str) -> Assignment:
        while (held := self.held()).step != step:
            submit(self.ana, held, answers=self.unsafe_at_first(held))
        return held

    def unsafe_at_first(self, held: Assignment) -> dict[str, Any]:
        """The item's first response is unsafe, wherever it stands."""
        if held.step != "safety":
            return PLAIN[held.step]
        side, other = ("b", "a") if held.flipped else ("a", "b")
        return {
            "safe": {side: False, other: True},
            "categories": {side: ["Violence"]},
            "severity": {side: 1},
        }

    def test_an_unsafe_response_is_not_the_safer_one(self) -> None:
        held = self.at("safer")
        side = "b" if held.flipped else "a"
        with pytest.raises(labelling.RulesBroken) as broken:
            submit(self.ana, held, answers={"safer": side})
        (objection,) = broken.value.objections
        assert objection.rule == "unsafe_is_not_safer"
        assert objection.message.startswith(f"{side.upper()} is unsafe")
        assert submit(self.ana, held, answers={"safer": "a" if side == "b" else "b"})

    def test_a_block_takes_no_reason(self) -> None:
        held = self.at("safer")
        with pytest.raises(labelling.RulesBroken):
            submit(
                self.ana,
                held,
                answers={"safer": "b" if held.flipped else "a"},
                overrides={"unsafe_is_not_safer": "I mean it"},
            )

    def both_unsafe(self) -> tuple[Assignment, str]:
        held = self.held()
        worse = "b" if held.flipped else "a"
        submit(
            self.ana,
            held,
            answers={
                "safe": {"a": False, "b": False},
                "categories": {"a": ["Violence"], "b": ["Violence"]},
                "severity": {"a": 1, "b": 1} | {worse: 3},
            },
        )
        submit(self.ana, self.held())
        last = self.held()
        return last, "b" if last.flipped else "a"

    def test_a_warning_wants_a_reason_and_keeps_it(self) -> None:
        held, worse = self.both_unsafe()
        with pytest.raises(labelling.RulesBroken):
            submit(self.ana, held, answers={"safer": worse})
        done = submit(
            self.ana,
            held,
            answers={"safer": worse},
            overrides={"severer_is_not_safer": " It only quotes. ", "unsafe_is_not_safer": "x"},
        )
        kept = Annotation.objects.get(pk=done.annotation_id)
        assert kept.overrides == {"severer_is_not_safer": "It only quotes."}

    def test_reasons_must_be_short_texts_for_known_rules(self) -> None:
        held, worse = self.both_unsafe()
        wrong: Any
        for wrong in (
            [],
            {"no_such_rule": "x"},
            {"severer_is_not_safer": 1},
            {"severer_is_not_safer": "x" * 2_001},
            {"severer_is_not_safer": "a\x00b"},
            {"severer_is_not_safer": "\ud800"},
        ):
            with pytest.raises(labelling.BadOverride):
                submit(self.ana, held, answers={"safer": worse}, overrides=wrong)


class TestLate(Labelling):
    def test_an_expired_lease_counts_while_nobody_swept_it(self) -> None:
        held = self.held()
        Slot.objects.update(expires_at=F("leased_at") - timedelta(hours=9))
        assert submit(self.ana, held).standing == Standing.COUNTED

    def test_a_lapsed_lease_is_taken_back_while_its_place_is_free(self) -> None:
        held = self.held()
        self.lose(held)
        done = submit(self.ana, held, answers=UNSAFE)
        assert done.standing == Standing.COUNTED
        slot = Slot.objects.get(pk=held.slot_id)
        assert (slot.state, slot.annotator_id, slot.flipped) == ("done", self.ana.pk, held.flipped)
        kept = Annotation.objects.get(pk=done.annotation_id)
        assert kept.answers["severity"] == self.by_id(held, 0, 2)

    def test_another_place_of_the_same_step_will_do(self) -> None:
        held = self.held()
        self.lose(held)
        assert assigning.leases(self.ben, self.campaign, want=1)[0].slot_id == held.slot_id
        done = submit(self.ana, held)
        assert done.standing == Standing.COUNTED
        assert Annotation.objects.get(pk=done.annotation_id).slot_id != held.slot_id

    def test_it_is_kept_as_late_when_all_places_are_taken(self) -> None:
        held = self.held()
        self.lose(held)
        for one in annotators(3, self.dataset):
            submit(one, assigning.leases(one, self.campaign, want=1)[0])
        done = submit(self.ana, held, answers=UNSAFE)
        assert done.standing == Standing.LATE
        kept = Annotation.objects.get(pk=done.annotation_id)
        assert kept.slot_id is None
        assert kept.answers["severity"] == self.by_id(held, 0, 2)
        assert Event.objects.filter(verb="submit_late", item=self.item.pk).exists()

    def test_a_late_submit_again_gives_the_same_answer(self) -> None:
        held, key = self.held(), uuid4()
        self.lose(held)
        for one in annotators(3, self.dataset):
            submit(one, assigning.leases(one, self.campaign, want=1)[0])
        first = submit(self.ana, held, key=key)
        again = submit(self.ana, held, key=key)
        assert (again.annotation_id, again.standing, again.replayed) == (
            first.annotation_id,
            Standing.LATE,
            True,
        )

    def test_the_new_lease_of_another_tab_is_answered_by_the_old_page(self) -> None:
        held = self.held()
        self.lose(held)
        anew = self.held()
        assert anew.slot_id == held.slot_id
        assert anew.token != held.token
        assert submit(self.ana, held).standing == Standing.COUNTED
        # What the other tab sends is then a second answer: kept, not counted.
        assert submit(self.ana, anew).standing == Standing.LATE

    def test_on_an_item_that_is_no_longer_open_it_is_late(self) -> None:
        held = self.held()
        ledger.withdraw([self.item.pk], by=None, reason="a test")
        assert submit(self.ana, held).standing == Standing.LATE
        holding.expire_leases()

    def test_who_left_the_dataset_is_late(self) -> None:
        held = self.held()
        leaving.revoke(self.ana, self.campaign, by=None)
        assert submit(self.ana, held).standing == Standing.LATE

    def test_what_comes_after_ones_own_skip_is_late(self) -> None:
        held = self.held()
        labelling.skip(self.ana, held.token, reason=SkipReason.CANNOT_JUDGE)
        assert submit(self.ana, held).standing == Standing.LATE
        assert Skip.objects.get().step == held.step
        assert Slot.objects.get(pk=held.slot_id).state == SlotState.OPEN

    def test_without_a_look_at_skips_it_would_be_a_vote(self) -> None:
        held = self.held()
        labelling.skip(self.ana, held.token, reason=SkipReason.CANNOT_JUDGE)
        take_back = (statements, "TAKE_BACK")
        with (
            weakened(take_back, guard="k.step = s.step", instead="k.step IS NULL"),
            weakened(take_back, guard="AND l.cause NOT IN ('skipped', 'reported')"),
        ):
            assert submit(self.ana, held).standing == Standing.COUNTED

    def test_the_late_vote_of_another_is_not_taken_by_its_token(self) -> None:
        held = self.held()
        self.lose(held)
        with pytest.raises(labelling.UnknownLease):
            submit(self.ben, held)


class TestRevise(Labelling):
    def annotation(self) -> Annotation:
        return Annotation.objects.get(pk=submit(self.ana, self.held()).annotation_id)

    def revise(self, old: Annotation, **fields: Any) -> labelling.Submitted:
        return labelling.revise(self.ana, old, **{"key": uuid4(), "answers": UNSAFE, **fields})

    def test_the_newer_counts_and_the_older_is_kept(self) -> None:
        old = self.annotation()
        done = self.revise(old)
        old.refresh_from_db()
        new = Annotation.objects.get(pk=done.annotation_id)
        assert (old.standing, new.standing) == (Standing.REVISED, Standing.COUNTED)
        assert new.slot_id == old.slot_id
        assert old.answers != new.answers

    def test_the_same_key_revises_once(self) -> None:
        old, key = self.annotation(), uuid4()
        first = self.revise(old, key=key)
        assert self.revise(old, key=key).annotation_id == first.annotation_id
        assert Annotation.objects.count() == 2

    def test_what_no_longer_counts_is_not_revised(self) -> None:
        old = self.annotation()
        self.revise(old)
        with pytest.raises(labelling.NotOpen):
            self.revise(old)

    def test_nothing_is_revised_once_the_item_is_not_open(self) -> None:
        old = self.annotation()
        ledger.move([self.item.pk], before=ItemState.OPEN, after=ItemState.SETTLED, verb="test")
        with pytest.raises(labelling.NotOpen):
            self.revise(old)

    def test_nobody_revises_for_another(self) -> None:
        old = self.annotation()
        with pytest.raises(labelling.NotOpen):
            labelling.revise(self.ben, old, key=uuid4(), answers=UNSAFE)


class TestReport(Labelling):
    def test_it_freezes_the_item_and_takes_it_back_from_all(self) -> None:
        held = self.held()
        bens = assigning.leases(self.ben, self.campaign, want=1)[0]
        assert labelling.report(self.ana, held.token, reason="names a real person")
        item = Item.objects.get()
        assert item.state == ItemState.QUARANTINED
        event = Event.objects.get(verb="report", subject="")
        assert (event.actor_id, event.reason) == (self.ana.user_id, "names a real person")
        assert not Slot.objects.filter(state=SlotState.LEASED).exists()
        assert set(Lapse.objects.values_list("token", "cause")) == {
            (held.token, LapseCause.REPORTED),
            (bens.token, LapseCause.REPORTED),
        }
        assert assigning.leases(self.ben, self.campaign) == []

    def test_only_who_has_an_item_reports_it(self) -> None:
        held = self.held()
        assert not labelling.report(self.ben, held.token, reason="x")
        assert Item.objects.get().state == ItemState.OPEN

    def test_what_others_still_send_is_kept_as_late(self) -> None:
        held = self.held()
        bens = assigning.leases(self.ben, self.campaign, want=1)[0]
        labelling.report(self.ana, held.token, reason="x")
        assert submit(self.ben, bens).standing == Standing.LATE

    def test_it_can_be_judged_again_after_release(self) -> None:
        labelling.report(self.ana, self.held().token, reason="x")
        ledger.move(
            [self.item.pk], before=ItemState.QUARANTINED, after=ItemState.OPEN, verb="release"
        )
        assert work(self.ben, self.campaign) == 3
