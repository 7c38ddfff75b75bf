"""Nor may events, versions, records and rulings be emptied at once."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations

HISTORY = (
    "datasets_app_event",
    "datasets_app_version",
    "datasets_app_record",
    "datasets_app_ruling",
)

# TRUNCATE fires no trigger of DELETE, and reaches these tables by CASCADE as well.
GUARD = """
CREATE TRIGGER {table}_is_not_emptied BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION castor_refuse_change();
"""

UNGUARD = "DROP TRIGGER {table}_is_not_emptied ON {table};"


class Migration(migrations.Migration):
    dependencies: ClassVar = [("datasets_app", "0002_history_is_append_only")]

    operations: ClassVar = [
        migrations.RunSQL(
            "".join(GUARD.format(table=table) for table in HISTORY),
            "".join(UNGUARD.format(table=table) for table in HISTORY),
        ),
    ]
