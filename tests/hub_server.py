"""A small Hub on this machine, in a thread: enough of the protocol for the real client.

Repositories with commits, LFS files and tags, kept in memory. `faults` makes the next requests of
a kind fail; `log` is what was asked, in order, without its contents.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

TOKEN = "hf_of_these_tests"
# What the Hub keeps as LFS: here, anything that is no text of ours.
PLAIN = (".md", ".json", ".jsonl", ".gitattributes")


@dataclass
class Blob:
    """One file of a commit; `lfs` is whether it was sent by LFS."""

    content: bytes
    lfs: bool

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()

    @property
    def git_name(self) -> str:
        return hashlib.sha1(b"blob %d\0" % len(self.content) + self.content).hexdigest()  # noqa: S324


@dataclass
class Repository:
    """Commits by id, the newest last, and tags."""

    commits: dict[str, dict[str, Blob]] = field(default_factory=dict)
    messages: list[str] = field(default_factory=list)
    tags: dict[str, str] = field(default_factory=dict)
    visibility: str = ""

    @property
    def head(self) -> str:
        return list(self.commits)[-1]

    def commit(self, files: dict[str, Blob], message: str) -> str:
        name = hashlib.sha1(f"{len(self.commits)}{message}".encode()).hexdigest()  # noqa: S324
        self.commits[name] = files
        self.messages.append(message)
        return name

    def at(self, revision: str) -> dict[str, Blob] | None:
        name = self.head if revision == "main" else self.tags.get(revision, revision)
        return self.commits.get(name)


@dataclass
class Hub:
    """The server's state, open to the test."""

    url: str
    repositories: dict[str, Repository] = field(default_factory=dict)
    lfs: dict[str, bytes] = field(default_factory=dict)
    # (what is asked: create, refs, info, preupload, batch, put, commit, tag, paths), status, header
    faults: list[tuple[str, int, dict[str, str]]] = field(default_factory=list)
    # After these the answer is lost although the work was done.
    lose_answers_of: list[str] = field(default_factory=list)
    log: list[str] = field(default_factory=list)

    def asked(self, what: str) -> int:
        return self.log.count(what)

    def files(self, repository: str, revision: str = "main") -> dict[str, bytes]:
        found = self.repositories[repository].at(revision) or {}
        return {path: blob.content for path, blob in found.items()}


