"""A qualification spares its person what work spares him, and can be parted from like work."""

from __future__ import annotations

from typing import Any
from unittest import mock
from uuid import uuid4

from django.test import TestCase

from annotation import assigning, held_checks, labelling
from annotation.models import (
    Ability,
    Annotator,
    Campaign,
    Check,
    Consequence,
    Exposure,
    Gold,
    Slot,
    Wishes,
)
from annotation.quality import abilities, conduct, learning, qualifying
from annotation.quality.conduct import Rule
from annotation.vocabulary import (
    CheckState,
    ConsequenceKind,
    GoldPurpose,
    SkipReason,
    SlotState,
)
from annotation.wellbeing import exposures, wishes
from config.management.commands.invariants import CHECKS, rows_breaking
from datasets_app.models import Dataset, Event, Item
from datasets_app.protocols import protocol_named
from datasets_app.vocabulary import ItemState
from tests import build
from tests.annotation import checked
from tests.annotation.test_checks import broken
from tests.cast import Cast, as_annotator, cast

QUALIFY = "/label/school/qualify/"
NONE = "Nothing of it is for you right now"


class Qualifying(TestCase):
    """Ana before a qualification of two items, with all its doors."""

    dataset: Dataset
    campaign: Campaign
    people: Cast
    ana: Annotator
    golds: list[Gold]

    @classmethod
    def setUpTestData(cls) -> None:
        cls.dataset = build.dataset(slug="school")
        cls.people = cast(cls.dataset)
        cls.ana = as_annotator(cls.people.ana)
        build.items(2, cls.dataset)
        cls.campaign = build.campaign(cls.dataset)
        cls.golds = checked.some_gold(
            cls.campaign, number=2, purpose=GoldPurpose.QUALIFICATION, explanation="So it is."
        )
        learning.demand(cls.campaign, reading=False, qualified=["safety"], by=None)

    def setUp(self) -> None:
        self.client.force_login(self.people.ana)

    def change(self, gold: Gold, **fields: Any) -> None:
        Item.objects.filter(pk=gold.item_id).update(**fields)

    def begin(self) -> list[Check]:
        self.client.post(QUALIFY, {"begin": "yes"})
        return list(Check.objects.filter(state=CheckState.LEASED).order_by("pk"))

    def page(self) -> str:
        return self.client.get(QUALIFY).content.decode()

    def shown(self) -> Item | None:
        """The item of the qualification that is on the page, if any is."""
        html = self.page()
        found = [gold.item for gold in self.golds if self.text(gold.item) in html]
        assert len(found) <= 1
        return found[0] if found else None

    def text(self, item: Item) -> str:
        assert item.first is not None
        return item.first.text

    def answer(self, check: Check) -> Any:
        """Rightly, by the form."""
        bad, good = ("b", "a") if check.flipped else ("a", "b")
        said = {f"{bad}-safe": "false", f"{bad}-categories": "Drugs", f"{bad}-severity": "2"}
        form = {"token": check.token, "key": uuid4(), "step": check.step, f"{good}-safe": "true"}
        return self.client.post(QUALIFY, form | said, follow=True)

    def release(self, check: Check) -> int:
        sent = {"tokens": [str(check.token)]}
        answer = self.client.post("/label/school/release/", sent, content_type="application/json")
        return int(answer.json()["released"])

    def skip(self, check: Check) -> Any:
        said = {"token": check.token, "reason": SkipReason.UPSETTING, "note": ""}
        return self.client.post("/label/school/skip/", said)

    def report(self, check: Check) -> Any:
        said = {"token": check.token, "reason": "somebody's address"}
        return self.client.post("/label/school/report/", said, follow=True)

    def granted(self) -> set[str]:
        held = Ability.objects.filter(annotator=self.ana, state="granted")
        return set(held.values_list("group", flat=True))


