"""Celery as Castor uses it: an alarm clock. What is to be done stands in rows."""

from __future__ import annotations

import logging
import os
import warnings
from typing import Any

from celery import Celery
from celery.platforms import SecurityWarning
from celery.signals import beat_init, celeryd_init, setup_logging, worker_ready

from config import broker
from config.schedule import QUEUES

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

log = logging.getLogger(__name__)
# Root is told of the danger of unpickling what a broker sends; we accept JSON only.
warnings.filterwarnings("ignore", category=SecurityWarning)

app = Celery("castor")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.update(
    # A broker that restarts comes back: wait for it for ever, at the start too.
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    broker_connection_timeout=4,
    # Queues are listed: a misspelt one fails loudly.
    task_queues=QUEUES,
    task_default_queue="default",
    task_create_missing_queues=False,
    # The truth about work is a row, never a result. Ids travel, as JSON.
    task_serializer="json",
    accept_content=["json"],
    task_ignore_result=True,
    # A task may run twice, and must not run for ever: requeueing what kills its worker would.
    task_acks_late=True,
    task_acks_on_failure_or_timeout=True,
    task_reject_on_worker_lost=False,
    task_soft_time_limit=840,
    task_time_limit=900,
    worker_prefetch_multiplier=1,
    worker_cancel_long_running_tasks_on_connection_loss=True,
    worker_soft_shutdown_timeout=8.0,
    worker_max_tasks_per_child=2000,
    worker_max_memory_per_child=2_000_000,  # kB; looked at after each task
    # No remote control, no events: with queues in the database, each would leave tables behind.
    worker_enable_remote_control=False,
    worker_send_task_events=False,
    # In memory: no file, no pickle. What is lost by a restart is a moment of waiting.
    beat_scheduler="celery.beat:Scheduler",
    beat_max_loop_interval=5,
    timezone="UTC",
)
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


@celeryd_init.connect
def listen(conf: Any, **_: Any) -> None:
    """Whoever takes tasks is woken by them; who only sends them must not be told of any."""
    conf.broker_transport_options = broker.listening(conf.broker_transport_options)


@worker_ready.connect
def say_what_is_taken(sender: Any, **_: Any) -> None:
    """One line instead of Celery's banner."""
    log.info("takes tasks from %s", ", ".join(sorted(q.name for q in sender.task_consumer.queues)))
