"""Signing in elsewhere: switched on by settings alone, and allowed by the content policy then."""

from __future__ import annotations

from config import content_policy
from config.sign_in import Provider, allauth_providers, providers

OURS = Provider("sso", "Our university", "https://id.example.org/realm", "castor", "hush")
OFF = Provider("huggingface", "Hugging Face", "https://hub.example.org", "", "")


def test_a_provider_without_a_client_id_is_off() -> None:
    assert providers(OURS, OFF) == [OURS]
    assert allauth_providers([]) == {}


def test_allauth_hears_of_those_that_are_on() -> None:
    apps = allauth_providers([OURS])["openid_connect"]["APPS"]
    assert [(app["provider_id"], app["settings"]["server_url"]) for app in apps] == [
        ("sso", "https://id.example.org/realm")
    ]
    assert all(app["settings"]["oauth_pkce_enabled"] for app in apps)


def test_forms_may_lead_to_a_provider_and_nothing_else_may() -> None:
    policy = content_policy.strict(media_urls=[], sign_in_urls=[OURS.url])
    assert policy["form-action"] == ["'self'", "https://id.example.org"]
    assert policy["connect-src"] == ["'self'"]


def test_pictures_may_come_from_the_bucket_and_code_may_not() -> None:
    policy = content_policy.strict(media_urls=["https://s3.example.org/b", ""], sign_in_urls=[])
    assert policy["img-src"] == policy["media-src"] == ["'self'", "https://s3.example.org"]
    assert policy["script-src"] == ["'self'"]
    assert policy["default-src"] == ["'none'"]
