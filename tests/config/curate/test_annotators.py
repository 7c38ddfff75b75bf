"""A curator lets somebody go whose votes go on counting."""

from __future__ import annotations

from django.test import TestCase
from django.urls import reverse

from annotation import assigning, closing, entries
from annotation.models import Annotator, Campaign, Slot
from datasets_app import invitations
from datasets_app.models import Dataset, Event
from datasets_app.vocabulary import Role
from tests import build
from tests.annotation.answering import work
from tests.cast import Cast, as_annotator, cast


class EndOfWork(TestCase):
    """Ana has answered one of two items, and has the next."""

    dataset: Dataset
    campaign: Campaign
    cast: Cast
    ana: Annotator

    @classmethod
    def setUpTestData(cls) -> None:
        cls.dataset = build.dataset(slug="pairs")
        cls.cast = cast(cls.dataset)
        cls.ana = as_annotator(cls.cast.ana)
        build.items(2, cls.dataset)
        cls.campaign = build.campaign(cls.dataset)
        work(cls.ana, cls.campaign, at_most=3)
        assigning.leases(cls.ana, cls.campaign)

    def setUp(self) -> None:
        self.client.force_login(self.cast.cora)

    def url(self, name: str) -> str:
        return reverse(f"curate:{name}", args=["pairs", self.ana.key])

    def test_a_persons_work_ends_and_the_votes_go_on_counting(self) -> None:
        people = reverse("curate:people", args=["pairs"])
        assert self.client.get(people).content.decode().count(self.url("annotator")) == 1
        assert "3 votes go on counting" in self.client.get(self.url("annotator")).content.decode()
        refused = self.client.post(self.url("end_work"), {"reason": " "}, follow=True)
        assert "Say why" in refused.content.decode()
        done = self.client.post(self.url("end_work"), {"reason": "holidays"}, follow=True)
        assert "annotates here no longer" in done.content.decode()
        assert not Slot.objects.filter(state="leased").exists()
        assert self.url("annotator") not in done.content.decode()  # no member any more
        page = self.client.get(self.url("annotator")).content.decode()
        assert "No longer annotates here" in page
        assert "End this person" not in page
        assert self.ana.annotations.filter(standing="counted").count() == 3
        event = Event.objects.get(verb="revoke", subject=f"user:{self.ana.user_id}")
        assert (event.actor, event.reason) == (self.cast.cora, "holidays")
        again = self.client.post(self.url("end_work"), {"reason": "me too"}, follow=True)
        assert "did not annotate here any more" in again.content.decode()
        assert Event.objects.filter(verb="revoke", item=None).count() == 1

    def test_so_it_ends_for_who_was_given_nothing_yet(self) -> None:
        url = reverse("curate:end_work", args=["pairs", as_annotator(self.cast.ben).key])
        done = self.client.post(url, {"reason": "never came"}, follow=True)
        assert done.status_code == 200
        assert "annotates here no longer" in done.content.decode()

    def test_who_was_let_go_comes_back_by_a_new_invitation_alone(self) -> None:
        old = invitations.invite(self.dataset, role=Role.ANNOTATOR, by=self.cast.cora)
        self.client.post(self.url("end_work"), {"reason": "holidays"})
        new = invitations.invite(self.dataset, role=Role.ANNOTATOR, by=self.cast.cora)
        self.client.force_login(self.cast.ana)
        for link, status in ((old, 403), (new, 302)):
            opened = self.client.post(reverse("invitation", args=[link]))
            assert opened.status_code == status
        assert len(assigning.leases(self.ana, self.campaign)) == 2

    def test_the_page_is_there_while_the_campaign_is_closed(self) -> None:
        closing.close(self.campaign, by=self.cast.cora, reason="x")
        assert self.client.get(self.url("annotator")).status_code == 200

    def test_nobody_by_an_entry_is_let_go_so(self) -> None:
        entry = entries.open_entry(self.campaign, by=self.cast.cora, days=1, places=1, name="Study")
        person = entries.enter(entry, "5f1e0a77")
        url = reverse("curate:end_work", args=["pairs", person.key])
        assert self.client.post(url, {"reason": "x"}).status_code == 404