class TestWhatIsGiven(Qualifying):
    def only_the_second(self) -> None:
        (check,) = self.begin()
        assert check.item_id == self.golds[1].item_id
        assert self.shown() == self.golds[1].item
        assert "Qualification, 1 of 1" in self.page()

    def test_who_opted_out_of_a_theme_is_not_given_it(self) -> None:
        self.change(self.golds[0], machine_categories=["Violence"])
        wishes.wish(self.ana, {"unwanted": ["violence"]})
        self.only_the_second()

    def test_nor_what_people_found_of_that_theme(self) -> None:
        wishes.wish(self.ana, {"unwanted": ["drugs"]})
        assert self.begin() == []

    def test_who_reads_other_languages_is_not_given_this_one(self) -> None:
        self.change(self.golds[0], meta={"language": "de"})
        self.change(self.golds[1], meta={"language": "en"})
        wishes.wish(self.ana, {"languages": ["en"]})
        self.only_the_second()

    def test_nobody_is_given_his_own(self) -> None:
        self.change(self.golds[0], meta={"author": "ana"})
        self.only_the_second()

    def test_what_was_skipped_at_work_does_not_come(self) -> None:
        self.ana.skips.create(
            campaign=self.campaign, item=self.golds[0].item, step="safety", reason="upsetting"
        )
        self.only_the_second()

    def test_while_something_severe_is_held_only_what_is_mild_comes(self) -> None:
        Item.objects.filter(state=ItemState.OPEN).update(machine_severity=3)
        assert assigning.leases(self.ana, self.campaign, want=1)[0].step == "helpful"
        assert self.begin() == []
        assert NONE in self.page()

    def test_where_nothing_fits_the_page_says_so_kindly_and_has_no_button(self) -> None:
        for gold in self.golds:
            self.change(gold, meta={"author": "ana@example.org"})
        assert self.begin() == []
        html = self.page()
        assert NONE in html
        assert "Nothing is held against you" in html
        assert 'name="begin"' not in html

    def test_without_the_law_of_items_it_would_all_come(self) -> None:
        statement = qualifying._FITTING.partition(" AND ")[0]
        self.change(self.golds[0], meta={"author": "ana"})
        with mock.patch.object(qualifying, "_FITTING", statement):
            assert len(self.begin()) == 2


class TestAWishWhileItIsOpen(Qualifying):
    def wish(self) -> None:
        said = {"unwanted": ["violence"], "blur": 0}
        self.client.post("/label/settings/wishes/", said)
        assert Wishes.objects.get(annotator=self.ana).unwanted == ["violence"]

    def test_what_is_now_unwanted_ends_at_once_and_the_other_goes_on(self) -> None:
        self.change(self.golds[0], machine_categories=["Violence"])
        assert len(self.begin()) == 2
        self.wish()
        ended = Check.objects.get(item=self.golds[0].item)
        assert (ended.state, ended.faults) == (CheckState.LAPSED, {})
        assert self.shown() == self.golds[1].item

    def test_no_door_opens_it_any_more(self) -> None:
        self.change(self.golds[0], machine_categories=["Violence"], machine_severity=2)
        self.begin()
        token = Check.objects.get(item=self.golds[0].item).token
        sent = {"token": str(token), "shown": True, "parts": True}
        address = "/label/school/reveal/"
        before = self.client.post(address, sent, content_type="application/json")
        assert self.text(self.golds[0].item) in str(before.json()["parts"])
        self.wish()
        assert self.client.post(address, sent, content_type="application/json").status_code == 404

    def test_the_page_looks_again_whoever_kept_the_wish(self) -> None:
        self.change(self.golds[0], machine_categories=["Violence"])
        self.begin()
        wishes.wish(self.ana, {"unwanted": ["violence"]})
        assert self.shown() == self.golds[1].item
        assert Check.objects.get(item=self.golds[0].item).state == CheckState.LAPSED

    def test_what_was_answered_is_not_read_again_beside_what_was_expected(self) -> None:
        self.change(self.golds[0], machine_categories=["Violence"])
        self.begin()
        check = Check.objects.get(item=self.golds[0].item)
        assert self.text(check.item) in self.answer(check).content.decode()
        self.wish()
        told = self.client.get(f"{QUALIFY}{check.token}/").content.decode()
        assert "So it is." in told
        assert self.text(check.item) not in told
        assert "is not shown again: you asked to be spared such content" in told

    def test_what_stays_covered_is_said_to_stay_so_beside_what_was_expected(self) -> None:
        self.change(self.golds[0], machine_severity=2)
        self.begin()
        check = Check.objects.get(item=self.golds[0].item)
        told = self.answer(check).content.decode()
        assert self.text(check.item) not in told
        assert "is not shown again: it may be harmful, and stays covered" in told

    def test_an_invariant_finds_who_holds_what_he_asked_to_be_spared(self) -> None:
        self.change(self.golds[0], machine_categories=["Violence"])
        self.begin()
        Wishes.objects.create(annotator=self.ana, unwanted=["violence"])
        Wishes.objects.update(changed_at="2026-01-01T00:00Z")
        (asked,) = [one for one in CHECKS if one.title == "Nobody holds what he asked to be spared"]
        assert len(rows_breaking(asked)) == 1


