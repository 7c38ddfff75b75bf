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
def model_text(text: str, *, as_written: bool = False) -> SafeString:
    """What a model wrote, in an element of its own: rendered, or as it was written."""
    html = None if as_written else rendered(text)
    if html is None:
        return format_html('<div class="prose verbatim" dir="auto">{}</div>', _legible(text))
    return format_html('<div class="prose rendered" dir="auto">{}</div>', html)
