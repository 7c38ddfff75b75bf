"""A lease may end because its campaign was closed. Back again only where none did."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models

CAUSES = (
    ("expired", "Expired"),
    ("released", "Given back"),
    ("skipped", "Skipped"),
    ("reported", "Reported"),
    ("revoked", "The annotator left the campaign"),
    ("item_left", "The item is no longer open"),
    ("closed", "The campaign was closed"),
)


class Migration(migrations.Migration):
    dependencies: ClassVar = [("annotation", "0021_first_answers")]

    operations: ClassVar = [
        migrations.RemoveConstraint("lapse", "lapse_cause_known"),
        migrations.AlterField("lapse", "cause", models.CharField(choices=CAUSES, max_length=10)),
        # One look at each lapse, in seconds for millions of them; nobody leases meanwhile.
        migrations.AddConstraint(
            "lapse",
            models.CheckConstraint(
                condition=models.Q(cause__in=[cause for cause, _label in CAUSES]),
                name="lapse_cause_known",
            ),
        ),
    ]
