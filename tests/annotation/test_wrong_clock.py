"""The web server's clock is wrong, by more than a year: nothing about work goes by it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from unittest import mock

import pytest
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone

from annotation import assigning, holding, tally
from annotation.models import Annotation, Campaign, Check, Exposure, Slot
from annotation.quality import qualifying
from annotation.vocabulary import GoldPurpose, RestCause, SlotState, Standing
from annotation.wellbeing import exposures
from tests import build
from tests.annotation import checked
from tests.annotation.answering import submit
from tests.cast import annotators

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@contextmanager
def clock(off: timedelta) -> Iterator[None]:
    with mock.patch.object(timezone, "now", return_value=timezone.now() + off):
        yield


@pytest.fixture(params=[-400, 400], ids=["behind", "ahead"])
def off(request: pytest.FixtureRequest) -> timedelta:
    return timedelta(days=request.param)


@pytest.fixture
def campaign() -> Campaign:
    dataset = build.dataset()
    build.items(4, dataset)
    return build.campaign(dataset, daily_answers=1)


def is_now(when: datetime) -> bool:
    return abs(when - timezone.now()) < DAY


def test_a_lease_begins_lasts_and_ends_by_the_databases_clock(
    campaign: Campaign, off: timedelta
) -> None:
    (ana,) = annotators(1, campaign.dataset)
    with clock(off):
        (held,) = assigning.leases(ana, campaign, want=1)
        assert holding.extend(ana, held.token)
        assert holding.expire_leases() == 0
        assert exposures.reveal(ana, campaign, held.token)
    slot = Slot.objects.get(state=SlotState.LEASED)
    for when in (slot.leased_at, slot.expires_at):
        assert when is not None
        assert is_now(when)
    assert is_now(Exposure.objects.get().began_at)
    Slot.objects.filter(pk=slot.pk).update(expires_at=Now() - DAY)
    with clock(off):
        assert holding.expire_leases() == 1


def test_the_day_is_the_databases(campaign: Campaign, off: timedelta) -> None:
    (ana,) = annotators(1, campaign.dataset)
    with clock(off):
        (held,) = assigning.leases(ana, campaign, want=1)
        assert submit(ana, held).standing is Standing.COUNTED
        assert tally.done_today(ana, campaign) == 1
        with pytest.raises(assigning.Resting) as rest:
            assigning.leases(ana, campaign)
    assert rest.value.cause is RestCause.ANSWERS
    assert is_now(Annotation.objects.get().created_at)


def test_a_qualification_is_handed_out_now(campaign: Campaign, off: timedelta) -> None:
    checked.some_gold(campaign, number=1, purpose=GoldPurpose.QUALIFICATION, explanation="So.")
    (ana,) = annotators(1, campaign.dataset)
    with clock(off):
        assert qualifying.begin(ana, campaign)
    assert Check.objects.filter(leased_at__gt=Now() - DAY, leased_at__lte=Now() + DAY).exists()
    assert not Check.objects.exclude(leased_at=F("expires_at")).exists()
