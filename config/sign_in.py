"""Which providers people may sign in with beside a password, as allauth wants to hear of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Provider:
    """One OpenID Connect provider."""

    key: str
    name: str
    url: str
    client_id: str
    secret: str


def providers(*configured: Provider) -> list[Provider]:
    """Those that are switched on: they have a client id and an address."""
    return [provider for provider in configured if provider.client_id and provider.url]


def allauth_providers(on: list[Provider]) -> dict[str, Any]:  # Any: as allauth's setting has it
    """The value of SOCIALACCOUNT_PROVIDERS."""
    apps = [
        {
            "provider_id": provider.key,
            "name": provider.name,
            "client_id": provider.client_id,
            "secret": provider.secret,
            "settings": {"server_url": provider.url, "oauth_pkce_enabled": True},
        }
        for provider in on
    ]
    return {"openid_connect": {"APPS": apps}} if apps else {}
