"""Who came by an entry knows of one study: no page speaks of campaigns or leads to them."""

from __future__ import annotations

import re

from django.core.cache import cache
from django.db.models.functions import Now
from django.test import TestCase
from django.urls import reverse

from annotation import assigning, entries, leaving
from annotation.models import Annotator, Campaign, Entry
from annotation.vocabulary import CampaignState
from annotation.wellbeing import wishes
from tests import build
from tests.annotation.answering import submit
from tests.cast import Cast, cast
from tests.config.test_entering import link

TAG = re.compile(r"<[^>]*>")


class OneStudy(TestCase):
    cast: Cast
    campaign: Campaign
    entry: Entry

    @classmethod
    def setUpTestData(cls) -> None:
        dataset = build.dataset(slug="pairs", name="Pairs of answers")
        cls.cast = cast(dataset)
        build.items(3, dataset)
        cls.campaign = build.campaign(dataset, slug="pairs", name="Pairs")
        cls.entry = entries.open_entry(
            cls.campaign, by=cls.cast.cora, days=3, places=2, name="Study", answers=20, code="DAM7"
        )

    def setUp(self) -> None:
        cache.clear()
        assert self.client.post(link(self.entry)).status_code == 302

    def person(self) -> Annotator:
        return Annotator.objects.get(entry=self.entry)

    def read(self, name: str = "page") -> str:
        """What stands on a page of the work, without its elements."""
        return TAG.sub(
            " ", self.client.get(reverse(f"label:{name}", args=["pairs"])).content.decode()
        )

    def home(self) -> str:
        return TAG.sub(" ", self.client.get("/label/").content.decode())

    def test_when_the_entry_is_closed_the_study_is_over(self) -> None:
        Entry.objects.update(closed_at=Now())
        assert "This study is over" in self.read()
        assert "ampaign" not in self.read()

    def test_when_the_campaign_is_closed_the_study_is_over(self) -> None:
        Campaign.objects.update(state=CampaignState.CLOSED)
        for page in (self.read(), self.read("qualify")):
            assert "This study is over" in page
            assert "ampaign" not in page

    def test_who_has_an_account_still_reads_of_the_campaign(self) -> None:
        """The control."""
        Campaign.objects.update(state=CampaignState.CLOSED)
        self.client.force_login(self.cast.ana)
        assert "This campaign is closed" in self.read()
        assert "All campaigns" in self.read()

    def test_pages_on_which_nothing_comes_speak_of_no_campaign(self) -> None:
        assert "ampaign" not in self.read("qualify")
        for wish in ({"languages": ["xx"]}, {"unwanted": ["violence"], "languages": ["xx"]}):
            wishes.wish(self.person(), wish)
            page = self.read()
            assert "Nothing is left in the languages that you named" in page
            assert "What I want" in page
            assert "ampaign" not in page

    def test_the_end_of_the_day_speaks_of_no_campaign(self) -> None:
        (held,) = assigning.leases(self.person(), self.campaign, want=1)
        submit(self.person(), held)
        Campaign.objects.update(daily_answers=1)
        page = self.read()
        assert "You have given all the answers that one day has here. They count" in page
        assert "1 answer today. Thank you." in page
        assert "ampaign" not in page

    def test_the_start_page_speaks_of_no_campaign_even_after_somebody_was_let_go(self) -> None:
        assert "ampaign" not in self.home()
        leaving.set_aside(self.person(), self.campaign, by=self.cast.cora, reason="clicks")
        assert "This study is over" in self.home()
        assert "ampaign" not in self.home()
