"""Closing: what was held comes back and nobody is blamed; it opens again; nobody slips through."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User

from annotation import assigning, campaigns, closing, holding, settling
from annotation.assigning import Assignment
from annotation.labelling import statements
from annotation.models import (
    Annotation,
    Annotator,
    Campaign,
    Check,
    Draft,
    Lapse,
    Measure,
    Pace,
    Skip,
    Slot,
)
from annotation.quality import qualifying
from annotation.vocabulary import CampaignState, CheckState, GoldPurpose, Standing
from config.management.commands.invariants import CHECKS, rows_breaking
from datasets_app.models import Dataset, Event, Item
from datasets_app.vocabulary import ItemState
from tests import build
from tests.actors import Actor, wait_for_a_lock
from tests.annotation import checked
from tests.annotation.answering import submit, work
from tests.annotation.closing.conftest import is_held
from tests.annotation.weakening import weakened
from tests.cast import annotators, cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def crowd(dataset: Dataset) -> list[Annotator]:
    return annotators(3, dataset)


@pytest.fixture
def cora(dataset: Dataset) -> User:
    return cast(dataset).cora


def held_by(one: Annotator, campaign: Campaign) -> Assignment:
    return assigning.leases(one, campaign, want=1)[0]


def test_what_people_have_comes_back_and_what_they_did_counts(
    campaign: Campaign, crowd: list[Annotator], cora: User
) -> None:
    ana, ben, _ = crowd
    submit(ana, held_by(ana, campaign))
    assigning.leases(ana, campaign)
    assigning.leases(ben, campaign)
    assert closing.held(campaign) == 4
    assert closing.close(campaign, by=cora, reason="enough for now") == 4
    assert not is_held()
    assert Annotation.objects.get().standing == Standing.COUNTED
    for one in crowd:
        with pytest.raises(assigning.NoEntry):
            assigning.leases(one, campaign)
    assert [rows for check in CHECKS if (rows := rows_breaking(check))] == []


def test_it_is_in_the_ledger_and_against_nobody(
    campaign: Campaign, crowd: list[Annotator], cora: User
) -> None:
    held_by(crowd[0], campaign)
    closing.close(campaign, by=cora, reason="enough for now")
    event = Event.objects.get(verb="close_campaign")
    assert (event.actor, event.before, event.after) == (cora, "open", "closed")
    assert event.reason == "enough for now"
    returned = Event.objects.get(verb="campaign_closed")
    assert (returned.actor, returned.after) == (cora, "open")
    assert Lapse.objects.get().cause == "closed"
    assert not Skip.objects.exists()
    assert not Measure.objects.exists()
    assert set(Slot.objects.values_list("attempts", flat=True)) == {0}


def test_what_is_handed_in_afterwards_is_kept_as_late(
    campaign: Campaign, crowd: list[Annotator]
) -> None:
    """That it would count without a look at the campaign stands in `test_taking_back.py`."""
    held = held_by(crowd[0], campaign)
    closing.close(campaign, by=None, reason="x")
    assert submit(crowd[0], held).standing is Standing.LATE
    assert not Draft.objects.exists()


def test_who_closes_it_second_is_told_so_and_nothing_is_noted(campaign: Campaign) -> None:
    assert closing.close(campaign, by=None, reason="x") == 0
    assert closing.close(campaign, by=None, reason="y") is None
    assert Event.objects.filter(verb="close_campaign").count() == 1


def test_opened_again_it_gives_out_what_is_left_to_those_who_had_it_too(
    dataset: Dataset, crowd: list[Annotator]
) -> None:
    campaign = build.campaign(dataset, overlap=1)
    before = held_by(crowd[0], campaign)
    closing.close(campaign, by=None, reason="x")
    assert closing.open_again(campaign, by=None)
    assert not closing.open_again(campaign, by=None)
    again = held_by(crowd[0], campaign)
    assert (again.item_id, again.step) == (before.item_id, before.step)
    assert again.token != before.token
    opened = Event.objects.filter(verb="open_campaign", before="closed", after="open")
    assert opened.count() == 1
    assert sum(work(one, campaign) for one in crowd) == 3 * 3


def test_it_does_not_open_beside_another(dataset: Dataset, campaign: Campaign) -> None:
    closing.close(campaign, by=None, reason="x")
    other = Campaign.objects.create(dataset=dataset, slug="second", name="x", protocol="x@1")
    with pytest.raises(closing.AnotherIsOpen):
        closing.open_again(campaign, by=None)
    assert campaigns.open_campaign(dataset) == other
    assert not Event.objects.filter(verb="open_campaign", before="closed").exists()


def test_none_opens_by_itself_where_one_was_closed(campaign: Campaign) -> None:
    closing.close(campaign, by=None, reason="x")
    assert campaigns.place_open_items() == 0
    assert Campaign.objects.get() == campaign


def test_without_a_look_at_closed_ones_the_sweep_opens_another(
    campaign: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(campaigns, "_open_one", campaigns.open_campaign)
    closing.close(campaign, by=None, reason="x")
    campaigns.place_open_items()
    assert Campaign.objects.count() == 2


def test_items_that_have_all_their_votes_settle_although_it_is_closed(
    campaign: Campaign, crowd: list[Annotator]
) -> None:
    for one in crowd:
        work(one, campaign)
    closing.close(campaign, by=None, reason="x")
    assert settling.settle_ripe().settled == 3
    assert set(Item.objects.values_list("state", flat=True)) == {ItemState.SETTLED}


def test_checks_end_with_it_and_a_qualification_waits(
    campaign: Campaign, crowd: list[Annotator]
) -> None:
    ana = crowd[0]
    checked.some_gold(campaign, purpose=GoldPurpose.QUALIFICATION)
    checked.some_gold(checked.mixing(campaign, gold_share=0.5))
    qualifying.begin(ana, campaign)
    trial = Check.objects.get()
    silent = Check.objects.create(
        campaign=campaign,
        annotator=ana,
        gold=campaign.gold.get(purpose=GoldPurpose.SILENT),
        item=campaign.gold.get(purpose=GoldPurpose.SILENT).item,
        step="safety",
        purpose="silent",
        flipped=False,
        token="00000000-0000-4000-8000-000000000001",
        leased_at=trial.leased_at,
        expires_at=trial.expires_at,
    )
    assert closing.close(campaign, by=None, reason="x") == 1
    states = dict(Check.objects.values_list("pk", "state"))
    assert states == {trial.pk: CheckState.LEASED, silent.pk: CheckState.LAPSED}


def answered_after_closing(campaign: Campaign, ana: Annotator) -> list[Standing]:
    """How an item and a check, held when the campaign was closed, are taken afterwards."""
    checked.some_gold(checked.mixing(campaign))
    Pace.objects.create(annotator=ana, campaign=campaign, wait=100)
    (item,) = assigning.leases(ana, campaign, want=1)
    Pace.objects.filter(annotator=ana).update(wait=0)
    submit(ana, item)
    (check,) = assigning.leases(ana, campaign, want=1)
    assert check.check is not None
    (other,) = (one for one in assigning.leases(ana, campaign, want=2) if one.check is None)
    closing.close(campaign, by=None, reason="x")
    return [submit(ana, one).standing for one in (other, check)]


def test_a_check_is_late_then_like_any_item(campaign: Campaign, crowd: list[Annotator]) -> None:
    assert answered_after_closing(campaign, crowd[0]) == [Standing.LATE, Standing.LATE]


def test_unless_checks_did_not_ask_whether_it_is_closed(
    campaign: Campaign, crowd: list[Annotator]
) -> None:
    guard = "AND (c.state = 'open' OR k.purpose = 'qualification')"
    with weakened((statements, "ANSWER"), guard=guard):
        assert answered_after_closing(campaign, crowd[0]) == [Standing.LATE, Standing.COUNTED]


# --- At the same moment


def closed_under_a_lease(
    campaign: Campaign, ana: Annotator, two: tuple[Actor, Actor]
) -> int | None:
    """What closing brings back while Ana's lease is in flight, which ends only when it waits."""
    first, second = two
    first.begin()
    first.does(assigning.leases, ana, campaign)
    done = second.starts(closing.close, campaign, by=None, reason="x")
    wait_for_a_lock()
    first.commit()
    return done.result(30)


