"""Two curators with the campaign's page open: neither takes back what the other changed."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.test import Client, TestCase
from django.urls import reverse

from annotation.models import Campaign, Slot
from datasets_app.models import Dataset
from datasets_app.vocabulary import Role
from tests import build
from tests.cast import Cast, cast, member, person

FORMS = {"campaign": "form", "limits": "budgets"}


class Page:
    """The campaign's page in one curator's browser, as it was when it was opened."""

    def __init__(self, curator: User) -> None:
        self.client = Client()
        self.client.force_login(curator)
        self.opened: Any = self.client.get(reverse("curate:campaign", args=["pairs"]))

    def says(self, which: str, **changes: str | list[str]) -> str:
        """What the page says after that form is sent, with these fields changed."""
        form = self.opened.context[FORMS[which]]
        fields: dict[str, Any] = {bound.html_name: _written(bound.value()) for bound in form}
        for bound in form:
            assert f'name="{bound.html_name}"' in self.opened.content.decode()
        where = reverse(f"curate:{which}", args=["pairs"])
        answer = self.client.post(where, fields | changes, follow=True)
        return "\n".join(str(message) for message in answer.context["messages"])


def _written(value: object) -> str | list[str]:
    if isinstance(value, list):
        return value
    return "" if value is None else str(value)


class Two(TestCase):
    dataset: Dataset
    cast: Cast

    @classmethod
    def setUpTestData(cls) -> None:
        cls.dataset = build.dataset(slug="pairs")
        cls.cast = cast(cls.dataset)
        member(person("cid"), cls.dataset, Role.CURATOR)
        build.item(cls.dataset)
        build.campaign(cls.dataset, daily_exposure=7_300)

    def setUp(self) -> None:
        self.open_both()

    def open_both(self) -> None:
        """Both pages are made before either form is sent."""
        self.coras, self.cids = Page(self.cast.cora), Page(person("cid"))

    def campaign(self) -> Campaign:
        return Campaign.objects.get(dataset=self.dataset)

    def test_an_older_page_leaves_an_overlap_that_was_raised(self) -> None:
        self.coras.says("campaign", overlap="5")
        self.cids.says("campaign", certainty="0.8")
        assert (self.campaign().overlap, self.campaign().certainty) == (5, 0.8)
        assert Slot.objects.filter(step="safety").count() == 5

    def test_an_older_page_leaves_a_budget_that_was_lowered(self) -> None:
        self.coras.says("limits", daily_minutes="10")
        self.cids.says("limits", daily_answers="50")
        found = self.campaign()
        assert (found.daily_exposure, found.daily_answers) == (1_800, 50)

    def test_an_older_page_leaves_what_is_given_only_with_consent(self) -> None:
        self.coras.says("limits", needs_consent=["violence"])
        self.cids.says("limits", daily_answers="50")
        assert self.campaign().needs_consent == ["violence"]

    def test_two_who_ask_for_another_kind_at_once_are_told(self) -> None:
        self.coras.says("limits", needs_consent=["violence"])
        said = self.cids.says("limits", needs_consent=["severe"])
        assert "changed the same: Given only to who said yes to it" in said
        assert self.campaign().needs_consent == ["violence"]

    def test_a_budget_that_is_no_whole_number_of_minutes_stays_as_it_is(self) -> None:
        self.coras.says("limits", daily_answers="50")
        assert self.campaign().daily_exposure == 7_300

    def test_what_both_changed_stays_as_the_first_one_said_and_the_second_is_told(self) -> None:
        self.coras.says("campaign", overlap="5")
        said = self.cids.says("campaign", overlap="4", certainty="0.8")
        assert "somebody else has just changed the same: People an item, at first" in said
        found = self.campaign()
        assert found.overlap == 5
        assert found.certainty != 0.8

    def test_so_it_is_with_the_limits(self) -> None:
        self.coras.says("limits", daily_minutes="10")
        said = self.cids.says("limits", daily_minutes="20")
        assert "changed the same: Minutes of severe content a day" in said
        assert self.campaign().daily_exposure == 1_800

    def test_two_who_say_the_same_are_of_one_mind(self) -> None:
        for page in (self.coras, self.cids):
            assert "The campaign asks so from now on" in page.says("campaign", overlap="4")
        assert self.campaign().overlap == 4

    def test_what_only_together_cannot_be_is_refused(self) -> None:
        """As many as four at most, and five at first: each was possible on its page."""
        Campaign.objects.update(strategy="sequential", overlap=3, overlap_at_most=9)
        self.open_both()
        self.coras.says("campaign", overlap_at_most="4")
        said = self.cids.says("campaign", overlap="5")
        assert "cannot be fewer than the first ones" in said
        assert (self.campaign().overlap, self.campaign().overlap_at_most) == (3, 4)

    def test_a_form_that_does_not_say_what_it_saw_says_all(self) -> None:
        self.coras.says("campaign", overlap="5")
        for seen in ("", "x", "[]"):
            self.cids.says("campaign", overlap="4", seen=seen)
            assert self.campaign().overlap == 4