class TestTheDaysExposure(Qualifying):
    def use_up(self) -> None:
        wishes.wish(self.ana, {"daily_exposure": 0})

    def test_nothing_is_begun_or_shown_when_it_is_used_up(self) -> None:
        self.use_up()
        assert self.begin() == []
        assert "Enough for today" in self.page()
        assert not Check.objects.exists()

    def test_what_is_open_rests_and_goes_on_another_day(self) -> None:
        first, second = self.begin()
        self.use_up()
        assert self.shown() is None
        assert "Enough for today" in self.page()
        # What was on the screen may still be handed in; of the item nothing is told any more.
        told = self.answer(first).content.decode()
        assert "So it is." in told
        assert self.text(first.item) not in told
        wishes.wish(self.ana, {"daily_exposure": None})
        assert self.shown() == second.item

    def test_after_something_severe_what_is_not_mild_waits(self) -> None:
        self.begin()
        severe = Item.objects.filter(state=ItemState.OPEN)[0]
        Exposure.objects.create(
            annotator=self.ana, campaign=self.campaign, item=severe, token=uuid4(), severity=3
        )
        html = self.page()
        assert "A pause" in html
        assert self.shown() is None
        Exposure.objects.update(began_at="2026-01-01T00:00Z", ended_at="2026-01-01T00:00Z")
        assert self.shown() is not None

    def test_what_is_open_waits_while_something_severe_is_held(self) -> None:
        self.begin()
        Item.objects.filter(state=ItemState.OPEN).update(machine_severity=3)
        Slot.objects.filter(pk=Slot.objects.filter(step="helpful")[0].pk).update(
            state=SlotState.LEASED, annotator=self.ana, token=uuid4(), flipped=False,
            leased_at="2026-01-01T00:00Z", expires_at="2026-01-01T00:00Z",
        )  # fmt: skip
        assert "The rest of it waits for later" in self.page()

    def test_a_reveal_of_it_is_of_something_that_was_given(self) -> None:
        self.change(self.golds[0], machine_severity=2)
        self.begin()
        check = Check.objects.get(item=self.golds[0].item)
        given = Event.objects.get(verb="check", subject=f"check:{check.pk}")
        assert (given.actor_id, given.item, given.after) == (
            self.people.ana.pk, check.item_id, "leased",
        )  # fmt: skip
        exposures.reveal(self.ana, self.campaign, check.token)
        assert broken() == []


