"""What becomes of what was let go tells nobody which of it was a check."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models import F
from django.test import Client

from annotation import assigning, closing, holding, labelling, leaving
from annotation.assigning import Assignment
from annotation.checks import mixing
from annotation.labelling import statements
from annotation.models import Annotator, Campaign, Check, Pace, Slot
from annotation.vocabulary import CheckState, SkipReason, Standing
from tests import build
from tests.annotation import checked
from tests.annotation.answering import submit
from tests.annotation.weakening import weakened
from tests.cast import annotators, as_annotator, cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign() -> Campaign:
    """Ana is alone: nobody takes what she lets go."""
    dataset = build.dataset()
    build.items(6, dataset)
    found = checked.mixing(build.campaign(dataset, overlap=1))
    checked.some_gold(found, number=3)
    return found


@pytest.fixture
def ana(campaign: Campaign) -> Annotator:
    return annotators(1, campaign.dataset)[0]


def next_of(ana: Annotator, campaign: Campaign, *, is_check: bool = False) -> Assignment:
    """The next item that is none, or a check."""
    wait = 0 if is_check else 100
    Pace.objects.update_or_create(annotator=ana, campaign=campaign, defaults={"wait": wait})
    (held,) = assigning.leases(ana, campaign, want=1)
    Pace.objects.update(wait=100)
    return held


def run_out() -> None:
    for model in (Slot, Check):
        live = model.objects.filter(state="leased")
        live.update(expires_at=F("leased_at") - timedelta(minutes=1))
    holding.expire_leases()


def end(how: str, campaign: Campaign) -> None:
    if how == "time":
        run_out()
    else:
        closing.close(campaign, by=None, reason="x")
        closing.open_again(campaign, by=None)


@pytest.mark.parametrize("how", ["time", "closing"])
@pytest.mark.parametrize("is_check", [False, True], ids=["item", "check"])
def test_what_was_taken_back_comes_again_first(
    ana: Annotator, campaign: Campaign, how: str, is_check: bool
) -> None:
    gone = next_of(ana, campaign, is_check=is_check)
    assert (gone.check is not None) is is_check
    end(how, campaign)
    (again,) = assigning.leases(ana, campaign, want=1)
    assert (again.item_id, again.step, again.flipped) == (gone.item_id, gone.step, gone.flipped)
    assert again.token != gone.token


def test_without_a_look_at_checks_that_were_taken_back_an_item_alone_would(
    ana: Annotator, campaign: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    none = mixing._ISSUE_AGAIN.replace("k.state = 'lapsed'", "false")
    monkeypatch.setattr(mixing, "_ISSUE_AGAIN", none)
    with pytest.raises(AssertionError):
        test_what_was_taken_back_comes_again_first(ana, campaign, "time", is_check=True)


@pytest.mark.parametrize("is_check", [False, True], ids=["item", "check"])
def test_what_one_gave_back_oneself_does_not_come_first(
    ana: Annotator, campaign: Campaign, is_check: bool
) -> None:
    gone = next_of(ana, campaign, is_check=is_check)
    holding.release(ana, gone.token)
    (other,) = assigning.leases(ana, campaign, want=1)
    assert other.item_id != gone.item_id


@pytest.mark.parametrize("is_taken", [False, True], ids=["left", "taken"])
def test_a_check_stays_away_when_somebody_took_what_was_beside_it(
    ana: Annotator, campaign: Campaign, is_taken: bool
) -> None:
    check = next_of(ana, campaign, is_check=True)
    item = next(one for one in assigning.leases(ana, campaign, want=2) if one.check is None)
    run_out()
    if is_taken:
        ben = annotators(2, campaign.dataset)[1]
        assert next_of(ben, campaign).item_id == item.item_id
    held = {one.item_id for one in assigning.leases(ana, campaign, want=2)}
    assert (check.item_id in held) is not is_taken


@pytest.mark.parametrize("is_check", [False, True], ids=["item", "check"])
@pytest.mark.parametrize("is_old_first", [False, True], ids=["new first", "old first"])
def test_of_two_answers_to_what_came_again_the_second_is_late(
    ana: Annotator, campaign: Campaign, is_check: bool, is_old_first: bool
) -> None:
    old = next_of(ana, campaign, is_check=is_check)
    run_out()
    (new,) = assigning.leases(ana, campaign, want=1)
    both = [old, new] if is_old_first else [new, old]
    assert [submit(ana, one).standing for one in both] == [Standing.COUNTED, Standing.LATE]
    assert Check.objects.filter(state=CheckState.ANSWERED).count() == int(is_check)


@pytest.mark.parametrize("is_check", [False, True], ids=["item", "check"])
def test_what_was_skipped_when_it_came_again_is_late_under_its_old_token(
    ana: Annotator, campaign: Campaign, is_check: bool
) -> None:
    old = next_of(ana, campaign, is_check=is_check)
    run_out()
    (new,) = assigning.leases(ana, campaign, want=1)
    assert labelling.skip(ana, new.token, reason=SkipReason.UPSETTING)
    assert submit(ana, old).standing is Standing.LATE


def test_without_that_look_a_check_would_count_twice(ana: Annotator, campaign: Campaign) -> None:
    guard = "AND o.state IN ('answered', 'skipped')"
    with (
        weakened((statements, "ANSWER"), guard=guard, instead="AND false"),
        pytest.raises(AssertionError),
    ):
        test_of_two_answers_to_what_came_again_the_second_is_late(
            ana, campaign, is_check=True, is_old_first=False
        )


# --- What is handed in after it was let go


def at_the_cap(ana: Annotator, campaign: Campaign) -> list[Standing]:
    """An item and a check that were given back, handed in when no more items may be begun."""
    Campaign.objects.filter(pk=campaign.pk).update(most_items=1)
    campaign.refresh_from_db()
    gone = []
    for is_check in (False, True):
        one = next_of(ana, campaign, is_check=is_check)
        assert (one.check is not None) is is_check
        holding.release(ana, one.token)
        gone.append(one)
    submit(ana, next_of(ana, campaign))
    return [submit(ana, one).standing for one in gone]


def test_at_the_cap_a_check_is_late_like_an_item(ana: Annotator, campaign: Campaign) -> None:
    assert at_the_cap(ana, campaign) == [Standing.LATE, Standing.LATE]


def test_unless_the_cap_were_not_asked_of_checks(ana: Annotator, campaign: Campaign) -> None:
    guard = "c.most_items IS NULL OR"
    with weakened((statements, "ANSWER"), guard=guard, instead="true OR"):
        assert at_the_cap(ana, campaign) == [Standing.LATE, Standing.COUNTED]


def hoard(ana: Annotator, campaign: Campaign, *, of_checks: bool = False) -> list[Assignment]:
    """Four things that were begun, and let go, one after the other."""
    found = []
    for number in range(4):
        one = next_of(ana, campaign, is_check=of_checks and number == 0)
        holding.release(ana, one.token)
        found.append(one)
    return found


@pytest.mark.parametrize("of_checks", [False, True], ids=["items", "one a check"])
def test_only_the_newest_that_were_let_go_are_taken_late(
    ana: Annotator, campaign: Campaign, of_checks: bool
) -> None:
    """Who lets go of one item after the other hands in what was on a screen, and no more."""
    done = [submit(ana, one).standing for one in hoard(ana, campaign, of_checks=of_checks)]
    assert done == [Standing.LATE, Standing.LATE, Standing.COUNTED, Standing.COUNTED]


def test_without_that_bound_all_would_be(ana: Annotator, campaign: Campaign) -> None:
    with weakened((statements, "TAKE_BACK"), guard="LIMIT 2)", instead="LIMIT 9)"):
        done = {submit(ana, one).standing for one in hoard(ana, campaign)}
    assert done == {Standing.COUNTED}


def test_a_check_that_was_answered_late_still_takes_its_place_among_them(
    ana: Annotator, campaign: Campaign
) -> None:
    gone = [next_of(ana, campaign)]
    holding.release(ana, gone[0].token)
    for is_check in (True, False):
        gone.append(next_of(ana, campaign, is_check=is_check))
        holding.release(ana, gone[-1].token)
    assert gone[1].check is not None
    assert submit(ana, gone[1]).standing is Standing.COUNTED
    assert submit(ana, gone[0]).standing is Standing.LATE


# --- Where somebody annotates no longer


def test_who_was_set_aside_sees_no_list_in_which_checks_alone_are_left() -> None:
    dataset = build.dataset()
    build.items(4, dataset)
    people = cast(dataset)
    ana = as_annotator(people.ana)
    campaign = checked.mixing(build.campaign(dataset))
    checked.some_gold(campaign)
    submit(ana, next_of(ana, campaign))
    check = next_of(ana, campaign, is_check=True)
    submit(ana, check)
    browser = Client()
    browser.force_login(people.ana)
    assert len(browser.get("/label/").context["latest"]) == 2
    leaving.set_aside(ana, campaign, by=people.cora, reason="clicks through")
    assert browser.get("/label/").context["latest"] == []
