"""What an annotator sees who reloads a page while Castor cannot be reached: a page of ours, which
the browser keeps. It holds nothing of anybody."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

# What the page is made of, besides itself.
FILES = (
    "css/tokens.css",
    "css/base.css",
    "css/controls.css",
    "css/account.css",
    "img/logo.svg",
    "annotation/js/unreachable.js",
)


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """The page itself, which goes on by itself when Castor is back."""
    return render(request, "label/unreachable.html")


@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker that shows it. From here, because it serves what lies beside and below
    its own address, and names the files of this release."""
    context = {"files": [static(file) for file in FILES], "language": get_language()}
    response = render(request, "label/worker.js", context, content_type="text/javascript")
    response.headers["Cache-Control"] = "no-cache"
    return response
