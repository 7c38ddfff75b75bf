"""Closed campaigns: what the sweeps still do there, what they leave alone, and which one counts."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db.models import QuerySet
from django.utils import timezone

from annotation import assigning, campaigns, closing, held_checks, holding
from annotation.models import Annotation, Annotator, Campaign, Check, Measure, Pace, Slot
from annotation.quality import measuring, qualifying
from annotation.vocabulary import CampaignState, CheckState, GoldPurpose
from datasets_app.models import Dataset
from tests import build
from tests.annotation import checked
from tests.annotation.answering import submit
from tests.annotation.weakening import weakened
from tests.cast import annotators
from tests.history import rewrite

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana(dataset: Dataset) -> Annotator:
    return annotators(1, dataset)[0]


# --- A check that was got in the moment of closing


def swept(check: Check) -> bool:
    """Whether the sweep ends a check that is held in a campaign that is closed by now."""
    Campaign.objects.update(state=CampaignState.CLOSED)  # past the verb, which would have seen it
    holding.expire_leases()
    check.refresh_from_db()
    return check.state != CheckState.LEASED


def a_check(ana: Annotator, campaign: Campaign) -> Check:
    checked.some_gold(checked.mixing(campaign))
    Pace.objects.create(annotator=ana, campaign=campaign, wait=0)
    assigning.leases(ana, campaign, want=1)
    return Check.objects.get()


def a_trial(ana: Annotator, campaign: Campaign) -> Check:
    checked.some_gold(campaign, purpose=GoldPurpose.QUALIFICATION)
    (trial,) = qualifying.begin(ana, campaign)
    return trial


def test_a_check_got_at_the_moment_of_closing_is_swept(ana: Annotator, campaign: Campaign) -> None:
    assert swept(a_check(ana, campaign))


def test_without_a_look_at_closed_campaigns_it_is_held_on(
    ana: Annotator, campaign: Campaign
) -> None:
    with weakened((held_checks, "_END_IN_CLOSED"), guard="o.state = 'closed'", instead="false"):
        assert not swept(a_check(ana, campaign))


def test_a_qualification_is_not_swept(ana: Annotator, campaign: Campaign) -> None:
    assert not swept(a_trial(ana, campaign))


def test_unless_the_sweep_did_not_ask_what_is_work(ana: Annotator, campaign: Campaign) -> None:
    with weakened((held_checks, "_END_IN_CLOSED"), guard="k.purpose <> 'qualification' AND"):
        assert swept(a_trial(ana, campaign))


# --- Which one the verdicts come from


def opened_again_beside_a_newer_one(campaign: Campaign) -> Campaign:
    """A campaign was closed, another came and went, and the first is opened again."""
    closing.close(campaign, by=None, reason="x")
    newer = Campaign.objects.create(
        dataset=campaign.dataset, slug="newer", name="newer", protocol=campaign.protocol
    )
    closing.close(newer, by=None, reason="y")
    assert campaigns.latest(campaign.dataset) == newer
    assert closing.open_again(campaign, by=None)
    return newer


def test_the_open_one_is_the_latest_though_a_closed_one_is_newer(campaign: Campaign) -> None:
    opened_again_beside_a_newer_one(campaign)
    assert campaigns.latest(campaign.dataset) == campaign
    assert campaigns.default_for(campaign.dataset) == campaign


def test_without_a_look_at_the_state_first_the_newer_is(
    campaign: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    newer = opened_again_beside_a_newer_one(campaign)
    order_by = QuerySet.order_by

    def stateless(rows: QuerySet[Any], *names: Any) -> QuerySet[Any]:
        return order_by(rows, *(name for name in names if name != "-state"))

    monkeypatch.setattr(QuerySet, "order_by", stateless)
    assert campaigns.latest(campaign.dataset) == newer
    with pytest.raises(campaigns.AllClosed):
        campaigns.default_for(campaign.dataset)


# --- What was done there


def answered_and_closed(ana: Annotator, campaign: Campaign) -> None:
    submit(ana, assigning.leases(ana, campaign, want=1)[0])
    closing.close(campaign, by=None, reason="x")


def test_people_are_measured_by_what_they_did_in_a_closed_one(
    ana: Annotator, campaign: Campaign
) -> None:
    answered_and_closed(ana, campaign)
    assert measuring.measure_all() == 1
    assert Measure.objects.filter(annotator=ana, campaign=campaign).exists()


def test_if_only_open_ones_were_looked_at_they_would_not_be(
    ana: Annotator, campaign: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    answered_and_closed(ana, campaign)
    of_all = campaigns.latest_of_all
    monkeypatch.setattr(campaigns, "latest_of_all", lambda: of_all().filter(state="open"))
    assert measuring.measure_all() == 0
    assert not Measure.objects.exists()


# --- What waits for its person


@pytest.fixture
def kept() -> Slot:
    """A step kept for Ana since more than a day, in a campaign that is closed."""
    dataset = build.dataset("safesora")
    build.item(dataset)
    campaign = build.campaign(dataset, overlap=1)
    (ana,) = annotators(1, dataset)
    answered_and_closed(ana, campaign)
    rewrite(Annotation.objects.all(), created_at=timezone.now() - timedelta(hours=25))
    return Slot.objects.get(campaign=campaign, step="overall", reserved_for=ana)


def is_kept(slot: Slot) -> bool:
    holding.expire_leases()
    slot.refresh_from_db()
    return slot.reserved_for_id is not None


def test_a_step_waits_for_its_person_while_the_campaign_is_closed(kept: Slot) -> None:
    assert is_kept(kept)
    assert Annotation.objects.get().standing == "counted"
    closing.open_again(kept.campaign, by=None)
    assert not is_kept(kept)


def test_if_closed_ones_were_looked_at_too_it_would_be_given_up(
    kept: Slot, monkeypatch: pytest.MonkeyPatch
) -> None:
    everywhere = SimpleNamespace(filter=lambda **_asked: Campaign.objects.all())
    monkeypatch.setattr(holding, "Campaign", SimpleNamespace(objects=everywhere))
    assert not is_kept(kept)
    assert Annotation.objects.get().standing == "set_aside"
