"""A report freezes an item for all; two roles of its dataset see it and the reason, nobody else."""

from __future__ import annotations

from django.test import Client, TestCase
from django.urls import reverse

from annotation import assigning, labelling
from annotation.models import Annotator, Slot
from datasets_app.models import Dataset, Item, Media
from datasets_app.vocabulary import ItemState, Role
from tests import build
from tests.annotation.answering import submit
from tests.browser.labelling_page import store
from tests.cast import Cast, as_annotator, cast, member, person

REASON = "This must not be shown to anybody."


class Reports(TestCase):
    """Ana reports a picture that Ben has answered; Eve and Max have roles elsewhere."""

    dataset: Dataset
    cast: Cast
    item: Item
    picture: Media
    answered: int

    @classmethod
    def setUpTestData(cls) -> None:
        cls.dataset = build.dataset("beavertails_v", slug="pictures")
        cls.cast = cast(cls.dataset)
        other = build.dataset(slug="other")
        member(person("eve"), other, Role.CURATOR)
        member(person("max"), other, Role.MODERATOR)
        cls.item = build.item(cls.dataset)
        cls.picture = cls.item.prompt.media_links.get().media
        store(cls.picture, b"a picture")
        campaign = build.campaign(cls.dataset, slug="pictures")
        Slot.objects.exclude(step="helpful").delete()
        ana, ben = as_annotator(cls.cast.ana), as_annotator(cls.cast.ben)
        cls.answered = submit(ben, assigning.leases(ben, campaign)[0]).annotation_id
        (held,) = assigning.leases(ana, campaign)
        assert labelling.report(ana, held.token, reason=REASON)

    def seen_by(self, address: str) -> set[str]:
        """Who gets something at that address, and what he gets names the item or is the file."""
        found = set()
        for name in ("ana", "ben", "cora", "mo", "dan", "eve", "max"):
            client = Client()
            client.force_login(person(name))
            if client.get(address).status_code == 200:
                found.add(name)
        return found

    def test_nobody_is_given_it_and_nobody_holds_it(self) -> None:
        self.item.refresh_from_db()
        assert self.item.state == ItemState.QUARANTINED
        assert not Slot.objects.filter(state="leased").exists()
        for annotator in Annotator.objects.all():
            campaign = self.dataset.campaigns.get()
            if annotator.user in (self.cast.ana, self.cast.ben):
                assert assigning.leases(annotator, campaign) == []

    def test_its_pages_are_the_curators_and_the_moderators_alone(self) -> None:
        item = reverse("curate:item", args=["pictures", self.item.pk])
        assert self.seen_by(item) == {"cora"}
        assert self.seen_by(reverse("moderate:quarantine", args=["pictures"])) == {"mo"}

    def test_its_files_are_theirs_alone(self) -> None:
        for kind in ("original", "preview"):
            address = reverse("media", args=[self.picture.digest, kind])
            assert self.seen_by(address) == {"cora", "mo"}, kind

    def test_before_the_report_whoever_judges_it_gets_the_file(self) -> None:
        """The negative control: it is the report that shuts them out."""
        Item.objects.filter(pk=self.item.pk).update(state=ItemState.OPEN)
        address = reverse("media", args=[self.picture.digest, "original"])
        assert self.seen_by(address) == {"ben", "cora", "mo"}

    def test_who_answered_it_sees_the_answers_and_not_the_item(self) -> None:
        self.client.force_login(self.cast.ben)
        page = self.client.get(reverse("label:revise", args=["pictures", self.answered]))
        self.assertContains(page, "This item is closed")
        assert self.item.prompt.text not in page.content.decode()
        assert self.picture.digest not in page.content.decode()

    def test_both_read_the_reason(self) -> None:
        for user, address in (
            (self.cast.mo, reverse("moderate:quarantine", args=["pictures"])),
            (self.cast.cora, reverse("curate:item", args=["pictures", self.item.pk])),
        ):
            self.client.force_login(user)
            assert REASON in self.client.get(address).content.decode()
        self.client.force_login(self.cast.mo)
        page = self.client.get(reverse("moderate:quarantine", args=["pictures"]))
        assert ">Reported<" in page.content.decode()
