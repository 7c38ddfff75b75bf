"""The one task of the house: to show that tasks arrive."""

from __future__ import annotations

from celery import shared_task
from django.db.models.functions import Now

from config.models import Heartbeat


@shared_task
def beat_heart(queue: str) -> None:
    """Note that a worker of this queue is alive."""
    Heartbeat.objects.update_or_create(queue=queue, defaults={"seen_at": Now()})
