"""The queues, and what beat puts into them how often. Each task is a sweep: it finds what waits."""

from __future__ import annotations

from typing import Any

from kombu import Exchange, Queue

NAMES = ("gpu", "media", "export", "default")
QUEUES = [Queue(name, Exchange(name), routing_key=name) for name in NAMES]

# A sweep that nobody took for this long is not worth doing: the next one finds the same work.
STALE_SECONDS = 60

SWEEPS = (
    # task, queue, seconds between two
    ("moderation.tasks.screen_waiting", "gpu", 5),
    ("annotation.tasks.expire_leases", "default", 15),
    ("annotation.tasks.place_open_items", "default", 10),
    ("annotation.tasks.settle_ripe", "default", 20),
    ("annotation.tasks.measure_people", "default", 45),
    ("config.tasks.measure_agreement", "default", 45),
    ("datasets_app.tasks.run_exports", "export", 5),
    ("datasets_app.tasks.prepare_media", "media", 15),
    ("config.tasks.forget_sessions", "default", 45),
)
HEARTBEAT_SECONDS = 15


def beat_schedule(longest: int) -> dict[str, dict[str, Any]]:  # Any: as Celery's setting has it
    """Every sweep, at least every `longest` seconds, and one heartbeat for each queue."""
    sweeps = {task: _entry(task, queue, min(each, longest)) for task, queue, each in SWEEPS}
    task = "config.tasks.beat_heart"
    hearts = {f"{task}({queue})": _entry(task, queue, HEARTBEAT_SECONDS, queue) for queue in NAMES}
    return sweeps | hearts


def _entry(task: str, queue: str, seconds: int, *args: str) -> dict[str, Any]:
    return {
        "task": task,
        "schedule": float(seconds),
        "args": args,
        "options": {"queue": queue, "expires": STALE_SECONDS},
    }
