"""A report freezes the item and takes it back from all."""

from __future__ import annotations

from annotation import assigning, labelling
from annotation.models import Lapse, Slot
from annotation.vocabulary import LapseCause, SlotState, Standing
from datasets_app import ledger
from datasets_app.models import Event, Item
from datasets_app.vocabulary import ItemState
from tests.annotation.answering import submit, work
from tests.annotation.labelling.held_by_ana import HeldByAna


class TestReport(HeldByAna):
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
            (bens.token, LapseCause.ITEM_LEFT),
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
