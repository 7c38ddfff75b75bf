"""Static files as they are served: named by their content, compressed, cached for ever."""

from __future__ import annotations

import hashlib
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # it ships no types
    """Also rewrites `import … from "./status.js"`, so that a module exists once, under one name."""

    support_js_module_import_aggregation = True


def collect_if_changed() -> bool:
    """Collect, hash and compress anew if any source file has changed; whether it had to."""
    if settings.DEBUG:
        return False  # served from where they lie
    stamp = Path(settings.STATIC_ROOT) / ".sources"
    now = fingerprint()
    if stamp.exists() and stamp.read_text(encoding="ascii") == now:
        return False
    call_command("collectstatic", verbosity=0, interactive=False, clear=True)
    stamp.write_text(now, encoding="ascii")
    return True


def fingerprint() -> str:
    """A digest of the names, sizes and times of all source files, and of how they are stored."""
    digest = hashlib.sha256(settings.STORAGES["staticfiles"]["BACKEND"].encode())
    for finder in get_finders():
        for name, storage in finder.list([]):
            facts = Path(storage.path(name)).stat()
            digest.update(f"{name}\0{facts.st_size}\0{facts.st_mtime_ns}\n".encode())
    return digest.hexdigest()
