"""The log's lines: short, and without what people or models wrote."""

from __future__ import annotations

import logging
import re
from typing import Any

# PostgreSQL tells which row it refused, with all its values. psycopg puts that into the message.
VALUES = re.compile(
    r"^(DETAIL|CONTEXT|HINT|LINE \d+|QUERY|STATEMENT):.*?(?=^\w+: |\Z)", re.M | re.S
)


# They tell of each message and each request; what goes wrong they tell as a warning.
TALKATIVE = (
    "celery",
    "kombu",
    "amqp",
    "asyncio",
    "pgmq",
    "psycopg",
    "urllib3",
    "botocore",
    "httpx2",
)


def django_logging(level: str) -> dict[str, Any]:  # Any: as Django's setting has it
    """The value of LOGGING: everything to standard error, from this level on."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"plain": {"()": WithoutContent}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            **{name: {"level": "WARNING"} for name in TALKATIVE},
            # Whoever looks for holes would fill the log with tracebacks.
            "django.security.DisallowedHost": {"level": "CRITICAL"},
        },
    }


class WithoutContent(logging.Formatter):
    """`level logger: message`, without the details by which a database error quotes its rows."""

    def __init__(self) -> None:
        super().__init__("%(levelname)s %(name)s: %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        """The whole entry, traceback included."""
        return VALUES.sub("", super().format(record)).rstrip()
