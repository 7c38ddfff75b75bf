"""Who is asking: a session that is over and an account that is closed let nobody in."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from config.models import Session
from config.tasks import forget_sessions
from tests.cast import PASSWORD

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana(client: Client) -> Client:
    """Somebody who has just signed in by the form."""
    User.objects.create_user("ana", password=PASSWORD)
    client.post("/accounts/login/", {"login": "ana", "password": PASSWORD})
    assert is_in(client)
    return client


def is_in(client: Client) -> bool:
    """Whether the first page opens, and does not ask to sign in."""
    response = client.get("/", follow=True)
    return not response.redirect_chain or "/accounts/login" not in response.redirect_chain[-1][0]


def test_an_answer_to_an_older_session_leaves_the_new_one_alone(ana: Client) -> None:
    """What was on its way while somebody signed in is answered after it, under the old key."""
    new = ana.cookies[settings.SESSION_COOKIE_NAME].value
    ana.cookies[settings.SESSION_COOKIE_NAME] = "of-before-signing-in"
    answer = ana.get("/label/")
    assert "/accounts/login" in answer["Location"]
    assert settings.SESSION_COOKIE_NAME not in answer.cookies
    ana.cookies[settings.SESSION_COOKIE_NAME] = new
    assert is_in(ana)


def test_signing_out_takes_the_cookie_away(ana: Client) -> None:
    answer = ana.post("/accounts/logout/")
    assert answer.cookies[settings.SESSION_COOKIE_NAME]["max-age"] == 0


def test_a_session_that_is_over_is_nobodys(ana: Client) -> None:
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    assert not is_in(ana)


def test_a_session_that_is_gone_is_nobodys(ana: Client) -> None:
    Session.objects.all().delete()
    assert not is_in(ana)


def test_a_closed_account_is_out_at_once(ana: Client) -> None:
    User.objects.update(is_active=False)
    assert not is_in(ana)


def test_a_new_password_ends_the_sessions_of_the_old_one(ana: Client) -> None:
    user = User.objects.get()
    user.set_password("another-password-of-ana")
    user.save()
    assert not is_in(ana)


def test_what_a_session_remembers_is_kept(ana: Client) -> None:
    session = ana.session
    session["theme"] = "dark"
    session.save()
    assert ana.session["theme"] == "dark"
    assert is_in(ana)


def test_what_the_data_say_counts_and_not_the_name_beside_them(ana: Client) -> None:
    other = User.objects.create_user("ben", password=PASSWORD)
    Session.objects.update(user=other)
    assert ana.get("/label/").wsgi_request.user.get_username() == "ana"


def test_the_person_is_found_with_the_session(ana: Client) -> None:
    with CaptureQueriesContext(connection) as asked:
        assert is_in(ana)
    assert not [query for query in asked if 'FROM "auth_user" WHERE' in query["sql"]]


def test_sessions_that_are_over_are_thrown_away(ana: Client) -> None:
    Session.objects.create(session_key="old", expire_date=timezone.now() - timedelta(days=1))
    forget_sessions()
    assert [each.user.get_username() for each in Session.objects.all() if each.user] == ["ana"]
