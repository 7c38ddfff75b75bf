"""Work is what was answered once and not let go of before, for the code and for who pays."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models import F

from annotation import assigning, closing, completing, entries, holding, hours, reopening
from annotation.assigning import Assignment
from annotation.models import Annotation, Annotator, Campaign, Check, Entry, Pace, Slot
from annotation.vocabulary import Standing
from annotation.wellbeing import wishes
from datasets_app.models import Dataset, Item
from datasets_app.vocabulary import ItemState
from tests import build
from tests.annotation.answering import submit
from tests.annotation.checked import mixing, some_gold
from tests.cast import annotators, cast

pytestmark = pytest.mark.django_db

SAFE = {"safe": {"a": True}}
KNOWN_SAFE = {"safe": {"0": True}}


@pytest.fixture
def dataset() -> Dataset:
    return build.dataset("beavertails")


@pytest.fixture
def campaign(dataset: Dataset) -> Campaign:
    build.items(6, dataset)
    return build.campaign(dataset, overlap=1)


@pytest.fixture
def entry(campaign: Campaign) -> Entry:
    cora = cast(campaign.dataset).cora
    return entries.open_entry(campaign, by=cora, days=3, places=5, answers=6, code="CODE")


@pytest.fixture
def somebody(entry: Entry) -> Annotator:
    return entries.enter(entry, "abcd1234")


def given_back(somebody: Annotator, campaign: Campaign, times: int) -> list[Assignment]:
    found = []
    for _ in range(times):
        found += assigning.leases(somebody, campaign, want=1)
        assert holding.release(somebody, found[-1].token)
    return found


def handed_in(somebody: Annotator, held: list[Assignment]) -> list[Standing]:
    return [submit(somebody, one, answers=SAFE).standing for one in held]


def paid(somebody: Annotator, dataset: Dataset) -> int:
    rows = [row for row in hours.worked(dataset) if row.annotator == somebody.pseudonym]
    return sum(row.answers for row in rows)


def run_out(held: Assignment) -> None:
    over = F("leased_at") - timedelta(seconds=1)
    Slot.objects.filter(token=held.token).update(expires_at=over)
    Check.objects.filter(token=held.token).update(expires_at=over)
    holding.expire_leases()


def rest(somebody: Annotator, campaign: Campaign) -> None:
    wishes.wish(somebody, {"daily_exposure": 0})
    with pytest.raises(assigning.Resting):
        assigning.leases(somebody, campaign)


def is_answered_by_another(held: Assignment, campaign: Campaign) -> None:
    (ana,) = annotators(1, campaign.dataset)
    (found,) = assigning.leases(ana, campaign, want=1)
    assert found.item_id == held.item_id
    submit(ana, found, answers=SAFE)


def test_who_gives_all_back_and_hands_it_in_later_has_done_what_was_counted(
    somebody: Annotator, campaign: Campaign, entry: Entry, dataset: Dataset
) -> None:
    standings = handed_in(somebody, given_back(somebody, campaign, 6))
    assert standings.count(Standing.COUNTED) == 2
    assert standings.count(Standing.LATE) == 4
    assert completing.account(somebody, entry).missing == 4
    assert paid(somebody, dataset) == 2


def test_one_item_under_six_tokens_is_one_answer(
    somebody: Annotator, campaign: Campaign, dataset: Dataset
) -> None:
    only = Slot.objects.earliest("position").item_id
    Slot.objects.exclude(item=only).delete()
    Item.objects.exclude(pk=only).update(state=ItemState.SETTLED)
    handed_in(somebody, given_back(somebody, campaign, 6))
    assert (entries.given(somebody), paid(somebody, dataset)) == (1, 1)


def test_what_ran_out_twice_and_then_comes_late_twice_is_one_answer(
    somebody: Annotator, campaign: Campaign, dataset: Dataset
) -> None:
    held = []
    for _ in range(2):
        held += assigning.leases(somebody, campaign, want=1)
        run_out(held[-1])
        Slot.objects.exclude(item=held[0].item_id).delete()
    assert held[0].item_id == held[1].item_id
    closing.close(campaign, by=None, reason="enough")
    assert handed_in(somebody, held) == [Standing.LATE, Standing.LATE]
    assert (entries.given(somebody), paid(somebody, dataset)) == (1, 1)


@pytest.mark.parametrize(
    "why",
    ["its time was over", "his day was over", "it was withdrawn", "the campaign closed"],
)
def test_who_was_late_through_no_doing_of_his_has_worked(
    why: str, somebody: Annotator, campaign: Campaign, dataset: Dataset
) -> None:
    (held,) = assigning.leases(somebody, campaign, want=1)
    if why == "its time was over":
        run_out(held)
        is_answered_by_another(held, campaign)
    elif why == "his day was over":
        rest(somebody, campaign)
        is_answered_by_another(held, campaign)
    elif why == "it was withdrawn":
        Item.objects.filter(pk=held.item_id).update(state=ItemState.WITHDRAWN)
        holding.expire_leases()
    else:
        closing.close(campaign, by=None, reason="enough")
    assert handed_in(somebody, [held]) == [Standing.LATE]
    assert (entries.given(somebody), paid(somebody, dataset)) == (1, 1)
    assert sum(row.skipped for row in hours.worked(dataset)) == 0


@pytest.mark.parametrize("how", ["given back", "taken back with the day", "taken back"])
def test_a_check_that_comes_late_is_work_when_an_item_would_be(
    how: str, somebody: Annotator, campaign: Campaign, dataset: Dataset
) -> None:
    some_gold(campaign, answers=KNOWN_SAFE)
    mixing(campaign)
    Pace.objects.create(annotator=somebody, campaign=campaign, wait=0)
    (check,) = assigning.leases(somebody, campaign, want=1)
    Pace.objects.update(wait=100)
    item = assigning.leases(somebody, campaign, want=2)[1]
    assert check.check is not None
    assert item.check is None
    for one in (check, item):
        if how == "given back":
            holding.release(somebody, one.token)
    if how == "taken back with the day":
        rest(somebody, campaign)
    closing.close(campaign, by=None, reason="enough")
    after = []
    for one in (check, item):
        assert handed_in(somebody, [one]) == [Standing.LATE]
        after.append((entries.given(somebody), paid(somebody, dataset)))
    assert after == ([(0, 0), (0, 0)] if how == "given back" else [(1, 1), (2, 2)])


def test_an_answer_given_up_and_handed_in_again_and_again_is_one() -> None:
    """Who lets the second of two steps be has the first set aside; its old token still holds."""
    films = build.dataset("safesora")
    build.item(films)
    campaign = build.campaign(films, overlap=2)
    (ana,) = annotators(1, films)
    (first,) = assigning.leases(ana, campaign, want=1)
    holding.release(ana, first.token)
    for _ in range(3):
        assert submit(ana, first).standing is Standing.COUNTED
        reopening.reopen_reserved_for(ana.pk, campaign, by=None, reason="gone for a day")
    assert Annotation.objects.filter(standing=Standing.SET_ASIDE).count() == 3
    assert (entries.given(ana), paid(ana, films)) == (1, 1)
