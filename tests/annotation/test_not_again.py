"""What does not come to a person though its place is open: what he reported, and what he was
measured by.
"""

from __future__ import annotations

from typing import Any
from unittest.mock import patch
from uuid import uuid4

import pytest
from django.db import connection
from django.test import TestCase
from psycopg import RawCursor

from annotation import assigning, holding, labelling, leaving, prepared, settling, tally, walking
from annotation.assigning import Assignment
from annotation.checks import mixing
from annotation.models import Annotator, Campaign, Check, Pace, Progress
from annotation.quality import gold, qualifying
from annotation.vocabulary import CheckPurpose, CheckState, GoldPurpose, SkipReason
from annotation.wellbeing import wishes
from datasets_app.models import Dataset, Item
from datasets_app.protocols import protocol_named
from datasets_app.vocabulary import ItemState
from moderation import reviewing
from tests import build
from tests.annotation import checked
from tests.annotation.answering import submit
from tests.annotation.weakening import weakened
from tests.cast import annotators, person

# To an item with one response.
SAFE = {"safe": {"a": True}}
EVERY_LEASE = ((walking, "LEASE"), (walking, "LEASE_AND_TERMS"), (walking, "LEASE_CHOOSY"))


def next_of(one: Annotator, campaign: Campaign) -> Assignment:
    return assigning.leases(one, campaign, want=1)[0]


def is_told_of_nothing(one: Annotator, campaign: Campaign) -> bool:
    """Nothing is given, and neither is "busy" said nor anything counted as left."""
    return assigning.leases(one, campaign) == [] and not tally.left(one, campaign)


class Reported(TestCase):
    dataset: Dataset
    item: Item
    campaign: Campaign
    ana: Annotator
    ben: Annotator

    @classmethod
    def setUpTestData(cls) -> None:
        cls.dataset = build.dataset("beavertails")
        cls.item = build.item(cls.dataset)
        cls.campaign = build.campaign(cls.dataset, overlap=2)
        cls.ana, cls.ben = annotators(2, cls.dataset)

    def setUp(self) -> None:
        """Ana and Ben have it, Ana reports it, and a moderator frees it."""
        anas, _bens = next_of(self.ana, self.campaign), next_of(self.ben, self.campaign)
        assert labelling.report(self.ana, anas.token, reason="x")
        assert reviewing.release([self.item.pk], by=person("mo").pk)

    def test_it_does_not_come_to_its_reporter_again(self) -> None:
        assert is_told_of_nothing(self.ana, self.campaign)

    def test_nor_does_it_to_who_passes_items_over(self) -> None:
        Item.objects.update(meta={"language": "en"})
        wishes.wish(self.ana, {"languages": ["en"]})
        assert is_told_of_nothing(self.ana, self.campaign)

    def test_it_comes_to_who_only_held_it_then(self) -> None:
        assert next_of(self.ben, self.campaign).item_id == self.item.pk

    def test_without_that_look_it_would_come_again(self) -> None:
        with weakened(*EVERY_LEASE, guard=walking._REPORTED, instead="false"):
            assert next_of(self.ana, self.campaign).item_id == self.item.pk

    def test_nor_does_it_come_as_gold_once_it_is_settled(self) -> None:
        """An item would not come either: what comes would be a check."""
        for one in annotators(4, self.dataset)[2:]:
            work_safely(one, self.campaign)
        settling.settle_ripe()
        a_gold_of(self.item, self.campaign, GoldPurpose.SILENT)
        build.items(3, self.dataset)
        build.campaign(self.dataset)
        found = checked.mixing(self.campaign, gold_share=0.5)
        Pace.objects.create(annotator=self.ana, campaign=found, wait=0)
        assert next_of(self.ana, found).check is None
        Pace.objects.create(annotator=self.ben, campaign=found, wait=0)
        assert next_of(self.ben, found).check is not None


def freed(item: Item) -> None:
    assert reviewing.release([item.pk], by=person("mo").pk)


