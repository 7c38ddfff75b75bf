"""The sweeps of annotation: each finds what waits and works it off."""

from __future__ import annotations

from celery import shared_task

from annotation import campaigns, holding, settling
from annotation.quality import measuring


@shared_task
def expire_leases() -> None:
    """Take back what is overdue."""
    holding.expire_leases()


@shared_task
def place_open_items() -> None:
    """Open campaigns for datasets that have items to judge; keep slots ready ahead of people."""
    campaigns.place_open_items()


@shared_task
def settle_ripe() -> None:
    """Settle items whose votes are all there."""
    settling.settle_ripe()


@shared_task
def measure_people() -> None:
    """Bring up to date what is measured of people who did something since."""
    measuring.measure_all()
