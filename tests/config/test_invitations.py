"""Whom the link of an invitation lets in: at its page, as people come to it."""

from __future__ import annotations

from datetime import timedelta
from time import monotonic
from typing import Any
from unittest import mock

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models.functions import Now
from django.test import Client, TestCase
from django.urls import reverse
from django.utils import timezone

from annotation import assigning, leaving
from annotation.models import Annotation, Annotator, Campaign
from datasets_app import invitations
from datasets_app.models import Dataset, Event, Invitation, Membership
from datasets_app.vocabulary import Role
from tests import build
from tests.actors import PATIENCE, Actor
from tests.annotation.answering import submit
from tests.cast import Cast, as_annotator, cast, person


def opened(token: str, browser: Client) -> Any:
    """What comes of *Take part* on the page of the link."""
    return browser.post(reverse("invitation", args=[token]))


class TheLink(TestCase):
    dataset: Dataset
    cast: Cast
    campaign: Campaign

    @classmethod
    def setUpTestData(cls) -> None:
        cls.dataset = build.dataset(slug="pairs", name="Pairs of answers")
        cls.cast = cast(cls.dataset)
        build.items(2, cls.dataset)
        cls.campaign = build.campaign(cls.dataset, slug="pairs")

    def setUp(self) -> None:
        self.client.force_login(self.cast.dan)

    def invited(self, role: Role = Role.ANNOTATOR, uses: int = 10) -> str:
        return invitations.invite(self.dataset, role=role, by=self.cast.cora, uses=uses)

    def is_member(self) -> bool:
        return Membership.objects.filter(user=self.cast.dan, dataset=self.dataset).exists()

    def dan(self) -> Annotator:
        return as_annotator(self.cast.dan)

    def remove(self) -> None:
        call_command("member", "pairs", "dan", "annotator", remove=True, verbosity=0)

    # --- While it is good

    def test_its_page_names_what_the_work_shows_its_language_and_the_zone_of_its_end(self) -> None:
        page = self.client.get(reverse("invitation", args=[self.invited()]))
        self.assertContains(page, "The work shows harmful text. What is known to be grave stays")
        self.assertContains(page, "<dd>English</dd>")
        self.assertContains(page, " UTC</time>")

    def test_a_link_that_has_run_out_lets_nobody_in(self) -> None:
        token = self.invited()
        Invitation.objects.update(expires_at=Now())
        assert self.client.get(reverse("invitation", args=[token])).status_code == 404
        assert opened(token, self.client).status_code == 404
        assert not self.is_member()

    def test_a_servers_clock_that_is_wrong_opens_no_link_and_closes_none(self) -> None:
        for wrong in (timedelta(days=-400), timedelta(days=400)):
            with mock.patch.object(timezone, "now", return_value=timezone.now() + wrong):
                token = self.invited()
            left = Invitation.objects.latest("pk").expires_at - timezone.now()
            assert timedelta(days=13) < left < timedelta(days=15)
            with mock.patch.object(timezone, "now", return_value=timezone.now() + wrong):
                assert invitations.find(token)
        Invitation.objects.update(expires_at=Now())
        behind = timezone.now() - timedelta(days=400)
        with (
            mock.patch.object(timezone, "now", return_value=behind),
            pytest.raises(invitations.InvitationRefused),
        ):
            invitations.find(token)

    def test_the_same_person_uses_a_link_up_once(self) -> None:
        token = self.invited(uses=2)
        for _ in range(3):
            assert opened(token, self.client).status_code == 302
        assert Invitation.objects.get().uses_left == 1

    # --- Who had to go

    def test_who_was_set_aside_does_not_come_back_by_the_old_link(self) -> None:
        token = self.invited()
        opened(token, self.client)
        held = assigning.leases(self.dan(), self.campaign, want=1)[0]
        submit(self.dan(), held)
        leaving.set_aside(self.dan(), self.campaign, by=self.cast.cora, reason="random clicks")
        page = opened(token, self.client)
        assert page.status_code == 403
        assert "A curator ended your part in this work" in page.content.decode()
        assert not self.is_member()
        sent = self.client.get(reverse("label:page", args=["pairs"]))
        self.assertRedirects(sent, reverse("label:home"))
        with pytest.raises(assigning.NoEntry):
            assigning.leases(self.dan(), self.campaign, want=1)
        assert not Annotation.objects.filter(standing="counted").exists()
        assert Invitation.objects.get().uses_left == 9
        assert Event.objects.filter(verb="join").count() == 1

    def test_without_the_look_into_the_ledger_he_votes_again(self) -> None:
        with (
            mock.patch.object(invitations, "_was_let_go", return_value=False),
            pytest.raises(AssertionError),
        ):
            self.test_who_was_set_aside_does_not_come_back_by_the_old_link()

    def test_nor_by_another_link_from_before_in_whatever_role(self) -> None:
        tokens = [self.invited(role) for role in Role]
        opened(tokens[0], self.client)
        leaving.set_aside(self.dan(), self.campaign, by=None, reason="random clicks")
        for token in tokens:
            assert opened(token, self.client).status_code == 403
        assert not self.is_member()

    def test_nor_does_who_was_revoked_or_removed_on_the_command_line(self) -> None:
        token = self.invited()
        opened(token, self.client)
        leaving.revoke(self.dan(), self.campaign, by=self.cast.cora)
        assert opened(token, self.client).status_code == 403
        later = self.invited()
        assert opened(later, self.client).status_code == 302
        self.remove()
        assert opened(later, self.client).status_code == 403
        assert not self.is_member()

    def test_who_had_left_already_and_is_then_set_aside_has_no_link_either(self) -> None:
        opened(self.invited(), self.client)
        self.remove()
        fresh = self.invited()
        leaving.set_aside(self.dan(), self.campaign, by=self.cast.cora, reason="random clicks")
        assert opened(fresh, self.client).status_code == 403

    def test_a_link_made_since_lets_the_person_in_again(self) -> None:
        opened(self.invited(), self.client)
        leaving.set_aside(self.dan(), self.campaign, by=self.cast.cora, reason="random clicks")
        assert opened(self.invited(), self.client).status_code == 302
        assert self.is_member()

    def test_so_does_the_command_line(self) -> None:
        old = self.invited()
        opened(old, self.client)
        leaving.set_aside(self.dan(), self.campaign, by=self.cast.cora, reason="random clicks")
        call_command("member", "pairs", "dan", "annotator", verbosity=0)
        assert opened(old, self.client).status_code == 302
        assert self.client.get(reverse("label:page", args=["pairs"])).status_code == 200

    def test_one_dataset_says_nothing_of_another_nor_one_person_of_the_next(self) -> None:
        other = build.dataset(slug="other")
        elsewhere = invitations.invite(other, role=Role.ANNOTATOR, by=self.cast.cora)
        token = self.invited()
        opened(token, self.client)
        leaving.set_aside(self.dan(), self.campaign, by=self.cast.cora, reason="random clicks")
        assert opened(elsewhere, self.client).status_code == 302
        somebody = Client()
        somebody.force_login(person("eve"))
        assert opened(token, somebody).status_code == 302


