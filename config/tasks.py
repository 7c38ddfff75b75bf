"""The tasks of the house itself: signs of life, sessions that are over, how alike people judge."""

from __future__ import annotations

from celery import shared_task
from django.db.models.functions import Now

from config.curate import agreeing
from config.models import Heartbeat
from config.sessions import SessionStore


@shared_task
def beat_heart(queue: str) -> None:
    """Note that a worker of this queue is alive."""
    Heartbeat.objects.update_or_create(queue=queue, defaults={"seen_at": Now()})


@shared_task
def forget_sessions() -> None:
    """Throw away the sessions that are over."""
    SessionStore.clear_expired()


@shared_task
def measure_agreement() -> None:
    """Measure anew how alike people judge where something settled since."""
    agreeing.keep_all()
