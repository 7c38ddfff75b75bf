"""`manage.py run`, the real thing: starts with nothing, survives kills, leaves nothing behind."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPException
from json import loads
from pathlib import Path
from urllib.request import urlopen

import pytest
from django.conf import settings

MANAGE = str(settings.PROJECT / "manage.py")
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks at processes in /proc")


@dataclass(frozen=True)
class Place:
    """A data folder and a port of its own."""

    home: Path
    port: int

    @property
    def environment(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith("CASTOR_")}
        kept.pop("DJANGO_SETTINGS_MODULE", None)
        ours = {"CASTOR_HOME": str(self.home), "CASTOR_PORT": str(self.port), "CASTOR_DEMO": "no"}
        return {**kept, **ours, "CASTOR_WEB_WORKERS": "1", "CASTOR_WORKER_PROCESSES": "1"}

    def start(self) -> subprocess.Popen[bytes]:
        with (self.home / "log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, MANAGE, "run"],
                env=self.environment,
                cwd="/",  # from any folder
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def log(self) -> str:
        return (self.home / "log").read_text()

    def processes(self) -> dict[int, str]:
        """Everything that was started for this folder, whoever runs it: pid and command line."""
        return {
            pid: line
            for pid, (line, environment) in running().items()
            if pid != os.getpid() and (str(self.home) in line or f"={self.home}\0" in environment)
        }

    def process(self, *words: str) -> int:
        """The oldest of them with these words on its command line."""
        return min(
            pid for pid, line in self.processes().items() if all(word in line for word in words)
        )

    def runs(self, *words: str) -> bool:
        lines = self.processes().values()
        return any(all(word in line for word in words) for line in lines)

    def is_ready(self) -> bool:
        try:
            with urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=5) as answer:
                return bool(loads(answer.read())["ready"])
        except (OSError, HTTPException):
            return False


def running() -> dict[int, tuple[str, str]]:
    found = {}
    for place in Path("/proc").glob("[0-9]*"):
        try:
            line, environment = (place / "cmdline").read_text(), (place / "environ").read_text()
        except (OSError, UnicodeDecodeError):
            continue
        if line:
            found[int(place.name)] = (line.replace("\0", " "), environment + "\0")
    return found


def eventually(true: Callable[[], bool], place: Place, *, seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"{place.processes()}\n{place.log()}"
        time.sleep(0.05)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    """One data folder for all tests of this page: only the first start makes everything."""
    home = Path(tempfile.mkdtemp(prefix="castor-run-"))
    home.chmod(0o711)
    found = Place(home, free_port())
    yield found
    for pid in found.processes():
        os.kill(pid, signal.SIGKILL)
    shutil.rmtree(home)


def test_it_starts_with_nothing_survives_kills_and_leaves_nothing_behind(place: Place) -> None:
    started = place.start()
    eventually(place.is_ready, place)

    os.kill(place.process("gunicorn"), signal.SIGKILL)
    eventually(lambda: "web ended (SIGKILL); starts again" in place.log(), place)
    eventually(place.is_ready, place)

    os.kill(place.process("postgres", "-D"), signal.SIGKILL)
    eventually(lambda: "PostgreSQL is gone; starts again" in place.log(), place)
    eventually(place.is_ready, place)

    for pid in place.processes():
        with suppress(ProcessLookupError):  # it ended with its parent
            os.kill(pid, signal.SIGKILL)
    started.wait()

    began = time.monotonic()
    started = place.start()
    eventually(place.is_ready, place)
    others = max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))
    assert time.monotonic() - began < 10 * others  # 10 s, if the machine has nothing else to do

    for refused, reason in (
        (place, "castor: Castor already runs on"),
        (Place(place.home / "other", place.port), "castor: cannot listen at 127.0.0.1:"),
    ):
        done = subprocess.run(
            [sys.executable, MANAGE, "run"],
            env=refused.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 2
        assert done.stderr.startswith(reason)
        assert done.stderr.count("\n") == 1

    os.killpg(started.pid, signal.SIGINT)
    assert started.wait(60) == 0
    assert place.processes() == {}


def test_the_end_of_the_supervisor_alone_is_the_end_of_everything(place: Place) -> None:
    started = place.start()
    parts = (("postgres", "-D"), ("gunicorn",), ("celery", "worker"), ("celery", "beat"))
    eventually(lambda: all(place.runs(*words) for words in parts), place)

    started.kill()
    started.wait()
    eventually(lambda: place.processes() == {}, place)
