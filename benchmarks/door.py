"""The web server as `make run` starts it, and what a browser that is signed in sends it."""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection
from django.middleware.csrf import _get_new_csrf_string

from config.sessions import SessionStore


def cookies_of(user: User, port: int) -> dict[str, str]:
    """The cookies of a browser in which this person is signed in at the door."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    ours = str(settings.CASTOR_PORT)  # cookies are named after the port, and the door has another
    return {
        settings.SESSION_COOKIE_NAME.replace(ours, str(port)): str(session.session_key),
        settings.CSRF_COOKIE_NAME.replace(ours, str(port)): _get_new_csrf_string(),
    }


def headers_of(user: User, port: int) -> dict[str, str]:
    """What the script of such a browser sends with every request."""
    cookies = cookies_of(user, port)
    *_others, secret = cookies.values()
    return {
        "Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()),
        "X-CSRFToken": secret,
        "Content-Type": "application/json",
        "Accept": "application/json",
    }


class Caller:
    """Somebody at the door, whose own work is as little as can be: it shares the processors.

    The standard library's client reads the head of an answer as it would a mail's.
    """

    def __init__(self, user: User, port: int) -> None:
        words = {"Host": f"127.0.0.1:{port}", **headers_of(user, port)}
        self._head = "".join(f"{name}: {value}\r\n" for name, value in words.items())
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._answers = self._socket.makefile("rb")

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """The JSON that is answered to these. Raises RuntimeError for any status but 200."""
        said = json.dumps(body).encode()
        head = f"POST {path} HTTP/1.1\r\n{self._head}Content-Length: {len(said)}\r\n\r\n"
        self._socket.sendall(head.encode() + said)
        status = self._answers.readline().split()
        length = 0
        while (line := self._answers.readline()).strip():
            name, _, value = line.partition(b":")
            length = int(value) if name.lower() == b"content-length" else length
        text = self._answers.read(length)
        if status[1:2] != [b"200"]:
            raise RuntimeError(f"{status}: {text[:200]!r}")
        return dict(json.loads(text))


@contextmanager
def door() -> Iterator[int]:
    """The web server as `make run` starts it, on a free port and this database."""
    call_command("collectstatic", interactive=False, verbosity=0)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = os.environ | {
        "DATABASE_URL": _url(),
        "CASTOR_HOME": str(settings.CASTOR_HOME),
        "CASTOR_PORT": str(port),
        "CASTOR_HOST": "127.0.0.1",
        "CASTOR_SECRET_KEY": settings.SECRET_KEY,
    }
    words = [sys.executable, "-m", "gunicorn", "-c", "python:config.gunicorn", "config.wsgi"]
    with tempfile.TemporaryFile() as log:
        server = subprocess.Popen(
            words, env=environment, cwd=settings.PROJECT, stdout=log, stderr=log
        )
        try:
            _wait_for(port, server)
            yield port
        finally:
            server.terminate()
            server.wait()


def _url() -> str:
    words = connection.settings_dict
    password = f":{quote(words['PASSWORD'], safe='')}" if words["PASSWORD"] else ""
    port = f"&port={words['PORT']}" if words["PORT"] else ""
    host = quote(words["HOST"], safe="")
    return f"postgresql://{words['USER']}{password}@/{words['NAME']}?host={host}{port}"


def _wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until and server.poll() is None:
        client = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            client.request("GET", "/healthz")
            if client.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.1)
        finally:
            client.close()
    raise RuntimeError("the web server did not start")
