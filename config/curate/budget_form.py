"""The form of a campaign's budgets: what it lets one person see in a day, answer and begin."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from annotation.models import Campaign
from annotation.themes import KINDS
from annotation.wellbeing.budgets import BUDGETS
from annotation.wellbeing.wish_form import SEVERE_MINUTE
from config.curate.seen import SeenField, written
from datasets_app.models import Dataset

_CAP = re.compile(r"(\d{1,9})\s*(%?)")


class BudgetForm(forms.Form):
    """The budgets of a campaign; an empty limit is none."""

    daily_minutes = forms.IntegerField(
        label=gettext_lazy("Minutes of severe content a day"),
        required=False,
        min_value=1,
        max_value=600,
        help_text=gettext_lazy("Moderate content counts two thirds, minor one third."),
    )
    daily_answers = forms.IntegerField(
        label=gettext_lazy("Answers a day"), required=False, min_value=1, max_value=100_000
    )
    most_items = forms.CharField(
        label=gettext_lazy("Items that one person begins"),
        required=False,
        max_length=12,
        help_text=gettext_lazy("A number, or a share of the items there are now: 200 or 20 %."),
    )
    mild_after_severe = forms.IntegerField(
        label=gettext_lazy("Mild items after a severe one"),
        min_value=0,
        max_value=10,
        help_text=gettext_lazy("0: whatever comes next."),
    )
    cooldown_minutes = forms.IntegerField(
        label=gettext_lazy("… or so many minutes"), min_value=0, max_value=240
    )
    reminder_minutes = forms.IntegerField(
        label=gettext_lazy("Remind of a break after so many minutes"),
        required=False,
        min_value=5,
        max_value=240,
    )

    needs_consent = forms.MultipleChoiceField(
        label=gettext_lazy("Given only to who said yes to it"),
        choices=list(KINDS.items()),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=gettext_lazy(
            "Annotators are asked on their start page. Who says no, or nothing, is given the rest;"
            " a yes can be taken back at any time, and nobody is told who said what."
        ),
    )

    seen = SeenField()

    def __init__(self, *args: Any, dataset: Dataset, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.dataset = dataset

    @property
    def limits(self) -> list[forms.BoundField]:
        """All but what is asked a yes for, which is chosen from a list."""
        return [field for field in self if field.name != "needs_consent"]

    def clean_most_items(self) -> int | None:
        """The number; a share is counted now."""
        said = self.cleaned_data["most_items"].strip()
        if not said:
            return None
        found = _CAP.fullmatch(said)
        number = int(found[1]) if found else 0
        is_share = bool(found and found[2])
        if number < 1 or (is_share and number > 100):
            raise forms.ValidationError(_("Write a number from 1, or a share from 1 % to 100 %."))
        return max(1, -(-number * self.dataset.items.count() // 100)) if is_share else number

    @property
    def was(self) -> dict[str, Any]:
        """Fields of the campaign as the page showed them, once the form is valid."""
        return dict(self.cleaned_data["seen"])

    def said(self) -> dict[str, Any]:
        """Fields of the campaign, once the form is valid."""
        said = {name: value for name, value in self.cleaned_data.items() if name != "seen"}
        minutes = said.pop("daily_minutes")
        before = self.was.get("daily_exposure")
        if isinstance(before, int) and before // SEVERE_MINUTE == minutes:
            return said | {"daily_exposure": before}  # to the second, as it was not changed
        return said | {"daily_exposure": None if minutes is None else minutes * SEVERE_MINUTE}


def budgets_of(campaign: Campaign) -> dict[str, Any]:
    """The form's fields as they stand."""
    names = (
        *("daily_answers", "most_items", "mild_after_severe", "cooldown_minutes"),
        "needs_consent",
    )
    exposure = campaign.daily_exposure
    return {name: getattr(campaign, name) for name in names} | {
        "seen": written({name: getattr(campaign, name) for name in BUDGETS}),
        "reminder_minutes": campaign.reminder_minutes,
        "daily_minutes": None if exposure is None else exposure // SEVERE_MINUTE,
    }
