"""The background work of the ledger. Each task finds by itself what waits."""

from __future__ import annotations

from celery import shared_task

from datasets_app import cuts, exports
from datasets_app.hub import publishing
from datasets_app.intake import renditions

# An export may copy some ten gigabytes of films; the rows hold its lease, not the message.
EXPORT_SECONDS = 6 * 3600


@shared_task
def prepare_media() -> None:
    """Make renditions that wait, and clear away what killed loads left."""
    renditions.prepare_waiting()
    renditions.clear_stale()


# Acknowledged at once: a broker gives back, or cuts off, what is not acknowledged for so long, and
# the next sweep finds an export whose worker died.
@shared_task(acks_late=False, soft_time_limit=EXPORT_SECONDS, time_limit=EXPORT_SECONDS + 60)
def run_exports() -> None:
    """Cut what waits to be cut, write the exports that wait, publish what waits for that."""
    cuts.run_waiting()
    exports.run_waiting()
    publishing.run_waiting()
