"""What holds for every page: closed unless opened, no foreign code, no model in the web."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver

from config.compression import CompressedPages

# Pages for people who have not signed in, each with its reason.
OPEN = {
    "healthz", "readyz",  # machines ask
    "help", "set_language",  # nobody should have to sign in for help, or to read it
    "invitation", "enter",  # that is how people come in
    "account_login", "account_signup", "account_logout", "account_inactive",
    "account_reset_password", "account_reset_password_done", "account_reset_password_from_key",
    "account_reset_password_from_key_done", "account_confirm_email",
    "account_email_verification_sent",
    "account_confirm_login_code", "mfa_authenticate",
    "socialaccount_login_cancelled", "socialaccount_signup",
    "openid_connect_login", "openid_connect_callback",
}  # fmt: skip


def patterns(resolver: URLResolver, above: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Every address with its name, below namespaces and includes."""
    for entry in resolver.url_patterns:
        if isinstance(entry, URLPattern):
            yield f"{above}{entry.name}", entry
        elif isinstance(entry, URLResolver):
            yield from patterns(entry, f"{entry.namespace}:" if entry.namespace else above)


EVERY_VIEW = [(name, entry) for name, entry in patterns(get_resolver()) if "admin:" not in name]


@pytest.mark.parametrize(("name", "entry"), EVERY_VIEW, ids=[name for name, _ in EVERY_VIEW])
def test_a_page_is_closed_unless_it_is_on_the_list(name: str, entry: URLPattern) -> None:
    assert getattr(entry.callback, "login_required", True) is (name not in OPEN)


def test_the_list_of_open_pages_is_up_to_date() -> None:
    assert {name for name, _ in EVERY_VIEW} >= OPEN


@pytest.mark.parametrize("path", ["/", "/label/", "/curate/", "/moderate/", "/media/00/original"])
def test_who_has_not_signed_in_is_led_to_the_door(client: Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/login/?next=/")


@pytest.mark.django_db
def test_a_page_may_load_nothing_but_our_own_files(client: Client) -> None:
    answer = client.get("/accounts/login/")
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in f"{policy};"
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["X-Frame-Options"] == "DENY"


@pytest.mark.django_db
def test_pages_travel_compressed(client: Client) -> None:
    wants = {"Accept-Encoding": "gzip"}
    plain, small = client.get("/help/"), client.get("/help/", headers=wants)
    assert small["Content-Encoding"] == "gzip"
    assert len(small.content) < len(plain.content) / 1.5


def test_a_film_is_not_compressed_a_second_time() -> None:
    film = HttpResponse(b"\0" * 1000, content_type="video/mp4")
    wants = RequestFactory().get("/", headers={"Accept-Encoding": "gzip"})
    sent = CompressedPages(lambda _: film).process_response(wants, film)
    assert "Content-Encoding" not in sent


@pytest.mark.django_db
def test_a_form_without_its_token_is_refused() -> None:
    answer = Client(enforce_csrf_checks=True).post("/accounts/login/", {"login": "ana"})
    assert answer.status_code == 403


@pytest.mark.django_db
def test_the_admin_is_for_superusers_who_came_by_the_front_door(client: Client) -> None:
    led = client.get("/admin/auth/user/", follow=True).redirect_chain
    assert led[-1][0] == "/accounts/login/?next=/admin/auth/user/"
    client.force_login(User.objects.create_user("staff", is_staff=True))
    assert client.get("/admin/", follow=True).status_code == 404
    client.force_login(User.objects.create_superuser("root"))
    answer = client.get("/admin/")
    assert answer.status_code == 200
    assert "'unsafe-eval'" in answer["Content-Security-Policy"]  # its theme needs it; only here


def test_the_web_process_loads_no_library_of_models_or_of_the_hub() -> None:
    code = (
        "import sys, config.wsgi, django.urls; django.urls.get_resolver().url_patterns;"
        "print({'torch', 'transformers', 'huggingface_hub', 'datasets'} & set(sys.modules) or '')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=settings.PROJECT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == ""


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path", ["/label/", "/curate/", "/moderate/", "/help/", "/accounts/email/"]
)
def test_no_page_is_kept_by_anybody(client: Client, path: str) -> None:
    client.force_login(User.objects.create_superuser("cora"))
    said = client.get(path).headers["Cache-Control"]
    assert "no-store" in said
    assert "private" in said