class ReportedBesideARepeat(TestCase):
    """An item of two steps: Ana answered the first, and repeats are mixed in."""

    item: Item
    campaign: Campaign
    ana: Annotator

    @classmethod
    def setUpTestData(cls) -> None:
        dataset = build.dataset()
        cls.item = build.item(dataset)
        plain = build.campaign(dataset, overlap=2)
        (cls.ana,) = annotators(1, dataset)
        submit(cls.ana, next_of(cls.ana, plain))
        cls.campaign = checked.mixing(plain, gold_share=0.0, repeat_share=0.5)

    def setUp(self) -> None:
        after = patch.object(mixing, "REPEAT_AFTER", 0)
        after.start()
        self.addCleanup(after.stop)

    def come(self, *, is_check: bool, want: int = 1) -> Assignment:
        """The newest of what is held, once the next is a check, or none is soon."""
        wait = {"wait": 0 if is_check else 100}
        Pace.objects.update_or_create(annotator=self.ana, campaign=self.campaign, defaults=wait)
        found = assigning.leases(self.ana, self.campaign, want=want)[-1]
        assert (found.check is not None) is is_check
        return found

    def report(self, what: Assignment) -> None:
        assert labelling.report(self.ana, what.token, reason="x")
        freed(self.item)
        Pace.objects.update(wait=0)

    def test_what_was_reported_as_an_item_does_not_come_as_a_repeat(self) -> None:
        self.report(self.come(is_check=False))
        # The step at hand is the one with something to repeat.
        Progress.objects.exclude(step="safety").delete()
        assert is_told_of_nothing(self.ana, self.campaign)

    def test_nor_does_a_repeat_come_again_that_was_taken_back_before(self) -> None:
        repeat = self.come(is_check=True)
        item = self.come(is_check=False, want=2)
        Check.objects.filter(token=repeat.token).update(expires_at="2020-01-01T00:00Z")
        holding.expire_leases()
        self.report(item)
        assert is_told_of_nothing(self.ana, self.campaign)

    def test_what_was_reported_as_a_repeat_does_not_come_as_an_item(self) -> None:
        repeat = self.come(is_check=True)
        self.report(repeat)
        Pace.objects.update(wait=100)
        assert is_told_of_nothing(self.ana, self.campaign)

    def test_what_was_only_skipped_as_a_repeat_does(self) -> None:
        repeat = self.come(is_check=True)
        assert labelling.skip(self.ana, repeat.token, reason=SkipReason.CANNOT_JUDGE)
        assert self.come(is_check=False).item_id == self.item.pk


class WaitingForItsReporter(TestCase):
    """Of two steps that go together Ana answered the first, and reports its repeat."""

    def test_it_does_not_come_and_is_given_up_at_once(self) -> None:
        films = build.dataset("safesora")
        item = build.item(films)
        campaign = build.campaign(films, overlap=1)
        ana, ben = annotators(2, films)
        submit(ana, next_of(ana, campaign))
        campaign = checked.mixing(campaign, gold_share=0.0, repeat_share=0.5)
        Pace.objects.create(annotator=ana, campaign=campaign, wait=0)
        with patch.object(mixing, "REPEAT_AFTER", 0):
            repeat = next_of(ana, campaign)
        assert repeat.check is not None
        assert labelling.report(ana, repeat.token, reason="x")
        freed(item)
        Pace.objects.update(wait=100)
        assert is_told_of_nothing(ana, campaign)
        holding.expire_leases()
        assert next_of(ben, campaign).item_id == item.pk


def work_safely(one: Annotator, campaign: Campaign) -> None:
    while held := assigning.leases(one, campaign, want=1):
        submit(one, held[0], answers=SAFE)


def a_gold_of(item: Item, campaign: Campaign, purpose: GoldPurpose) -> None:
    item.refresh_from_db()
    assert item.state == ItemState.SETTLED
    protocol = protocol_named(campaign.protocol)
    (step,) = protocol.steps
    expected = gold.settled_answers(item, protocol, step)
    more: dict[str, Any] = {"explanation": "So."}
    gold.make(campaign, item, step.key, expected=expected, purpose=purpose, by=None, **more)


