"""History is added to and never changed: neither row by row, nor all at once, nor by a cascade."""

from __future__ import annotations

from contextlib import suppress
from importlib import import_module

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import TestCase

from annotation import assigning
from annotation.models import Annotation, Campaign
from benchmarks.emptying import empty
from datasets_app import versions
from datasets_app.models import Dataset, Event
from tests import build
from tests.annotation.answering import submit
from tests.cast import annotators
from tests.datasets_app import settled
from tests.history import rewrite, unguarded

GIVEN = import_module("annotation.migrations.0021_first_answers").GIVEN
TABLES = (
    "annotation_annotation",
    "datasets_app_event",
    "datasets_app_record",
    "datasets_app_ruling",
    "datasets_app_version",
)
# What else a column may hold, as its kind has it.
OTHERWISE = {
    "uuid": "gen_random_uuid()",
    "character varying": "'other'",
    "bigint": "{column} + 1",
    "integer": "{column} + 1",
    "jsonb": """'{{"safe": "changed"}}'""",
    "boolean": "NOT {column}",
    "double precision": "coalesce({column}, 0) + 1",
    "timestamp with time zone": "{column} - interval '1 day'",
}


class _Undone(Exception):
    """Takes back what a test's control did."""


class History(TestCase):
    dataset: Dataset
    campaign: Campaign

    @classmethod
    def setUpTestData(cls) -> None:
        cls.dataset = build.dataset()
        settled.item(cls.dataset)
        versions.cut(cls.dataset, versions.Recipe(), by=None)
        build.items(1, cls.dataset)
        cls.campaign = build.campaign(cls.dataset)
        (ana,) = annotators(1, cls.dataset)
        submit(ana, assigning.leases(ana, cls.campaign, want=1)[0])

    def run_it(self, statement: str) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # as between two requests
            cursor.execute(statement)

    def is_refused(self, statement: str) -> None:
        with pytest.raises(IntegrityError, match="are history"):
            self.run_it(statement)

    def test_no_table_of_history_can_be_emptied(self) -> None:
        for table in TABLES:
            for statement in ("TRUNCATE {} CASCADE", "DELETE FROM {}"):
                self.is_refused(statement.format(table))

    def test_nor_by_way_of_what_it_belongs_to(self) -> None:
        self.is_refused("TRUNCATE datasets_app_dataset CASCADE")
        self.is_refused("TRUNCATE auth_user CASCADE")
        assert Event.objects.exists()

    def test_without_the_guard_it_can(self) -> None:
        """The negative control."""
        with suppress(_Undone), transaction.atomic():
            with unguarded("_is_not_emptied"):
                self.run_it("TRUNCATE datasets_app_dataset CASCADE")
            assert not Annotation.objects.exists()
            raise _Undone
        self.is_refused("TRUNCATE datasets_app_dataset CASCADE")

    def test_a_benchmark_empties_its_own_database(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        empty()
        assert not Annotation.objects.exists()

    def test_nothing_that_was_answered_can_be_changed(self) -> None:
        for column, kind in self.columns().items():
            if column in GIVEN:
                other = OTHERWISE[kind].format(column=column)
                statement = "UPDATE annotation_annotation SET {} = {}"
                self.is_refused(statement.format(column, other))

    def test_without_the_guard_it_could(self) -> None:
        """The negative control."""
        rewrite(Annotation.objects.all(), answers={"safe": "changed"})
        assert Annotation.objects.get().answers == {"safe": "changed"}

    def test_whether_it_counts_and_where_may_change(self) -> None:
        movable = self.columns().keys() - set(GIVEN)
        assert movable == {"standing", "slot_id"}
        Annotation.objects.update(standing="set_aside")
        Annotation.objects.update(slot=None)

    def columns(self) -> dict[str, str]:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT column_name, data_type FROM information_schema.columns"
                " WHERE table_name = 'annotation_annotation'"
            )
            return dict(cursor.fetchall())
