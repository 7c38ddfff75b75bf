"""The curator's pages through the front door."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any
from uuid import uuid4

from django.test import TestCase
from django.urls import reverse

from annotation import assigning, campaigns
from annotation.models import Campaign, Slot
from datasets_app import cuts, exports
from datasets_app.models import (
    Dataset,
    Event,
    Export,
    Invitation,
    Item,
    Membership,
    Ruling,
    Verdict,
    Version,
)
from datasets_app.vocabulary import ItemState, Role
from tests import build
from tests.cast import Cast, as_annotator, cast
from tests.datasets_app import settled


class CuratePages(TestCase):
    """Cora looks after one dataset of text pairs."""

    dataset: Dataset
    cast: Cast
    open: Item
    held: Item

    @classmethod
    def setUpTestData(cls) -> None:
        cls.dataset = build.dataset(slug="pairs", name="Pairs of answers")
        cls.cast = cast(cls.dataset)
        cls.open = build.item(cls.dataset, asks="How do I repot an orchid?")
        cls.held = build.item(
            cls.dataset,
            state=ItemState.QUARANTINED,
            asks="How do I pick a lock?",
            machine_severity=3,
            machine_categories=["Economic Crime"],
        )

    def setUp(self) -> None:
        self.client.force_login(self.cast.cora)

    def url(self, name: str, *args: object) -> str:
        return reverse(f"curate:{name}", args=["pairs", *args])

    def test_the_overview_counts_items_by_state(self) -> None:
        page = self.client.get(self.url("overview"))
        assert page.context["counts"][ItemState.OPEN] == 1
        assert page.context["counts"][ItemState.QUARANTINED] == 1

    def test_the_list_shows_only_datasets_that_one_curates(self) -> None:
        build.dataset(slug="others", name="Somebody else's")
        page = self.client.get(reverse("curate:datasets")).content.decode()
        assert "Pairs of answers" in page
        assert "Somebody else" not in page

    def test_items_are_narrowed_by_state(self) -> None:
        page = self.client.get(self.url("items"), {"state": "quarantined"})
        assert page.context["page"].items == [self.held]

    def test_items_are_found_by_words_of_the_prompt(self) -> None:
        page = self.client.get(self.url("items"), {"q": "orchid"})
        assert page.context["page"].items == [self.open]

    def test_items_are_narrowed_by_the_machines_category(self) -> None:
        page = self.client.get(self.url("items"), {"category": "Economic Crime"})
        assert page.context["page"].items == [self.held]

    def test_a_view_that_makes_no_sense_shows_everything(self) -> None:
        query = {"state": "nowhere", "severity": "9", "before": "not-an-id"}
        page = self.client.get(self.url("items"), query)
        assert page.status_code == 200
        assert len(page.context["page"].items) == 2

    def test_pages_of_items_meet_without_gap_or_overlap(self) -> None:
        build.items(90, self.dataset)
        seen: list[Item] = []
        query: dict[str, str] = {}
        while True:
            found = self.client.get(self.url("items"), query).context["page"]
            seen += found.items
            if found.older is None:
                break
            query = {"before": str(found.older)}
        assert len(seen) == len({item.pk for item in seen}) == 92

    def test_going_back_shows_the_page_one_came_from(self) -> None:
        build.items(90, self.dataset)
        first = self.client.get(self.url("items")).context["page"]
        second = self.client.get(self.url("items"), {"before": str(first.older)}).context["page"]
        back = self.client.get(self.url("items"), {"after": str(second.newer)}).context["page"]
        assert back.items == first.items

    def test_what_a_stranger_wrote_is_shown_as_text(self) -> None:
        item = build.item(self.dataset, asks="<script>alert(1)</script>", says=("<b>a</b>", "c"))
        for page in (self.url("items"), self.url("item", item.pk)):
            body = self.client.get(page).content.decode()
            assert "<script>alert" not in body
            assert "<b>a</b>" not in body

    def test_an_items_page_tells_its_history(self) -> None:
        page = self.client.get(self.url("item", self.open.pk))
        assert page.status_code == 200
        assert "How do I repot an orchid?" in page.content.decode()

    def test_no_items_page_for_an_item_of_another_dataset(self) -> None:
        other = build.item(build.dataset())
        assert self.client.get(self.url("item", other.pk)).status_code == 404
        assert self.client.get(self.url("item", uuid4())).status_code == 404

    def test_an_invitation_is_shown_once_and_kept_as_a_digest(self) -> None:
        self.client.post(self.url("invite"), {"role": "annotator", "days": 7, "uses": 1})
        link = self.client.get(self.url("people")).context["link"]
        token = link.rstrip("/").rpartition("/")[2]
        assert token not in Invitation.objects.get().token_digest
        assert self.client.get(self.url("people")).context["link"] == ""

    def test_whoever_opens_the_link_becomes_a_member(self) -> None:
        self.client.post(self.url("invite"), {"role": "moderator", "days": 7, "uses": 1})
        link = self.client.get(self.url("people")).context["link"]
        self.client.force_login(self.cast.dan)
        assert "Pairs of answers" in self.client.get(link).content.decode()
        self.client.post(link)
        assert Membership.objects.get(user=self.cast.dan).role == Role.MODERATOR
        self.client.force_login(self.cast.ana)
        assert self.client.get(link).status_code == 404  # used up

    def test_a_closed_link_lets_nobody_in(self) -> None:
        self.client.post(self.url("invite"), {"role": "annotator", "days": 7, "uses": 5})
        link = self.client.get(self.url("people")).context["link"]
        self.client.post(self.url("revoke", Invitation.objects.get().pk))
        self.client.force_login(self.cast.dan)
        assert self.client.post(link).status_code == 404
        assert not Membership.objects.filter(user=self.cast.dan).exists()

    def test_nothing_settled_cannot_be_cut_and_the_page_says_so(self) -> None:
        self.client.post(self.url("cut"), _recipe())
        cuts.run_waiting()
        page = self.client.get(self.url("versions")).content.decode()
        assert "The last cut failed" in page
        assert not Version.objects.exists()

    def test_a_second_cut_waits_for_the_first(self) -> None:
        self.client.post(self.url("cut"), _recipe())
        page = self.client.post(self.url("cut"), _recipe())
        assert page.status_code == 409
        assert "wait for it" in page.content.decode()

    def test_splits_that_do_not_fill_the_whole_are_refused(self) -> None:
        page = self.client.post(self.url("cut"), _recipe(train="0.5"))
        assert page.status_code == 422
        assert "sum to 1" in page.content.decode()


class CampaignPage(TestCase):
    """How the campaign asks, and which items go first."""

    dataset: Dataset
    cast: Cast
    items: list[Item]
    campaign: Campaign

    @classmethod
    def setUpTestData(cls) -> None:
        cls.dataset = build.dataset(slug="pairs")
        cls.cast = cast(cls.dataset)
        cls.items = build.items(2, cls.dataset)
        cls.campaign = build.campaign(cls.dataset)

    def setUp(self) -> None:
        self.client.force_login(self.cast.cora)

    def send(self, **changes: str) -> Any:
        form = {
            "strategy": "sequential",
            "overlap": "2",
            "overlap_at_most": "5",
            "certainty": "0.95",
            "skips_at_most": "",
            "method": "dawid_skene",
            "minimum_agreement": "0.8",
        }
        return self.client.post(reverse("curate:campaign", args=["pairs"]), form | changes)

    def test_the_page_sets_how_the_campaign_asks(self) -> None:
        assert self.send().status_code == 302
        self.campaign.refresh_from_db()
        assert (self.campaign.strategy, self.campaign.overlap) == ("sequential", 2)
        assert (self.campaign.overlap_at_most, self.campaign.certainty) == (5, 0.95)
        assert self.campaign.skips_at_most is None
        assert (self.campaign.method, self.campaign.minimum_agreement) == ("dawid_skene", 0.8)
        event = Event.objects.get(verb="set_strategy")
        assert (event.data["method"], event.data["minimum_agreement"]) == ("dawid_skene", 0.8)
        assert Slot.objects.count() == 2 * 3 * 2
        verbs = Event.objects.filter(actor=self.cast.cora).values_list("verb", flat=True)
        assert set(verbs) == {"set_strategy", "set_overlap"}

    def test_what_cannot_be_is_said_and_not_done(self) -> None:
        for changes in (
            {"overlap": "0"},
            {"overlap": "6"},
            {"certainty": "1.5"},
            {"strategy": "no"},
            {"method": "ruling"},
            {"method": ""},
            {"minimum_agreement": "1.1"},
            {"minimum_agreement": ""},
        ):
            page = self.send(**changes)
            assert page.status_code == 422, changes
        self.campaign.refresh_from_db()
        assert (self.campaign.strategy, self.campaign.overlap) == ("fixed", 3)

    def test_without_a_campaign_the_page_says_so(self) -> None:
        Campaign.objects.update(dataset=build.dataset())
        page = self.client.get(reverse("curate:campaign", args=["pairs"]))
        assert "No campaign is open" in page.content.decode()

    def act(self, name: str, **said: str) -> str:
        form = {"campaign": self.campaign.slug, **said}
        address = reverse(f"curate:{name}", args=["pairs"])
        return str(self.client.post(address, form, follow=True).content.decode())

    def test_the_page_closes_the_campaign_and_opens_it_again(self) -> None:
        assigning.leases(as_annotator(self.cast.ana), self.campaign)
        page = self.client.get(reverse("curate:campaign", args=["pairs"]))
        assert "2 items that people have come back at once" in page.content.decode()
        assert "Say why" in self.act("close_campaign", reason=" ")
        assert campaigns.open_campaign(self.dataset) == self.campaign
        closed = self.act("close_campaign", reason="enough for now")
        assert "The campaign is closed. 2 items that people had came back." in closed
        assert "Closed by cora" in closed
        assert "enough for now" in closed
        assert "The campaign is closed already" in self.act("close_campaign", reason="me too")
        assert Event.objects.filter(verb="close_campaign", actor=self.cast.cora).count() == 1
        assert "The campaign is open again" in self.act("open_campaign")
        assert "The campaign is open already" in self.act("open_campaign")

    def test_what_is_set_while_it_is_closed_holds_afterwards(self) -> None:
        self.act("close_campaign", reason="to think about it")
        assert self.send().status_code == 302
        self.campaign.refresh_from_db()
        assert (self.campaign.state, self.campaign.overlap) == ("closed", 2)

    def test_it_does_not_open_beside_another_and_the_page_says_so(self) -> None:
        self.act("close_campaign", reason="x")
        protocol = self.campaign.protocol
        Campaign.objects.create(dataset=self.dataset, slug="other", name="x", protocol=protocol)
        assert "Another campaign of this dataset is open" in self.act("open_campaign")

    def test_a_page_of_another_campaign_closes_nothing_here(self) -> None:
        other = build.campaign(build.dataset())
        form = {"campaign": other.slug, "reason": "x"}
        answer = self.client.post(reverse("curate:close_campaign", args=["pairs"]), form)
        assert answer.status_code == 404
        assert Campaign.objects.filter(state="open").count() == 2

    def limit(self, **changes: str) -> Any:
        form = {"mild_after_severe": "2", "cooldown_minutes": "15", "daily_minutes": "20"}
        return self.client.post(reverse("curate:limits", args=["pairs"]), form | changes)

    def test_the_page_sets_what_one_person_sees_and_does(self) -> None:
        assert self.limit(most_items="50 %").status_code == 302
        self.campaign.refresh_from_db()
        assert self.campaign.daily_exposure == 20 * 3 * 60
        assert (self.campaign.mild_after_severe, self.campaign.cooldown_minutes) == (2, 15)
        assert self.campaign.most_items == 1  # half of the two items that there are
        assert self.campaign.daily_answers is self.campaign.reminder_minutes is None
        event = Event.objects.get(verb="set_budgets")
        assert (event.actor, event.data["before"]["cooldown_minutes"]) == (self.cast.cora, 10)
        page = self.client.get(reverse("curate:campaign", args=["pairs"]))
        self.assertContains(page, 'name="daily_minutes" value="20"')

    def test_limits_that_cannot_be_are_said_and_not_kept(self) -> None:
        for changes in ({"most_items": "some"}, {"most_items": "120 %"}, {"daily_minutes": "0"}):
            assert self.limit(**changes).status_code == 422, changes
        assert not Event.objects.filter(verb="set_budgets").exists()

    def test_chosen_items_go_first(self) -> None:
        back = reverse("curate:items", args=["pairs"]) + "?state=open"
        chosen = [str(self.items[1].pk), "nonsense"]
        form = {"item": chosen, "priority": "first", "next": back}
        page = self.client.post(reverse("curate:prioritise", args=["pairs"]), form)
        assert page["Location"] == back
        first = Slot.objects.filter(priority=0).values_list("item", flat=True).distinct()
        assert list(first) == [self.items[1].pk]

    def test_what_is_no_turn_is_refused_and_moves_nothing(self) -> None:
        turns: tuple[dict[str, str], ...] = ({}, {"priority": ""}, {"priority": "last"})
        for turn in turns:
            form = {"item": str(self.items[1].pk), **turn}
            page = self.client.post(reverse("curate:prioritise", args=["pairs"]), form)
            assert page.status_code == 400
        assert not Event.objects.filter(verb="prioritise").exists()

    def test_nobody_is_sent_elsewhere_afterwards(self) -> None:
        form = {"priority": "first", "next": "https://elsewhere.example.org/"}
        page = self.client.post(reverse("curate:prioritise", args=["pairs"]), form)
        assert page["Location"] == reverse("curate:items", args=["pairs"])


def _recipe(**changes: str) -> dict[str, str]:
    form = {
        "minimum_agreement": "0",
        "minimum_votes": "0",
        "ties": "keep",
        "rulings": "include",
        "circles": "keep",
        "train": "0.8",
        "validation": "0",
        "test": "0.2",
        "seed": "1",
        "size": "",
    }
    return form | changes


class Doors(TestCase):
    """Nobody but a curator of the dataset sees any of it."""

    dataset: Dataset
    cast: Cast
    item: Item

    @classmethod
    def setUpTestData(cls) -> None:
        cls.dataset = build.dataset(slug="pairs")
        cls.cast = cast(cls.dataset)
        cls.item = build.item(cls.dataset)

    def addresses(self) -> list[str]:
        names: list[tuple[str, tuple[object, ...]]] = [
            ("overview", ()),
            ("items", ()),
            ("item", (self.item.pk,)),
            ("rule", (self.item.pk,)),
            ("disputes", ()),
            ("versions", ()),
            ("version_table", ()),
            ("cut", ()),
            ("version", (1,)),
            ("exports", (1,)),
            ("export", (1,)),
            ("download", (1, 1)),
            ("people", ()),
            ("invite", ()),
            ("revoke", (1,)),
            ("prioritise", ()),
            ("annotator", (uuid4(),)),
            ("lift", (uuid4(),)),
            ("end_work", (uuid4(),)),
            ("set_aside", (uuid4(),)),
            ("close_campaign", ()),
            ("open_campaign", ()),
            ("gold", ()),
            ("check_settings", ()),
            ("check_rules", ()),
            ("make_gold", (self.item.pk, "safety")),
            ("edit_gold", (1,)),
            ("retire_gold", (1,)),
            ("campaign", ()),
            ("guideline", ()),
            ("limits", ()),
            ("workforce", ()),
            ("open_entry", ()),
            ("close_entry", (1,)),
            ("readmit", (1,)),
            ("hours", ()),
        ]
        return [reverse(f"curate:{name}", args=["pairs", *args]) for name, args in names]

    def test_the_list_of_addresses_is_whole(self) -> None:
        from config.curate.urls import urlpatterns

        assert len(self.addresses()) == len(urlpatterns) - 1  # the list of datasets has no slug

    def test_dan_ana_and_mo_are_told_that_nothing_is_there(self) -> None:
        for person in (self.cast.dan, self.cast.ana, self.cast.mo):
            self.client.force_login(person)
            for address in self.addresses():
                assert self.client.get(address).status_code in {404, 405}, address
                assert self.client.post(address).status_code in {404, 405}, address
        assert not Event.objects.filter(actor=self.cast.dan).exists()

    def test_cora_is_let_in_so_the_test_above_can_fail(self) -> None:
        self.client.force_login(self.cast.cora)
        assert self.client.get(self.addresses()[0]).status_code == 200

    def test_who_is_not_signed_in_is_sent_to_sign_in(self) -> None:
        for address in self.addresses():
            page = self.client.get(address)
            assert page.status_code in {302, 405}
            assert page.status_code == 405 or reverse("account_login") in page["Location"]


class Versions(TestCase):
    """From settled items to a file in the browser."""

    dataset: Dataset
    cast: Cast

    @classmethod
    def setUpTestData(cls) -> None:
        cls.dataset = build.dataset(slug="pairs")
        cls.cast = cast(cls.dataset)
        for number in range(6):
            settled.item(cls.dataset, asks=f"Question {number}?")

    def setUp(self) -> None:
        self.client.force_login(self.cast.cora)

    def address(self, name: str, *args: object) -> str:
        return reverse(f"curate:{name}", args=["pairs", *args])

    def test_a_cut_an_export_and_its_archive(self) -> None:
        page = self.client.post(self.address("cut"), _recipe(), follow=True)
        assert "data-running" in page.content.decode()
        assert not Version.objects.exists()
        cuts.run_waiting()
        version = Version.objects.get()
        assert (version.size, version.cut_by) == (6, self.cast.cora)
        table = self.client.get(self.address("version_table")).content.decode()
        assert "pairs@1 is frozen" in table
        assert "data-running" not in table
        page = self.client.get(self.address("version", 1))
        assert "Question" in page.content.decode()  # the first records, literally
        self.client.post(self.address("export", 1), {"format": "pku_saferlhf"})
        export = Export.objects.get()
        assert "data-running" in self.client.get(self.address("exports", 1)).content.decode()
        assert self.client.get(self.address("download", 1, export.pk)).status_code == 404
        exports.run_waiting()
        assert "data-running" not in self.client.get(self.address("exports", 1)).content.decode()
        self.assert_is_whole(self.client.get(self.address("download", 1, export.pk)))

    def assert_is_whole(self, response: Any) -> None:
        with zipfile.ZipFile(io.BytesIO(b"".join(response.streaming_content))) as archive:
            manifest = json.loads(archive.read("manifest.json"))
            named = {file["path"] for file in manifest["files"]}
            assert named < set(archive.namelist())
            assert {"train.jsonl", "README.md"} <= named

    def test_a_format_that_there_is_not_is_not_made(self) -> None:
        self.client.post(self.address("cut"), _recipe())
        cuts.run_waiting()
        page = self.client.post(self.address("export", 1), {"format": "../../etc"})
        assert page.status_code == 404
        assert not Export.objects.exists()

    def test_a_format_of_another_protocol_is_not_made(self) -> None:
        self.client.post(self.address("cut"), _recipe())
        cuts.run_waiting()
        page = self.client.post(self.address("export", 1), {"format": "safesora"})
        assert page.status_code == 404
        assert not Export.objects.exists()


class Rulings(TestCase):
    """A dispute is shown with its votes, and ruled."""

    dataset: Dataset
    cast: Cast
    item: Item

    @classmethod
    def setUpTestData(cls) -> None:
        cls.dataset = build.dataset(slug="pairs")
        cls.cast = cast(cls.dataset)
        build.campaign(cls.dataset)

    def setUp(self) -> None:
        self.client.force_login(self.cast.cora)
        self.item = settled.item(self.dataset, state=ItemState.DISPUTED)
        Verdict.objects.filter(item=self.item, question="better").update(
            value=None, dispute="1 of 2 say so", agreement=0.5
        )

    def rule(self, **form: str) -> None:
        self.client.post(reverse("curate:rule", args=["pairs", self.item.pk]), form)
        self.item.refresh_from_db()

    def test_the_page_shows_the_disputed_question_alone(self) -> None:
        page = self.client.get(reverse("curate:disputes", args=["pairs"]))
        assert [ballot.question.key for ballot in page.context["disputed"]] == ["better"]

    def test_a_ruling_settles_the_item_and_is_kept_with_its_reason(self) -> None:
        value = json.dumps(str(self.item.first_id))
        self.rule(better=value, reason="A answers the question.")
        assert self.item.state == ItemState.SETTLED
        ruling = Ruling.objects.get()
        assert (ruling.ruled_by, ruling.reason) == (self.cast.cora, "A answers the question.")

    def test_an_answer_that_the_ballot_does_not_offer_is_refused(self) -> None:
        self.rule(better='"somebody else"', reason="?")
        assert self.item.state == ItemState.DISPUTED
        assert not Ruling.objects.exists()

    def test_a_ruling_of_nothing_changes_nothing(self) -> None:
        self.rule(reason="just so")
        assert self.item.state == ItemState.DISPUTED

    def test_who_passes_over_a_dispute_sees_the_next(self) -> None:
        second = settled.item(self.dataset, state=ItemState.DISPUTED)
        url = reverse("curate:disputes", args=["pairs"])
        assert self.client.get(url, {"after": str(self.item.pk)}).context["item"] == second
        assert self.client.get(url, {"after": "nonsense"}).context["item"] == self.item
