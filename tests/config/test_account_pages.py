"""Pages around signing in, as a browser receives them."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth.models import User
from django.contrib.messages import ERROR, INFO, SUCCESS, WARNING
from django.contrib.messages.storage.base import Message
from django.template.loader import render_to_string
from django.test import Client

from tests.cast import PASSWORD, person
from tests.config.test_look import INLINE

OPEN_TO_ALL = (
    "/accounts/login/",
    "/accounts/signup/",
    "/accounts/password/reset/",
    "/accounts/password/reset/done/",
    "/accounts/password/reset/key/1-spoilt/",
    "/accounts/inactive/",
)
FOR_WHO_IS_IN = (
    "/accounts/logout/",
    "/accounts/email/",
    "/accounts/password/change/",
    "/accounts/reauthenticate/",
    "/accounts/2fa/",
    "/accounts/2fa/totp/activate/",
)


def page(browser: Client, address: str) -> str:
    """What the browser shows there, having followed redirects."""
    answer = browser.get(address, follow=True)
    assert answer.status_code == 200, address
    text: str = answer.content.decode()
    return text


def without_data_blocks(text: str) -> str:
    """The page without blocks of data, which no browser runs."""
    return re.sub(r'<script[^>]* type="application/json">.*?</script>', "", text, flags=re.DOTALL)


@pytest.fixture
def ana(db: None) -> User:
    return person("ana")


@pytest.fixture
def signed_in(ana: User) -> Client:
    """Ana's browser, a moment after she came in by the front door."""
    browser = Client()
    browser.post("/accounts/login/", {"login": ana.username, "password": PASSWORD})
    return browser


@pytest.mark.django_db
@pytest.mark.parametrize("address", OPEN_TO_ALL)
def test_a_stranger_gets_a_whole_page_in_our_frame(address: str) -> None:
    text = page(Client(), address)
    assert text.count("<h1>") == 1
    assert 'class="masthead"' in text
    assert not INLINE.search(without_data_blocks(text))


@pytest.mark.parametrize("address", FOR_WHO_IS_IN)
def test_who_is_signed_in_gets_a_whole_page_in_our_frame(signed_in: Client, address: str) -> None:
    text = page(signed_in, address)
    assert text.count("<h1>") == 1
    assert "Signed in as <strong>ana</strong>" in text
    assert not INLINE.search(without_data_blocks(text))


@pytest.mark.django_db
def test_without_an_invitation_the_page_says_how_to_get_one() -> None:
    assert "Accounts are made by invitation" in page(Client(), "/accounts/signup/")


@pytest.mark.django_db
def test_a_wrong_password_is_told_aloud_and_gives_nothing_away() -> None:
    answer = Client().post("/accounts/login/", {"login": "ana", "password": "wrong"})
    text = answer.content.decode()
    assert 'role="alert"' in text
    assert "not correct" in text


def test_the_square_to_scan_is_drawn_in_the_page_itself(signed_in: Client) -> None:
    signed_in.post("/accounts/reauthenticate/", {"password": PASSWORD})
    text = page(signed_in, "/accounts/2fa/totp/activate/")
    assert "<svg" in text
    assert "data:image" not in text


@pytest.mark.parametrize(
    ("level", "look"), [(INFO, "info"), (SUCCESS, "good"), (WARNING, "warn"), (ERROR, "bad")]
)
def test_a_message_looks_like_what_it_says_and_is_escaped(level: int, look: str) -> None:
    drawn = render_to_string("parts/messages.html", {"messages": [Message(level, "<b>lodge</b>")]})
    assert f'class="notice {look}"' in drawn
    assert "&lt;b&gt;lodge&lt;/b&gt;" in drawn