@pytest.mark.django_db(transaction=True)
def test_two_who_take_the_last_use_at_once_are_one_member() -> None:
    """Both saw that a use was left; the second is told that the link is closed."""
    dataset = build.dataset()
    people = cast(dataset)
    token = invitations.invite(dataset, role=Role.MODERATOR, by=people.cora, uses=1)
    browsers = Client(), Client()
    for browser, who in zip(browsers, (people.dan, people.ben), strict=True):
        browser.force_login(who)
    keeper, *actors = Actor(), Actor(), Actor()
    try:
        keeper.begin()
        keeper.does(Invitation.objects.select_for_update().get)
        coming = [
            actor.starts(opened, token, browser)
            for actor, browser in zip(actors, browsers, strict=True)
        ]
        _wait_until_both_wait()
        keeper.commit()
        assert {one.result(PATIENCE).status_code for one in coming} == {302, 404}
    finally:
        for actor in (keeper, *actors):
            actor.leaves()
    joined = Membership.objects.filter(user__in=(people.dan, people.ben), role=Role.MODERATOR)
    assert joined.count() == 1
    assert Invitation.objects.get().uses_left == 0


@pytest.mark.django_db(transaction=True)
def test_who_opens_the_link_while_being_set_aside_stays_outside() -> None:
    dataset = build.dataset()
    people = cast(dataset)
    campaign = build.campaign(dataset)
    token = invitations.invite(dataset, role=Role.ANNOTATOR, by=people.cora, uses=9)
    ana, browser = as_annotator(people.ana), Client()
    browser.force_login(people.ana)
    curator = Actor()
    try:
        curator.begin()
        curator.does(leaving.set_aside, ana, campaign, by=people.cora, reason="random clicks")
        # Still a member by what is committed: nothing is made anew.
        assert opened(token, browser).status_code == 302
        curator.commit()
    finally:
        curator.leaves()
    assert not Membership.objects.filter(user=people.ana).exists()
    assert opened(token, browser).status_code == 403


def _wait_until_both_wait() -> None:
    until = monotonic() + PATIENCE
    with connection.cursor() as cursor:
        while monotonic() < until:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
                " AND datname = current_database()"
            )
            if cursor.fetchall()[0][0] >= 2:
                return
    raise AssertionError("nobody came to the lock")
