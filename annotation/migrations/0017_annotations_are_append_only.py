"""What somebody answered may be added, never changed or removed; whether it counts may change."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations

# All but `standing`, and `slot_id`, which is emptied when a place is taken away.
GIVEN = (
    "id",
    "key",
    "body_digest",
    "campaign_id",
    "item_id",
    "step",
    "annotator_id",
    "token",
    "protocol",
    "answers",
    "overrides",
    "flipped",
    "seconds",
    "guideline_version",
    "created_at",
)

GUARD = f"""
CREATE TRIGGER annotation_annotation_as_given BEFORE UPDATE ON annotation_annotation
    FOR EACH ROW WHEN (
        ({", ".join(f"OLD.{column}" for column in GIVEN)}) IS DISTINCT FROM
        ({", ".join(f"NEW.{column}" for column in GIVEN)})
    ) EXECUTE FUNCTION castor_refuse_change();
CREATE TRIGGER annotation_annotation_append_only BEFORE DELETE ON annotation_annotation
    FOR EACH STATEMENT EXECUTE FUNCTION castor_refuse_change();
CREATE TRIGGER annotation_annotation_is_not_emptied BEFORE TRUNCATE ON annotation_annotation
    FOR EACH STATEMENT EXECUTE FUNCTION castor_refuse_change();
"""

UNGUARD = """
DROP TRIGGER annotation_annotation_as_given ON annotation_annotation;
DROP TRIGGER annotation_annotation_append_only ON annotation_annotation;
DROP TRIGGER annotation_annotation_is_not_emptied ON annotation_annotation;
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("annotation", "0005_slots_are_tidied_often"),
        ("datasets_app", "0009_history_is_not_emptied"),
    ]

    operations: ClassVar = [migrations.RunSQL(GUARD, UNGUARD)]
