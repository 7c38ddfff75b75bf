"""One lease is one answer, for the code, for pay and for the day, whatever its token brings."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.db.models.functions import Now
from django.test import Client

from annotation import assigning, completing, entries, hours, labelling
from annotation.models import Annotation, Annotator, Campaign, Entry
from annotation.quality import learning, qualifying
from annotation.vocabulary import GoldPurpose, SkipReason, Standing
from datasets_app.models import Dataset, Membership
from datasets_app.vocabulary import Role
from tests import build
from tests.annotation import checked
from tests.annotation.answering import PLAIN, submit
from tests.cast import Cast, as_annotator, cast, member
from tests.history import rewrite

pytestmark = pytest.mark.django_db

CODE = "SECRETCODE"


@pytest.fixture
def dataset() -> Dataset:
    return build.dataset()


@pytest.fixture
def people(dataset: Dataset) -> Cast:
    return cast(dataset)


@pytest.fixture
def campaign(dataset: Dataset) -> Campaign:
    build.items(6, dataset)
    return build.campaign(dataset)


@pytest.fixture
def entry(campaign: Campaign, people: Cast) -> Entry:
    return entries.open_entry(campaign, by=people.cora, days=3, places=5, answers=3, code=CODE)


@pytest.fixture
def browser(entry: Entry) -> Client:
    """That of somebody who came by the entry."""
    browser = Client()
    browser.post(f"/enter/{entry.token}/?PROLIFIC_PID=abcd1234")
    return browser


@pytest.fixture
def somebody(browser: Client, entry: Entry) -> Annotator:
    return Annotator.objects.get(entry=entry)


def sent(browser: Client, campaign: Campaign, token: UUID) -> str:
    """What became of answers under this token, sent as the page does with a key of their own."""
    body = {"token": str(token), "key": str(uuid4()), "answers": PLAIN["safety"], "holding": []}
    address = f"/label/{campaign.slug}/"
    answer = browser.post(address, body, content_type="application/json")
    return str(answer.json()["done"]["standing"])


def has_code(browser: Client, campaign: Campaign) -> bool:
    return CODE in browser.get(f"/label/{campaign.slug}/").content.decode()


def test_an_item_that_is_sent_again_and_again_is_one_answer(
    browser: Client, somebody: Annotator, campaign: Campaign, dataset: Dataset
) -> None:
    (held,) = assigning.leases(somebody, campaign, want=1)
    assert [sent(browser, campaign, held.token) for _ in range(4)] == ["counted", *["late"] * 3]
    assert entries.given(somebody) == 1
    assert not has_code(browser, campaign)
    assert [row.answers for row in hours.worked(dataset)] == [1]


def test_what_is_sent_after_a_skip_is_no_answer(
    browser: Client, somebody: Annotator, campaign: Campaign, dataset: Dataset
) -> None:
    (held,) = assigning.leases(somebody, campaign, want=1)
    labelling.skip(somebody, held.token, reason=SkipReason.UPSETTING)
    assert sent(browser, campaign, held.token) == "late"
    assert entries.given(somebody) == 0
    assert [(row.answers, row.skipped) for row in hours.worked(dataset)] == [(0, 1)]


def test_a_qualification_earns_nothing_and_takes_nothing_off_the_day(
    browser: Client, somebody: Annotator, campaign: Campaign, dataset: Dataset
) -> None:
    checked.some_gold(campaign, number=3, purpose=GoldPurpose.QUALIFICATION)
    learning.demand(campaign, reading=False, qualified=["safety"], by=None)
    Campaign.objects.filter(pk=campaign.pk).update(daily_answers=1)
    campaign.refresh_from_db()
    for check in qualifying.begin(somebody, campaign):
        labelling.submit(somebody, token=check.token, key=uuid4(), answers=PLAIN["safety"])
    assert Annotation.objects.filter(standing=Standing.TRIAL).count() == 3
    assert entries.given(somebody) == 0
    assert not has_code(browser, campaign)
    assert hours.worked(dataset) == []
    assert assigning.leases(somebody, campaign, want=1)


def test_what_is_skipped_in_a_qualification_is_no_skip_of_work(
    somebody: Annotator, campaign: Campaign, dataset: Dataset, entry: Entry
) -> None:
    checked.some_gold(campaign, number=2, purpose=GoldPurpose.QUALIFICATION)
    for check in qualifying.begin(somebody, campaign):
        assert labelling.skip(somebody, check.token, reason=SkipReason.CANNOT_JUDGE)
    assert completing.account(somebody, entry).skipped == 0
    assert hours.worked(dataset) == []


def test_sending_the_same_again_an_hour_later_is_no_hour_of_work(
    campaign: Campaign, people: Cast, dataset: Dataset
) -> None:
    ana = as_annotator(people.ana)
    (held,) = assigning.leases(ana, campaign, want=1)
    submit(ana, held)
    labelling.submit(ana, token=held.token, key=uuid4(), answers=PLAIN["safety"])
    late = Annotation.objects.filter(standing=Standing.LATE)
    rewrite(late, created_at=Now() + timedelta(hours=1))
    (row,) = hours.worked(dataset)
    assert row.answers == 1
    assert row.seconds < 60


def test_who_no_longer_annotates_there_is_not_counted_by_another_door(
    campaign: Campaign, people: Cast, dataset: Dataset
) -> None:
    elsewhere = build.dataset()
    build.items(1, elsewhere)
    other = build.campaign(elsewhere)
    member(people.ana, elsewhere, Role.ANNOTATOR)
    ana = as_annotator(people.ana)
    (held,) = assigning.leases(ana, campaign, want=1)
    Membership.objects.filter(user=people.ana, dataset=dataset).delete()
    browser = Client()
    browser.force_login(people.ana)
    assert sent(browser, other, held.token) == "late"
    assert not Annotation.objects.filter(standing=Standing.COUNTED).exists()
