"""Where files lie: the media folder, or S3.

Every file has a key. `media_key(digest)` is that of a stored file or rendition, named by the
SHA-256 of its bytes; `export_key("slug@1/format", "train.jsonl")` that of an export's file.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings

from datasets_app.storage.base import Storage, StorageFault
from datasets_app.storage.folder import Folder
from datasets_app.storage.keys import export_key, media_key


def storage() -> Storage:
    """The storage that the settings name: S3 with CASTOR_S3_BUCKET, else the media folder."""
    if not settings.CASTOR_S3_BUCKET:
        return Folder(Path(settings.CASTOR_MEDIA_ROOT))
    return _bucket(
        settings.CASTOR_S3_BUCKET,
        endpoint=settings.CASTOR_S3_ENDPOINT,
        region=settings.CASTOR_S3_REGION,
        key=settings.CASTOR_S3_KEY,
        secret=settings.CASTOR_S3_SECRET,
        origin=settings.CASTOR_S3_ORIGIN,
        incoming=Path(settings.CASTOR_HOME) / "incoming",
    )


@lru_cache(maxsize=4)
def _bucket(name: str, **words: Any) -> Storage:  # Any: the words of Bucket
    """One client for a process: making one takes longer than asking it."""
    # boto3 takes a while to import, and most installations never need it.
    from datasets_app.storage.bucket import Bucket

    return Bucket(name, **words)


__all__ = ["Storage", "StorageFault", "export_key", "media_key", "storage"]
