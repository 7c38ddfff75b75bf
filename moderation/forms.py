"""The form of a moderator's decision: what is to become of the chosen items, and why."""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID

from django import forms
from django.http import QueryDict

LONGEST_REASON = 500


class Decision(StrEnum):
    """What a moderator may do with an item that is held back. Nothing else is a decision."""

    RELEASE = "release"
    WITHDRAW = "withdraw"


class DecisionForm(forms.Form):
    """One decision for all items that were chosen."""

    decision = forms.ChoiceField(choices=[(one.value, one.value) for one in Decision])
    reason = forms.CharField(required=False, max_length=LONGEST_REASON)


def chosen_items(fields: QueryDict) -> list[UUID]:
    """The items that were ticked; what reads as no id was not offered and is left out."""
    found = []
    for value in fields.getlist("item"):
        try:
            found.append(UUID(value))
        except ValueError:
            continue
    return found
