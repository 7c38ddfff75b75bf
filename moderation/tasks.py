"""Screening's alarm clock: a sweep that works off whatever waits."""

from __future__ import annotations

from celery import shared_task
from celery.worker import state

from datasets_app.models import Item
from moderation.classifiers.in_use import classifier_in_use
from moderation.screening import screen


# Acknowledged at once: a long backlog outlasts what a broker waits for, and the next sweep finds
# what a worker that died has left.
@shared_task(acks_late=False)
def screen_waiting() -> None:
    """Screen every waiting item. For the `gpu` worker alone, which keeps the model it loaded."""
    if not Item.objects.waiting().exists():
        return  # to load a model takes seconds, and memory for as long as the worker lives
    for _ in screen(classifier_in_use()):
        if state.should_stop is not None:
            return  # the worker was asked to end; between two batches nothing is claimed
