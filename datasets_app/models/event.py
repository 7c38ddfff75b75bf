"""The audit log: one append-only row for every change of state."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now


class Event(models.Model):
    """Who changed what from what to what, when and why.

    Rows are written in the transaction of the change and never again: a trigger refuses UPDATE
    and DELETE. `actor` is null when the system acted by itself. `item` is no foreign key, so
    that the log outlives what it speaks of. `subject` names anything else, `kind:id`.
    """

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(db_default=Now())
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.DO_NOTHING,
        null=True,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    verb = models.CharField(max_length=40)
    dataset = models.ForeignKey(
        "datasets_app.Dataset",
        models.DO_NOTHING,
        null=True,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    item = models.UUIDField(null=True)
    subject = models.CharField(max_length=80, blank=True, db_default="")
    before = models.CharField(max_length=40, blank=True, db_default="")
    after = models.CharField(max_length=40, blank=True, db_default="")
    reason = models.TextField(blank=True, db_default="")
    data = models.JSONField(default=dict, db_default=models.Value({}, models.JSONField()))

    class Meta:
        indexes = (
            models.Index(
                fields=("item", "id"), name="event_item", condition=models.Q(item__isnull=False)
            ),
            models.Index(fields=("dataset", "id"), name="event_dataset"),
            models.Index(
                fields=("actor", "id"), name="event_actor", condition=models.Q(actor__isnull=False)
            ),
            # What was held back after people could see it: few, and looked for all the time.
            models.Index(
                fields=("dataset", "item"),
                name="event_quarantined",
                condition=models.Q(after="quarantined") & ~models.Q(before="screening"),
            ),
        )

    def __str__(self) -> str:
        return f"{self.verb} {self.item or self.subject}: {self.before} → {self.after}"
