"""Measuring: the figures follow what people do, and are made anew only for who did something."""

from __future__ import annotations

from uuid import uuid4

from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext

from annotation import assigning, labelling, leaving, settling
from annotation.assigning import Assignment
from annotation.models import Annotation, Annotator, Campaign, Measure
from annotation.quality import gold, measuring
from datasets_app.models import Dataset
from tests import build
from tests.annotation import checked
from tests.annotation.answering import let_pass
from tests.annotation.test_checks import at_once
from tests.cast import annotators


class TestMeasuring(TestCase):
    dataset: Dataset
    campaign: Campaign
    crowd: list[Annotator]

    @classmethod
    def setUpTestData(cls) -> None:
        cls.dataset = build.dataset("system_message")
        cls.crowd = annotators(3, cls.dataset)
        build.items(4, cls.dataset)
        cls.campaign = build.campaign(cls.dataset)

    def answer(self, annotator: Annotator, held: Assignment, side: str, seconds: float) -> None:
        let_pass(seconds)
        labelling.submit(
            annotator,
            token=held.token,
            key=uuid4(),
            answers={"follows": side},
            seconds=seconds,
        )

    def work(self, annotator: Annotator, *, takes: str, seconds: float = 20.0) -> None:
        """Choose the first response ("first"), or always the left one ("left")."""
        while held := assigning.leases(annotator, self.campaign, want=1):
            first = "b" if held[0].flipped else "a"
            self.answer(annotator, held[0], "a" if takes == "left" else first, seconds)

    def measure_of(self, annotator: Annotator) -> Measure:
        return Measure.objects.get(annotator=annotator, campaign=self.campaign)

    def all_work(self) -> None:
        self.work(self.crowd[0], takes="first", seconds=30.0)
        self.work(self.crowd[1], takes="first")
        self.work(self.crowd[2], takes="left", seconds=2.0)
        settling.settle(self.dataset)

    def test_agreement_speed_sides_and_runs_are_counted(self) -> None:
        self.all_work()
        assert measuring.measure(self.campaign) == 3
        careful, hasty = self.measure_of(self.crowd[0]), self.measure_of(self.crowd[2])
        assert (careful.compared, careful.agreed, careful.seconds) == (4, 4.0, 30.0)
        assert careful.confusion == {"follows": {"first": {"first": 4}}}
        assert (hasty.sided, hasty.left, hasty.seconds) == (4, 4, 2.0)
        assert (hasty.chained, hasty.runs) == (3, 3)
        # What the verdict says stood at the left as often as chance had it.
        left = Annotation.objects.filter(annotator=self.crowd[2], flipped=False)
        assert hasty.agreed == left.count()

    def test_a_sweep_without_news_measures_nobody_and_reads_no_votes(self) -> None:
        self.all_work()
        measuring.measure(self.campaign)
        with connection.cursor() as cursor:  # the last minute is over
            cursor.execute("UPDATE annotation_campaign SET measured_to = 1000000000")
        with CaptureQueriesContext(connection) as queries:
            assert measuring.measure(self.campaign) == 0
        assert not [
            q for q in queries if "annotation_annotation" in q["sql"] and "LIMIT 1000" in q["sql"]
        ]

    def test_measuring_twice_counts_nothing_twice(self) -> None:
        self.all_work()
        measuring.measure(self.campaign)
        before = list(Measure.objects.order_by("pk").values("agreed", "compared", "runs"))
        measuring.measure(self.campaign)
        assert list(Measure.objects.order_by("pk").values("agreed", "compared", "runs")) == before

    def test_votes_set_aside_are_measured_no_longer(self) -> None:
        self.all_work()
        measuring.measure(self.campaign)
        leaving.set_aside(self.crowd[2], self.campaign, by=None, reason="always left")
        measuring.measure_all()
        assert not Measure.objects.filter(annotator=self.crowd[2]).exists()
        assert self.measure_of(self.crowd[0]).compared == 0

    def test_gold_is_measured_beside_the_votes(self) -> None:
        item = checked.a_settled_item(self.dataset, {"follows": "1", "follows_strength": 1})
        checked.mixing(self.campaign)
        known = checked.expected(item, {"follows": "1", "follows_strength": 1})
        gold.make(self.campaign, item, "values", expected=known, by=None)
        one = self.crowd[0]
        at_once(one, self.campaign)
        (held,) = assigning.leases(one, self.campaign, want=1)
        self.answer(one, held, "b" if held.flipped else "a", 9.0)
        measuring.measure(self.campaign)
        found = self.measure_of(one)
        assert (found.gold, found.gold_faults, found.timed) == (1, 1.0, 0)
