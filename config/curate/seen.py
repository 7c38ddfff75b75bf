"""What a form's page was made with, which comes back with the form: others may change it since."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django import forms


class SeenField(forms.CharField):
    """The settings as the page showed them, by name; empty where they did not come back."""

    def __init__(self) -> None:
        # Without an id: a page has several forms.
        super().__init__(required=False, widget=forms.HiddenInput(attrs={"id": False}))

    def clean(self, value: Any) -> dict[str, Any]:
        """The settings; the page wrote them, and nobody has to understand what it did not."""
        try:
            found = json.loads(super().clean(value) or "{}")
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}


def written(settings: Mapping[str, Any]) -> str:
    """Settings as the field's initial value."""
    return json.dumps(settings)
