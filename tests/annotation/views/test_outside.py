"""Who left, or was removed: no more work, and what is handed in late is kept."""

from __future__ import annotations

from typing import Any
from unittest import mock
from uuid import uuid4

from annotation import access, leaving
from annotation.models import Annotation, Annotator, Campaign, Slot
from annotation.vocabulary import CampaignState, SlotState, Standing
from datasets_app import invitations
from datasets_app.models import Event, Membership
from datasets_app.vocabulary import Role
from tests.annotation.views.at_the_page import SAFE, AtThePage
from tests.cast import member


class TestOutside(AtThePage):
    def test_what_was_given_to_somebody_who_left_is_kept_as_late(self) -> None:
        for is_swept in (False, True):
            self.shown()
            token, key = self.slot().token, uuid4()
            if is_swept:
                leaving.revoke(self.ana, self.campaign, by=None)
            Membership.objects.filter(user=self.cast.ana).delete()
            body = {"token": token, "key": key, "answers": {"safe": {"a": True, "b": True}}}
            for _again in range(2):
                response = self.send("page", body)
                assert response.json()["done"]["standing"] == "late"
                assert response.json()["is_outside"]
            assert Annotation.objects.get(key=key).standing == Standing.LATE
            assert not Slot.objects.filter(annotator=self.ana, state=SlotState.LEASED).exists()
            member(self.cast.ana, self.dataset, Role.ANNOTATOR)

    def test_the_same_without_script(self) -> None:
        self.shown()
        form = self.form(**SAFE)
        Membership.objects.filter(user=self.cast.ana).delete()
        response = self.client.post(self.url("page"), form, follow=True)
        assert "came too late to count" in response.content.decode()
        assert Annotation.objects.get().standing == Standing.LATE

    def hands_in_while_coming_in_again(self) -> dict[str, Any]:
        """Ana was let go; her old page hands in while, in another tab, a new link lets her in."""
        self.shown()
        token = self.slot().token
        leaving.revoke(self.ana, self.campaign, by=self.cast.cora, reason="moved on")
        link = invitations.invite(self.dataset, role=Role.ANNOTATOR, by=self.cast.cora)
        was_there = access.once_at_work

        def looks(*who: Any) -> tuple[Annotator, Campaign]:
            found = was_there(*who)
            invitations.accept(link, user=self.cast.ana)
            return found

        with mock.patch.object(access, "once_at_work", looks):
            body = {"token": token, "key": uuid4(), "answers": {"safe": {"a": True, "b": True}}}
            said: dict[str, Any] = self.send("page", body).json()
        return said

    def test_who_comes_in_again_while_an_old_page_hands_in_stays_in(self) -> None:
        said = self.hands_in_while_coming_in_again()
        assert (said["done"]["standing"], "is_outside" in said) == ("counted", False)
        assert Membership.objects.filter(user=self.cast.ana, role=Role.ANNOTATOR).exists()
        assert Event.objects.filter(verb="revoke", subject=f"user:{self.cast.ana.pk}").count() == 1

    def test_where_the_door_ended_memberships_he_was_out_again(self) -> None:
        """The control."""

        def ends(annotator: Annotator, campaign: Campaign) -> bool:
            return bool(leaving.revoke(annotator, campaign, by=None, reason="x"))

        with mock.patch.object(leaving, "take_back_outside", ends):
            assert self.hands_in_while_coming_in_again()["is_outside"]
        assert not Membership.objects.filter(user=self.cast.ana).exists()

    def test_who_never_had_an_item_there_hands_in_nothing(self) -> None:
        self.shown()
        token = self.slot().token
        self.client.force_login(self.cast.dan)
        body = {"token": token, "key": uuid4(), "answers": {"safe": {"a": True, "b": True}}}
        assert self.send("page", body).status_code == 404
        assert self.slot().state == SlotState.LEASED
        self.client.force_login(self.cast.ana)
        assert self.send("page", body).status_code == 200

    def test_the_address_of_the_work_leads_who_worked_there_to_where_it_is_said_why(self) -> None:
        self.shown()
        leaving.revoke(self.ana, self.campaign, by=self.cast.cora, reason="moved on")
        page = self.client.get(self.url("page"), follow=True)
        assert page.redirect_chain == [("/label/", 302)]
        self.assertContains(page, "You no longer take part in")

    def test_nobody_else_is_told_that_there_is_any_work(self) -> None:
        for other in (self.cast.dan, self.cast.ben, self.cast.cora):
            Membership.objects.filter(user=other, role=Role.ANNOTATOR).delete()
            self.client.force_login(other)
            for address in (self.url("page"), "/label/nothing/"):
                assert self.client.get(address).status_code == 404

    def test_of_work_that_is_closed_nothing_is_told(self) -> None:
        self.shown()
        leaving.revoke(self.ana, self.campaign, by=self.cast.cora, reason="moved on")
        Campaign.objects.update(state=CampaignState.CLOSED)
        assert self.client.get(self.url("page")).status_code == 404

    def test_somebody_who_was_removed_gets_no_more_work(self) -> None:
        self.shown()
        Membership.objects.filter(user=self.cast.ana).delete()
        assert self.client.get(self.url("page"))["Location"] == "/label/"  # where he is told
        assert self.client.head(self.url("page")).status_code == 302
        assert self.client.get(self.url("guideline")).status_code == 404
        assert self.send("ahead", {}).status_code == 404