class Measured(TestCase):
    """An item that Ben and Cy settled is gold, and open again when Ben's vote is set aside."""

    dataset: Dataset
    item: Item
    campaign: Campaign
    ana: Annotator
    ben: Annotator
    cy: Annotator

    @classmethod
    def setUpTestData(cls) -> None:
        cls.dataset = build.dataset("beavertails")
        cls.item = build.item(cls.dataset)
        cls.campaign = build.campaign(cls.dataset, overlap=2)
        cls.ana, cls.ben, cls.cy = annotators(3, cls.dataset)
        for one in (cls.ben, cls.cy):
            work_safely(one, cls.campaign)
        settling.settle_ripe()

    def open_again(self) -> None:
        leaving.set_aside(self.ben, self.campaign, by=None, reason="x")
        self.item.refresh_from_db()
        assert self.item.state == ItemState.OPEN

    def qualified(self) -> None:
        """Ana is shown what was expected of the item, and it is open again."""
        a_gold_of(self.item, self.campaign, GoldPurpose.QUALIFICATION)
        (trial,) = qualifying.begin(self.ana, self.campaign)
        labelling.submit(self.ana, token=trial.token, key=uuid4(), answers=SAFE)
        self.open_again()

    def test_who_qualified_by_an_item_does_not_vote_on_it(self) -> None:
        self.qualified()
        assert is_told_of_nothing(self.ana, self.campaign)

    def test_somebody_else_does(self) -> None:
        self.qualified()
        dan = annotators(4, self.dataset)[3]
        assert next_of(dan, self.campaign).item_id == self.item.pk

    def test_without_that_look_who_qualified_would(self) -> None:
        self.qualified()
        with weakened(*EVERY_LEASE, guard=walking._MEASURED, instead="false"):
            assert next_of(self.ana, self.campaign).item_id == self.item.pk

    def test_a_check_that_was_answered_does_not_come_again_as_an_item(self) -> None:
        a_gold_of(self.item, self.campaign, GoldPurpose.SILENT)
        build.items(3, self.dataset)
        build.campaign(self.dataset)
        found = checked.mixing(self.campaign, gold_share=0.5)
        Pace.objects.create(annotator=self.ana, campaign=found, wait=0)
        check = next_of(self.ana, found)
        assert check.check is not None
        submit(self.ana, check, answers=SAFE)
        self.open_again()
        Pace.objects.update(wait=100)
        seen = []
        while held := assigning.leases(self.ana, found, want=1):
            seen.append(held[0].item_id)
            submit(self.ana, held[0], answers=SAFE)
        assert len(seen) == 3
        assert self.item.pk not in seen

    def test_what_came_as_a_repeat_is_still_ones_own_place(self) -> None:
        """A repeat keeps nothing from anybody: the item was answered as such before."""
        Check.objects.create(
            campaign=self.campaign,
            annotator=self.ana,
            item=self.item,
            step="safety",
            purpose=CheckPurpose.REPEAT,
            token=uuid4(),
            flipped=False,
            state=CheckState.LAPSED,
            leased_at="2020-01-01T00:00Z",
            expires_at="2020-01-01T00:00Z",
        )
        self.open_again()
        assert next_of(self.ana, self.campaign).item_id == self.item.pk


@pytest.mark.django_db
def test_the_looks_for_it_are_into_the_items_index() -> None:
    """A person may have had thousands of checks and lapses, an item has few."""
    dataset = build.dataset("beavertails")
    campaign = build.campaign(dataset)
    (ana,) = annotators(1, dataset)
    values = assigning._values(ana, campaign, 1) | {"steps": ["safety"]}
    looks = [
        node.get("Index Cond") or node["Plans"][0]["Index Cond"]
        for node in plan_of(walking.LEASE, values)
        if (node.get("Relation Name"), node.get("Alias", "")[:1]) in LOOKS
    ]
    assert len(looks) == 5  # of what waits for this person as well
    assert {look.split(" = ")[0] for look in looks} == {"(item_id"}


LOOKS = (("annotation_lapse", "r"), ("annotation_check", "r"), ("annotation_check", "m"))


def plan_of(statement: str, values: dict[str, Any]) -> list[dict[str, Any]]:
    """The nodes of a statement's plan for all parameters, as of tables that have rows."""
    text, names = prepared._numbered(statement)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    raw: Any = connection.connection
    with RawCursor(raw) as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {text}", [values[name] for name in names])
        (found,) = cursor.fetchall()[0]
    nodes = [found[0]["Plan"]]
    for node in nodes:  # grows while it is walked
        nodes += node.get("Plans", [])
    return nodes
