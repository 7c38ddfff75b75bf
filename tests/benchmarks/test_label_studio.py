"""The comparison with Label Studio, against a small server that speaks as it does."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.management.base import CommandError

from benchmarks.label_studio import Person, measured


class _Studio(ThreadingHTTPServer):
    """One project; tasks go round. Remembers who was given and gave what."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Door)
        self.people: list[str] = []
        self.tasks: list[dict[str, Any]] = []
        self.given: list[tuple[str, int]] = []
        self.got: list[tuple[str, int]] = []
        self.desk = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Door(BaseHTTPRequestHandler):
    server: _Studio

    def do_GET(self) -> None:
        if self.path == "/user/signup/":
            return self._say(b"a form", "csrftoken=secret; Path=/")
        with self.server.desk:
            task = len(self.server.given)
            self.server.given.append((self._person(), task))
        return self._say(json.dumps({"id": task}).encode())

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers["X-CSRFToken"] != "secret":
            return self.send_error(403)
        match urlsplit(self.path).path.strip("/").split("/"):
            case ["user", "signup"]:
                (email,) = parse_qs(body.decode())["email"]
                self.server.people.append(email)
                return self._say(b"", f"sessionid={email}; Path=/")
            case ["api", "projects"]:
                return self._say(b'{"id": 7}')
            case ["api", "projects", "7", "import"]:
                self.server.tasks += json.loads(body)
                return self._say(b"{}")
            case ["api", "tasks", task, "annotations"]:
                assert json.loads(body)["result"][0]["value"] == {"choices": ["a"]}
                self.server.got.append((self._person(), int(task)))
                return self._say(b"{}")
        return self.send_error(404)

    def _person(self) -> str:
        cookies = dict(each.split("=", 1) for each in self.headers["Cookie"].split("; "))
        return cookies["sessionid"]

    def _say(self, body: bytes, cookie: str = "") -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        if cookie:
            self.send_header("Set-Cookie", cookie)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing."""


@pytest.fixture
def studio() -> Iterator[_Studio]:
    with _Studio() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def test_everybody_signs_up_and_gives_what_was_given(studio: _Studio) -> None:
    timed = measured(studio.url, people=3, items=3_000, overlap=2, seconds=0.2)
    assert len(set(studio.people)) == 3
    assert len(studio.tasks) == 3_000
    assert set(studio.got) == set(studio.given)
    assert len(timed.turns) == len(studio.got) > 0
    assert {person for person, _task in studio.got} <= set(studio.people)


def test_what_is_no_label_studio_is_refused_in_one_line(studio: _Studio) -> None:
    person = Person(studio.url)
    with pytest.raises(CommandError, match=r"/api/nothing answers 404: .*$"):
        person.json("POST", "/api/nothing", {})
    with pytest.raises(CommandError, match="answers no JSON; is it Label Studio"):
        person.json("GET", "/user/signup/")


def test_where_nobody_answers_it_says_so_in_one_line() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(CommandError, match=rf"^Label Studio: {url} does not answer \(.*\)$"):
            Person(url)
