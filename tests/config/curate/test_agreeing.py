"""Agreeing: a sweep measures anew what settled since, a row a day; the page only reads."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from unittest import mock
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from annotation import adjudicating, assigning, labelling, settling
from annotation.consensus import deciding
from annotation.models import Campaign
from config import tasks
from config.curate import agreeing, charts, measures
from config.models import Agreement, Comparison
from datasets_app import ledger
from datasets_app.models import Dataset, Event, Item
from datasets_app.vocabulary import ItemState
from moderation.models import Screening
from tests import build
from tests.cast import Cast, annotators, cast


class Agreeing(TestCase):
    """Three people judge answers; two agree on all of them, the third finds each one safe."""

    dataset: Dataset
    campaign: Campaign
    cast: Cast

    @classmethod
    def setUpTestData(cls) -> None:
        cls.dataset = build.dataset("beavertails", slug="texts")
        cls.cast = cast(cls.dataset)
        unsafe = {item.pk for item in build.items(6, cls.dataset)[::2]}
        cls.campaign = build.campaign(cls.dataset)
        for person, one in enumerate(annotators(3, cls.dataset)):
            while held := assigning.leases(one, cls.campaign, want=1):
                is_safe = held[0].item_id not in unsafe or person == 2
                named = {} if is_safe else {"categories": {"a": ["animal_abuse"]}}
                said = {"safe": {"a": is_safe}, **named}
                labelling.submit(one, token=held[0].token, key=uuid4(), answers=said)
        settling.settle(cls.dataset)

    def overview(self) -> dict[str, measures.Agreement]:
        self.client.force_login(self.cast.cora)
        page = self.client.get(reverse("curate:overview", args=["texts"]))
        assert page.status_code == 200
        return {row.key: row for row in page.context["agreement"]}

    def the_last_minute_is_over(self) -> None:
        latest = Event.objects.order_by("-pk").values_list("pk", flat=True)[0]
        Comparison.objects.update(measured_to=latest)

    def test_what_settled_is_measured_with_its_interval_and_the_page_tells_it(self) -> None:
        tasks.measure_agreement()
        row = self.overview()["safe"].now
        assert (row.votes, row.day) == (18, timezone.now().date())
        assert row.alpha is not None
        assert row.low is not None
        assert row.high is not None
        assert row.low < row.alpha < row.high

    def test_without_news_nothing_is_measured_and_no_vote_read(self) -> None:
        assert agreeing.keep_all() == 1
        self.the_last_minute_is_over()
        with CaptureQueriesContext(connection) as queries:
            assert agreeing.keep_all() == 0
        assert not [q for q in queries if "annotation_annotation" in q["sql"]]

    def test_what_changes_a_verdict_is_news(self) -> None:
        agreeing.keep_all()
        self.the_last_minute_is_over()
        item = Item.objects.filter(state=ItemState.SETTLED).order_by("pk")[0]
        ruled: dict[tuple[str, UUID | None], Any] = {("safe", item.first_id): True}
        adjudicating.rule(item, ruled, by=self.cast.cora, reason="It is.")
        assert agreeing.keep_all() == 1

    def test_what_is_weighed_anew_or_sent_off_as_unjudgeable_is_news(self) -> None:
        item = Item.objects.filter(state=ItemState.SETTLED).order_by("pk")[0]
        for verb in ("weigh", "unjudgeable"):
            agreeing.keep_all()
            self.the_last_minute_is_over()
            ledger.note(verb, dataset=item.dataset_id, item=item.pk)
            assert agreeing.keep_all() == 1, verb

    def test_it_takes_the_place_of_what_was_measured_the_same_day_and_no_other(self) -> None:
        agreeing.keep_all()
        Agreement.objects.update(day=timezone.now().date() - timedelta(days=1), raw=0.25)
        for _ in range(2):
            Comparison.objects.update(measured_to=None)
            agreeing.keep_all()
        assert Agreement.objects.filter(question="safe").count() == 2
        row = self.overview()["safe"]
        assert row.now.raw != 0.25
        assert len(row.line.split()) == 2

    def test_the_page_reads_rows_and_computes_nothing(self) -> None:
        agreeing.keep_all()
        with (
            mock.patch.object(measures, "confusion", side_effect=AssertionError),
            mock.patch.object(deciding, "counted", side_effect=AssertionError),
        ):
            assert "safe" in self.overview()
            with pytest.raises(AssertionError):
                agreeing._measure(self.campaign)

    def test_machine_and_people_are_compared_by_the_same_sweep(self) -> None:
        for item in Item.objects.filter(state=ItemState.SETTLED):
            Screening.objects.create(
                prompt=item.prompt, response=item.first, classifier="guard", revision="1",
                label_set="beavertails", severity=0,
            )  # fmt: skip
        agreeing.keep_all()
        found, items = measures.compared(self.campaign)
        assert (found.both_safe, found.missed, found.total, items) == (3, 3, 6, 6)

    def test_before_the_first_sweep_the_page_says_that_there_is_nothing_yet(self) -> None:
        assert self.overview() == {}


def test_a_line_needs_two_points_and_a_band_something_above_nothing() -> None:
    assert charts.line([(27, 0.5)], days=28) == ""
    assert charts.line([(-1, 0.5), (27, 0.5)], days=28) == ""
    assert charts.line([(0, 0.0), (13, None), (27, 1.0)], days=28) == "0.0,20.0 100.0,0.0"
    assert charts.band(None, None) is None
    assert charts.band(-0.3, -0.1) is None
    assert charts.band(-0.2, 0.5) == charts.Band(0, 0.5)
