"""The filter `legible`: what people and models wrote, escaped, with hidden characters shown."""

from __future__ import annotations

from django import template
from django.utils.safestring import SafeString

from datasets_app.legible import legible as _legible

register = template.Library()


@register.filter
def legible(text: str) -> SafeString:
    """See `datasets_app.legible`; for an element of class `verbatim` with `dir="auto"`."""
    return _legible(text)
