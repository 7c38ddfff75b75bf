"""The supervisor alone, with small parts: it prefixes, restarts, and ends everything."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.conf import settings

from config import supervisor
from config.supervisor import Part, Supervisor

SLEEPER = "import time; print('here', flush=True); time.sleep(60)"
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + SLEEPER
# Its child does not notice its end, and holds the pipe to the supervisor open.
PARENT = (
    "import subprocess, sys\n"
    "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)', sys.argv[1]])\n"
) + SLEEPER


def python(code: str, *words: str) -> tuple[str, ...]:
    return (sys.executable, "-c", code, *words)


class Watched(Supervisor):
    """Ends itself when a line with `last` in it was said."""

    def __init__(self, *parts: Part, last: str) -> None:
        self.lines: list[str] = []
        self.last = last
        super().__init__(parts, folder=Path("/"), write=self.heard, colour=False)

    def heard(self, line: str) -> None:
        self.lines.append(line)
        if self.last in line:
            self.ending.set()


def alive(mark: str) -> list[int]:
    """Processes with this word on their command line."""
    found = []
    for place in Path("/proc").iterdir():
        try:
            words = (place / "cmdline").read_bytes().split(b"\0") if place.name.isdigit() else []
        except OSError:
            continue
        if mark.encode() in words and int(place.name) != os.getpid():
            found.append(int(place.name))
    return found


def test_each_line_begins_with_the_part_that_said_it() -> None:
    watched = Watched(Part("web", python("print('hello')"), once=True), last="hello")
    asyncio.run(watched.run())
    assert "web    | hello\n" in watched.lines


def test_a_part_that_ends_is_started_again_and_the_others_go_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(supervisor, "FIRST_PAUSE", 0.01)
    watched = Watched(
        Part("calm", python(SLEEPER)),
        Part("hasty", python("import sys; print('again', flush=True); sys.exit(3)")),
        last="starts again in 0 s",
    )
    watched.last = "never"
    said = 0

    def heard(line: str) -> None:
        nonlocal said
        watched.lines.append(line)
        said += "again\n" in line
        if said == 3:
            watched.ending.set()

    watched.write = heard
    asyncio.run(watched.run())
    assert sum("calm" in line and "here" in line for line in watched.lines) == 1
    assert any("hasty ended (code 3)" in line for line in watched.lines)


def test_a_part_that_does_not_listen_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "GRACE", 0.3)
    watched = Watched(Part("deaf", python(STUBBORN, "castor-test-deaf")), last="here")
    asyncio.run(watched.run())
    assert any("did not end" in line for line in watched.lines)
    assert alive("castor-test-deaf") == []


def test_what_a_part_leaves_behind_ends_with_it() -> None:
    mark = f"castor-test-left-{os.getpid()}"
    watched = Watched(Part("parent", python(PARENT, mark)), last="here")
    asyncio.run(watched.run())
    assert alive(mark) == []


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children of a parent's death")
def test_the_parts_end_when_the_supervisor_is_killed() -> None:
    mark = f"castor-test-orphan-{os.getpid()}"
    code = f"""
import asyncio, sys
from pathlib import Path
from config.supervisor import Part, Supervisor
part = Part("sleeper", (sys.executable, "-c", {SLEEPER!r}, {mark!r}))
asyncio.run(Supervisor([part], folder=Path("/"), write=sys.stdout.write, colour=False).run())
"""
    started = subprocess.Popen([sys.executable, "-c", code], cwd=settings.PROJECT)
    deadline = time.monotonic() + 60
    while len(alive(mark)) < 1 and time.monotonic() < deadline:
        time.sleep(0.02)
    assert alive(mark)
    started.send_signal(signal.SIGKILL)
    started.wait()
    while alive(mark) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert alive(mark) == []
