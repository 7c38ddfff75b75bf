"""Coming in: by invitation, with a password that is stored well, and not by trying many."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client, override_settings
from django.utils import timezone

from datasets_app.models import Dataset, Invitation
from datasets_app.vocabulary import Role

PASSWORD = "a-beaver-builds-at-night"
FORM = {"username": "nia", "email": "", "password1": PASSWORD, "password2": PASSWORD}


@pytest.fixture(autouse=True)
def forget_attempts(db: None) -> None:
    """Attempts to sign in are counted in the cache, which no rollback empties."""
    cache.clear()


def invite(**changed: object) -> str:
    """The token of an invitation that is good, unless changed."""
    token = "a-token-of-no-one-else"
    inviter, _ = User.objects.get_or_create(username="cora")
    fields = {
        "dataset": Dataset.objects.create(slug="d", name="D", protocol="pku_saferlhf@1"),
        "role": Role.ANNOTATOR,
        "token_digest": hashlib.sha256(token.encode()).hexdigest(),
        "invited_by": inviter,
        "expires_at": timezone.now() + timedelta(days=1),
    }
    Invitation.objects.create(**{**fields, **changed})
    return token


def test_nobody_signs_up_without_an_invitation(client: Client) -> None:
    client.post("/accounts/signup/", FORM)
    assert not User.objects.filter(username="nia").exists()


def test_an_invitation_opens_the_sign_up_form(client: Client) -> None:
    client.get(f"/invite/{invite()}/")
    client.post("/accounts/signup/", FORM)
    assert User.objects.filter(username="nia").exists()


@pytest.mark.parametrize(
    "changed",
    [
        {"expires_at": timezone.now() - timedelta(seconds=1)},
        {"uses_left": 0},
        {"revoked_at": timezone.now()},
    ],
    ids=["expired", "used up", "revoked"],
)
def test_an_invitation_that_is_over_does_not(client: Client, changed: dict[str, object]) -> None:
    token = invite(**changed)
    client.get(f"/invite/{token}/")
    session = client.session
    session["invitation"] = hashlib.sha256(token.encode()).hexdigest()  # as if it had been good
    session.save()
    client.post("/accounts/signup/", FORM)
    assert not User.objects.filter(username="nia").exists()


def test_who_tries_many_passwords_is_told_to_wait(client: Client) -> None:
    User.objects.create_user("ana", password=PASSWORD)
    for _ in range(12):
        answer = client.post("/accounts/login/", {"login": "ana", "password": "wrong"})
    answer = client.post("/accounts/login/", {"login": "ana", "password": PASSWORD})
    assert "_auth_user_id" not in client.session, answer.status_code


def test_passwords_are_stored_with_argon2() -> None:
    import config.settings

    with override_settings(PASSWORD_HASHERS=config.settings.PASSWORD_HASHERS):
        assert make_password(PASSWORD).startswith("argon2$")


def test_what_one_process_counts_the_others_know() -> None:
    assert settings.CACHES["default"]["BACKEND"] == "django.core.cache.backends.db.DatabaseCache"
