"""Signing in elsewhere: switched on by settings alone, and allowed by the content policy then."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from django.contrib.auth.models import User
from django.test import Client
from pytest_django.fixtures import Settings

from config import content_policy
from config.sign_in import Provider, allauth_providers, providers
from datasets_app import invitations
from datasets_app.vocabulary import Role
from tests import build
from tests.cast import cast
from tests.oidc_server import CLIENT, PERSON, SECRET, oidc_server
from tests.oidc_server import Provider as OpenIdProvider

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


# The way through a provider


@pytest.fixture
def provider(settings: Settings) -> Iterator[OpenIdProvider]:
    """A provider that is switched on, as the settings of its name would."""
    with oidc_server() as server:
        ours = Provider("sso", "Our university", server.url, CLIENT, SECRET)
        settings.SOCIALACCOUNT_PROVIDERS = allauth_providers([ours])
        yield server


def through(client: Client) -> Any:
    """Press the button, be let in over there, and come back: the last page's response."""
    there = client.post("/accounts/oidc/sso/login/")
    assert there.status_code == 302
    answer = requests.get(there["Location"], allow_redirects=False, timeout=10)
    back = urlsplit(answer.headers["Location"])
    return client.get(f"{back.path}?{back.query}", follow=True)


def an_invitation() -> str:
    dataset = build.dataset(slug="pairs")
    token = invitations.invite(dataset, role=Role.ANNOTATOR, by=cast(dataset).cora)
    return f"/invite/{token}/"


@pytest.mark.django_db
@pytest.mark.usefixtures("provider")
def test_the_sign_in_page_offers_it(client: Client) -> None:
    assert "Our university" in client.get("/accounts/login/").content.decode()


@pytest.mark.django_db
@pytest.mark.usefixtures("provider")
def test_a_stranger_who_proves_who_he_is_stays_out(client: Client) -> None:
    through(client)
    assert not User.objects.filter(email=PERSON["email"]).exists()
    assert "_auth_user_id" not in client.session


@pytest.mark.django_db
@pytest.mark.usefixtures("provider")
def test_with_an_invitation_the_same_person_comes_in_and_comes_back(client: Client) -> None:
    client.get(an_invitation())
    through(client)
    gil = User.objects.get(email=PERSON["email"])
    assert client.session["_auth_user_id"] == str(gil.pk)
    again = Client()
    through(again)
    assert again.session["_auth_user_id"] == str(gil.pk)


@pytest.mark.django_db
def test_a_provider_whose_secret_is_another_lets_nobody_in(
    client: Client, provider: OpenIdProvider, settings: Settings
) -> None:
    wrong = Provider("sso", "Our university", provider.url, CLIENT, "a guess")
    settings.SOCIALACCOUNT_PROVIDERS = allauth_providers([wrong])
    client.get(an_invitation())
    through(client)
    assert not User.objects.filter(email=PERSON["email"]).exists()
