"""Compresses pages on their way out: what people wait for on a slow line."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase
from django.middleware.gzip import GZipMiddleware

TYPES = ("text/html", "application/json")


class CompressedPages(GZipMiddleware):
    """Pages and answers to scripts only: media is compressed already, and is sent in ranges.

    Django varies the length of the answer and the token in each form, so that neither can be
    guessed from sizes.
    """

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        """The answer, smaller if the browser takes it so."""
        if response.streaming or not response.get("Content-Type", "").startswith(TYPES):
            return response
        return super().process_response(request, response)
