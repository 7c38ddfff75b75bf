"""Label Studio, started beside Castor, doing the same: what Castor is to be many times as fast as.

Its people come in by its own sign-up form and work by the addresses that its page asks: the next
task, then what was chosen. docs/benchmarks.md says how to start it.
"""

from __future__ import annotations

import json
import uuid
from functools import partial
from http.cookiejar import CookieJar
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, Request, build_opener

from django.core.management.base import CommandError

from benchmarks.crowd import Timed, Turn, crowd
from datasets_app.commands import EXIT, one_line

_SIGN_UP = "/user/signup/"
_AT_ONCE = 2_500  # tasks of one request
_PAGE = """
<View>
  <Text name="a" value="$a"/><Text name="b" value="$b"/>
  <Choices name="better" toName="a"><Choice value="a"/><Choice value="b"/></Choices>
</View>
"""
_CHOSEN = {
    "lead_time": 20.0,
    "result": [
        {"from_name": "better", "to_name": "a", "type": "choices", "value": {"choices": ["a"]}}
    ],
}


class Person:
    """Somebody who has just signed up at this address, with a browser's cookies."""

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")
        self._cookies = CookieJar()
        self._browser = build_opener(HTTPCookieProcessor(self._cookies))
        self.ask("GET", _SIGN_UP)
        name = f"castor-{uuid.uuid4().hex[:12]}@example.org"
        fields = {"email": name, "password": uuid.uuid4().hex, "csrfmiddlewaretoken": self._secret}
        self.ask("POST", _SIGN_UP, urlencode(fields), kind="application/x-www-form-urlencoded")

    @property
    def _secret(self) -> str:
        return next((str(each.value) for each in self._cookies if each.name == "csrftoken"), "")

    def ask(
        self, method: str, path: str, body: str | None = None, *, kind: str = "application/json"
    ) -> bytes:
        """What is answered. Raises CommandError for anything but success."""
        request = Request(  # noqa: S310  the address that the command was given
            self._url + path,
            data=None if body is None else body.encode(),
            method=method,
            headers={"Content-Type": kind, "X-CSRFToken": self._secret},
        )
        try:
            with self._browser.open(request, timeout=120) as answer:
                return bytes(answer.read())
        except HTTPError as error:
            said = one_line(error.read(300).decode(errors="replace"))
            raise _no(f"{self._url}{path} answers {error.code}: {said}") from None
        except (URLError, OSError) as error:
            raise _no(f"{self._url} does not answer ({one_line(str(error))})") from None

    def json(self, method: str, path: str, body: Any = None) -> Any:
        """The same in JSON."""
        answer = self.ask(method, path, None if body is None else json.dumps(body))
        try:
            return json.loads(answer or b"null")
        except ValueError:
            raise _no(f"{self._url}{path} answers no JSON; is it Label Studio?") from None


def measured(url: str, *, people: int, items: int, overlap: int, seconds: float) -> Timed:
    """So many people for so long at the Label Studio at `url`, over a new project of text pairs."""
    everybody = [Person(url) for _ in range(people)]
    project = _project(everybody[0], items, overlap)
    return crowd([partial(_at_work, one, project) for one in everybody], seconds=seconds)


def _project(owner: Person, items: int, overlap: int) -> int:
    said = {
        "title": "Castor's benchmark",
        "label_config": _PAGE,
        "maximum_annotations": overlap,
        "sampling": "Sequential sampling",
    }
    project = int(owner.json("POST", "/api/projects", said)["id"])
    tasks = [{"a": "answer one " * 54, "b": "answer two " * 54, "n": n} for n in range(items)]
    for first in range(0, items, _AT_ONCE):
        part = tasks[first : first + _AT_ONCE]
        owner.json("POST", f"/api/projects/{project}/import", part)
    return project


def _at_work(person: Person, project: int) -> Turn:
    """Somebody who gets the next task and says what is better."""

    def turn() -> bool:
        task = person.json("GET", f"/api/projects/{project}/next")["id"]
        person.json("POST", f"/api/tasks/{task}/annotations/?project={project}", _CHOSEN)
        return True

    return turn


def _no(why: str) -> CommandError:
    return CommandError(f"Label Studio: {why}", returncode=EXIT)
