"""Slots change three times in their life, so their table is vacuumed and analysed early."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations


class Migration(migrations.Migration):
    dependencies: ClassVar = [("annotation", "0002_slot_position_sequence")]

    operations: ClassVar = [
        migrations.RunSQL(
            """ALTER TABLE annotation_slot SET (
                fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02,
                autovacuum_analyze_scale_factor = 0.02);
            ALTER TABLE annotation_progress SET (fillfactor = 50);
            ALTER TABLE annotation_due SET (autovacuum_vacuum_scale_factor = 0);""",
            """ALTER TABLE annotation_slot RESET (
                fillfactor, autovacuum_vacuum_scale_factor, autovacuum_analyze_scale_factor);
            ALTER TABLE annotation_progress RESET (fillfactor);
            ALTER TABLE annotation_due RESET (autovacuum_vacuum_scale_factor);""",
        ),
    ]