class TestParting(Qualifying):
    def test_panic_gives_it_back_and_the_others_go_on(self) -> None:
        first, second = self.begin()
        assert self.release(first) == 1
        first.refresh_from_db()
        assert (first.state, first.faults) == (CheckState.LAPSED, {})
        assert self.shown() == second.item
        assert "Qualification, 2 of 2" in self.page()
        assert self.release(first) == 0

    def test_without_script_it_can_be_given_back(self) -> None:
        first, second = self.begin()
        assert 'formaction="/label/school/release/"' in self.page()
        self.client.post("/label/school/release/", {"token": first.token})
        assert self.shown() == second.item

    def test_it_is_held_against_nobody(self) -> None:
        first, second = self.begin()
        self.answer(first)
        assert self.granted() == set()
        self.release(second)
        assert "What you reached" in self.page()
        assert self.granted() == {"safety", "categories", "severity"}

    def test_an_attempt_of_which_nothing_was_answered_grants_nothing(self) -> None:
        for check in self.begin():
            self.skip(check)
        assert NONE in self.page()
        assert self.granted() == set()

    def test_what_was_given_back_comes_last_of_another_attempt(self) -> None:
        first, second = self.begin()
        self.release(first)
        self.answer(second)
        again = self.begin()
        assert [check.item_id for check in again] == [second.item_id, first.item_id]

    def test_a_skip_is_for_good(self) -> None:
        first, second = self.begin()
        assert self.skip(first).headers["Location"] == QUALIFY
        first.refresh_from_db()
        assert (first.state, first.faults) == (CheckState.SKIPPED, {})
        assert self.shown() == second.item
        self.answer(second)
        assert [check.item_id for check in self.begin()] == [second.item_id]

    def test_as_it_was_none_of_it_would_do_anything(self) -> None:
        first, _second = self.begin()
        only_work = held_checks._END_ONE.replace("WHERE", f"WHERE {held_checks._OF_WORK}", 1)
        with mock.patch.object(held_checks, "_END_ONE", only_work):
            assert self.release(first) == 0
            self.skip(first)
            assert "it was not reported" in self.report(first).content.decode()
        assert self.shown() == first.item

    def test_skip_and_report_are_offered(self) -> None:
        self.begin()
        html = self.page()
        for act in ("skip", "report"):
            assert f'id="{act}-dialog"' in html
            assert f'data-dialog="{act}-dialog">' in html

    def test_what_is_sent_after_a_skip_shows_it_to_nobody_again(self) -> None:
        first, second = self.begin()
        self.skip(first)
        sent = self.answer(first)
        assert self.text(first.item) not in sent.content.decode()
        assert self.text(second.item) in sent.content.decode()
        form = {"token": first.token, "key": uuid4(), "step": first.step}
        sent = self.client.post(QUALIFY, form, follow=True)  # nothing answered: could be mended
        assert self.text(first.item) not in sent.content.decode()

    def test_a_report_freezes_it_for_everybody(self) -> None:
        ben = as_annotator(self.people.ben)
        qualifying.begin(ben, self.campaign)
        first, second = (one for one in self.begin() if one.annotator_id == self.ana.pk)
        assert "Nobody sees this item again" in self.report(first).content.decode()
        assert Item.objects.get(pk=first.item_id).state == ItemState.QUARANTINED
        assert Gold.objects.get(item=first.item_id).retired_at is not None
        assert self.shown() == second.item
        self.client.force_login(self.people.ben)
        assert self.shown() == second.item

    def test_a_step_of_it_that_is_given_back_takes_the_next_step_along(self) -> None:
        dataset = build.dataset("safesora", slug="films")
        cast(dataset)
        campaign = build.campaign(dataset)
        item = checked.a_settled_item(dataset, {})
        step = protocol_named(dataset.protocol).steps[0]
        Gold.objects.create(
            campaign=campaign, item=item, step=step.key, expected={},
            purpose=GoldPurpose.QUALIFICATION,
        )  # fmt: skip
        first, second, *_more = qualifying.begin(self.ana, campaign)
        labelling.skip(self.ana, first.token, reason=SkipReason.UPSETTING)
        assert qualifying.waiting(self.ana, campaign) == []
        second.refresh_from_db()
        assert second.state == CheckState.LAPSED

    def test_what_was_lost_since_is_not_given_back_by_looking(self) -> None:
        first, second = self.begin()
        self.answer(first)
        self.release(second)
        self.page()
        assert "safety" in self.granted()
        abilities.withdraw(self.ana, self.campaign, "safety", reason="a curator's word")
        Ability.objects.filter(group="safety").update(changed_at="2100-01-01T00:00Z")
        self.page()
        assert "safety" not in self.granted()

    def test_nor_what_a_rule_brought_about_since(self) -> None:
        first, second = self.begin()
        self.answer(first)
        self.release(second)
        conduct.declare(self.campaign, [Rule("safety", 0.5, 1, ConsequenceKind.TRAIN)], by=None)
        since = Consequence.objects.create(
            annotator=self.ana, campaign=self.campaign, group="safety", kind=ConsequenceKind.TRAIN,
            accuracy=0, below=0.5, over=1, created_at="2100-01-01T00:00Z",
        )  # fmt: skip
        self.page()
        since.refresh_from_db()
        assert since.lifted_at is None
        assert broken() == []
