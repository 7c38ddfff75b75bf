"""What reading says of a value that its question does not take."""

from __future__ import annotations


class Misfit(Exception):
    """A value that its question does not take; the text says what it takes."""
