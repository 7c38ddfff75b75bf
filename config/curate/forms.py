"""The forms of the curator's pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from datasets_app.recipe import BadRecipe, Recipe, Rulings, Ties, parse_recipe
from datasets_app.vocabulary import Role, Split

TIES = ((Ties.KEEP, _("keep them")), (Ties.EXCLUDE, _("leave them out")))
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
    train = forms.FloatField(label=_("Train"), min_value=0, max_value=1, initial=0.8)
    validation = forms.FloatField(label=_("Validation"), min_value=0, max_value=1, initial=0.0)
    test = forms.FloatField(label=_("Test"), min_value=0, max_value=1, initial=0.2)
    seed = forms.IntegerField(label=_("Seed"), min_value=0, initial=0)
    size = forms.IntegerField(
        label=_("Most records"),
        min_value=1,
        required=False,
    )

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
    plain = {**recipe, **recipe.get("splits", {})}
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
