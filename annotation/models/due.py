"""Due: which items' votes changed since settling last looked at them."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now


class Due(models.Model):
    """A note to settling, written in the transaction that changed the votes.

    Settling takes the notes away in the transaction of the verdicts: a crash loses neither. An
    item may have several; only adding and taking away is ever done, so that no submit waits.
    """

    campaign = models.ForeignKey(
        "annotation.Campaign", models.CASCADE, related_name="due", db_index=False
    )
    item = models.ForeignKey("datasets_app.Item", models.CASCADE, related_name="+")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = (models.Index(fields=("campaign", "id"), name="due_queue"),)

    def __str__(self) -> str:
        return f"due: {self.item_id}"
