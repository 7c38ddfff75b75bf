"""Screening's alarm clock: a sweep that works off whatever waits."""

from __future__ import annotations

from celery import shared_task

from moderation.classifiers.in_use import classifier_in_use
from moderation.screening import screen


@shared_task(queue="gpu")
def screen_waiting() -> None:
    """Screen every waiting item. Run by the `gpu` worker alone: it loads the model once and keeps it."""
    for _ in screen(classifier_in_use()):
        pass
