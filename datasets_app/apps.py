"""The Django application of the ledger."""

from __future__ import annotations

from django.apps import AppConfig


class DatasetsConfig(AppConfig):
    """Named `datasets_app`, because a top-level `datasets` would hide the library of that name."""

    name = "datasets_app"
    verbose_name = "Datasets"
    default_auto_field = "django.db.models.BigAutoField"
