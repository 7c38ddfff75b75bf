"""What the page holds: kept while it is used, given back on request."""

from __future__ import annotations

from uuid import uuid4

from annotation import assigning
from annotation.models import Annotation, Slot
from annotation.vocabulary import SlotState
from tests.annotation.views.at_the_page import SAFE, AtThePage


class TestHolding(AtThePage):
    def test_use_keeps_the_item_and_says_what_is_lost(self) -> None:
        self.shown()
        token = str(self.slot().token)
        assert self.send("extend", {"tokens": [token, str(uuid4())]}).json() == {"held": [token]}
        assert self.send("extend", {"tokens": "all"}).status_code == 400
        assert self.send("extend", {"tokens": [token] * 9}).status_code == 400

    def test_everything_off_the_screen_gives_the_items_back(self) -> None:
        self.shown()
        held = [str(one.token) for one in assigning.leases(self.ana, self.campaign)]
        assert self.send("release", {"tokens": held}).json() == {"released": 2}
        assert not Slot.objects.filter(state=SlotState.LEASED).exists()

    def test_an_item_is_given_back_without_script(self) -> None:
        self.shown()
        token = self.slot().token
        assert self.client.post(self.url("release"), {"token": "x"}).status_code == 400
        response = self.client.post(self.url("release"), self.form(**SAFE), follow=True)
        assert "It is given back." in response.content.decode()
        assert not Slot.objects.filter(token=token).exists()
        assert not Annotation.objects.exists()
