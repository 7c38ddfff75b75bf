"""What somebody left for a break, so that the page's last word does not give it away."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("annotation", "0023_drafts_outlive_leases")]

    operations: ClassVar = [
        migrations.AddField("annotator", "paused", models.UUIDField(null=True)),
        migrations.AddField("annotator", "paused_at", models.DateTimeField(null=True)),
    ]
