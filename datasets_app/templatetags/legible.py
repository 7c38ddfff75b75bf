"""What people and models wrote: the filter `legible` escapes it, `model_text` renders Markdown."""

from __future__ import annotations

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from datasets_app.legible import legible as _legible
from datasets_app.markdown import rendered

register = template.Library()


@register.filter
def legible(text: str) -> SafeString:
    """See `datasets_app.legible`; for an element of class `verbatim` with `dir="auto"`."""
    return _legible(text)


@register.simple_tag
def model_text(text: str, *, as_written: bool = False, language: str = "") -> SafeString:
    """What a model wrote, in an element of its own: rendered, or as it was written.

    `language` is its BCP 47 tag, by which it is read aloud; "" leaves that to the page.
    """
    lang = format_html(' lang="{}"', language) if language else ""
    html = None if as_written else rendered(text)
    kind = "verbatim" if html is None else "rendered"
    shown = _legible(text) if html is None else html
    return format_html('<div class="prose {}" dir="auto"{}>{}</div>', kind, lang, shown)
