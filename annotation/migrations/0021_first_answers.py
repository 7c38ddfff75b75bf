"""Which annotations are first answers is kept with them; each lease asked for it anew."""

from __future__ import annotations

from importlib import import_module
from typing import ClassVar

from django.db import migrations, models

FILL = """
UPDATE annotation_annotation n SET is_first = false
WHERE n.standing IN ('late', 'trial')
   OR EXISTS (SELECT FROM annotation_lapse l WHERE l.token = n.token)
   OR EXISTS (SELECT FROM annotation_annotation o
              WHERE o.item_id = n.item_id AND o.token = n.token AND o.id < n.id)
"""

# What was answered may not change; nor may this, from here on.
BEFORE = import_module("annotation.migrations.0017_annotations_are_append_only").GIVEN
GIVEN = (*BEFORE, "is_first")


def _guard(columns: tuple[str, ...]) -> str:
    return f"""
DROP TRIGGER annotation_annotation_as_given ON annotation_annotation;
CREATE TRIGGER annotation_annotation_as_given BEFORE UPDATE ON annotation_annotation
    FOR EACH ROW WHEN (
        ({", ".join(f"OLD.{column}" for column in columns)}) IS DISTINCT FROM
        ({", ".join(f"NEW.{column}" for column in columns)})
    ) EXECUTE FUNCTION castor_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("annotation", "0020_one_counted_per_slot")]

    operations: ClassVar = [
        migrations.AddField("annotation", "is_first", models.BooleanField(db_default=True)),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.RunSQL(_guard(GIVEN), _guard(BEFORE)),
    ]
