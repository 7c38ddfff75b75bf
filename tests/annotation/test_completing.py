"""Completing: who gets the code when nothing is left, and who is told what is missing."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from annotation import assigning, completing, entries, labelling
from annotation.assigning import Assignment
from annotation.completing import Ending
from annotation.models import Annotator, Campaign, Consequence, Entry, Pace
from annotation.quality import qualifying
from annotation.vocabulary import ConsequenceKind, GoldPurpose, SkipReason, Spared
from annotation.wellbeing import wishes
from datasets_app.models import Item
from moderation import reviewing
from tests import build
from tests.annotation.answering import submit
from tests.annotation.checked import mixing, some_gold
from tests.cast import Cast, as_annotator, cast

pytestmark = pytest.mark.django_db

CODE = "DAM7"
KNOWN_SAFE = {"safe": {"0": True}}


@pytest.fixture
def campaign() -> Campaign:
    dataset = build.dataset("beavertails")
    build.items(8, dataset)
    return build.campaign(dataset, overlap=1)


@pytest.fixture
def people(campaign: Campaign) -> Cast:
    return cast(campaign.dataset)


@pytest.fixture
def entry(campaign: Campaign, people: Cast) -> Entry:
    return entries.open_entry(campaign, by=people.cora, days=3, places=5, answers=50, code=CODE)


@pytest.fixture
def somebody(entry: Entry) -> Annotator:
    return entries.enter(entry, "5f1e0a77c0ffee")


def answer(somebody: Annotator, campaign: Campaign, *, times: int = 1) -> None:
    for _ in range(times):
        (held,) = assigning.leases(somebody, campaign, want=1)
        submit(somebody, held, answers={"safe": {"a": True}})


def reported(somebody: Annotator, campaign: Campaign) -> list[Item]:
    """All that is left, reported by one person."""
    found = []
    while held := assigning.leases(somebody, campaign, want=1):
        assert labelling.report(somebody, held[0].token, reason="names a real person")
        found.append(Item.objects.get(pk=held[0].item_id))
    return found


def page(somebody: Annotator, campaign: Campaign) -> str:
    browser = Client()
    browser.force_login(somebody.user)
    return browser.get(f"/label/{campaign.slug}/").content.decode()


def a_check(somebody: Annotator, campaign: Campaign) -> Assignment:
    """One that the person holds: a check is due."""
    mixing(campaign)
    Pace.objects.create(annotator=somebody, campaign=campaign, wait=0)
    (held,) = assigning.leases(somebody, campaign, want=1)
    assert held.check is not None
    return held


def test_two_wishes_that_keep_the_same_items_are_the_persons_own(
    somebody: Annotator, campaign: Campaign
) -> None:
    answer(somebody, campaign)
    Item.objects.update(machine_categories=["Violence"])
    wishes.wish(somebody, {"unwanted": ["violence"], "languages": ["xx"]})
    assert completing.ending_of_nothing(somebody, campaign) is Ending.SPARED
    assert assigning.spared(somebody, campaign) is Spared.CATEGORIES
    assert CODE not in page(somebody, campaign)


def test_who_may_not_work_gets_no_code_by_naming_a_language_that_nobody_speaks(
    somebody: Annotator, campaign: Campaign
) -> None:
    mixing(campaign, gold_share=0.0)
    answer(somebody, campaign)
    Consequence.objects.create(
        annotator=somebody,
        campaign=campaign,
        group="safety",
        kind=ConsequenceKind.QUARANTINE,
        accuracy=0.1,
        below=0.5,
        over=5,
    )
    wishes.wish(somebody, {"languages": ["xx"]})
    told = page(somebody, campaign)
    assert CODE not in told
    assert "You have answered all that you could answer" not in told


def test_a_wish_during_a_pause_after_something_severe_earns_no_code(
    somebody: Annotator, campaign: Campaign
) -> None:
    Campaign.objects.filter(pk=campaign.pk).update(mild_after_severe=3, cooldown_minutes=60)
    campaign.refresh_from_db()
    Item.objects.update(machine_severity=3)
    answer(somebody, campaign)
    wishes.wish(somebody, {"languages": ["xx"]})
    assert completing.ending_of_nothing(somebody, campaign) is Ending.SPARED


def test_where_nothing_is_left_for_anybody_a_wish_takes_no_code_away(
    somebody: Annotator, campaign: Campaign
) -> None:
    answer(somebody, campaign, times=8)
    wishes.wish(somebody, {"languages": ["xx"], "unwanted": ["violence"]})
    assert CODE in page(somebody, campaign)


def test_who_answers_once_and_reports_the_rest_is_not_done(
    somebody: Annotator, campaign: Campaign, people: Cast
) -> None:
    answer(somebody, campaign)
    items = reported(somebody, campaign)
    told = page(somebody, campaign)
    assert CODE not in told
    assert "1 of 50 answers are given" in told
    assert "What you reported counts here as skipped" in told
    reviewing.withdraw([item.pk for item in items[1:]], by=people.mo.pk, reason="it does")
    assert CODE not in page(somebody, campaign)
    reviewing.withdraw([items[0].pk], by=people.mo.pk, reason="it does")
    assert CODE in page(somebody, campaign)


def test_who_answered_more_than_was_reported_has_the_code(
    somebody: Annotator, campaign: Campaign
) -> None:
    answer(somebody, campaign, times=5)
    assert len(reported(somebody, campaign)) == 3
    assert CODE in page(somebody, campaign)


def test_without_a_number_asked_for_the_page_tells_what_was_reported(
    somebody: Annotator, campaign: Campaign
) -> None:
    Entry.objects.update(answers=None)
    answer(somebody, campaign)
    reported(somebody, campaign)
    assert "Answered: 1. Skipped: 0. Reported: 7." in page(somebody, campaign)


@pytest.mark.parametrize("fate", ["waits", "is withdrawn", "is freed"])
def test_a_report_of_a_check_is_no_skip_whatever_the_moderator_says(
    fate: str, somebody: Annotator, campaign: Campaign, people: Cast, entry: Entry
) -> None:
    some_gold(campaign, answers=KNOWN_SAFE)
    held = a_check(somebody, campaign)
    assert labelling.report(somebody, held.token, reason="names a real person")
    if fate == "is withdrawn":
        reviewing.withdraw([held.item_id], by=people.mo.pk, reason="it does")
    elif fate == "is freed":
        reviewing.release([held.item_id], by=people.mo.pk)
    account = completing.account(somebody, entry)
    assert (account.skipped, account.reported) == (0, 0 if fate == "is withdrawn" else 1)


def test_a_skipped_check_stays_a_skip_when_somebody_reports_its_item(
    somebody: Annotator, campaign: Campaign, people: Cast, entry: Entry
) -> None:
    some_gold(campaign, answers=KNOWN_SAFE)
    held = a_check(somebody, campaign)
    assert labelling.skip(somebody, held.token, reason=SkipReason.CANNOT_JUDGE)
    ana = as_annotator(people.ana)
    anas = a_check(ana, campaign)
    assert anas.item_id == held.item_id
    assert labelling.report(ana, anas.token, reason="names a real person")
    account = completing.account(somebody, entry)
    assert (account.skipped, account.reported) == (1, 0)


def test_two_who_report_the_same_gold_have_both_reported_it(
    somebody: Annotator, campaign: Campaign, people: Cast, entry: Entry
) -> None:
    some_gold(campaign, answers=KNOWN_SAFE)
    held = a_check(somebody, campaign)
    ana = as_annotator(people.ana)
    anas = a_check(ana, campaign)
    assert labelling.report(ana, anas.token, reason="names a real person")
    assert labelling.report(somebody, held.token, reason="so it does")
    assert labelling.report(somebody, held.token, reason="so it does")  # the answer got lost
    account = completing.account(somebody, entry)
    assert (account.skipped, account.reported) == (0, 1)


def test_what_is_reported_in_a_qualification_is_no_report_of_work(
    somebody: Annotator, campaign: Campaign, entry: Entry
) -> None:
    some_gold(campaign, answers=KNOWN_SAFE, purpose=GoldPurpose.QUALIFICATION)
    (check,) = qualifying.begin(somebody, campaign)
    assert labelling.report(somebody, check.token, reason="names a real person")
    account = completing.account(somebody, entry)
    assert (account.skipped, account.reported) == (0, 0)


def test_the_curator_reads_how_much_somebody_reported_and_what_came_of_it(
    somebody: Annotator, campaign: Campaign, people: Cast
) -> None:
    first, *_others = reported(somebody, campaign)
    reviewing.withdraw([first.pk], by=people.mo.pk, reason="it does")
    browser = Client()
    browser.force_login(people.cora)
    address = reverse("curate:annotator", args=[campaign.dataset.slug, somebody.key])
    assert "Reported 8 items; withdrawn since: 1." in browser.get(address).content.decode()
