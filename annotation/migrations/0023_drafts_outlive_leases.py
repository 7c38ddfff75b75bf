"""A draft is found by what it is of, not by a lease that may be over. Back again without that."""

from __future__ import annotations

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models
from django.db.models.functions import Now

# A draft without a place belongs to nothing that anybody holds. Foreign keys are looked at once
# here, because the table is changed again below.
_FILL = """
UPDATE annotation_draft d
SET campaign_id = held.campaign_id, item_id = held.item_id, step = held.step,
    flipped = held.flipped
FROM (
    SELECT token, campaign_id, item_id, step, flipped FROM annotation_slot
    UNION ALL
    SELECT token, campaign_id, item_id, step, flipped FROM annotation_check
) AS held
WHERE held.token = d.token;
DELETE FROM annotation_draft WHERE campaign_id IS NULL;
DELETE FROM annotation_draft d USING annotation_draft newer
WHERE newer.annotator_id = d.annotator_id AND newer.campaign_id = d.campaign_id
  AND newer.item_id = d.item_id AND newer.step = d.step AND newer.id > d.id;
SET CONSTRAINTS ALL IMMEDIATE;
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("annotation", "0022_leases_end_with_their_campaign"),
        ("datasets_app", "0001_initial"),
    ]

    operations: ClassVar = [
        migrations.AddField(
            "draft",
            "campaign",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="annotation.campaign",
            ),
        ),
        migrations.AddField(
            "draft",
            "item",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="datasets_app.item",
            ),
        ),
        migrations.AddField("draft", "step", models.CharField(max_length=40, default="")),
        migrations.AddField("draft", "flipped", models.BooleanField(default=False)),
        migrations.RunSQL(_FILL, migrations.RunSQL.noop),
        migrations.AlterField(
            "draft",
            "campaign",
            models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="annotation.campaign",
            ),
        ),
        migrations.AlterField(
            "draft",
            "item",
            models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="datasets_app.item",
            ),
        ),
        migrations.AlterField("draft", "step", models.CharField(max_length=40)),
        migrations.AlterField("draft", "flipped", models.BooleanField()),
        migrations.AlterField(
            "draft", "updated_at", models.DateTimeField(db_default=Now(), db_index=True)
        ),
        migrations.AlterField(
            "draft",
            "annotator",
            models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="drafts",
                to="annotation.annotator",
            ),
        ),
        migrations.AddConstraint(
            "draft",
            models.UniqueConstraint(
                fields=("annotator", "campaign", "item", "step"), name="draft_once"
            ),
        ),
    ]
