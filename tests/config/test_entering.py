"""Coming in from an outside workforce: without an account, once for each id, and no further."""

from __future__ import annotations

import re
from datetime import timedelta
from time import monotonic
from typing import Any
from unittest import mock

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.db import connection, connections
from django.test import Client, TestCase
from django.urls import reverse
from django.utils import timezone

from annotation import assigning, completing, entries, labelling, leaving
from annotation.models import Annotator, Campaign, Entry, Slot
from annotation.quality import abilities
from annotation.vocabulary import SkipReason
from annotation.wellbeing import wishes
from datasets_app import invitations
from datasets_app.models import Dataset, Event, Item, Membership
from datasets_app.vocabulary import Role
from tests import build
from tests.actors import PATIENCE, Actor, all_at_once
from tests.annotation.answering import PLAIN, submit
from tests.cast import Cast, annotators, as_annotator, cast

PID = "5f1e0a77c0ffee"


def link(entry: Entry, participant: str = PID, **query: str) -> str:
    fields = {"PROLIFIC_PID": participant, **query}
    parts = "&".join(f"{name}={value}" for name, value in fields.items())
    return f"{reverse('enter', args=[entry.token])}?{parts}"


class Entering(TestCase):
    dataset: Dataset
    cast: Cast
    campaign: Campaign
    entry: Entry

    @classmethod
    def setUpTestData(cls) -> None:
        cls.dataset = build.dataset(slug="pairs", name="Pairs of answers")
        cls.cast = cast(cls.dataset)
        build.items(2, cls.dataset)
        cls.campaign = build.campaign(cls.dataset, slug="pairs")
        cls.entry = entries.open_entry(
            cls.campaign, by=cls.cast.cora, days=3, places=2, name="Study", answers=2, code="DAM7"
        )

    def setUp(self) -> None:
        cache.clear()

    def come_in(self, participant: str = PID, client: Client | None = None) -> Client:
        client = client or Client()
        assert client.post(link(self.entry, participant)).status_code == 302
        return client

    def person(self, participant: str = PID) -> Annotator:
        return Annotator.objects.get(entry=self.entry, participant=participant)

    def answer(self, client: Client) -> Any:
        """Answer by the form what the page shows; the page after that."""
        page = client.get(reverse("label:page", args=["pairs"]))
        slot = Slot.objects.get(token=page.context["sheet"].token)
        person = Annotator.objects.get(user=client.session["_auth_user_id"])
        (held,) = assigning.leases(person, self.campaign, want=1)
        assert held.token == slot.token
        submit(person, held)
        return client.get(reverse("label:page", args=["pairs"]))

    # --- Coming in

    def test_looking_at_the_link_makes_nobody(self) -> None:
        page = self.client.get(link(self.entry))
        assert page.status_code == 200
        assert "Take part" in page.content.decode()
        assert not Annotator.objects.filter(entry=self.entry).exists()

    def test_the_page_names_what_the_work_shows_its_language_and_the_zone_of_its_end(self) -> None:
        page = self.client.get(link(self.entry)).content.decode()
        assert "No pictures. The gravest stay covered until you ask for them. Some of the" in page
        assert "What is known to be grave" not in page  # it is said once
        assert "<dd>English</dd>" in page
        assert " UTC</time>" in page
        films = build.dataset(protocol="safesora")
        build.item(films)
        entry = self.another_entry(build.campaign(films))
        assert "Moving pictures, some with" in self.client.get(link(entry)).content.decode()

    def test_taking_part_makes_an_annotator_without_a_password_or_an_address(self) -> None:
        client = self.come_in()
        user = self.person().user
        assert not user.has_usable_password()
        assert (user.email, user.first_name) == ("", "")
        assert PID not in user.username
        assert client.get(reverse("label:page", args=["pairs"])).status_code == 200
        assert Event.objects.filter(verb="enter", actor=user).count() == 1

    def test_the_same_browser_comes_back_as_the_same_person(self) -> None:
        client = self.come_in()
        assert client.get(link(self.entry))["Location"] == reverse("label:page", args=["pairs"])
        self.come_in(client=client)
        assert Annotator.objects.filter(entry=self.entry).count() == 1
        assert Entry.objects.get().places_left == 1

    def test_who_knows_an_id_does_not_get_in_as_that_person(self) -> None:
        self.come_in()
        stranger = Client()
        page = stranger.post(link(self.entry))
        assert page.status_code == 409
        assert "another browser" in page.content.decode()
        assert "_auth_user_id" not in stranger.session

    def test_a_browser_of_one_participant_does_not_become_another_who_is_inside(self) -> None:
        self.come_in()
        second = self.come_in("second-participant")
        assert second.post(link(self.entry)).status_code == 409
        assert second.session["_auth_user_id"] == str(self.person("second-participant").user_id)

    def test_a_browser_at_work_under_one_id_becomes_nobody_else_by_naming_others(self) -> None:
        client = self.come_in()
        for entry in (self.entry, self.another_entry()):
            for page in (client.get(link(entry, "made-up")), client.post(link(entry, "made-up"))):
                assert page.status_code == 409
                assert "at work under another number" in page.content.decode()
        assert Annotator.objects.filter(entry__isnull=False).get() == self.person()
        assert client.session["_auth_user_id"] == str(self.person().user_id)
        assert client.get(link(self.entry)).status_code == 302
        self.come_in("second-participant")  # another browser

    def test_without_that_look_one_browser_is_as_many_people_as_it_names(self) -> None:
        client = self.come_in()
        with mock.patch.object(entries, "is_another", return_value=False):
            self.come_in("made-up", client)
        assert Annotator.objects.filter(entry=self.entry).count() == 2

    def test_into_another_campaign_it_goes_on_as_somebody_else(self) -> None:
        other = build.dataset(slug="other")
        build.item(other)
        client = self.come_in()
        second = self.another_entry(build.campaign(other, slug="other"))
        assert client.post(link(second, "made-up")).status_code == 302

    def test_without_the_look_whether_it_is_in_use_anybody_would_get_in(self) -> None:
        """The negative control: what stands between an id and its account is this one refusal."""
        self.come_in()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(entries, "_readmitted", lambda known: known)
            stranger = self.come_in()
        assert stranger.session["_auth_user_id"] == str(self.person().user_id)

    def test_a_curator_lets_somebody_in_again_once_and_the_old_session_ends(self) -> None:
        first = self.come_in()
        assert entries.readmit(self.entry, PID, by=self.cast.cora)
        assert first.get(reverse("label:page", args=["pairs"])).status_code == 302
        self.come_in()
        assert Client().post(link(self.entry)).status_code == 409
        assert Annotator.objects.filter(entry=self.entry).count() == 1

    def test_a_door_left_open_for_somebody_closes_after_a_day(self) -> None:
        self.come_in()
        entries.readmit(self.entry, PID, by=self.cast.cora)
        Annotator.objects.filter(entry=self.entry).update(
            readmit_until=timezone.now() - timedelta(seconds=1)
        )
        assert Client().post(link(self.entry)).status_code == 409

    def test_a_servers_clock_that_is_wrong_closes_no_entry_and_opens_none(self) -> None:
        self.come_in()
        for wrong in (timedelta(days=-400), timedelta(days=400)):
            with mock.patch.object(timezone, "now", return_value=timezone.now() + wrong):
                entry = entries.open_entry(self.campaign, by=self.cast.cora, days=1, places=1)
                entries.readmit(self.entry, PID, by=self.cast.cora)
            left = entry.expires_at - timezone.now()
            assert timedelta(hours=23) < left < timedelta(hours=25)
            with mock.patch.object(timezone, "now", return_value=timezone.now() + wrong):
                assert entries.states([entry]) == {entry.pk: "open"}
            waits = self.person().readmit_until
            assert waits is not None
            assert timedelta(hours=23) < waits - timezone.now() < timedelta(hours=25)

    # --- One person in a campaign, by whatever entry

    def another_entry(self, campaign: Campaign | None = None) -> Entry:
        campaign = campaign or self.campaign
        return entries.open_entry(campaign, by=self.cast.cora, days=3, places=5, name="Second")

    def test_who_took_part_by_another_entry_of_the_campaign_does_not_vote_twice(self) -> None:
        second = self.another_entry()
        self.come_in()
        other_browser = Client()
        page = other_browser.post(link(second))
        assert page.status_code == 409
        assert "You already took part in this work" in page.content.decode()
        assert "_auth_user_id" not in other_browser.session
        assert Annotator.objects.get(participant=PID) == self.person()
        second.refresh_from_db()
        assert second.places_left == 5

    def test_the_browser_of_the_first_entry_is_told_too_and_stays_where_it_was(self) -> None:
        client = self.come_in()
        assert client.post(link(self.another_entry())).status_code == 409
        assert client.get(reverse("label:page", args=["pairs"])).status_code == 200
        assert client.session["_auth_user_id"] == str(self.person().user_id)

    def test_the_browser_in_which_that_person_works_is_led_back_to_the_work(self) -> None:
        second = self.another_entry()
        client = self.come_in()
        work = reverse("label:page", args=["pairs"])
        self.assertContains(client.post(link(second)), f'href="{work}"', status_code=409)
        self.assertNotContains(Client().post(link(second)), work, status_code=409)
        leaving.set_aside(self.person(), self.campaign, by=self.cast.cora, reason="random clicks")
        self.assertNotContains(client.post(link(second)), work, status_code=409)

    def test_so_it_is_when_the_first_entry_is_closed_or_its_person_was_set_aside(self) -> None:
        second = self.another_entry()
        self.come_in()
        entries.close(self.entry, by=self.cast.cora)
        assert Client().post(link(second)).status_code == 409
        leaving.set_aside(self.person(), self.campaign, by=self.cast.cora, reason="random clicks")
        assert Client().post(link(second)).status_code == 409
        assert Annotator.objects.filter(participant=PID).count() == 1

    def test_another_campaign_is_another_work(self) -> None:
        other = build.dataset(slug="other")
        build.item(other)
        second = self.another_entry(build.campaign(other, slug="other"))
        self.come_in()
        assert Client().post(link(second)).status_code == 302
        assert Annotator.objects.filter(participant=PID).count() == 2

    def test_without_the_look_at_other_entries_one_person_is_two(self) -> None:
        self.come_in()
        with mock.patch.object(entries, "_took_part", return_value=False):
            assert Client().post(link(self.another_entry())).status_code == 302
        assert Annotator.objects.filter(participant=PID).count() == 2

    def test_nobody_is_let_in_again_whose_work_was_ended_or_set_aside(self) -> None:
        for participant in ("who-is-set-aside", "whose-work-is-ended"):
            self.come_in(participant)
            one = self.person(participant)
            entries.readmit(self.entry, one.participant, by=self.cast.cora)
            if participant == "who-is-set-aside":
                leaving.set_aside(one, self.campaign, by=self.cast.cora, reason="random clicks")
            else:
                leaving.revoke(one, self.campaign, by=self.cast.cora)
            # The door that was open until then is shut, and no other is opened.
            assert Client().post(link(self.entry, one.participant)).status_code == 409
            with pytest.raises(entries.Ended):
                entries.readmit(self.entry, one.participant, by=self.cast.cora)

    def test_without_that_look_he_was_signed_in_to_nothing(self) -> None:
        self.come_in()
        leaving.set_aside(self.person(), self.campaign, by=self.cast.cora, reason="random clicks")
        with mock.patch.object(entries, "_is_inside", return_value=True):
            assert entries.readmit(self.entry, PID, by=self.cast.cora)
            client = self.come_in()
        assert client.get(reverse("label:page", args=["pairs"])).status_code == 404

    def test_nobody_is_let_in_again_who_never_came(self) -> None:
        assert not entries.readmit(self.entry, "nobody-here", by=self.cast.cora)

    def test_an_id_that_looks_like_no_id_is_refused(self) -> None:
        for bad in ("", "abc", "ana@example.org", "../../etc", "a b c d", "x" * 65, "=1+1"):
            assert self.client.post(link(self.entry, bad)).status_code == 400, bad
        assert not Annotator.objects.filter(entry=self.entry).exists()

    def test_names_of_the_parameters_and_the_study_are_the_curators(self) -> None:
        entry = entries.open_entry(
            self.campaign,
            by=self.cast.cora,
            days=1,
            places=1,
            name="Other",
            participant_parameter="workerId",
            study_parameter="hit",
            study="H1",
        )
        address = reverse("enter", args=[entry.token])
        assert self.client.get(f"{address}?PROLIFIC_PID={PID}&hit=H1").status_code == 400
        assert self.client.get(f"{address}?workerId={PID}&hit=H2").status_code == 400
        assert self.client.get(f"{address}?workerId={PID}&hit=H1").status_code == 200

    def test_a_full_entry_lets_nobody_in(self) -> None:
        for name in ("first-one", "second-one"):
            self.come_in(name)
        assert Client().post(link(self.entry, "third-one")).status_code == 409
        assert entries.states([self.entry]) == {self.entry.pk: "full"}

    def test_a_link_that_is_over_lets_nobody_in(self) -> None:
        for change in (
            {"closed_at": timezone.now()},
            {"expires_at": timezone.now() - timedelta(seconds=1)},
            {"token": "another"},
        ):
            kept = Entry.objects.get()
            Entry.objects.update(**change)
            for method in (self.client.get, self.client.post):
                assert method(link(self.entry)).status_code == 404, change
            kept.save()
        assert not Annotator.objects.filter(entry=self.entry).exists()

    def test_when_the_campaign_closes_its_entries_do(self) -> None:
        Campaign.objects.update(state="closed")
        assert self.client.get(link(self.entry)).status_code == 404

    def test_somebody_with_an_account_keeps_it(self) -> None:
        self.client.force_login(self.cast.cora)
        assert self.client.post(link(self.entry)).status_code == 409
        assert self.client.session["_auth_user_id"] == str(self.cast.cora.pk)

    def test_who_tries_many_ids_is_told_to_wait(self) -> None:
        self.come_in()
        answers = {Client().post(link(self.entry)).status_code for _ in range(12)}
        assert answers == {409, 429}

    # --- Inside

    def begin_the_next_campaign(self) -> None:
        Campaign.objects.filter(pk=self.campaign.pk).update(state="closed")
        protocol = self.dataset.protocol
        Campaign.objects.create(dataset=self.dataset, slug="next", name="Next", protocol=protocol)
        build.campaign(self.dataset)

    def test_a_participant_sees_one_campaign_and_no_other(self) -> None:
        other = build.dataset(slug="other", name="Somebody else's")
        build.item(other)
        build.campaign(other, slug="other")
        client = self.come_in()
        assert "else's" not in client.get("/label/").content.decode()
        # Not even the dataset's next campaign, to which the membership alone would lead.
        self.begin_the_next_campaign()
        for slug in ("other", "next"):
            for name in ("page", "guideline", "pulse"):
                assert client.get(reverse(f"label:{name}", args=[slug])).status_code == 404
        assert client.get("/label/").status_code == 200

    def test_an_annotator_of_the_dataset_does_see_its_next_campaign(self) -> None:
        self.begin_the_next_campaign()
        self.client.force_login(self.cast.ana)
        assert self.client.get(reverse("label:page", args=["next"])).status_code == 200

    def test_a_participant_gets_at_no_page_of_accounts_and_takes_no_invitation(self) -> None:
        client = self.come_in()
        token = invitations.invite(self.dataset, role=Role.CURATOR, by=self.cast.cora)
        for path in (
            "/accounts/password/set/",
            "/accounts/password/change/",
            "/accounts/email/",
            "/accounts/2fa/",
            "/curate/",
            "/moderate/",
            "/admin/",
            reverse("invitation", args=[token]),
        ):
            assert client.get(path).status_code == 404, path
            assert client.post(path).status_code == 404, path
        assert Membership.objects.get(user=self.person().user).role == Role.ANNOTATOR

    # --- The end

    def test_after_so_many_answers_comes_the_code_and_no_more_work(self) -> None:
        client = self.come_in()
        self.answer(client)
        page = self.answer(client)
        assert "DAM7" in page.content.decode()
        body = client.post(
            reverse("label:ahead", args=["pairs"]), {"holding": []}, content_type="application/json"
        )
        assert body.json() == {"ahead": [], "held": []}
        assert not Slot.objects.filter(annotator=self.person(), state="leased").exists()

    def test_then_home_leads_to_the_code_and_counts_nothing_as_left(self) -> None:
        client = self.come_in()
        page = client.get("/label/").content.decode()
        assert "left for you" in page
        assert "This study is done for you" not in page
        self.answer(client)
        self.answer(client)
        ends = (
            lambda: None,
            lambda: entries.close(self.entry, by=self.cast.cora),
            lambda: Campaign.objects.filter(pk=self.campaign.pk).update(state="closed"),
        )
        for end in ends:
            end()
            page = client.get("/label/").content.decode()
            assert "This study is done for you" in page
            assert "left for you" not in page
            assert reverse("label:page", args=["pairs"]) in page
            self.assertContains(client.get(reverse("label:page", args=["pairs"])), "DAM7")

    def test_who_answered_nothing_before_the_end_is_promised_no_code_at_home(self) -> None:
        client = self.come_in()
        entries.close(self.entry, by=self.cast.cora)
        page = client.get("/label/").content.decode()
        assert "This study is over." in page
        assert "completion code" not in page

    def test_no_more_is_held_ahead_than_is_asked(self) -> None:
        client = self.come_in()
        self.answer(client)
        ahead = reverse("label:ahead", args=["pairs"])
        held = client.post(ahead, {"holding": []}, content_type="application/json").json()["held"]
        assert len(held) == 1

    def test_without_the_count_of_what_is_asked_more_would_be_given(self) -> None:
        client = self.come_in()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(entries, "answers_left", lambda _annotator: None)
            for _ in range(2):
                page = self.answer(client)
        assert "DAM7" not in page.content.decode()
        assert Slot.objects.filter(annotator=self.person(), state="leased").exists()

    def test_when_nothing_is_left_comes_the_code(self) -> None:
        Entry.objects.update(answers=None)
        client = self.come_in()
        assert "DAM7" not in client.get(reverse("label:page", args=["pairs"])).content.decode()
        while held := assigning.leases(self.person(), self.campaign, want=1):
            submit(self.person(), held[0])
        assert "DAM7" in client.get(reverse("label:page", args=["pairs"])).content.decode()

    def page_of(self, client: Client) -> str:
        return client.get(reverse("label:page", args=["pairs"])).content.decode()

    def skip_all(self, client: Client) -> None:
        while held := assigning.leases(self.person(), self.campaign, want=1):
            labelling.skip(self.person(), held[0].token, reason=SkipReason.UPSETTING)

    def test_who_skipped_everything_gets_no_code_but_a_page_that_says_what_is_missing(self) -> None:
        for asked, words in ((2, "0 of 2 answers are given; 2 are missing"), (None, "Skipped: 6")):
            Entry.objects.update(answers=asked)
            client = self.come_in()
            self.skip_all(client)
            page = self.page_of(client)
            assert "DAM7" not in page
            assert words in page
            assert "You may end here all the same" in page
            Annotator.objects.update(readmit_until=timezone.now() + timedelta(hours=1))

    def test_without_the_rule_the_code_came_for_no_work(self) -> None:
        with (
            mock.patch.object(completing.Account, "is_complete", return_value=True),
            pytest.raises(AssertionError),
        ):
            self.test_who_skipped_everything_gets_no_code_but_a_page_that_says_what_is_missing()

    def test_who_skipped_now_and_then_gets_it_when_nothing_is_left(self) -> None:
        Entry.objects.update(answers=50)
        client = self.come_in()
        held = assigning.leases(self.person(), self.campaign, want=1)[0]
        labelling.skip(self.person(), held.token, reason=SkipReason.UPSETTING)
        while left := assigning.leases(self.person(), self.campaign, want=1):
            submit(self.person(), left[0])
        assert "DAM7" in self.page_of(client)

    def test_who_wants_less_a_day_or_spares_all_there_is_has_more_to_do(self) -> None:
        client = self.come_in()
        self.answer(client)
        wishes.wish(self.person(), {"daily_answers": 1})
        page = self.page_of(client)
        assert "DAM7" not in page
        assert "1 of 2 answers are given; 1 is missing" in page
        Item.objects.update(machine_categories=["Violence"])
        wishes.wish(self.person(), {"daily_answers": None, "unwanted": ["violence"]})
        page = self.page_of(client)
        assert "DAM7" not in page
        assert "that you asked to be spared" in page

    def test_before_the_qualification_there_is_no_code_either(self) -> None:
        Entry.objects.update(answers=None)
        abilities.ask_for(self.campaign, "safety", ["severity"])
        abilities.ask_for(self.campaign, "helpful", ["severity"])
        abilities.ask_for(self.campaign, "safer", ["severity"])
        assert "DAM7" not in self.page_of(self.come_in())

    @pytest.mark.usefixtures("noon")  # the day does not end between two requests
    def test_the_campaigns_own_limit_is_gone_on_with_tomorrow_if_there_is_one(self) -> None:
        Campaign.objects.update(daily_answers=1)
        client = self.come_in()
        page = self.answer(client).content.decode()
        assert "DAM7" not in page
        assert "There is more from" in page
        Entry.objects.update(expires_at=timezone.now() + timedelta(minutes=1))
        assert "DAM7" in self.page_of(client)

    def test_an_entry_that_closed_before_any_answer_gives_no_code(self) -> None:
        client = self.come_in()
        entries.close(self.entry, by=self.cast.cora)
        page = self.page_of(client)
        assert "DAM7" not in page
        assert "The study ended before you answered anything" in page

    @pytest.mark.usefixtures("noon")
    def test_when_the_days_work_is_done_comes_the_code(self) -> None:
        Entry.objects.update(answers=None)
        Campaign.objects.update(daily_answers=1)
        page = self.answer(self.come_in())
        assert "DAM7" in page.content.decode()

    def test_when_the_entry_is_closed_what_is_held_still_counts_and_then_comes_the_code(
        self,
    ) -> None:
        client = self.come_in()
        client.get(reverse("label:page", args=["pairs"]))
        entries.close(self.entry, by=self.cast.cora)
        slot = Slot.objects.get(annotator=self.person(), state="leased")
        body = {
            "token": str(slot.token),
            "key": "6f1d0c4e-0000-4000-8000-000000000001",
            "answers": PLAIN[slot.step],
        }
        page = reverse("label:page", args=["pairs"])
        answer = client.post(page, body, content_type="application/json").json()
        assert (answer["done"]["standing"], answer["ahead"]) == ("counted", [])
        assert "DAM7" in client.get(page).content.decode()

    def test_the_way_back_is_a_link_and_only_to_a_secure_address(self) -> None:
        Entry.objects.update(answers=1, return_url="https://study.example.org/done?cc=DAM7")
        page = self.answer(self.come_in()).content.decode()
        assert re.search(r'<a [^>]*href="https://study\.example\.org/done\?cc=DAM7"', page)

    def test_nobody_else_ever_sees_a_code(self) -> None:
        self.client.force_login(self.cast.ana)
        ana = as_annotator(self.cast.ana)
        while held := assigning.leases(ana, self.campaign, want=1):
            submit(ana, held[0])
        page = self.client.get(reverse("label:page", args=["pairs"])).content.decode()
        assert "Nothing to do here now" in page
        assert "DAM7" not in page


