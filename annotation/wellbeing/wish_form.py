"""The form in which a person says what he wants to be spared and how things are shown."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from annotation.models import Wishes
from annotation.themes import THEMES
from annotation.vocabulary import Blur

# A minute of severe content, in severity × seconds.
SEVERE_MINUTE = 180
_TAG = re.compile(r"[a-z]{2,8}")


class WishForm(forms.Form):
    """One annotator's wishes; every field may stay empty."""

    unwanted = forms.MultipleChoiceField(
        label=_("What I do not want to see"),
        choices=[(theme.key, theme.name) for theme in THEMES],
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_("Nobody asks why, nobody is told, and nothing is held against you."),
    )
    languages = forms.CharField(
        label=_("Languages I read well"),
        required=False,
        max_length=80,
        help_text=_("Language tags, as in: en, de. Empty: whatever comes."),
    )
    daily_answers = forms.IntegerField(
        label=_("Answers a day, at most"), required=False, min_value=1, max_value=10_000
    )
    daily_minutes = forms.IntegerField(
        label=_("Minutes of severe content a day, at most"),
        required=False,
        min_value=0,
        max_value=600,
        help_text=_("Moderate content counts two thirds. The campaign's own limit holds as well."),
    )
    reminder_minutes = forms.IntegerField(
        label=_("Remind me of a break after so many minutes"),
        required=False,
        min_value=5,
        max_value=240,
    )
    blur = forms.TypedChoiceField(
        label=_("Blur pictures and films when they are revealed"),
        choices=Blur,
        coerce=int,
        help_text=_("Press and hold one to see it sharp."),
    )
    greyscale = forms.BooleanField(label=_("Show pictures and films in grey"), required=False)
    muted = forms.BooleanField(label=_("Begin films without sound"), required=False)

    @classmethod
    def of(cls, wishes: Wishes) -> WishForm:
        """The form with what stands."""
        minutes = wishes.daily_exposure
        return cls(
            initial={
                "unwanted": wishes.unwanted,
                "languages": ", ".join(wishes.languages),
                "daily_answers": wishes.daily_answers,
                "daily_minutes": None if minutes is None else minutes // SEVERE_MINUTE,
                "reminder_minutes": wishes.reminder_minutes,
                "blur": wishes.blur,
                "greyscale": wishes.greyscale,
                "muted": wishes.muted,
            }
        )

    def clean_languages(self) -> list[str]:
        """Base tags, each once."""
        said = re.split(r"[\s,;]+", self.cleaned_data["languages"].strip().lower())
        bases = [tag.partition("-")[0] for tag in said if tag]
        wrong = [tag for tag in bases if not _TAG.fullmatch(tag)]
        if wrong:
            raise forms.ValidationError(
                _("“%(tag)s” is no language tag: write en, de or zh."), params={"tag": wrong[0]}
            )
        return list(dict.fromkeys(bases))

    def said(self) -> dict[str, Any]:
        """The fields of `Wishes`, once the form is valid."""
        said = dict(self.cleaned_data)
        minutes = said.pop("daily_minutes")
        return said | {"daily_exposure": None if minutes is None else minutes * SEVERE_MINUTE}
