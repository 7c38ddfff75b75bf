"""The curator's page of outside workforces."""

from __future__ import annotations

import csv
import io

from django.core.cache import cache
from django.db.models.functions import Now
from django.test import Client, TestCase
from django.urls import reverse

from annotation import assigning, leaving
from annotation.models import Annotator, Campaign, Entry
from datasets_app.models import Dataset, Event
from datasets_app.vocabulary import Role
from tests import build
from tests.annotation.answering import submit
from tests.cast import Cast, cast, member

PID = "5f1e0a77c0ffee"
FORM = {
    "name": "Autumn study",
    "days": "7",
    "places": "5",
    "answers": "",
    "code": "",
    "return_url": "https://study.example.org/done",
    "participant_parameter": "PROLIFIC_PID",
    "study_parameter": "STUDY_ID",
    "study": "",
}


class Workforce(TestCase):
    dataset: Dataset
    cast: Cast
    campaign: Campaign

    @classmethod
    def setUpTestData(cls) -> None:
        cls.dataset = build.dataset(slug="pairs", name="Pairs of answers")
        cls.cast = cast(cls.dataset)
        build.item(cls.dataset)
        cls.campaign = build.campaign(cls.dataset)

    def setUp(self) -> None:
        cache.clear()
        self.client.force_login(self.cast.cora)

    def url(self, name: str, *args: object) -> str:
        return reverse(f"curate:{name}", args=["pairs", *args])

    def entry(self, **changes: str) -> Entry:
        self.client.post(self.url("open_entry"), FORM | changes)
        return Entry.objects.latest("pk")

    def participant(self, entry: Entry) -> Annotator:
        address = reverse("enter", args=[entry.token])
        assert Client().post(f"{address}?PROLIFIC_PID={PID}").status_code == 302
        return Annotator.objects.get(entry=entry)

    def test_from_the_curators_form_to_the_file_that_pays(self) -> None:
        entry = self.entry()
        assert (entry.places, entry.answers, len(entry.code)) == (5, None, 8)
        page = self.client.get(self.url("workforce")).content.decode()
        assert f"/enter/{entry.token}/?PROLIFIC_PID=" in page
        person = self.participant(entry)
        submit(person, assigning.leases(person, self.campaign, want=1)[0])
        page = self.client.get(self.url("workforce")).content.decode()
        assert person.pseudonym in page
        assert PID not in page
        file = self.client.post(self.url("hours"))
        assert file["Content-Type"].startswith("text/csv")
        assert "attachment" in file["Content-Disposition"]
        (line,) = list(csv.DictReader(io.StringIO(file.content.decode())))
        assert (line["annotator"], line["participant"]) == (person.pseudonym, PID)
        assert Event.objects.filter(verb="export_hours", actor=self.cast.cora).count() == 1

    def test_days_narrow_page_and_file_alike(self) -> None:
        person = self.participant(self.entry())
        submit(person, assigning.leases(person, self.campaign, want=1)[0])
        days = {"since": "2020-01-01", "until": "2020-12-31", "longest": ""}
        page = self.client.get(self.url("workforce"), days)
        assert "Nobody has worked" in page.content.decode()
        file = self.client.post(self.url("hours"), days).content.decode()
        assert len(file.splitlines()) == 1

    def test_what_is_wrong_with_the_form_is_said_where_it_is(self) -> None:
        bad = {"places": "0", "return_url": "javascript:alert(1)", "participant_parameter": "a b"}
        page = self.client.post(self.url("open_entry"), FORM | bad)
        assert page.status_code == 422
        assert set(page.context["form"].errors) == set(bad)
        assert not Entry.objects.exists()

    def test_without_an_open_campaign_there_is_nothing_to_enter(self) -> None:
        Campaign.objects.update(state="closed")
        self.client.post(self.url("open_entry"), FORM)
        assert not Entry.objects.exists()
        assert "No campaign is open" in self.client.get(self.url("workforce")).content.decode()

    def test_closing_and_letting_in_again(self) -> None:
        entry = self.entry()
        person = self.participant(entry)
        self.client.post(self.url("readmit", entry.pk), {"participant": PID})
        person.refresh_from_db()
        assert person.readmit_until is not None
        page = self.client.post(self.url("readmit", entry.pk), {"participant": "x"}, follow=True)
        assert "Nobody came in" in page.content.decode()
        self.client.post(self.url("close_entry", entry.pk))
        entry.refresh_from_db()
        assert entry.closed_at is not None
        assert Event.objects.filter(verb="close_entry").count() == 1

    def test_whom_somebody_set_aside_is_not_let_in_again_and_one_line_says_why(self) -> None:
        entry = self.entry()
        person = self.participant(entry)
        leaving.set_aside(person, self.campaign, by=self.cast.cora, reason="random clicks")
        page = self.client.post(self.url("readmit", entry.pk), {"participant": PID}, follow=True)
        text = page.content.decode()
        assert text.count("Nobody is let in again whose work was ended or set aside") == 1
        assert "is let in (24 h)" not in text
        person.refresh_from_db()
        assert person.readmit_until is None
        assert not Event.objects.filter(verb="readmit").exists()

    def test_an_entry_of_another_dataset_is_not_there(self) -> None:
        """Not even for who curates both: the address says of which dataset one speaks."""
        entry = self.entry()
        person = self.participant(entry)
        member(self.cast.cora, build.dataset(slug="other"), Role.CURATOR)
        for name in ("close_entry", "readmit"):
            address = reverse(f"curate:{name}", args=["other", entry.pk])
            assert self.client.post(address, {"participant": PID}).status_code == 404
        entry.refresh_from_db()
        person.refresh_from_db()
        assert (entry.closed_at, person.readmit_until) == (None, None)

    def test_a_curator_of_another_dataset_gets_at_no_entry(self) -> None:
        entry = self.entry()
        person = self.participant(entry)
        member(self.cast.dan, build.dataset(slug="other"), Role.CURATOR)
        self.client.force_login(self.cast.dan)
        for slug in ("pairs", "other"):
            for name in ("close_entry", "readmit"):
                address = reverse(f"curate:{name}", args=[slug, entry.pk])
                assert self.client.post(address, {"participant": PID}).status_code == 404
        entry.refresh_from_db()
        person.refresh_from_db()
        assert (entry.closed_at, person.readmit_until) == (None, None)

    def test_the_page_says_what_became_of_each_entry(self) -> None:
        names = ("open", "full", "expired", "closed")
        made = {name: self.entry(name=name) for name in names}
        Entry.objects.filter(pk=made["full"].pk).update(places_left=0)
        Entry.objects.filter(pk=made["expired"].pk).update(expires_at=Now())
        self.client.post(self.url("close_entry", made["closed"].pk))
        shown = self.client.get(self.url("workforce")).context["entries"]
        assert {one["entry"].name: one["state"] for one in shown} == {name: name for name in names}