@pytest.mark.django_db(transaction=True)
def test_a_crowd_at_the_door_takes_each_place_once() -> None:
    """Six browsers with three ids, two places."""
    dataset = build.dataset()
    build.item(dataset)
    campaign = build.campaign(dataset)
    cora, _made = User.objects.get_or_create(username="cora")
    entry = entries.open_entry(campaign, by=cora, days=1, places=2, name="Study")
    annotators(1, dataset)

    def come(name: str) -> Annotator:
        try:
            return entries.enter(entry, name)
        finally:
            connections.close_all()

    names = ["first-one", "second-one", "third-one"] * 2
    came = all_at_once(*(lambda name=name: come(name) for name in names))
    refusals = [type(one) for one in came if isinstance(one, Exception)]
    assert set(refusals) <= {entries.InUse, entries.EntryFull}
    assert len(refusals) == 4
    assert Annotator.objects.filter(entry=entry).count() == 2
    assert Entry.objects.get().places_left == 0


def _come_by_both_doors_at_once() -> tuple[int, object]:
    """Somebody in the middle of one entry comes by the other; how many people, what came of it."""
    dataset = build.dataset()
    build.item(dataset)
    campaign = build.campaign(dataset)
    cora, _made = User.objects.get_or_create(username="cora")
    first, second = (
        entries.open_entry(campaign, by=cora, days=1, places=2, name=name) for name in ("A", "B")
    )
    one, other = Actor(), Actor()
    try:
        one.begin()
        one.does(entries.enter, first, PID)
        entering = other.starts(entries.enter, second, PID)
        until = monotonic() + PATIENCE
        while not entering.done() and not _somebody_waits():
            assert monotonic() < until
        one.commit()
        came = entering.exception(PATIENCE)
    finally:
        one.leaves()
        other.leaves()
    return Annotator.objects.filter(participant=PID).count(), type(came)


def _somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
            " AND datname = current_database()"
        )
        return bool(cursor.fetchall()[0][0])


@pytest.mark.django_db(transaction=True)
def test_who_comes_by_two_entries_at_once_is_one_person() -> None:
    assert _come_by_both_doors_at_once() == (1, entries.TookPart)


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_on_the_entries_beside_two_people_come_of_one() -> None:
    def own_only(entry: Entry) -> None:
        list(Entry.objects.filter(pk=entry.pk).select_for_update(no_key=True))

    with mock.patch.object(entries, "_lock_entries_beside", own_only):
        assert _come_by_both_doors_at_once() == (2, type(None))
