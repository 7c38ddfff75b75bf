"""Who is signed in where."""

from __future__ import annotations

from django.conf import settings
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models


class Session(AbstractBaseSession):
    """One browser's session. It names its person, so that both are found at once.

    `user` is NULL for a browser in which nobody has signed in. What the data says is what counts:
    who is asking is decided by Django's own check of it.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="sessions"
    )

    class Meta(AbstractBaseSession.Meta):
        db_table = "config_session"
