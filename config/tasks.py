"""The tasks of the house itself: to show that tasks arrive, and to forget who was signed in."""

from __future__ import annotations

from celery import shared_task
from django.db.models.functions import Now

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
