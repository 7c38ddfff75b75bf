"""The forms of the curator's pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from annotation import hours
from annotation.consensus.strategies import Plan
from annotation.models import Entry
from annotation.vocabulary import Strategy
from config.curate.seen import SeenField, written
from datasets_app.recipe import BadRecipe, Circles, Recipe, Rulings, Ties, parse_recipe
from datasets_app.vocabulary import Role, Split, VerdictMethod

METHODS = [(one.value, one.label) for one in VerdictMethod if one is not VerdictMethod.RULING]
TIES = ((Ties.KEEP, _("keep them")), (Ties.EXCLUDE, _("leave them out")))
CIRCLES = ((Circles.KEEP, _("keep them")), (Circles.EXCLUDE, _("leave them out")))
RULINGS = ((Rulings.INCLUDE, _("take them")), (Rulings.EXCLUDE, _("leave them out")))


class RecipeForm(forms.Form):
    """How the next version selects and splits; `recipe` holds the result once it is valid."""

    recipe: Recipe

    minimum_agreement = forms.FloatField(
        label=_("Minimum agreement"),
        min_value=0,
        max_value=1,
        initial=0,
    )
    minimum_votes = forms.IntegerField(label=_("Minimum votes"), min_value=0, initial=1)
    ties = forms.ChoiceField(label=_("If people chose neither"), choices=TIES)
    rulings = forms.ChoiceField(label=_("If a curator ruled"), choices=RULINGS)
    circles = forms.ChoiceField(label=_("If preferences run in a circle"), choices=CIRCLES)
    train = forms.FloatField(label=_("Train"), min_value=0, max_value=1)
    validation = forms.FloatField(label=_("Validation"), min_value=0, max_value=1)
    test = forms.FloatField(label=_("Test"), min_value=0, max_value=1)
    seed = forms.IntegerField(label=_("Seed"), min_value=0, initial=0)
    size = forms.IntegerField(
        label=_("Most records"),
        min_value=1,
        required=False,
    )

    def __init__(self, *args: Any, **words: Any) -> None:
        # The same as the command's, where nobody says otherwise.
        super().__init__(*args, **words)
        for split, share in Recipe().splits.items():
            self.fields[split].initial = share

    def selecting(self) -> list[forms.BoundField]:
        """The fields that say what is taken."""
        return [self[name] for name in self.fields if name not in (*Split.values, "seed")]

    def dividing(self) -> list[forms.BoundField]:
        """The fields that say how it is divided."""
        return [self[name] for name in (*Split.values, "seed")]

    def clean(self) -> dict[str, Any]:
        """Read the fields by the same parser that reads a recipe's file."""
        data = super().clean() or {}
        if self.errors:
            return data
        plain = {name: value for name, value in data.items() if value is not None}
        plain["splits"] = {split: plain.pop(split) for split in Split.values}
        try:
            self.recipe = parse_recipe(plain, where=str(_("Recipe")))
        except BadRecipe as wrong:
            raise forms.ValidationError(str(wrong)) from None
        return data


def in_words(recipe: Mapping[str, Any]) -> list[tuple[str, str]]:
    """A stored recipe as the form words it: label and value, in the form's order."""
    # A version cut before there was a setting was cut by its default.
    plain = {**Recipe().as_json(), **recipe, **recipe.get("splits", {})}
    found = []
    for name, field in RecipeForm.base_fields.items():
        value = plain.get(name)
        if isinstance(field, forms.ChoiceField):
            value = dict(field.choices).get(value, value)  # type: ignore[arg-type]  # plain pairs
        found.append((str(field.label), str(_("no limit") if value is None else value)))
    return found


class InvitationForm(forms.Form):
    """Whom a link makes a member of what, for how long, and how many of them."""

    role = forms.ChoiceField(label=_("Role"), choices=Role.choices)
    days = forms.IntegerField(label=_("Days open"), min_value=1, max_value=90, initial=14)
    uses = forms.IntegerField(label=_("People"), min_value=1, max_value=1000, initial=1)

    def first_error(self) -> str:
        """The first thing that is wrong, as one line."""
        return next((str(e[0]) for e in self.errors.values()), "")


