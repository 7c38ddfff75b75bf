"""What the ledger tells of a person or a link is found without walking over all events of items.

A dataset has millions of events, nearly all of them of items; of the others it has few.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations


class Migration(migrations.Migration):
    # Whoever works meanwhile writes events: nobody is to wait for the index.
    atomic = False

    dependencies: ClassVar = [("datasets_app", "0009_history_is_not_emptied")]

    operations: ClassVar = [
        migrations.RunSQL(
            """CREATE INDEX CONCURRENTLY IF NOT EXISTS event_subject
                ON datasets_app_event (dataset_id, subject) WHERE item IS NULL""",
            "DROP INDEX CONCURRENTLY IF EXISTS event_subject",
        ),
    ]
