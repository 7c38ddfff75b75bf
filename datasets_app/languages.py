"""What languages are called."""

from __future__ import annotations

from django.utils.translation import get_language_info
from django.utils.translation import gettext as _


def name_of(tag: str) -> str:
    """What a BCP 47 tag is called in the language in force; the tag where nobody knows it."""
    if tag.lower() == "zh":
        return _("Chinese")
    try:
        return str(get_language_info(tag.lower())["name_translated"])
    except KeyError:
        return tag
