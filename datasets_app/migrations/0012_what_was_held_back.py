"""Which items were held back after people could see them is found without walking over all events.

They are few; the sweep asks for them again and again, to go on with those that were released.
"""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    # Whoever works meanwhile writes events: nobody is to wait for the index.
    atomic = False

    dependencies: ClassVar = [("datasets_app", "0011_authors_however_they_are_written")]

    operations: ClassVar = [
        AddIndexConcurrently(
            model_name="event",
            index=models.Index(
                fields=["dataset", "item"],
                name="event_quarantined",
                condition=models.Q(("after", "quarantined")) & ~models.Q(("before", "screening")),
            ),
        ),
    ]
