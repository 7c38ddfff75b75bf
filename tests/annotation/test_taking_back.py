"""What comes under the token of a lease that is over: whose place it may take, and whose not."""

from __future__ import annotations

from uuid import uuid4

import pytest

from annotation import assigning, holding, labelling, reopening
from annotation.assigning import Assignment
from annotation.labelling import statements
from annotation.models import Annotator, Campaign
from annotation.vocabulary import CampaignState, Standing
from datasets_app.models import Dataset
from tests import build
from tests.annotation.answering import submit
from tests.annotation.weakening import weakened
from tests.cast import annotators

pytestmark = pytest.mark.django_db

RESERVED = """
CASE WHEN %(is_follow_up)s
    THEN s.reserved_for_id = %(annotator)s ELSE s.reserved_for_id IS NULL END
"""


def a_place_of_bens() -> tuple[Annotator, Assignment]:
    """Ana, and a step that followed hers and is Ben's by now: she gave it back, and he began."""
    dataset = build.dataset("safesora")
    build.item(dataset)
    campaign = build.campaign(dataset, overlap=1)
    ana, ben = annotators(2, dataset)
    submit(ana, assigning.leases(ana, campaign, want=1)[0])
    (follow_up,) = assigning.leases(ana, campaign, want=1)
    holding.release(ana, follow_up.token)
    reopening.reopen_reserved_for(ana.pk, campaign, by=None, reason="gone for a day")
    submit(ben, assigning.leases(ben, campaign, want=1)[0])
    return ana, follow_up


def test_a_place_that_is_anothers_by_now_is_not_taken_back() -> None:
    ana, follow_up = a_place_of_bens()
    assert submit(ana, follow_up).standing is Standing.LATE


def test_without_that_guard_it_would_be() -> None:
    ana, follow_up = a_place_of_bens()
    with weakened((statements, "TAKE_BACK"), guard=RESERVED, instead="true"):
        assert submit(ana, follow_up).standing is Standing.COUNTED


def closed_meanwhile() -> tuple[Annotator, Assignment]:
    dataset = build.dataset()
    build.item(dataset)
    campaign = build.campaign(dataset)
    (ana,) = annotators(1, dataset)
    (held,) = assigning.leases(ana, campaign, want=1)
    holding.release(ana, held.token)
    Campaign.objects.filter(pk=campaign.pk).update(state=CampaignState.CLOSED)
    return ana, held


def test_in_a_campaign_that_is_closed_no_place_is_taken_back() -> None:
    ana, held = closed_meanwhile()
    assert submit(ana, held).standing is Standing.LATE


def test_without_that_guard_too_it_would_be() -> None:
    ana, held = closed_meanwhile()
    with weakened((statements, "TAKE_BACK"), guard="AND c.state = 'open'"):
        assert submit(ana, held).standing is Standing.COUNTED


CAP = "c.most_items IS NULL OR"


def full_meanwhile() -> tuple[Annotator, Assignment]:
    dataset = build.dataset()
    build.items(2, dataset)
    campaign = build.campaign(dataset, most_items=1)
    (ana,) = annotators(1, dataset)
    (held,) = assigning.leases(ana, campaign, want=1)
    holding.release(ana, held.token)
    (other,) = assigning.leases(ana, campaign, want=1)
    assert other.item_id != held.item_id
    return ana, held


def test_nor_is_one_by_who_has_begun_as_many_items_as_the_campaign_allows() -> None:
    ana, held = full_meanwhile()
    assert submit(ana, held).standing is Standing.LATE


def test_without_the_cap_it_would_be() -> None:
    ana, held = full_meanwhile()
    with weakened((statements, "TAKE_BACK"), guard=CAP, instead="true OR"):
        assert submit(ana, held).standing is Standing.COUNTED


@pytest.fixture
def dataset() -> Dataset:
    found = build.dataset()
    build.items(2, found)
    return found


def test_a_key_replays_what_came_of_it_to_its_own_person_alone(dataset: Dataset) -> None:
    campaign = build.campaign(dataset)
    ana, ben = annotators(2, dataset)
    key = uuid4()
    (anas,) = assigning.leases(ana, campaign, want=1)
    done = submit(ana, anas, key=key)
    assert submit(ana, anas, key=key).annotation_id == done.annotation_id
    (bens,) = assigning.leases(ben, campaign, want=1)
    with pytest.raises(labelling.KeyReused):
        submit(ben, bens, key=key)
    with pytest.raises(labelling.KeyReused):
        submit(ben, anas, key=key)
