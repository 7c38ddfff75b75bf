"""Celery as Castor uses it: an alarm clock. What is to be done stands in rows."""

from __future__ import annotations

import logging
import os
import warnings
from typing import Any

from celery import Celery
from celery.platforms import SecurityWarning
from celery.signals import beat_init, celeryd_init, setup_logging, worker_ready

from config.schedule import beat_schedule

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

log = logging.getLogger(__name__)
# Root is told of the danger of unpickling what a broker sends; we accept JSON only.
warnings.filterwarnings("ignore", category=SecurityWarning)

app = Celery("castor")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.beat_schedule = beat_schedule()
app.autodiscover_tasks(["annotation", "config", "datasets_app", "moderation"])


@setup_logging.connect
def keep_our_logging(**_: Any) -> None:  # Any: Celery's signals say no more
    """Django has set up logging already; a receiver keeps Celery from doing it again."""


@celeryd_init.connect
@beat_init.connect
def hold_the_database(**_: Any) -> None:
    """With queues in the embedded PostgreSQL, Kombu connects before Django would have held it."""
    from django.conf import settings

    from config.embedded import server

    if settings.CASTOR_USES_EMBEDDED:
        server.hold(settings.CASTOR_EMBEDDED)


@worker_ready.connect
def say_what_is_taken(sender: Any, **_: Any) -> None:
    """One line instead of Celery's banner."""
    log.info("takes tasks from %s", ", ".join(sorted(q.name for q in sender.task_consumer.queues)))
