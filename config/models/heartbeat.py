"""When each queue's workers were last heard of."""

from __future__ import annotations

from django.db import models


class Heartbeat(models.Model):
    """The last time a task went all the way: from beat, through the broker, to a worker."""

    queue = models.CharField(max_length=20, primary_key=True)
    seen_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.queue} at {self.seen_at:%H:%M:%S}"
