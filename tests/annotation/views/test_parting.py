"""Parting from an item without answering it: skipped or reported, with a reason."""

from __future__ import annotations

from uuid import uuid4

from annotation.models import Skip
from datasets_app.models import Event, Item
from datasets_app.vocabulary import ItemState
from tests.annotation.views.at_the_page import AtThePage


class TestParting(AtThePage):
    def test_a_skip_takes_a_reason_and_brings_another_item(self) -> None:
        self.shown()
        slot = self.slot()
        assert self.client.post(self.url("skip"), {"token": slot.token}).status_code == 400
        form = {"token": slot.token, "reason": "upsetting", "note": "not today"}
        assert self.client.post(self.url("skip"), form).status_code == 302
        assert Skip.objects.get().item_id == slot.item_id
        self.shown()
        assert self.slot().item_id != slot.item_id

    def test_a_report_freezes_the_item_for_everybody(self) -> None:
        self.shown()
        slot = self.slot()
        form = {"token": slot.token, "reason": "names a real person"}
        assert self.client.post(self.url("report"), {"token": slot.token}).status_code == 400
        assert self.client.post(self.url("report"), form).status_code == 302
        assert Item.objects.get(pk=slot.item_id).state == ItemState.QUARANTINED
        assert "names a real person" in {e.reason for e in Event.objects.filter(item=slot.item_id)}

    def test_both_ask_on_a_page_of_their_own_where_there_is_no_script(self) -> None:
        self.shown()
        token = str(self.slot().token)
        for name in ("skip", "report"):
            html = self.client.get(self.url(name) + f"?token={token}").content.decode()
            assert f'name="token" value="{token}"' in html

    def test_a_skip_and_a_report_may_come_from_the_script(self) -> None:
        self.shown()
        told = {"token": self.slot().token, "reason": "language", "note": ""}
        assert self.send("skip", {**told, "reason": "nonsense"}).status_code == 422
        assert self.send("skip", told).json() == {"done": {"skipped": True}}
        assert Skip.objects.get().reason == "language"
        self.shown()
        told = {"token": self.slot().token, "reason": "somebody's address"}
        assert self.send("report", {**told, "reason": ""}).status_code == 422
        for _again in range(2):  # the answer may get lost
            said = self.send("report", told).json()
            assert said["done"] == {"reported": True}
            assert "Nobody sees this item again" in said["said"]
        assert not self.send("report", {**told, "token": uuid4()}).json()["done"]["reported"]
