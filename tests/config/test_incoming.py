"""What comes in: no NUL anywhere, forms where forms are read, and bodies read to their end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from http.client import HTTPConnection, HTTPException

import pytest
from django.conf import settings
from django.db import transaction
from django.middleware.csrf import _get_new_csrf_string
from django.test import Client, TestCase, override_settings
from django.urls import reverse

from config.incoming import ReadableOnly, is_keepable
from datasets_app.models import Dataset, Event, Item
from datasets_app.vocabulary import ItemState
from tests import build
from tests.cast import Cast, as_annotator, cast
from tests.config.served import Served

UNGUARDED = [each for each in settings.MIDDLEWARE if not each.endswith(ReadableOnly.__name__)]


@pytest.mark.parametrize(
    ("text", "is_kept"),
    [("", True), ("a\tb\n", True), ("🦫 ﬁ ̈", True), ("a\0", False), ("\ud800", False)],
)
def test_a_text_can_be_kept_unless_it_holds_nul_or_half_a_pair(text: str, is_kept: bool) -> None:
    assert is_keepable("fine", text) is is_kept


class _Undone(Exception):
    """Takes back what a request has done, a broken transaction too."""


class Characters(TestCase):
    dataset: Dataset
    cast: Cast
    held: Item

    @classmethod
    def setUpTestData(cls) -> None:
        cls.dataset = build.dataset(slug="pairs")
        cls.cast = cast(cls.dataset)
        cls.held = build.item(cls.dataset, state=ItemState.QUARANTINED)
        build.items(1, cls.dataset)
        build.campaign(cls.dataset, slug="pairs")

    def doors(self) -> Iterator[tuple[Client, str, str, dict[str, str]]]:
        """Every kind of way in: browser, method, address, fields."""
        ben = as_annotator(self.cast.ben).key
        items = reverse("curate:items", args=["pairs"])
        held = {"item": str(self.held.pk), "decision": "withdraw", "reason": "a\0b"}
        cora, mo, ana = Client(), Client(), Client()
        cora.force_login(self.cast.cora)
        mo.force_login(self.cast.mo)
        ana.force_login(self.cast.ana)
        yield mo, "post", reverse("moderate:decide", args=["pairs"]), held
        yield cora, "post", reverse("curate:set_aside", args=["pairs", ben]), {"reason": "\0"}
        for name in ("category", "model", "disputed", "q", "state", "\0"):
            yield cora, "get", items, {name: "\0"}
        yield ana, "post", reverse("label:report", args=["pairs"]), {"reason": "see \0"}
        yield ana, "post", reverse("label:page", args=["pairs"]), {"override-\0": "x"}

    def test_nul_is_refused_at_every_door_in_one_line_and_nothing_happens(self) -> None:
        before = Event.objects.count()
        for client, method, address, fields in self.doors():
            answer = getattr(client, method)(address, fields)
            said = answer.content.decode()
            assert answer.status_code == 400, (address, fields)
            assert "no text has" in said
            assert "\n" not in said
        assert Event.objects.count() == before
        assert Client().get("/invite/%00/").status_code == 400

    def test_without_the_guard_nul_is_an_error_of_ours(self) -> None:
        """The negative control."""
        with override_settings(MIDDLEWARE=UNGUARDED):
            found = []
            for client, method, address, fields in self.doors():
                client.raise_request_exception = False
                with suppress(_Undone), transaction.atomic():
                    found.append(getattr(client, method)(address, fields).status_code)
                    raise _Undone
        assert found.count(500) >= 4

    def test_a_form_door_takes_forms_alone(self) -> None:
        self.client.force_login(self.cast.ana)
        for name in ("pause", "qualify", "read"):
            address = reverse(f"label:{name}", args=["pairs"])
            self.refused(address, "text/plain")
            self.refused(address, "application/json")
        for name in ("keys", "text", "wish"):
            self.refused(reverse(f"label:{name}"), "application/json")

    def test_a_door_for_both_says_what_is_no_json(self) -> None:
        self.client.force_login(self.cast.ana)
        for name in ("skip", "report"):
            address = reverse(f"label:{name}", args=["pairs"])
            self.refused(address, "application/json", status=400)

    def refused(self, address: str, content_type: str, *, status: int = 415) -> None:
        answer = self.client.post(address, '{"nonsense": [', content_type=content_type)
        assert (answer.status_code, answer.content.count(b"\n")) == (status, 0), address

    def test_nonsense_in_a_form_of_choices_changes_none(self) -> None:
        self.client.force_login(self.cast.ana)
        for name, fields in (
            ("keys", {}),
            ("keys", {"{": "x"}),
            ("text", {}),
            ("text", {"as_written": "maybe"}),
        ):
            assert self.client.post(reverse(f"label:{name}"), fields).status_code == 400, fields

    def test_a_form_may_be_empty_and_have_no_type(self) -> None:
        self.client.force_login(self.cast.ana)
        address = reverse("label:pause", args=["pairs"])
        assert self.client.generic("POST", address, b"", content_type="").status_code == 302


def _next_after_a_large_one(connection: HTTPConnection) -> int:
    """The status of a request that follows a large body on the same connection."""
    token = _get_new_csrf_string()
    cookie = f"castor_form_{connection.port}={token}"
    head = {"Content-Type": "application/json", "Cookie": cookie, "X-CSRFToken": token}
    connection.request("POST", "/language/", b"[" + b" " * 200_000, head)
    answer = connection.getresponse()
    assert (answer.status, answer.read().count(b"\n")) == (415, 0)
    used = connection.sock
    connection.request("GET", "/healthz")
    assert connection.sock is used
    return connection.getresponse().status


def test_a_large_body_that_no_door_reads_does_not_spoil_the_next_request(
    castor_env: dict[str, str],
) -> None:
    with Served(castor_env) as server:
        assert _next_after_a_large_one(server.connected()) == 200


def test_left_unread_it_does(castor_env: dict[str, str]) -> None:
    """The negative control: the server closes the connection without a word."""
    with (
        Served(castor_env, settings_module="tests.config.unread_settings") as server,
        pytest.raises((OSError, HTTPException)),
    ):
        _next_after_a_large_one(server.connected())
