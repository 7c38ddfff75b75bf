"""A real Chromium, real people signed in through the real form, a real Celery worker."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
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
from config.static import smaller
from tests.browser.labelling_page import opened, texts
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
    "--process-per-site",  # within a profile: see Profiles
    "--renderer-process-limit=1",  # a new page begins in it too, instead of in one of its own
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
def live_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """Castor behind a port, as quick as its web process: no answer is sent in two halves of which
    the second waits 40 ms for the receipt of the first, and files do not go through Django."""
    server = LiveServer("localhost", start=False)
    with_files = partial(_with_files, folder=tmp_path_factory.mktemp("static"))
    server.thread.static_handler = with_files  # type: ignore[assignment]  # any WSGI application
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(QuietWSGIRequestHandler, "disable_nagle_algorithm", True)
        server.start()
        yield server
        server.stop()


def _with_files(castor: WSGIHandler, folder: Path) -> WhiteNoise:
    """Castor, and in front of it what `collectstatic` would find, as small as it would make it."""
    served = WhiteNoise(castor)
    for finder in get_finders():
        for name, storage in finder.list([]):
            file = folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(smaller(name, Path(storage.path(name)).read_bytes()))
    served.add_files(folder, prefix=settings.STATIC_URL)
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


class Profiles:
    """Browser profiles that one test after the other takes. Each is emptied in between, as if
    nobody had been there; what half of a first page costs is kept: the files of Castor that any
    browser keeps, and the process that draws its pages, held by a page that no test sees."""

    def __init__(self, chromium: Browser, home: str) -> None:
        self._chromium = chromium
        self._home = home
        self._free: list[Profile] = []
        self._taken: list[Profile] = []

    def take(self, **wishes: Any) -> BrowserContext:
        """A profile for this test. Where something is wished it is a new one, closed afterwards."""
        if wishes or not self._free:
            # A page that no test asks for would be fetched beside each start page.
            wished = {"service_workers": "block"} | wishes
            context = self._chromium.new_context(base_url=self._home, **wished)
            taken = Profile(context, None if wishes else context.new_page())
            if taken.unseen is not None:
                taken.unseen.goto("/static/js/menu.js")
        else:
            taken = self._free.pop()
        self._taken.append(taken)
        return taken.context

    def give_back(self) -> None:
        """Close what is open without a last word, and wait for what was said before: the database
        is emptied next, which must not meet a request."""
        for profile in self._taken:
            with suppress(Error):  # the test itself may have closed it
                profile.context.set_offline(True)
                for page in profile.context.pages:
                    if page is not profile.unseen:
                        page.close()
        _under_way.wait_for_none()
        for profile in self._taken:
            if profile.is_emptied(self._home):
                self._free.append(profile)
            else:
                with suppress(Error):
                    profile.context.close()
        self._taken = []


@dataclass(frozen=True)
class Profile:
    """A browser profile; `unseen` is the page that holds the process, None where none is to."""

    context: BrowserContext
    unseen: Page | None

    def is_emptied(self, origin: str) -> bool:
        """Whether it is as good as new: not after a crash, nor with a clock that a test has set."""
        if self.unseen is None or self.context.pages != [self.unseen]:
            return False
        if self.unseen.evaluate("'__pwClock' in globalThis"):
            return False
        self.context.unroute_all()
        self.context.clear_cookies()
        self.context.clear_permissions()
        self.context.set_offline(False)
        devtools = self.context.new_cdp_session(self.unseen)
        everything = {"origin": origin, "storageTypes": "all"}
        devtools.send("Storage.clearDataForOrigin", everything)
        devtools.detach()
        return True


@pytest.fixture(scope="package")
def profiles(chromium: Browser, live_server: LiveServer) -> Profiles:
    """All that the tests of the package share."""
    return Profiles(chromium, live_server.url)


@pytest.fixture
def sign_in(profiles: Profiles) -> Iterator[SignIn]:
    """Signs a person of the cast in, in a browser profile of their own; gives the page."""
    _under_way.begin()

    def open_page(name: str, **wishes: Any) -> Page:
        page = profiles.take(**wishes).new_page()
        page.set_default_timeout(10_000)
        page.goto("/accounts/login/")
        page.locator("input[name=login]").fill(name)
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(lambda url: "/accounts/login" not in url)
        return page

    yield open_page
    profiles.give_back()


@pytest.fixture
def enter(profiles: Profiles, live_server: LiveServer) -> Iterator[SignIn]:
    """Somebody of the cast, signed in; the way through the form is tried elsewhere."""
    _under_way.begin()

    def open_page(name: str, **wishes: Any) -> Page:
        client = Client()
        client.force_login(person(name))
        profile = profiles.take(**wishes)
        cookie = client.cookies[settings.SESSION_COOKIE_NAME]
        profile.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
        page = profile.new_page()
        page.set_default_timeout(10_000)
        return page

    yield open_page
    profiles.give_back()


@pytest.fixture
def ana(enter: SignIn) -> Page:
    """Ana at the first of six text pairs, where a module does not say otherwise."""
    texts(6)
    return opened(enter("ana"))


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
