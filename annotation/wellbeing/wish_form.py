"""The form in which a person says what he wants to be spared and how things are shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from annotation.models import Wishes
from annotation.themes import THEMES
from annotation.vocabulary import Blur
from datasets_app.languages import name_of

# A minute of severe content, in severity × seconds.
SEVERE_MINUTE = 180


class WishForm(forms.Form):
    """One annotator's wishes; every field may stay empty.

    `languages` are the base tags that may be named: of what there is to do, and those that stand.
    """

    unwanted = forms.MultipleChoiceField(
        label=_("What I do not want to see"),
        choices=[(theme.key, theme.name) for theme in THEMES],
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_("Nobody asks why, nobody is told, and nothing is held against you."),
    )
    languages = forms.MultipleChoiceField(
        label=_("Languages I read well"),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_("None chosen: whatever comes."),
    )
    daily_answers = forms.IntegerField(
        label=_("Answers a day, at most"), required=False, min_value=1, max_value=10_000
    )
    daily_minutes = forms.IntegerField(
        label=_("Minutes of severe content a day, at most"),
        required=False,
        min_value=0,
        max_value=600,
        help_text=_("Moderate content counts two thirds. The limit for everybody holds as well."),
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

    def __init__(self, *args: Any, languages: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["languages"]
        assert isinstance(field, forms.MultipleChoiceField)
        by_name = sorted((name_of(tag), tag) for tag in languages)
        field.choices = [(tag, name) for name, tag in by_name]

    @classmethod
    def of(cls, wishes: Wishes, *, languages: Sequence[str]) -> WishForm:
        """The form with what stands."""
        minutes = wishes.daily_exposure
        return cls(
            languages=languages,
            initial={
                "unwanted": wishes.unwanted,
                "languages": wishes.languages,
                "daily_answers": wishes.daily_answers,
                "daily_minutes": None if minutes is None else minutes // SEVERE_MINUTE,
                "reminder_minutes": wishes.reminder_minutes,
                "blur": wishes.blur,
                "greyscale": wishes.greyscale,
                "muted": wishes.muted,
            },
        )

    def chips(self) -> list[forms.BoundField]:
        """The fields of which one ticks as many as one likes."""
        return [self["unwanted"], self["languages"]]

    def details(self) -> list[forms.BoundField]:
        """The others, but for those that are a tick by themselves."""
        ticked = ("unwanted", "languages", "greyscale", "muted")
        return [self[name] for name in self.fields if name not in ticked]

    def said(self) -> dict[str, Any]:
        """The fields of `Wishes`, once the form is valid."""
        said = dict(self.cleaned_data)
        minutes = said.pop("daily_minutes")
        return said | {"daily_exposure": None if minutes is None else minutes * SEVERE_MINUTE}
