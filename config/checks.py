"""System checks: what is wrong with the settings, and how to mend it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from ipaddress import ip_address
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import connections

BROKERS = ("pgmq://", "redis://", "rediss://", "amqp://", "amqps://")
LANGUAGES = frozenset({"en", "zh-hans"})


@register("castor")
def check_settings(
    app_configs: Sequence[AppConfig] | None, **_: Any
) -> list[CheckMessage]:  # Any: what checks are called with
    """Everything that can be told without asking anyone."""
    return [*_production(), *_exposure(), *_broker(), *_storage(), *_providers(), *_names()]


@register(Tags.database)
def check_database(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None = None, **_: Any
) -> list[CheckMessage]:
    """The server's version and encoding."""
    found: list[CheckMessage] = []
    for alias in databases or ():
        with connections[alias].cursor() as cursor:
            cursor.execute(
                "SELECT current_setting('server_version_num')::int, pg_encoding_to_char(encoding) "
                "FROM pg_database WHERE datname = current_database()"
            )
            version, encoding = cursor.fetchone() or (0, "")
        if version < 150_000:
            found.append(
                Error(
                    f"PostgreSQL {version // 10_000} is too old: Castor needs 15 or newer.",
                    hint="Upgrade the server, or unset DATABASE_URL for the embedded one.",
                    id="castor.E006",
                )
            )
        if encoding != "UTF8":
            found.append(
                Error(
                    f"The database's encoding is {encoding}; the scripts of the world need UTF8.",
                    hint="CREATE DATABASE castor ENCODING 'UTF8' TEMPLATE template0",
                    id="castor.E007",
                )
            )
    return found


def _production() -> Iterator[CheckMessage]:
    if not settings.PRODUCTION:
        return
    if not settings.ALLOWED_HOSTS:
        yield Error(
            "CASTOR_ENV=production does not say under which host names Castor is reached.",
            hint="Set CASTOR_ALLOWED_HOSTS, for example to castor.example.org.",
            id="castor.E001",
        )
    if settings.DEBUG:
        yield Error(
            "CASTOR_DEBUG shows settings and data to whoever causes an error.",
            hint="Unset CASTOR_DEBUG in production.",
            id="castor.E002",
        )
    if settings.CASTOR_DEMO:
        yield Error(
            "CASTOR_DEMO makes logins whose passwords everybody knows.",
            hint="Unset CASTOR_DEMO in production.",
            id="castor.E009",
        )
    if not settings.CASTOR_TLS_PROXY:
        yield Warning(
            "In production cookies travel by HTTPS only, and nothing says that HTTPS is spoken.",
            hint="Put a proxy that ends TLS in front and set CASTOR_TLS_PROXY=true.",
            id="castor.W003",
        )


def _exposure() -> Iterator[CheckMessage]:
    """A local installation has logins that everybody knows."""
    if settings.PRODUCTION or _is_loopback(settings.CASTOR_HOST):
        return
    yield Warning(
        f"CASTOR_HOST={settings.CASTOR_HOST} lets others in, and the demo's passwords are known.",
        hint="Set CASTOR_ENV=production, or make sure that only you can reach the port.",
        id="castor.W002",
    )


def _broker() -> Iterator[CheckMessage]:
    if not settings.CELERY_BROKER_URL.startswith(BROKERS):
        scheme = settings.CELERY_BROKER_URL.partition(":")[0]
        yield Error(
            f"CELERY_BROKER_URL begins with {scheme}:, with which Castor was never tried.",
            hint="Use redis://… or amqp://…, or unset it for queues in the database.",
            id="castor.E003",
        )


def _storage() -> Iterator[CheckMessage]:
    given = [
        name
        for name in ("CASTOR_S3_ENDPOINT", "CASTOR_S3_KEY", "CASTOR_S3_SECRET", "CASTOR_S3_ORIGIN")
        if getattr(settings, name)
    ]
    if given and not settings.CASTOR_S3_BUCKET:
        yield Error(
            f"{', '.join(given)} is set, CASTOR_S3_BUCKET is not: media would go to a folder.",
            hint="Set CASTOR_S3_BUCKET, or unset the others.",
            id="castor.E004",
        )
    if bool(settings.CASTOR_S3_KEY) != bool(settings.CASTOR_S3_SECRET):
        yield Error(
            "Of CASTOR_S3_KEY and CASTOR_S3_SECRET only one is set.",
            hint="Set both, or none to use the machine's own role.",
            id="castor.E004",
        )


def _providers() -> Iterator[CheckMessage]:
    for words in (("OIDC_URL", "OIDC_CLIENT_ID", "OIDC_SECRET"), HUGGINGFACE):
        names = [f"CASTOR_{word}" for word in words]
        given = [name for name in names if getattr(settings, name)]
        # The Hub's address has a default, and means nothing by itself.
        if given and len(given) < len(names) and given != ["CASTOR_HUGGINGFACE_URL"]:
            missing = [name for name in names if name not in given]
            yield Error(
                f"{', '.join(given)} is set, {', '.join(missing)} is not: no one can sign in so.",
                hint="Set all three, or none.",
                id="castor.E005",
            )


HUGGINGFACE = ("HUGGINGFACE_URL", "HUGGINGFACE_CLIENT_ID", "HUGGINGFACE_SECRET")


def _names() -> Iterator[CheckMessage]:
    for name, near in settings.CASTOR_UNKNOWN_SETTINGS:
        yield Warning(
            f"{name} is set, but is no setting of Castor.",
            hint=f"Did you mean {near}?" if near else "docs/settings.md lists them all.",
            id="castor.W001",
        )
    if not settings.LANGUAGES:
        yield Error(
            "CASTOR_LANGUAGES names no language that Castor has.",
            hint="Use en, zh-hans, or both with a comma between.",
            id="castor.E008",
        )


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
