"""One sequence of positions: a slot that comes back stands ahead of everybody's progress."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations


class Migration(migrations.Migration):
    dependencies: ClassVar = [("annotation", "0001_initial")]

    operations: ClassVar = [
        migrations.RunSQL(
            "CREATE SEQUENCE annotation_slot_position AS bigint;",
            "DROP SEQUENCE annotation_slot_position;",
        ),
    ]
