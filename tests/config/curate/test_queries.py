"""How much the curator's pages ask of the database: no more for many items than for few."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.db.utils import OperationalError
from django.test import TestCase
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from psycopg.errors import QueryCanceled

from datasets_app import curation
from datasets_app.models import Dataset, Verdict
from datasets_app.vocabulary import ItemState
from tests import build
from tests.cast import Cast, as_annotator, cast
from tests.datasets_app import settled

# What each page may ask, session, person and access included.
MOST = {"datasets": 8, "overview": 22, "items": 18, "item": 20, "disputes": 14}


class Queries(TestCase):
    """Each page is opened over a few items, then over three times as many."""

    dataset: Dataset
    cast: Cast

    @classmethod
    def setUpTestData(cls) -> None:
        cls.dataset = build.dataset("beavertails_v", slug="pairs")
        cls.cast = cast(cls.dataset)
        cls.more()
        build.campaign(cls.dataset)

    @classmethod
    def more(cls, number: int = 3) -> None:
        """More items of every state that the pages show, and another dataset."""
        other = build.dataset()
        cast(other)
        for _ in range(number):
            settled.item(cls.dataset)
            build.item(cls.dataset, machine_severity=1, machine_categories=["violence"])
            disputed = settled.item(cls.dataset, state=ItemState.DISPUTED)
            Verdict.objects.filter(item=disputed, question="better").update(dispute="split")

    def setUp(self) -> None:
        self.client.force_login(self.cast.cora)

    def asked(self, address: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            page = self.client.get(address)
        assert page.status_code == 200
        return len(queries)

    def assert_steady(self, name: str, *args: object) -> None:
        address = reverse(f"curate:{name}", args=args)
        few = self.asked(address)
        self.more(6)
        assert self.asked(address) == few
        assert few <= MOST[name]

    def test_the_list_of_datasets(self) -> None:
        self.assert_steady("datasets")

    def test_the_overview(self) -> None:
        self.assert_steady("overview", "pairs")

    def test_the_items(self) -> None:
        self.assert_steady("items", "pairs")

    def test_the_disputes(self) -> None:
        self.assert_steady("disputes", "pairs")

    def test_a_question_asked_for_each_item_would_be_noticed(self) -> None:
        ask = curation.page

        def page(*args: Any, **more: Any) -> curation.Page:
            found = ask(*args, **more)
            for item in found.items:
                item.verdicts.count()
            return found

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(curation, "page", page)
            with pytest.raises(AssertionError):
                self.assert_steady("items", "pairs")

    def test_an_item_with_many_votes_asks_no_more_than_with_few(self) -> None:
        item = build.item(self.dataset)
        campaign = build.campaign(self.dataset)
        address = reverse("curate:item", args=["pairs", item.pk])
        slots = list(campaign.slots.filter(item=item, step="helpful").order_by("number"))
        choice = {"better": str(item.first_id)}
        build.counted(slots[0], as_annotator(self.cast.ana).pk, choice)
        few = self.asked(address)
        build.counted(slots[1], as_annotator(self.cast.ben).pk, choice)
        build.counted(slots[2], as_annotator(self.cast.cora).pk, choice)
        assert self.asked(address) == few <= MOST["item"]


class TooLong(TestCase):
    """A search that the database gives up."""

    def setUp(self) -> None:
        self.dataset = build.dataset(slug="pairs")
        self.client.force_login(cast(self.dataset).cora)
        self.address = reverse("curate:items", args=["pairs"])

    def page_fails_with(self, error: OperationalError) -> pytest.MonkeyPatch:
        def page(*_args: object, **_more: object) -> curation.Page:
            raise error

        patch = pytest.MonkeyPatch()
        patch.setattr(curation, "page", page)
        self.addCleanup(patch.undo)
        return patch

    def test_a_search_given_up_is_told_as_such(self) -> None:
        error = OperationalError("statement timeout")
        error.__cause__ = QueryCanceled("statement timeout")
        self.page_fails_with(error)
        page = self.client.get(self.address, {"q": "orchid"})
        assert page.status_code == 200
        assert "That took too long" in page.content.decode()

    def test_any_other_fault_is_not_hidden(self) -> None:
        self.page_fails_with(OperationalError("the server is gone"))
        with pytest.raises(OperationalError):
            self.client.get(self.address, {"q": "orchid"})
