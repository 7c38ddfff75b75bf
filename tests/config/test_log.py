"""The log tells what happened, never what people or models wrote."""

from __future__ import annotations

import logging

import pytest
from django.db import IntegrityError, connection

from config.log import WithoutContent


def logged(error: Exception) -> str:
    record = logging.LogRecord(
        "annotation", logging.ERROR, __file__, 1, "it failed", (), (type(error), error, None)
    )
    return WithoutContent().format(record)


@pytest.mark.django_db
def test_a_refused_row_is_logged_without_its_values() -> None:
    words = ["a line\nof theirs: hello"]
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE said (words text, n int NOT NULL)")
        with pytest.raises(IntegrityError) as told:
            cursor.execute("INSERT INTO said VALUES (%s, NULL)", words)
    assert "of theirs" in str(told.value)  # this is what would have been logged
    line = logged(told.value)
    assert "of theirs" not in line
    assert 'null value in column "n"' in line


def test_an_ordinary_error_is_logged_whole() -> None:
    assert logged(ValueError("no such thing")).splitlines() == [
        "ERROR annotation: it failed",
        "ValueError: no such thing",
    ]
