"""What every test may ask for, and when a skipped one counts as failed."""

from __future__ import annotations

import gc
import os
from collections.abc import Generator, Iterator
from contextlib import nullcontext
from fcntl import LOCK_EX, flock
from pathlib import Path

import pytest
from django.db import connection
from pytest_django import DjangoDbBlocker
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

from annotation import eligibility, walking
from datasets_app.demo.draw import FOLDERS, draw
from datasets_app.intake import shelf
from datasets_app.media import MediaChild
from tests import history, template
from tests.environment import of_this_run

# Libraries that take seconds to import, and the tests that need them: these go to one process.
HEAVY = {
    "torch": (
        "tests/benchmarks/test_screen.py",
        "tests/config/test_demonstration.py",
        "tests/moderation/classifiers/",
        "tests/moderation/guard/",
        "tests/trainers/",
    ),
    "crowdkit": (
        "tests/annotation/consensus/test_methods.py",
        "tests/benchmarks/test_settle.py",
        "tests/datasets_app/formats/test_votes.py",
    ),
}
BROWSER_REQUIRED = bool(os.environ.get("CASTOR_REQUIRE_BROWSER"))


history.empty_between_tests()
# What is imported and collected stays to the end: to look through it for garbage takes seconds.
# The collector goes on when collection has finished, below.
gc.disable()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, django_db_blocker: DjangoDbBlocker
) -> None:
    """The database of the tests is a copy: to migrate one takes seconds."""
    with django_db_blocker.unblock():
        ready = template.ready()
    connection.settings_dict["TEST"] |= {"TEMPLATE": ready, "MIGRATE": False}


@pytest.fixture(scope="session")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The demo's content, the path to load for each protocol: drawn once for the whole run."""
    folder = tmp_path_factory.getbasetemp()
    if os.environ.get("PYTEST_XDIST_WORKER"):
        folder = folder.parent  # that of the run, where each process has one of its own
    with (folder / "drawing.lock").open("w") as lock:
        flock(lock, LOCK_EX)
        if not (folder / "drawn").exists():
            draw(folder / "drawing")
            (folder / "drawing").rename(folder / "drawn")
    return {protocol: folder / "drawn" / protocol / file for protocol, file in FOLDERS.items()}


@pytest.fixture(scope="session", autouse=True)
def one_media_child() -> Iterator[None]:
    """The loads of a test process share one confined child, where each starts its own in Castor.

    What is asked of the child itself, and of its end, is asked of a fresh one (tests/…/media).
    """
    with MediaChild() as child, pytest.MonkeyPatch.context() as patch:
        patch.setattr(shelf, "MediaChild", lambda: nullcontext(child))
        yield


@pytest.fixture
def noon(monkeypatch: pytest.MonkeyPatch) -> None:
    """A day long enough on both sides of now, whenever the tests are run."""
    midnight = "(clock_timestamp() - interval '12 hours')"
    for module, name in ((eligibility, "_READ"), (walking, "LEASE_AND_TERMS")):
        written = getattr(module, name)
        monkeypatch.setattr(module, name, written.replace(eligibility.MIDNIGHT, midnight))


@pytest.fixture
def castor_env(db: None) -> dict[str, str]:
    """The environment of a child process that is to see this test run's database.

    What it should see must be committed: mark the test `django_db(transaction=True)`.
    """
    return of_this_run()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadFileScheduling:
    """A file at a time to each process, and to one of them all that imports the same for long."""
    scheduling = LoadFileScheduling(config, log)
    scheduling._split_scope = _kept_together
    return scheduling


def _kept_together(test: str) -> str:
    path = test.split("::", 1)[0]
    return next((library for library, paths in HEAVY.items() if path.startswith(paths)), path)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where a browser is required, a browser test that was skipped has failed."""
    report = yield
    if BROWSER_REQUIRED and report.skipped and item.get_closest_marker("browser"):
        report.outcome = "failed"
        report.longrepr = f"skipped, although CASTOR_REQUIRE_BROWSER is set: {report.longrepr}"
    return report


def pytest_collection_finish(session: pytest.Session) -> None:
    """Nor may they all be missing, because their modules were skipped as a whole."""
    gc.freeze()
    gc.enable()
    named = [item for item in session.items if item.get_closest_marker("browser")]
    if BROWSER_REQUIRED and not named:
        raise pytest.UsageError("CASTOR_REQUIRE_BROWSER is set, but no browser test was found")
