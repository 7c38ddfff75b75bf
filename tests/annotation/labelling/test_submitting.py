"""A submit counts once, with all that belongs to it."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from annotation import assigning, drafts, labelling
from annotation.models import Annotation, Draft, Due, Slot
from annotation.vocabulary import SlotState, Standing
from datasets_app.models import Event
from tests import build
from tests.annotation.answering import let_pass, submit
from tests.annotation.labelling.held_by_ana import UNSAFE, HeldByAna
from tests.cast import annotators


class TestSubmit(HeldByAna):
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