@pytest.mark.django_db(transaction=True)
def test_a_lease_in_flight_is_waited_for_and_taken_back(
    campaign: Campaign, crowd: list[Annotator], two: tuple[Actor, Actor]
) -> None:
    assert closed_under_a_lease(campaign, crowd[0], two) == 2
    assert not is_held()


@pytest.mark.django_db(transaction=True)
def test_without_the_locks_of_people_it_survives_until_the_sweep(
    campaign: Campaign,
    crowd: list[Annotator],
    two: tuple[Actor, Actor],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The control; so it would be for somebody who was let in at this very moment."""
    monkeypatch.setattr(closing, "_lock_people", lambda campaign: None)
    first, _second = two
    first.begin()
    first.does(assigning.leases, crowd[0], campaign)
    assert closing.close(campaign, by=None, reason="x") == 0
    first.commit()
    assert is_held()
    assert holding.expire_leases() == 2
    assert not is_held()
    assert set(Lapse.objects.values_list("cause", flat=True)) == {"closed"}


@pytest.mark.django_db(transaction=True)
def test_a_lease_that_comes_while_it_closes_waits_and_gets_nothing(
    campaign: Campaign, crowd: list[Annotator], two: tuple[Actor, Actor]
) -> None:
    first, second = two
    first.begin()
    first.does(closing.close, campaign, by=None, reason="x")
    leasing = second.starts(assigning.leases, crowd[0], campaign)
    wait_for_a_lock()
    first.commit()
    with pytest.raises(assigning.NoEntry):
        leasing.result(30)
    assert not is_held()


@pytest.mark.django_db(transaction=True)
def test_of_two_who_close_it_at_once_the_second_is_told_so(
    campaign: Campaign, two: tuple[Actor, Actor]
) -> None:
    first, second = two
    first.begin()
    assert first.does(closing.close, campaign, by=None, reason="x") == 0
    late = second.starts(closing.close, campaign, by=None, reason="y")
    wait_for_a_lock()
    first.commit()
    assert late.result(30) is None
    assert Event.objects.filter(verb="close_campaign").count() == 1
    assert Campaign.objects.get().state == CampaignState.CLOSED
