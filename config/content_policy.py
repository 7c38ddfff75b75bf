"""What a browser may do with our pages: the content security policy, and the admin's looser one."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from csp.constants import NONE, SELF, UNSAFE_EVAL, UNSAFE_INLINE

Directives = dict[str, list[str]]

# The admin's theme has inline scripts, which evaluate expressions. Nowhere else is that allowed.
ADMIN: Directives = {
    "default-src": [NONE],
    "script-src": [SELF, UNSAFE_INLINE, UNSAFE_EVAL],
    "style-src": [SELF, UNSAFE_INLINE],
    "img-src": [SELF, "data:"],
    "font-src": [SELF],
    "connect-src": [SELF],
    "frame-ancestors": [NONE],
    "base-uri": [NONE],
    "form-action": [SELF],
}


def strict(*, media_urls: Iterable[str], sign_in_urls: Iterable[str]) -> Directives:
    """Nothing but our own files, and nothing inline.

    Pictures and films may come from the origins of `media_urls` too. Forms may lead to the origins
    of `sign_in_urls`: browsers hold a form's redirects to the same rule.
    """
    media = [SELF, *_origins(media_urls)]
    return {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": media,
        "media-src": media,
        "font-src": [SELF],
        "connect-src": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF, *_origins(sign_in_urls)],
    }


def _origins(urls: Iterable[str]) -> list[str]:
    parts = [urlsplit(url) for url in urls if url]
    return sorted({f"{part.scheme}://{part.netloc}" for part in parts})
