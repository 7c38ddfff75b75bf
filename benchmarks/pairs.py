"""What there is to annotate in a benchmark: open text pairs, and people who may work at them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import User
from django.db import connection

from annotation import campaigns, placing
from annotation.models import Annotator, Campaign
from datasets_app.models import Dataset, Membership
from datasets_app.vocabulary import Role

_ITEMS = """
WITH prompt AS (
    INSERT INTO datasets_app_prompt (id, dataset_id, external_id, digest, turns, meta)
    SELECT gen_random_uuid(), %(dataset)s, '', md5(n::text), jsonb_build_array(jsonb_build_object(
        'speaker', 'user', 'text', repeat('question ', 22), 'media', '[]'::jsonb)), '{}'
    FROM generate_series(%(from)s, %(to)s) AS n RETURNING id
), numbered AS (
    SELECT id, row_number() OVER () AS n, gen_random_uuid() AS first, gen_random_uuid() AS second
    FROM prompt
), response AS (
    INSERT INTO datasets_app_response (id, prompt_id, digest, text, model, meta)
    SELECT first, id, 'first', repeat('answer one ', 54), 'a', '{}'::jsonb FROM numbered
    UNION ALL
    SELECT second, id, 'second', repeat('answer two ', 54), 'b', '{}'::jsonb FROM numbered
)
INSERT INTO datasets_app_item
    (id, dataset_id, prompt_id, first_id, second_id, external_id, digest, state, meta)
-- Ids that grow, as those of items that were loaded do.
SELECT lpad(to_hex(n + %(from)s), 32, '0')::uuid, %(dataset)s, id, first, second, id, id, 'open',
       '{}'
FROM numbered
"""


def campaign_of(items: int) -> Campaign:
    """A campaign over so many open items, each with its places."""
    dataset = Dataset.objects.create(slug="benchmark", name="Benchmark", protocol="pku_saferlhf@1")
    grow(dataset, 0, items)
    campaign = campaigns.default_for(dataset)
    placing.place_ahead(campaign)
    return campaign


def grow(dataset: Dataset, present: int, items: int) -> None:
    """From so many `present` items to so many `items`."""
    for start in range(present + 1, items + 1, 50_000):
        values = {"dataset": dataset.pk, "from": start, "to": min(start + 49_999, items)}
        execute(_ITEMS, values)
    analyze()


def analyze() -> None:
    """Bring PostgreSQL's statistics up to date, of tables with rows only, as autovacuum does.

    A table that is analyzed while it is empty counts as empty for ever in the plans made then.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT string_agg(oid::regclass::text, ', ') FROM pg_class WHERE relkind = 'r'"
            " AND relnamespace = 'public'::regnamespace AND pg_relation_size(oid) > 0"
        )
        cursor.execute(f"ANALYZE {cursor.fetchone()[0]}")


def annotator_of(campaign: Campaign, number: int) -> Annotator:
    """One more person of this campaign's dataset."""
    user = User.objects.create(username=f"worker-{number}")
    Membership.objects.create(user=user, dataset=campaign.dataset, role=Role.ANNOTATOR)
    return Annotator.objects.create(user=user)


def execute(statement: str, values: Mapping[str, Any] | None = None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
