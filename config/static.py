"""Static files as they are served: small, named by their content, compressed, cached for ever."""

from __future__ import annotations

import hashlib
import json
import os
import re
import time
from datetime import UTC, datetime
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
# So long a page that is open may ask for scripts of the release that made it.
KEPT_SECONDS = 2 * 24 * 3600
_MANIFEST = CompressedManifestStaticFilesStorage.manifest_name
_STAMP = ".sources"
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

    def get_modified_time(self, name: str) -> datetime:
        """Never: the files of a release may be older than what was collected before it."""
        return datetime.min.replace(tzinfo=UTC)


def collect_if_changed() -> bool:
    """Collect, hash and compress anew if any source file has changed; whether it had to.

    What the release before had stays for two days: a page that it made still finds its scripts.
    """
    if settings.DEBUG:
        return False  # served from where they lie
    root = Path(settings.STATIC_ROOT)
    stamp = root / _STAMP
    now = fingerprint()
    if stamp.exists() and stamp.read_text(encoding="ascii") == now:
        return False
    before = _released(root)
    call_command("collectstatic", verbosity=0, interactive=False)
    _let_go(root, before - _released(root))
    stamp.write_text(now, encoding="ascii")
    return True


def _released(root: Path) -> set[str]:
    """The names of what the last release is made of, with its hashes and without."""
    manifest = root / _MANIFEST
    if not manifest.exists():
        return set()
    paths: dict[str, str] = json.loads(manifest.read_text(encoding="utf-8"))["paths"]
    return {*paths, *paths.values()}


def _let_go(root: Path, just_replaced: set[str]) -> None:
    """Delete what no release has had for two days; what was replaced just now counts from now."""
    current, now = _released(root), time.time()
    for path in [path for path in root.rglob("*") if path.is_file()]:
        name = path.relative_to(root).as_posix().removesuffix(".gz").removesuffix(".br")
        if name in current or name in {_MANIFEST, _STAMP}:
            continue
        if name in just_replaced:
            os.utime(path, (now, now))
        elif path.stat().st_mtime < now - KEPT_SECONDS:
            path.unlink()


def fingerprint() -> str:
    """A digest of the names, sizes and times of all source files, and of how they are stored."""
    digest = hashlib.sha256(settings.STORAGES["staticfiles"]["BACKEND"].encode())
    digest.update(Path(__file__).read_bytes())
    for finder in get_finders():
        for name, storage in finder.list([]):
            facts = Path(storage.path(name)).stat()
            digest.update(f"{name}\0{facts.st_size}\0{facts.st_mtime_ns}\n".encode())
    return digest.hexdigest()
