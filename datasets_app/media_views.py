"""Serving media: bytes by digest, to those whom one of the doors lets in, with a type of our own.

What may be asked for is the file itself or one of its safe renditions. The doors are functions
of (user, items that show the file); config/urls.py lists them, because people and machines have
reasons of their own to look at an item. Where they show no more than the blurred preview, the rest
is not found.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from http import HTTPStatus
from pathlib import Path
from typing import BinaryIO

from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

from datasets_app import access
from datasets_app.access import Door, Sight
from datasets_app.byte_ranges import ByteRange, NotInFile, byte_range
from datasets_app.models import Media
from datasets_app.storage import media_key, storage

CHUNK = 1 << 16
# A player asks for all from here on, reads as much as it wants to have ahead, and leaves the rest
# in the pipe: for as long as somebody pauses a film, a thread would wait to send it. It asks on.
PLAYERS = ("video", "audio")
PLAYER_PART = 1 << 20
# A browser may show a file again without asking for so long. Its name never means other bytes,
# but who may see it changes: an item is reported, a person leaves.
FRESH_SECONDS = 600
# A link into S3 works for whoever holds it; it is good for one look.
LINK_SECONDS = 300
# A redirect to such a link must be forgotten before the link dies.
LINK_FRESH_SECONDS = 120
# One to what is covered opens only what its reveal, silent from now on, would open as well.
REVEALED_LINK_SECONDS = 60

# The types we serve; whatever a row says besides is served as bytes to save.
TYPES = frozenset(
    {
        "image/jpeg", "image/png", "image/webp", "image/gif",
        "video/mp4", "video/webm",
        "audio/wav", "audio/mpeg", "audio/flac", "audio/ogg",
    }
)  # fmt: skip
_RENDITION_TYPES = {"poster": "image/webp", "preview": "image/webp", "peaks": "application/json"}


@require_safe
def media(
    request: HttpRequest, digest: str, kind: str, *, doors: Sequence[Door]
) -> HttpResponseBase:
    """The bytes of a file or rendition; 404 for who has no reason to see them.

    Honours one range of bytes. With S3 it redirects to a link that soon expires. What is seen
    under a reveal is kept nowhere.
    """
    found, sight = access.media_for(request.user, digest, doors)
    if sight is Sight.BLURRED and kind != "preview":
        raise Http404
    named, mime = _rendition(found, kind)
    key, is_fleeting = media_key(named), sight is Sight.REVEALED and kind != "preview"
    # A script reads peaks, and may read from its own origin only.
    link = "" if kind == "peaks" else _link(key, mime, is_fleeting=is_fleeting)
    if kind == "peaks":
        response: HttpResponseBase = _whole(key, mime)
    elif link:
        response = HttpResponseRedirect(link)
    else:
        response = _local(request, storage().path(key), mime)
    fresh = LINK_FRESH_SECONDS if link else FRESH_SECONDS
    return _guarded(response, None if is_fleeting else fresh)


def _link(key: str, mime: str, *, is_fleeting: bool) -> str:
    """An address in S3; "" where there is none."""
    seconds = REVEALED_LINK_SECONDS if is_fleeting else LINK_SECONDS
    return storage().link(key, mime=mime, seconds=seconds, is_fleeting=is_fleeting)


def _rendition(found: Media, kind: str) -> tuple[str, str]:
    """The digest and type of what was asked for. Raises Http404 where there is none."""
    if kind == "original":
        return found.digest, found.mime if found.mime in TYPES else "application/octet-stream"
    if kind not in _RENDITION_TYPES or not getattr(found, kind):
        raise Http404
    return getattr(found, kind), _RENDITION_TYPES[kind]


def _whole(key: str, mime: str) -> HttpResponse:
    """A small file from wherever it lies. Raises Http404 where it is gone."""
    try:
        with storage().open(key) as file:
            return HttpResponse(file.read(), content_type=mime)
    except FileNotFoundError:
        raise Http404 from None


def _local(request: HttpRequest, path: Path | None, mime: str) -> HttpResponseBase:
    if path is None:
        raise Http404
    size = path.stat().st_size
    try:
        wanted = byte_range(
            request.headers.get("Range", ""),
            size,
            most=PLAYER_PART if request.headers.get("Sec-Fetch-Dest") in PLAYERS else None,
        )
    except NotInFile:
        return HttpResponse(
            status=HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE,
            headers={"Content-Range": f"bytes */{size}"},
        )
    if wanted is None:
        # WSGI servers that can send a file by itself do so.
        whole = FileResponse(path.open("rb"), content_type=mime)
        whole.headers["Accept-Ranges"] = "bytes"
        return whole
    return _part(path, wanted, size, mime)


def _part(path: Path, wanted: ByteRange, size: int, mime: str) -> StreamingHttpResponse:
    part = StreamingHttpResponse(
        _chunks(path, wanted), content_type=mime, status=HTTPStatus.PARTIAL_CONTENT
    )
    part.headers["Content-Length"] = str(wanted.length)
    part.headers["Content-Range"] = f"bytes {wanted.first}-{wanted.last}/{size}"
    part.headers["Accept-Ranges"] = "bytes"
    return part


def _chunks(path: Path, wanted: ByteRange) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.seek(wanted.first)
        yield from _at_most(file, wanted.length)


def _at_most(file: BinaryIO, left: int) -> Iterator[bytes]:
    while left > 0 and (chunk := file.read(min(CHUNK, left))):
        left -= len(chunk)
        yield chunk


def _guarded(response: HttpResponseBase, fresh: int | None) -> HttpResponseBase:
    """Nothing in the bytes may run, be framed or be guessed at; only this browser keeps them, for
    `fresh` seconds, or with None nobody."""
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers["Content-Disposition"] = "inline"
    if fresh is None:
        patch_cache_control(response, private=True, no_store=True)
    else:
        patch_cache_control(response, private=True, max_age=fresh)
    return response
