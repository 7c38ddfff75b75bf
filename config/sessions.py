"""Who is asking: session and person by prepared statements, because every request begins so.

Django builds both queries anew for each request, at the cost of taking an annotator's answers.
"""

from __future__ import annotations

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.auth.models import User
from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.db import connection

from annotation import prepared

_SESSION = """
SELECT session_key, session_data, expire_date FROM django_session
WHERE session_key = %(key)s AND expire_date > now()
"""
_NAMES = [field.attname for field in User._meta.concrete_fields]
_PERSON = f"SELECT {', '.join(_NAMES)} FROM auth_user WHERE id = %(user)s"  # noqa: S608  Django's


class SessionStore(db.SessionStore):
    """Django's sessions in the database (`SESSION_ENGINE`), found faster."""

    def _get_session_from_db(self) -> Session | None:
        """The session, unless it is over or was never there; then its key is forgotten."""
        rows = prepared.fetch(_SESSION, {"key": self.session_key}) if self.session_key else []
        if not rows:
            self._session_key = None
            return None
        key, data, until = rows[0]
        return Session(session_key=key, session_data=data, expire_date=until)


class Accounts(AuthenticationBackend):  # type: ignore[misc]  # allauth ships no types
    """allauth's accounts; the person of a session is found faster."""

    def get_user(self, user_id: int) -> User | None:
        """The person, unless the account is gone or closed."""
        rows = prepared.fetch(_PERSON, {"user": user_id})
        user = User.from_db(connection.alias, _NAMES, rows[0]) if rows else None
        return user if user is not None and self.user_can_authenticate(user) else None
