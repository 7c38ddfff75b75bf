"""A curator decides about who works in this dataset, and about nobody of another."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from django.db.models import QuerySet
from django.test import Client
from django.urls import reverse

from annotation.models import Annotator, Campaign
from config.curate import annotators as pages
from datasets_app.models import Event, Membership
from tests import build
from tests.cast import annotators, cast

pytestmark = pytest.mark.django_db

ACTS = ("lift", "end_work", "set_aside")


@pytest.fixture
def elsewhere() -> Annotator:
    """Somebody who works in another dataset."""
    dataset = build.dataset()
    build.campaign(dataset)
    (found,) = annotators(1, dataset)
    return found


@pytest.fixture
def campaign() -> Campaign:
    return build.campaign(build.dataset(slug="pairs"))


@pytest.fixture
def cora(campaign: Campaign) -> Client:
    """She curates these pairs, and nothing else."""
    browser = Client()
    browser.force_login(cast(campaign.dataset).cora)
    return browser


def url(name: str, who: Annotator) -> str:
    return reverse(f"curate:{name}", args=["pairs", who.key])


def test_there_is_no_page_about_somebody_of_another_dataset(
    cora: Client, elsewhere: Annotator
) -> None:
    assert cora.get(url("annotator", elsewhere)).status_code == 404


@pytest.mark.parametrize("act", ACTS)
def test_nor_is_anything_done_about_such_a_one(
    act: str, cora: Client, elsewhere: Annotator
) -> None:
    assert cora.post(url(act, elsewhere), {"reason": "x"}).status_code == 404
    assert not Event.objects.filter(actor__username="cora").exists()


def test_without_a_look_at_the_dataset_it_would_be_and_stand_in_the_log(
    cora: Client, elsewhere: Annotator, monkeypatch: pytest.MonkeyPatch
) -> None:
    def anywhere(*, user: int, **_asked: Any) -> QuerySet[Membership]:
        return Membership.objects.filter(user=user)

    unaware = SimpleNamespace(objects=SimpleNamespace(filter=anywhere))
    monkeypatch.setattr(pages, "Membership", unaware)
    assert cora.get(url("annotator", elsewhere)).status_code == 200
    for act in ACTS:
        assert cora.post(url(act, elsewhere), {"reason": "x"}).status_code == 302
    # As of who had left before: an old link into this dataset would let the person in no more.
    assert Event.objects.filter(verb="set_aside", subject=f"user:{elsewhere.user_id}").exists()
