"""What comes in with a request is text that can be kept, in the shape that its door reads."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.http.request import UnreadablePostError
from django.utils.translation import gettext as _

# PostgreSQL keeps neither; no keyboard makes them.
_UNKEEPABLE = re.compile("[\x00\ud800-\udfff]")
FORMS = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})

# Of a body that no door read. What is larger is no mistake, and costs its sender the connection.
MOST_DRAINED = 8 * 2**20
_AT_ONCE = 2**16


def is_keepable(*texts: str) -> bool:
    """Whether the database can keep it: no NUL, no half of a surrogate pair."""
    return not any(_UNKEEPABLE.search(text) for text in texts)


class ReadableOnly:
    """Middleware: refuses, in one line, what no door could read or no column could keep.

    400 for NUL and lone surrogates in the address or in a form; 415 for a body that is no form,
    unless the view says `reads_json` of itself. So no view needs to think of either.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, or refuse the address."""
        if not is_keepable(request.path_info, *_texts(request.GET)):
            return _refused_characters()
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponseBase], *_more: Any
    ) -> HttpResponse | None:
        """Refuse the body, or let the view have it."""
        if request.method not in ("POST", "PUT", "PATCH"):
            return None
        if request.content_type in FORMS:
            return None if is_keepable(*_texts(request.POST)) else _refused_characters()
        if getattr(view, "reads_json", False) or not _has_body(request):
            return None
        return _line(_("This page takes a form, nothing else."), status=415)


def _texts(fields: QueryDict) -> Iterable[str]:
    for name, values in fields.lists():
        yield str(name)
        yield from (str(value) for value in values)


def _has_body(request: HttpRequest) -> bool:
    sent: Mapping[str, Any] = request.META
    return sent.get("CONTENT_LENGTH") not in (None, "", "0") or bool(request.content_type)


def _refused_characters() -> HttpResponse:
    return _line(_("This holds a character that no text has (NUL, or half of a pair)."), status=400)


def _line(text: str, *, status: int) -> HttpResponse:
    return HttpResponse(text, status=status, content_type="text/plain; charset=utf-8")


class ReadToTheEnd:
    """Middleware: reads what a door left unread of a body, so that the connection can go on.

    The server closes a connection on which more than 64 kB lie unread, without saying so: the next
    request on it would fail, whoever's it is behind a proxy.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, then read the rest."""
        response = self.get_response(request)
        with suppress(UnreadablePostError):  # whoever sent it has gone
            for _part in range(MOST_DRAINED // _AT_ONCE):
                if not request.read(_AT_ONCE):
                    break
        return response
