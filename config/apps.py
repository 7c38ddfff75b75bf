"""The Django application that composes the others, and the admin's."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.contrib.admin import autodiscover
from django.contrib.admin.apps import SimpleAdminConfig
from django.core.management import call_command
from django.db.models.signals import post_migrate


class CastorConfig(AppConfig):
    """Loads the checks and Celery; makes what no migration should."""

    name = "config"
    verbose_name = "Castor"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Celery too: without it, a task would be sent to some other broker."""
        from config import celery, checks  # noqa: F401  for what they register

        post_migrate.connect(prepare_database, sender=self)


class CastorAdminConfig(SimpleAdminConfig):
    """Django's admin with our site: for superusers, signed in by the front door."""

    default_site = "config.admin.CastorAdmin"

    def ready(self) -> None:
        """Find the apps' admin modules."""
        super().ready()
        autodiscover()


def prepare_database(**_: Any) -> None:  # Any: what a signal carries
    """The cache's table and, where the database is the broker, its queues. Both once."""
    from django.conf import settings

    from config import broker

    call_command("createcachetable", verbosity=0)
    if broker.is_own_database(settings.CELERY_BROKER_URL):
        broker.install_queues()
