"""A place has one annotation that counts: the index again, where it was lost.

Until 0019 was folded into 0001, a step between them made a foreign key do without its index. Django
took the index that keeps this promise for that one, and dropped it.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations


class Migration(migrations.Migration):
    dependencies: ClassVar = [("annotation", "0017_annotations_are_append_only")]

    operations: ClassVar = [
        migrations.RunSQL(
            """CREATE UNIQUE INDEX IF NOT EXISTS annotation_one_counted_per_slot
                ON annotation_annotation (slot_id) WHERE standing = 'counted'""",
            migrations.RunSQL.noop,
        ),
    ]
