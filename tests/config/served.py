"""The web server as it runs in production, beside the test."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Callable
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from types import TracebackType

from django.conf import settings


class Served:
    """gunicorn with Castor's configuration on a free port, while the block lasts."""

    def __init__(
        self,
        environment: dict[str, str],
        *,
        settings_module: str = "config.settings",
        workers: int = 1,
        threads: int = 4,
    ) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        self._environment = environment | {
            "CASTOR_PORT": str(self.port),
            "CASTOR_WEB_WORKERS": str(workers),
            "CASTOR_WEB_THREADS": str(threads),
            "DJANGO_SETTINGS_MODULE": settings_module,
        }

    def __enter__(self) -> Served:
        self._master = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "-c", "python:config.gunicorn", "config.wsgi"],
            env=self._environment,
            cwd=settings.PROJECT,
        )
        return self

    def __exit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._master.terminate()
        self._master.wait(timeout=60)

    def connected(self) -> HTTPConnection:
        """A kept-alive connection that was answered once, as soon as one can be had."""
        found: list[HTTPConnection] = []

        def answers() -> bool:
            try:
                found.append(self.answered())
            except (OSError, HTTPException):
                return False
            return True

        eventually(answers)
        return found[0]

    def answered(self, *, seconds: float = 60) -> HTTPConnection:
        """The same, which is to be had now. Raises OSError or HTTPException when it is not."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=seconds)
        connection.request("GET", "/healthz")
        connection.getresponse().read()
        return connection

    def silent(self) -> socket.socket:
        """A connection on which nothing was said."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=60)

    def processes(self) -> list[int]:
        """The numbers of the web processes that run now."""
        listed = f"/proc/{self._master.pid}/task/{self._master.pid}/children"
        return sorted(int(number) for number in Path(listed).read_text().split())


def eventually(is_so: Callable[[], bool], *, seconds: float = 90) -> None:
    """Look until it is so, at the longest for so long."""
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.02)
