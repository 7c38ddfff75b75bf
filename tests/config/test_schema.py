"""The database keeps every promise that a model declares, after all migrations."""

from __future__ import annotations

from itertools import chain

import pytest
from django.apps import apps
from django.db import connection

OURS = ("annotation", "config", "datasets_app", "moderation")
KNOWN = """
SELECT conname FROM pg_constraint WHERE connamespace = 'public'::regnamespace
UNION SELECT indexname FROM pg_indexes WHERE schemaname = 'public'
"""

pytestmark = pytest.mark.django_db


def missing() -> set[str]:
    """Names of constraints and indexes that are declared, but not kept."""
    promises = {
        promise.name
        for model in chain.from_iterable(apps.get_app_config(app).get_models() for app in OURS)
        for promise in (*model._meta.constraints, *model._meta.indexes)
    }
    with connection.cursor() as cursor:
        cursor.execute(KNOWN)
        return promises - {name for (name,) in cursor.fetchall()}


def test_every_constraint_and_index_of_a_model_is_in_the_database() -> None:
    assert missing() == set()


def test_one_that_was_lost_is_seen() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX annotation_one_counted_per_slot")
        cursor.execute(
            "ALTER TABLE annotation_annotation DROP CONSTRAINT annotation_standing_known"
        )
    assert missing() == {"annotation_one_counted_per_slot", "annotation_standing_known"}
