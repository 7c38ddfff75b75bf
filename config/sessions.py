"""Who is asking: session and person by one prepared statement, because every request begins so.

Django builds a query for each of them anew, at the cost of taking an annotator's answers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.conf import settings
from django.contrib import auth
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.auth.models import AnonymousUser, User
from django.contrib.sessions.backends import db
from django.contrib.sessions.base_session import AbstractBaseSession
from django.contrib.sessions.middleware import SessionMiddleware
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from django.utils.crypto import constant_time_compare
from django.utils.functional import SimpleLazyObject

from annotation import prepared

if TYPE_CHECKING:
    from config.models import Session

_NAMES = [field.attname for field in User._meta.concrete_fields]
_COLUMNS = ", ".join(f"u.{name}" for name in _NAMES)
_SESSION = prepared.compact(f"""
SELECT s.session_key, s.session_data, s.expire_date, s.user_id, {_COLUMNS}
FROM config_session s LEFT JOIN auth_user u ON u.id = s.user_id
WHERE s.session_key = %(key)s AND s.expire_date > clock_timestamp()
""")  # noqa: S608  Django's columns
_OWN = 4  # columns of the session, before those of its person


class SessionStore(db.SessionStore):
    """Django's sessions in the database (`SESSION_ENGINE`), each found with its person."""

    person: User | None = None

    @classmethod
    def get_model_class(cls) -> type[AbstractBaseSession]:
        """The table that names the person. Not known yet while settings are read."""
        from config.models import Session

        return Session

    def create_model_instance(self, data: Any) -> AbstractBaseSession:
        """The row of a session with these data."""
        row = cast("Session", super().create_model_instance(data))
        row.user_id = data.get(auth.SESSION_KEY)
        return row

    def _get_session_from_db(self) -> AbstractBaseSession | None:
        """The session, unless it is over or was never there; then its key is forgotten."""
        rows = prepared.fetch(_SESSION, {"key": self.session_key}) if self.session_key else []
        if not rows:
            self._session_key = None
            return None
        key, data, until, user = rows[0][:_OWN]
        if user is not None:
            self.person = User.from_db(connection.alias, _NAMES, rows[0][_OWN:])
        return self.model(session_key=key, session_data=data, expire_date=until)


class Sessions(SessionMiddleware):
    """Django's own, but a session that is not found leaves the browser its cookie.

    Signing in gives the session another key. A request of the same page that was on its way under
    the old one would otherwise, answered last, take the new cookie away and sign the person out.
    """

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Take the cookie away only from who signs out, whose session was changed to nothing."""
        session = request.session
        if session.is_empty() and not session.modified:
            patch_vary_headers(response, ("Cookie",))
            return response
        return super().process_response(request, response)


class Persons(AuthenticationMiddleware):
    """Django's own; a person who was found with the session is not looked for again."""

    def process_request(self, request: HttpRequest) -> None:
        """Give the request its `user`, found when first asked for."""
        super().process_request(request)
        request.user = cast(User, SimpleLazyObject(lambda: _person_of(request)))


def _person_of(request: HttpRequest) -> User | AnonymousUser:
    """Whose session it is, where all is as it should be; else Django decides, and tidies up."""
    session = request.session
    known, backend, digest = (
        session.get(name)
        for name in (auth.SESSION_KEY, auth.BACKEND_SESSION_KEY, auth.HASH_SESSION_KEY)
    )
    person = session.person if isinstance(session, SessionStore) else None
    if (
        person is not None
        and str(person.pk) == known
        and person.is_active
        and backend in settings.AUTHENTICATION_BACKENDS
        and constant_time_compare(digest or "", person.get_session_auth_hash())
    ):
        return person
    found: User | AnonymousUser = auth.get_user(request)
    return found
