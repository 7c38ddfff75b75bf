"""What a machine asks: is the process alive, and is the whole ready to work."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from config.models import Heartbeat
from config.schedule import NAMES


@require_safe
@never_cache
@login_not_required
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers. Nothing else is asked: a restart would not mend a database."""
    return HttpResponse("alive\n", content_type="text/plain")


@require_safe
@never_cache
@login_not_required
def readyz(request: HttpRequest) -> JsonResponse:
    """200 when the database answers and all migrations are applied, else 503.

    Workers are told of and decide nothing: pages work without them.
    """
    try:
        missing = missing_migrations()
        workers = {} if missing else _workers()
    except Error:
        return JsonResponse({"ready": False, "database": "does not answer"}, status=503)
    return JsonResponse(
        {
            "ready": not missing,
            "database": "answers",
            "migrations missing": missing,
            "workers": workers,
        },
        status=503 if missing else 200,
    )


def missing_migrations() -> int:
    """How many migrations the database has not seen."""
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _workers() -> dict[str, int | None]:
    """For each queue: how many seconds ago a worker was heard of, by the database's clock."""
    seen = Heartbeat.objects.annotate(now=Now()).values_list("queue", "seen_at", "now")
    ages = {queue: round((now - seen_at).total_seconds()) for queue, seen_at, now in seen}
    return {queue: ages.get(queue) for queue in NAMES}
