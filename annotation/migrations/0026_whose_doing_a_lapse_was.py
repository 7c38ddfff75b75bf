"""A lease may end with the day, and a report is on the account of its person alone.

What one reported was noted as reported by everybody who had the item, who reported nothing: there it
was an item that left. Back again only where no lease ended with the day.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models

CAUSES = (
    ("expired", "Expired"),
    ("released", "Given back"),
    ("rested", "The day's work was over"),
    ("skipped", "Skipped"),
    ("reported", "Reported"),
    ("revoked", "The annotator left the campaign"),
    ("item_left", "The item is no longer open"),
    ("closed", "The campaign was closed"),
)

OWN_REPORTS = """
UPDATE annotation_lapse l SET cause = 'item_left'
FROM annotation_annotator p
WHERE p.id = l.annotator_id AND l.cause = 'reported' AND NOT EXISTS (
    SELECT FROM datasets_app_event e
    WHERE e.item = l.item_id AND e.verb = 'report' AND e.actor_id = p.user_id)
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("annotation", "0025_content_with_consent"),
        ("datasets_app", "0001_initial"),
    ]

    operations: ClassVar = [
        migrations.RemoveConstraint("lapse", "lapse_cause_known"),
        migrations.AlterField("lapse", "cause", models.CharField(choices=CAUSES, max_length=10)),
        migrations.AddConstraint(
            "lapse",
            models.CheckConstraint(
                condition=models.Q(cause__in=[cause for cause, _label in CAUSES]),
                name="lapse_cause_known",
            ),
        ),
        migrations.RunSQL(OWN_REPORTS, migrations.RunSQL.noop),
    ]
