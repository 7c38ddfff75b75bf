"""The log's lines: short, and without what people or models wrote."""

from __future__ import annotations

import logging
import re

# PostgreSQL tells which row it refused, with all its values. psycopg puts that into the message.
VALUES = re.compile(
    r"^(DETAIL|CONTEXT|HINT|LINE \d+|QUERY|STATEMENT):.*?(?=^\w+: |\Z)", re.M | re.S
)


class WithoutContent(logging.Formatter):
    """`level logger: message`, without the details by which a database error quotes its rows."""

    def __init__(self) -> None:
        super().__init__("%(levelname)s %(name)s: %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        """The whole entry, traceback included."""
        return VALUES.sub("", super().format(record)).rstrip()
