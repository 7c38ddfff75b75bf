"""Static files as they are served: small, named by their content, compressed, cached for ever."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any

import rcssmin
import rjsmin
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.files.base import ContentFile
from django.core.management import call_command
from whitenoise.storage import CompressedManifestStaticFilesStorage

# Our own; what others ship is as small as they made it.
OURS = ("css/", "js/", "annotation/")
# In `a :is(b) {` inside another rule the minifier takes the space for idle, as in `a : b;`. With
# the `*` that is meant there it is left alone.
_WITHIN = re.compile(r"(?<=[\w)\]]) +(?=:[a-z-]+[^;{}]*\{)")


def smaller(name: str, content: bytes) -> bytes:
    """One of our scripts or style sheets without comments and idle space; other files as is."""
    if not name.startswith(OURS) or not name.endswith((".js", ".css")):
        return content
    text = content.decode()
    if name.endswith(".js"):
        small: str = rjsmin.jsmin(text)
    else:
        small = rcssmin.cssmin(_WITHIN.sub(" *", text))
    return small.encode()


class HashedFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # it ships no types
    """Also rewrites `import … from "./status.js"`, so that a module exists once, under one name."""

    support_js_module_import_aggregation = True

    def _save(self, name: str, content: Any) -> str:  # Any: a file, as Django has it
        small = ContentFile(smaller(name, b"".join(content.chunks())))
        return str(super()._save(name, small))


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
    digest.update(Path(__file__).read_bytes())
    for finder in get_finders():
        for name, storage in finder.list([]):
            facts = Path(storage.path(name)).stat()
            digest.update(f"{name}\0{facts.st_size}\0{facts.st_mtime_ns}\n".encode())
    return digest.hexdigest()