@contextmanager
def running() -> Iterator[Hub]:
    """A Hub that answers until the block ends."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Answers)
    hub = Hub(f"http://127.0.0.1:{server.server_port}")
    server.hub = hub  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Answers(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else the second half of an answer waits 40 ms

    @property
    def hub(self) -> Hub:
        return self.server.hub  # type: ignore[attr-defined, no-any-return]

    def log_message(self, format: str, *args: Any) -> None:
        """Tests read `Hub.log` instead."""

    def do_GET(self) -> None:
        self._handle("GET")

    def do_HEAD(self) -> None:
        self._handle("HEAD")

    def do_POST(self) -> None:
        self._handle("POST")

    def do_PUT(self) -> None:
        self._handle("PUT")

    def _handle(self, method: str) -> None:
        body = self._body()
        what, *words = _route(method, urlsplit(self.path).path)
        self.hub.log.append(what)
        for place, (kind, status, headers) in enumerate(self.hub.faults):
            if kind == what:
                del self.hub.faults[place]
                self._send(status, {"error": "as the test wished"}, headers)
                return
        authorised = self.headers.get("Authorization") == f"Bearer {TOKEN}"
        if what not in {"put", "yaml"} and not authorised:
            self._send(
                401,
                {"error": "Invalid credentials in Authorization header"},
                {"X-Error-Message": "Invalid credentials in Authorization header"},
            )
            return
        status, answer, headers = getattr(self, f"_{what}")(body, *words)
        if what in self.hub.lose_answers_of:
            self.hub.lose_answers_of.remove(what)
            status, answer, headers = 502, {"error": "lost on its way"}, {}
        self._send(status, answer, headers)

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = []
        while size := int(self.rfile.readline(), 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def _send(self, status: int, answer: Any, headers: dict[str, str]) -> None:
        content = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        self.send_response(status)
        for name, value in {"Content-Length": str(len(content)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    # Each answer: status, JSON or bytes, headers.

    def _unknown(self, body: bytes, path: str) -> Any:
        return 404, {"error": f"no such place: {path}"}, {}

    def _yaml(self, body: bytes) -> Any:
        return 200, {"errors": [], "warnings": []}, {}

    def _create(self, body: bytes) -> Any:
        wish = json.loads(body)
        name = f"{wish['organization']}/{wish['name']}"
        answer = {"url": f"{self.hub.url}/datasets/{name}", "name": name, "id": name}
        if name in self.hub.repositories:
            return 409, {"error": "You already created this dataset repo", **answer}, {}
        repository = Repository(visibility=wish.get("visibility", ""))
        repository.commit({".gitattributes": Blob(b"*.parquet filter=lfs\n", lfs=False)}, "initial")
        self.hub.repositories[name] = repository
        return 200, answer, {}

    def _found(self, name: str) -> Repository | None:
        return self.hub.repositories.get(name)

    def _info(self, body: bytes, name: str, revision: str = "main") -> Any:
        repository = self._found(name)
        files = repository.at(revision) if repository else None
        if repository is None or files is None:
            return 404, {"error": "not found"}, {"X-Error-Code": "RepoNotFound"}
        named = {commit: commit for commit in repository.commits} | repository.tags
        sha = named.get(revision, repository.head)
        siblings = [{"rfilename": path} for path in sorted(files)]
        return 200, {"id": name, "sha": sha, "siblings": siblings, "tags": [], "private": True}, {}

    def _refs(self, body: bytes, name: str) -> Any:
        repository = self._found(name)
        if repository is None:
            return 404, {"error": "not found"}, {"X-Error-Code": "RepoNotFound"}
        head = {"name": "main", "ref": "refs/heads/main", "targetCommit": repository.head}
        tags = [
            {"name": tag, "ref": f"refs/tags/{tag}", "targetCommit": commit}
            for tag, commit in repository.tags.items()
        ]
        return 200, {"branches": [head], "tags": tags, "converts": []}, {}

    def _preupload(self, body: bytes, name: str, revision: str) -> Any:
        files = json.loads(body)["files"]
        modes = [
            {
                "path": file["path"],
                "uploadMode": "regular" if file["path"].endswith(PLAIN) else "lfs",
                "shouldIgnore": False,
            }
            for file in files
        ]
        return 200, {"files": modes}, {}

    def _batch(self, body: bytes, name: str) -> Any:
        objects = [
            {"oid": wish["oid"], "size": wish["size"], **self._upload(wish["oid"])}
            for wish in json.loads(body)["objects"]
        ]
        return 200, {"transfer": "basic", "objects": objects}, {}

    def _upload(self, oid: str) -> dict[str, Any]:
        if oid in self.hub.lfs:
            return {}
        return {"actions": {"upload": {"href": f"{self.hub.url}/lfs/{oid}"}}}

    def _put(self, body: bytes, oid: str) -> Any:
        assert hashlib.sha256(body).hexdigest() == oid
        self.hub.lfs[oid] = body
        return 200, {}, {}

    def _commit(self, body: bytes, name: str, revision: str) -> Any:
        repository = self.hub.repositories[name]
        lines = [json.loads(line) for line in body.splitlines()]
        header = lines[0]["value"]
        if header.get("parentCommit") not in (None, repository.head):
            return 412, {"error": "A commit has happened since. Please refresh and try again."}, {}
        files = dict(repository.at("main") or {})
        for line in lines[1:]:
            self._apply(files, line["key"], line["value"])
        made = repository.commit(files, header["summary"])
        return 200, {"commitOid": made, "commitUrl": f"{self.hub.url}/{name}/commit/{made}"}, {}

    def _apply(self, files: dict[str, Blob], key: str, value: dict[str, Any]) -> None:
        if key == "file":
            files[value["path"]] = Blob(base64.b64decode(value["content"]), lfs=False)
        elif key == "lfsFile":
            files[value["path"]] = Blob(self.hub.lfs[value["oid"]], lfs=True)
        else:
            assert key == "deletedFile"
            del files[value["path"]]

    def _tag(self, body: bytes, name: str, revision: str) -> Any:
        repository, tag = self.hub.repositories[name], json.loads(body)["tag"]
        if tag in repository.tags:
            return 409, {"error": "Tag reference exists already"}, {}
        repository.tags[tag] = repository.head if revision == "main" else revision
        return 200, {}, {}

    def _paths(self, body: bytes, name: str, revision: str) -> Any:
        wanted = parse_qs(body.decode()).get("paths", [])
        files = self.hub.repositories[name].at(revision) or {}
        return 200, [_described(path, files[path]) for path in wanted if path in files], {}

    def _tree(self, body: bytes, name: str, revision: str) -> Any:
        files = self.hub.repositories[name].at(revision) or {}
        return 200, [_described(path, blob) for path, blob in sorted(files.items())], {}

    def _resolve(self, body: bytes, name: str, revision: str, path: str) -> Any:
        repository = self.hub.repositories[name]
        blob = (repository.at(revision) or {}).get(path)
        if blob is None:
            return 404, {"error": "no such file"}, {"X-Error-Code": "EntryNotFound"}
        named = repository.tags.get(revision, revision)
        commit = repository.head if named == "main" else named
        headers = {
            "X-Repo-Commit": commit,
            "ETag": f'"{blob.sha256 if blob.lfs else blob.git_name}"',
        }
        return 200, blob.content, headers


def _described(path: str, blob: Blob) -> dict[str, Any]:
    about: dict[str, Any] = {
        "type": "file",
        "path": path,
        "size": len(blob.content),
        "oid": blob.git_name,
    }
    if blob.lfs:
        about["lfs"] = {"oid": blob.sha256, "size": len(blob.content), "pointerSize": 130}
    return about


_NAME = r"([^/]+/[^/]+)"
_ROUTES = (
    ("POST", r"/api/repos/create", "create"),
    ("POST", r"/api/validate-yaml", "yaml"),
    ("PUT", r"/lfs/([0-9a-f]{64})", "put"),
    ("POST", rf"/datasets/{_NAME}\.git/info/lfs/objects/batch", "batch"),
    ("GET", rf"/api/datasets/{_NAME}", "info"),
    ("GET", rf"/api/datasets/{_NAME}/refs", "refs"),
    ("GET", rf"/api/datasets/{_NAME}/revision/([^/]+)", "info"),
    ("GET", rf"/api/datasets/{_NAME}/tree/([^/]+)", "tree"),
    ("POST", rf"/api/datasets/{_NAME}/preupload/([^/]+)", "preupload"),
    ("POST", rf"/api/datasets/{_NAME}/commit/([^/]+)", "commit"),
    ("POST", rf"/api/datasets/{_NAME}/tag/([^/]+)", "tag"),
    ("POST", rf"/api/datasets/{_NAME}/paths-info/([^/]+)", "paths"),
    ("GET", rf"/datasets/{_NAME}/resolve/([^/]+)/(.+)", "resolve"),
    ("HEAD", rf"/datasets/{_NAME}/resolve/([^/]+)/(.+)", "resolve"),
)


def _route(method: str, path: str) -> list[str]:
    """What is asked, and its words, from the path."""
    for wanted, pattern, what in _ROUTES:
        if method == wanted and (found := re.fullmatch(pattern, path)):
            return [what, *(unquote(word) for word in found.groups())]
    return ["unknown", path]
