"""Events, versions, records and rulings may be added, never changed or removed."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations

HISTORY = (
    "datasets_app_event",
    "datasets_app_version",
    "datasets_app_record",
    "datasets_app_ruling",
)

REFUSE = """
CREATE FUNCTION castor_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'Rows of % are history: they may be added, never changed or removed.',
        TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
"""

GUARD = """
CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION castor_refuse_change();
"""

UNGUARD = "DROP TRIGGER {table}_append_only ON {table};"


class Migration(migrations.Migration):
    dependencies: ClassVar = [("datasets_app", "0001_initial")]

    operations: ClassVar = [
        migrations.RunSQL(
            REFUSE + "".join(GUARD.format(table=table) for table in HISTORY),
            "".join(UNGUARD.format(table=table) for table in HISTORY)
            + "DROP FUNCTION castor_refuse_change();",
        ),
    ]
