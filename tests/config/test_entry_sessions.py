"""How long a browser stays signed in that came in by an entry: to its end, and a day."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.sessions.backends.base import SessionBase
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from annotation import entries
from annotation.models import Entry
from config.models import Session
from tests import build
from tests.cast import cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def entry() -> Entry:
    cache.clear()
    dataset = build.dataset()
    build.item(dataset)
    return entries.open_entry(
        build.campaign(dataset), by=cast(dataset).cora, days=3, places=1, name="Study"
    )


def stays_after(entry: Entry) -> timedelta:
    """How long after the entry's end the session lasts of who just came in."""
    browser = Client()
    link = reverse("enter", args=[entry.token])
    assert browser.post(f"{link}?PROLIFIC_PID=5f1e0a77c0ffee").status_code == 302
    kept = Session.objects.get(session_key=browser.session.session_key)
    assert kept.expire_date is not None
    return kept.expire_date - entry.expires_at


def test_a_session_ends_a_day_after_the_entry(entry: Entry) -> None:
    assert stays_after(entry) == timedelta(days=1)


def test_unless_it_were_as_long_as_everybodys(
    entry: Entry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SessionBase, "set_expiry", lambda *_: None)
    assert stays_after(entry) > timedelta(days=7)
