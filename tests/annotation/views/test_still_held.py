"""What a page has over the door: still held, behind a door by now, or gone, and what for drafts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db.models.functions import Now
from django.urls import reverse

from annotation import assigning, holding
from annotation.models import Annotation, Slot
from datasets_app.models import Item
from datasets_app.vocabulary import ItemState
from tests.annotation.one_item import OneItem
from tests.annotation.views.at_the_page import AtThePage


class TestWhatIsAnsweredAnew(AtThePage):
    def said(self, given: Annotation) -> Any:
        return self.send("held", {"revises": given.pk}).json()

    def test_it_is_held_while_it_may_be_answered_anew_and_behind_a_door_once_it_is_grave(
        self,
    ) -> None:
        given = self.given()
        token = str(given.token)
        assert self.said(given) == {"held": {token: False}, "gone": {}}
        Item.objects.filter(pk=given.item_id).update(machine_severity=3)
        assert self.said(given) == {"held": {token: True}, "gone": {}}

    def test_what_was_reported_is_taken_and_what_has_settled_is_done(self) -> None:
        given = self.given()
        for state, why in ((ItemState.SETTLED, "done"), (ItemState.QUARANTINED, "taken")):
            Item.objects.filter(pk=given.item_id).update(state=state)
            assert self.said(given) == {"held": {}, "gone": {str(given.token): why}}

    def test_of_what_somebody_else_answered_nothing_is_told(self) -> None:
        given = self.given()
        self.client.force_login(self.cast.ben)
        assert self.send("held", {"revises": given.pk}).status_code == 404
        assert self.send("held", {"revises": "1"}).status_code == 400


class TestWhatWasKeptBefore(OneItem):
    """Two pages send the same draft when its lease is over: one as it is left, one as it begins."""

    def leased(self) -> UUID:
        return assigning.leases(self.ana, self.campaign, want=1)[0].token

    def test_what_is_sent_twice_is_told_where_its_item_was_given_again(self) -> None:
        self.client.force_login(self.ana.user)
        where = reverse("label:draft", args=[self.campaign.slug])
        said = {"page": uuid4(), "revision": 4, "based_on": 0, "answers": {"safe": {"a": True}}}
        body = said | {"token": self.leased()}
        Slot.objects.filter(annotator=self.ana).update(expires_at=Now() - timedelta(seconds=1))
        holding.expire_leases()
        token = self.leased()
        for _time in range(2):
            told = self.client.post(where, body, content_type="application/json").json()["again"]
            assert told["token"] == str(token)
