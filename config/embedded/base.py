"""Django's way to the embedded PostgreSQL: whoever connects holds the server."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from config.embedded import server
from config.pooled import base


class DatabaseWrapper(base.DatabaseWrapper):
    """PostgreSQL's own, but for a first look whether the server runs."""

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:  # Any: Django says no more
        """A connection, of the pool or not, to a server that is held from now on."""
        server.hold(settings.CASTOR_EMBEDDED)
        return super().get_new_connection(conn_params)
