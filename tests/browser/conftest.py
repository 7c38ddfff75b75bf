"""A real Chromium, real people signed in through the real form, a real Celery worker."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import connection, connections
from django.test import Client
from django.test.testcases import QuietWSGIRequestHandler
from playwright.sync_api import Browser, BrowserContext, Error, Page, sync_playwright
from pytest_django.live_server_helper import LiveServer
from whitenoise import WhiteNoise

from benchmarks.labelling import BROWSERS
from tests.cast import PASSWORD, person
from tests.environment import of_this_run

# Playwright's own loop runs in this thread; Django would take the tests for asynchronous code.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")

CHROMIUM = next(filter(None, map(shutil.which, BROWSERS)), None)
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-dev-shm-usage",
]

SignIn = Callable[..., Page]


@pytest.fixture(scope="package")  # its loop must be gone before tests that start their own
def chromium() -> Iterator[Browser]:
    """The browser that is installed; the tests that ask for it are skipped where there is none."""
    if CHROMIUM is None:
        pytest.skip("there is no Chromium on this machine")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def live_server() -> Iterator[LiveServer]:
    """Castor behind a port, as quick as its web process: no answer is sent in two halves of which
    the second waits 40 ms for the receipt of the first, and files do not go through Django."""
    server = LiveServer("localhost", start=False)
    server.thread.static_handler = _with_files  # type: ignore[assignment]  # any WSGI application
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(QuietWSGIRequestHandler, "disable_nagle_algorithm", True)
        server.start()
        yield server
        server.stop()


def _with_files(castor: WSGIHandler) -> WhiteNoise:
    """Castor, and in front of it what `collectstatic` would find."""
    served = WhiteNoise(castor)
    for finder in get_finders():
        for storage in finder.storages.values():  # type: ignore[attr-defined]  # as each of ours has
            served.add_files(storage.location, prefix=settings.STATIC_URL)
    return served


@pytest.fixture(scope="package", autouse=True)
def pooled(django_db_setup: None) -> Iterator[None]:
    """Requests take their connection from a pool, as in a web process: a new one costs 50 ms."""
    words = connections.databases["default"]
    pool = {"min_size": 1, "max_size": 20, "timeout": 30.0}
    connections.close_all()
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(words, "OPTIONS", {**words["OPTIONS"], "pool": pool})
        patch.setitem(words, "CONN_MAX_AGE", 0)
        yield
        connections.close_all()
        connection.close_pool()  # type: ignore[attr-defined]  # as PostgreSQL's does


class _UnderWay:
    """Requests that the server of the tests has not answered to their end."""

    def __init__(self) -> None:
        self._number = 0
        self._changed = threading.Condition()
        request_started.connect(lambda **_: self._count(1), weak=False)
        request_finished.connect(lambda **_: self._count(-1), weak=False)

    def _count(self, one: int) -> None:
        with self._changed:
            self._number += one
            self._changed.notify_all()

    def begin(self) -> None:
        """Forget those whose browser hung up, of whose end nothing is heard."""
        with self._changed:
            self._number = 0

    def wait_for_none(self) -> None:
        """Wait until all are answered, three seconds at most."""
        with self._changed:
            self._changed.wait_for(lambda: self._number <= 0, timeout=3)


_under_way = _UnderWay()


def _close(contexts: list[BrowserContext]) -> None:
    """Close profiles without a last word, and wait for what they had said before: the database
    is emptied next, which must not meet a request."""
    for profile in contexts:
        with suppress(Error):  # the test itself may have closed it
            profile.set_offline(True)
            profile.close()
    _under_way.wait_for_none()


@pytest.fixture
def sign_in(chromium: Browser, live_server: LiveServer) -> Iterator[SignIn]:
    """Signs a person of the cast in, in a browser profile of their own; gives the page."""
    contexts: list[BrowserContext] = []
    _under_way.begin()

    def open_page(name: str, **context: object) -> Page:
        profile = chromium.new_context(base_url=live_server.url, **context)  # type: ignore[arg-type]  # as the caller knows
        contexts.append(profile)
        page = profile.new_page()
        page.set_default_timeout(10_000)
        page.goto("/accounts/login/")
        page.locator("input[name=login]").fill(name)
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(lambda url: "/accounts/login" not in url)
        return page

    yield open_page
    _close(contexts)


@pytest.fixture
def enter(chromium: Browser, live_server: LiveServer) -> Iterator[SignIn]:
    """Somebody of the cast, signed in; the way through the form is tried elsewhere."""
    contexts: list[BrowserContext] = []
    _under_way.begin()

    def open_page(name: str, **context: Any) -> Page:
        client = Client()
        client.force_login(person(name))
        profile = chromium.new_context(base_url=live_server.url, **context)
        contexts.append(profile)
        cookie = client.cookies[settings.SESSION_COOKIE_NAME]
        profile.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
        page = profile.new_page()
        page.set_default_timeout(10_000)
        return page

    yield open_page
    _close(contexts)


@pytest.fixture(scope="module")
def worker(
    django_db_setup: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[subprocess.Popen[bytes]]:
    """One Celery worker for every queue, with beat inside, on the database of the tests.

    It goes on while the database is emptied between two tests: all it knows stands in rows.
    """
    log = (tmp_path_factory.mktemp("worker") / "log").open("wb")
    command = [
        *(sys.executable, "-m", "celery", "--quiet", "-A", "config.celery", "worker", "-B"),
        *("-Q", "gpu,media,export,default", "--pool=solo"),
        *("--without-gossip", "--without-mingle", "--without-heartbeat"),
    ]
    hasty = of_this_run() | {"CASTOR_SWEEP_SECONDS": "1"}
    process = subprocess.Popen(command, env=hasty, stdout=log, stderr=subprocess.STDOUT)
    yield process
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    log.close()
