"""People who came by an entry get at what their work needs, and at nothing else."""

from __future__ import annotations

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponseBase

# The session of such a person holds the pseudonym here, put in by the entry's page.
SESSION_KEY = "participant"
# No page of accounts: who has no password is not to make one, nor to leave a mail address.
REACHABLE = ("/label/", "/media/", "/enter/", "/help/", "/language/", "/static/")


class StayInside:
    """Middleware: everything else is not there for them."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, or say that there is nothing."""
        is_inside = request.path == "/" or request.path.startswith(REACHABLE)
        if not is_inside and request.session.get(SESSION_KEY):
            raise Http404
        return self.get_response(request)
