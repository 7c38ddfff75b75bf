"""Who wrote something is found however the name is written, and in lists of authors too.

Names are compared in small letters and without blanks around them, so the indexes hold them so.
"""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Lower, Trim

TABLES = ("item", "prompt", "response")

# Few rows have lists; one by one is what the others hold.
LISTS = """CREATE INDEX CONCURRENTLY IF NOT EXISTS {table}_by_authors ON datasets_app_{table}
USING gin ((regexp_replace(
    lower((meta -> 'author')::text), '[[:space:]]*"[[:space:]]*', '"', 'g')::jsonb))
WHERE jsonb_typeof(meta -> 'author') = 'array'"""


def _index(table: str) -> models.Index:
    # Of responses only the author is known, of the others the dataset too.
    first = [] if table == "response" else [models.F("dataset")]
    return models.Index(
        *first,
        Lower(Trim(KeyTextTransform("author", "meta"))),
        name=f"{table}_by_author",
        condition=models.Q(("meta__has_key", "author")),
    )


class Migration(migrations.Migration):
    # Whoever works meanwhile is not to wait for the indexes; the new ones are there before the old
    # ones go.
    atomic = False

    dependencies: ClassVar = [("datasets_app", "0010_what_the_ledger_tells_of_a_person")]

    operations: ClassVar = [
        *(AddIndexConcurrently(model_name=table, index=_index(table)) for table in TABLES),
        *(
            migrations.RunSQL(
                LISTS.format(table=table),
                f"DROP INDEX CONCURRENTLY IF EXISTS {table}_by_authors",
            )
            for table in TABLES
        ),
        *(RemoveIndexConcurrently(model_name=table, name=f"{table}_author") for table in TABLES),
    ]
