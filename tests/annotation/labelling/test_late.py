"""What comes late is taken back while its place is free, and kept as late otherwise."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db.models import F

from annotation import assigning, holding, labelling, leaving
from annotation.labelling import statements
from annotation.models import Annotation, Skip, Slot
from annotation.vocabulary import SkipReason, SlotState, Standing
from datasets_app import ledger
from datasets_app.models import Event
from tests.annotation.answering import submit
from tests.annotation.labelling.held_by_ana import UNSAFE, HeldByAna
from tests.annotation.weakening import weakened
from tests.cast import annotators


class TestLate(HeldByAna):
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
