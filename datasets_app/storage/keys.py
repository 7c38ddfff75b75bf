"""The keys of stored files, made here and nowhere else: no name from outside becomes a path."""

from __future__ import annotations

import re

_DIGEST = re.compile(r"[0-9a-f]{64}")
_PART = re.compile(r"[A-Za-z0-9_@+=-][A-Za-z0-9._@+=-]*")


def media_key(digest: str) -> str:
    """The key of the bytes with that SHA-256. Raises ValueError for anything else."""
    if not _DIGEST.fullmatch(digest):
        raise ValueError(f"{digest[:80]!r} is no digest")
    return f"media/{digest[:2]}/{digest}"


def export_key(*parts: str) -> str:
    """The key of an export's file, or of the folder of an export.

    Each part may hold slashes; every piece between them is letters, digits and `._@+=-`, and does
    not begin with a dot. Raises ValueError otherwise.
    """
    pieces = "/".join(parts).split("/")
    if not all(_PART.fullmatch(piece) for piece in pieces):
        raise ValueError(f"{'/'.join(parts)[:200]!r} is no name for an export's file")
    return "/".join(("exports", *pieces))
