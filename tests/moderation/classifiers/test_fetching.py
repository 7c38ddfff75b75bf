"""Fetching: the real client of the hub against a local server that speaks its protocol."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.moderation.classifiers.tiny import saved

COMMIT = "0123456789abcdef0123456789abcdef01234567"
_FETCH = """
import sys
from moderation.classifiers.addresses import found
from moderation.classifiers.contract import ClassifierError
try:
    print(found(sys.argv[1]).folder)
except ClassifierError as error:
    sys.exit(str(error))
"""


class Hub(ThreadingHTTPServer):
    """Serves one repository at one commit, and remembers what was asked for."""

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.files = {path.name: path.read_bytes() for path in folder.iterdir()}
        self.asked: list[str] = []

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Answer(BaseHTTPRequestHandler):
    server: Hub

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def do_GET(self) -> None:
        self._answer(with_body=True)

    def _answer(self, *, with_body: bool) -> None:
        path = self.path.split("?")[0]
        name = path.rsplit("/", 1)[-1]
        if path == f"/api/models/org/guard/revision/{COMMIT}":
            self._send({"id": "org/guard", "sha": COMMIT}, with_body)
        elif path == f"/api/models/org/guard/tree/{COMMIT}":
            files = self.server.files.items()
            tree = [{"type": "file", "path": n, "size": len(b), "oid": n} for n, b in files]
            self._send(tree, with_body)
        elif path == f"/org/guard/resolve/{COMMIT}/{name}" and name in self.server.files:
            self.server.asked.append(name)
            self._send(self.server.files[name], with_body)
        else:
            self.send_error(404)

    def _send(self, what: object, with_body: bool) -> None:
        body = what if isinstance(what, bytes) else json.dumps(what).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("ETag", f'"{hashlib.sha256(body).hexdigest()}"')
        self.send_header("X-Repo-Commit", COMMIT)
        self.end_headers()
        if with_body:
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Be silent."""


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    folder = saved(tmp_path / "published")
    (folder / "modeling_hostile.py").write_text("raise SystemExit(1)")
    (folder / "pytorch_model.bin").write_bytes(b"pickle")
    server = Hub(folder)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def fetch(
    setting: str, cache: Path, endpoint: str, **more: str
) -> subprocess.CompletedProcess[str]:
    """In a process of its own: the client reads its environment once, when it is imported."""
    environment = {"HF_HOME": str(cache), "HF_ENDPOINT": endpoint, "PATH": "", **more}
    return subprocess.run(
        [sys.executable, "-c", _FETCH, setting],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[3],
        timeout=60,
    )


def test_it_fetches_data_and_neither_code_nor_pickles(hub: Hub, tmp_path: Path) -> None:
    done = fetch(f"org/guard@{COMMIT}", tmp_path / "cache", hub.address)
    assert done.returncode == 0, done.stderr
    names = {path.name for path in Path(done.stdout.strip()).iterdir()}
    assert names == {"config.json", "model.safetensors", "tokenizer.json", "classifier.toml"}
    assert {"modeling_hostile.py", "pytorch_model.bin"}.isdisjoint(hub.asked)


def test_once_fetched_it_is_found_offline(hub: Hub, tmp_path: Path) -> None:
    first = fetch(f"org/guard@{COMMIT}", tmp_path / "cache", hub.address)
    hub.asked.clear()
    second = fetch(f"org/guard@{COMMIT}", tmp_path / "cache", hub.address, HF_HUB_OFFLINE="1")
    assert (second.returncode, second.stdout) == (0, first.stdout)
    assert hub.asked == []


def test_offline_and_never_fetched_is_one_line(tmp_path: Path) -> None:
    done = fetch(
        f"org/guard@{COMMIT}", tmp_path / "cache", "http://127.0.0.1:9", HF_HUB_OFFLINE="1"
    )
    assert done.returncode == 1
    assert done.stderr.strip().splitlines()[-1].startswith(f"org/guard@{COMMIT}: not in the cache")


def test_a_repository_that_is_not_there_is_one_line(hub: Hub, tmp_path: Path) -> None:
    done = fetch(f"org/other@{COMMIT}", tmp_path / "cache", hub.address)
    assert done.returncode == 1
    assert done.stderr.strip().splitlines()[-1].startswith(f"org/other@{COMMIT}:")