class PlanForm(forms.Form):
    """How many people judge an item and what their votes come to.

    `plan` is the valid result, `was` the plan with which the page was made.
    """

    plan: Plan
    was: dict[str, Any]

    strategy = forms.ChoiceField(
        label=_("How many people"), choices=Strategy, widget=forms.RadioSelect
    )
    overlap = forms.IntegerField(
        label=_("People an item, at first"),
        min_value=1,
        max_value=9,
        help_text=_("Raising it adds places to items begun; lowering takes only what is free."),
    )
    overlap_at_most = forms.IntegerField(
        label=_("People an item, at most"),
        min_value=1,
        max_value=9,
        help_text=_("Only when it takes as many as it takes."),
    )
    certainty = forms.FloatField(
        label=_("Sure enough"),
        min_value=0.5,
        max_value=0.999,
        help_text=_("How probable the leading answer has to be: 0.9 is a lead of two people."),
    )
    skips_at_most = forms.IntegerField(
        label=_("Skips until a curator gets it"),
        min_value=1,
        max_value=9,
        required=False,
        help_text=_("Counted: “cannot judge” and “does not load”. Empty: never."),
    )

    method = forms.ChoiceField(
        label=_("What the votes come to"),
        choices=[
            (one.value, one.label) for one in (VerdictMethod.MAJORITY, VerdictMethod.DAWID_SKENE)
        ],
        help_text=_(
            "Majority: every vote weighs the same. Dawid–Skene: votes weigh by how reliable each "
            "person has been in this campaign; it needs many answers of each."
        ),
    )
    minimum_agreement = forms.FloatField(
        label=_("Disputed below"),
        min_value=0,
        max_value=1,
        help_text=_(
            "The share of the votes, or the probability by Dawid–Skene, that the leading answer "
            "needs. 0: only ties are disputed."
        ),
    )
    seen = SeenField()

    def asking(self) -> list[forms.BoundField]:
        """The fields that say how many are asked."""
        beside = ("strategy", "method", "minimum_agreement", "seen")
        return [self[name] for name in self.fields if name not in beside]

    def deciding(self) -> list[forms.BoundField]:
        """The fields that say what their votes come to."""
        return [self["method"], self["minimum_agreement"]]

    def clean(self) -> dict[str, Any]:
        """Read the fields as the plan that they are."""
        data = super().clean() or {}
        if self.errors:
            return data
        if data["strategy"] == Strategy.SEQUENTIAL and data["overlap_at_most"] < data["overlap"]:
            raise forms.ValidationError(_("The most people cannot be fewer than the first ones."))
        self.was = data["seen"]
        self.plan = Plan(
            **{name: value for name, value in data.items() if name != "seen"}
            | {
                "strategy": Strategy(data["strategy"]),
                "method": VerdictMethod(data["method"]),
            }
        )
        return data


def plan_form_of(plan: Plan) -> dict[str, Any]:
    """The form's fields as they stand."""
    return asdict(plan) | {"seen": written(asdict(plan))}


class EntryForm(forms.ModelForm):  # type: ignore[type-arg]  # the stubs' generic is none at run time
    """How people of an outside workforce come in, how many, and what they get at the end."""

    days = forms.IntegerField(label=_("Days open"), min_value=1, max_value=365, initial=14)
    places = forms.IntegerField(label=_("People"), min_value=1, max_value=100_000, initial=20)
    return_url = forms.URLField(
        label=_("Address to return to"),
        required=False,
        max_length=500,
        assume_scheme="https",
        help_text=_("Beginning with https://"),
    )

    class Meta:
        model = Entry
        fields = (
            "name",
            "places",
            "days",
            "answers",
            "code",
            "return_url",
            "participant_parameter",
            "study_parameter",
            "study",
        )
        labels = {
            "name": _("Name, for curators"),
            "answers": _("Done after so many answers"),
            "code": _("Completion code"),
            "participant_parameter": _("The participant’s number is called"),
            "study_parameter": _("The study’s number is called"),
            "study": _("The study’s number"),
        }
        help_texts = {
            "answers": _("Empty: when nothing is left."),
            "code": _("Empty: one is drawn."),
            "study": _("Empty: any."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].required = False
        self.fields["answers"].required = False


class ReadmitForm(forms.Form):
    """Whom to let in again."""

    participant = forms.CharField(label=_("Participant’s number"), max_length=64)


class HoursForm(forms.Form):
    """Which days, and for how long one answer may count."""

    since = forms.DateField(
        label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    until = forms.DateField(
        label=_("To"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    longest = forms.IntegerField(
        label=_("At most seconds an answer"),
        required=False,
        min_value=1,
        max_value=86_400,
        initial=hours.LONGEST_SECONDS,
    )

    def chosen(self) -> dict[str, Any]:
        """The arguments of `hours.worked`; what makes no sense is left out."""
        given = self.cleaned_data if self.is_bound and self.is_valid() else {}
        return {name: value for name, value in given.items() if value is not None}


class GuidelineForm(forms.Form):
    """What annotators read before they work."""

    guideline = forms.CharField(
        label=_("Guideline"),
        required=False,
        max_length=100_000,
        widget=forms.Textarea(attrs={"rows": 18, "dir": "auto", "spellcheck": "true"}),
        help_text=_(
            "Markdown, without pictures. A heading with ## begins a new section, which is read "
            "by itself."
        ),
    )

    def clean_guideline(self) -> str:
        """With line feeds alone, as the browser did not write them."""
        said: str = self.cleaned_data["guideline"]
        return said.replace("\r\n", "\n").strip()
