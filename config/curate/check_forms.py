"""The forms of the gold page: how much is checked, what follows from it, what gold expects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.translation import gettext as _translated
from django.utils.translation import gettext_lazy as _

from annotation import campaigns, guidelines
from annotation.models import Campaign, ConductRule
from annotation.quality import grading, learning
from annotation.quality.conduct import Rule
from annotation.quality.gold import LONGEST_EXPLANATION
from annotation.vocabulary import ConsequenceKind, GoldPurpose
from datasets_app.protocols import protocol_named
from datasets_app.protocols.base import Question


class ChecksForm(forms.ModelForm):  # type: ignore[type-arg]  # the stubs' generic is none at run time
    """Whether people are measured, and how often."""

    class Meta:
        model = Campaign
        fields = campaigns.CHECKED_BY
        labels = {
            "is_checked": _("Mix checks in"),
            "gold_share": _("Share of gold"),
            "repeat_share": _("Share of repeats"),
            "pass_mark": _("Accuracy that passes"),
            "asks_reading": _("Ask that the guideline is read first"),
        }
        help_texts = {
            "is_checked": _("Off: nobody is measured, and no rule applies."),
            "gold_share": _("0 to 0.5, attention checks among it."),
            "repeat_share": _("0 to 0.5, sides swapped."),
            "pass_mark": _("In the qualification, 0 to 1, for each group."),
            "asks_reading": "",
        }


class QualificationForm(forms.Form):
    """Which steps only go to people who are qualified for their questions."""

    steps = forms.MultipleChoiceField(
        label=_("Only for people who are qualified"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, campaign: Campaign, data: Any = None) -> None:
        super().__init__(data, initial={"steps": sorted(learning.demanded(campaign))})
        field = self.fields["steps"]
        assert isinstance(field, forms.MultipleChoiceField)
        protocol = protocol_named(campaign.protocol)
        field.choices = [(step.key, _translated(step.title)) for step in protocol.steps]


class RuleForm(forms.Form):
    """One rule; without an accuracy there is none."""

    then = forms.ChoiceField(label=_("Brings about"), choices=ConsequenceKind)
    group = forms.ChoiceField(label=_("In"), required=False)
    below = forms.FloatField(label=_("Accuracy below"), required=False, min_value=0.01, max_value=1)
    over = forms.IntegerField(
        label=_("Over the last checks"), min_value=1, max_value=100, initial=10
    )

    def __init__(self, *args: Any, groups: list[str], **more: Any) -> None:
        super().__init__(*args, **more)
        field = self.fields["group"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [
            ("", _("each group by itself")),
            *((group, guidelines.group_name(group)) for group in groups),
        ]

    def rule(self) -> Rule | None:
        """The rule that a valid form declares; None where it has no accuracy, or is to go."""
        said = self.cleaned_data
        if said.get("below") is None or said.get("DELETE"):
            return None
        return Rule(said["group"], said["below"], said["over"], ConsequenceKind(said["then"]))


class _Rules(forms.BaseFormSet):  # type: ignore[type-arg]  # as above
    """A campaign's rules, any number of them, and an empty form for one more."""

    def add_fields(self, form: RuleForm, index: int | None) -> None:
        super().add_fields(form, index)
        if "DELETE" in form.fields:
            form.fields["DELETE"].label = _("Remove this rule")

    def rules(self) -> list[Rule]:
        """What a valid set declares."""
        return [rule for form in self.forms if (rule := form.rule()) is not None]


_RULES = forms.formset_factory(
    RuleForm, formset=_Rules, extra=1, can_delete=True, can_delete_extra=False
)


def rules_of(campaign: Campaign, groups: list[str], data: Any = None) -> _Rules:
    """The forms of the rules that stand, and of one more; what was sent where `data` is given."""
    stand = ConductRule.objects.filter(campaign=campaign).order_by("-below", "pk")
    made = _RULES(
        data,
        prefix="rules",
        initial=list(stand.values("then", "group", "below", "over")),
        form_kwargs={"groups": groups},
    )
    assert isinstance(made, _Rules)
    return made


def _name(question: str) -> str:
    """The field of a question's tolerance, named beside `<side>-<question>` of its answers."""
    return f"tolerance-{question}"


def _near(question: Question) -> forms.IntegerField:
    """How far off an answer to this severity or scale still is half a fault."""
    most = grading.most_off(question)
    wanted = _translated("A whole number from 0 to %d.") % most
    return forms.IntegerField(
        label=_translated(question.wording),
        min_value=0,
        max_value=most,
        initial=grading.NEAR,
        error_messages=dict.fromkeys(("required", "invalid", "min_value", "max_value"), wanted),
    )


class GoldForm(forms.Form):
    """What goes with the expected answers; each severity and scale has a tolerance of its own."""

    purpose = forms.ChoiceField(label=_("For"), choices=GoldPurpose)
    explanation = forms.CharField(
        label=_("Why"),
        required=False,
        max_length=LONGEST_EXPLANATION,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Shown after the answer in a qualification, which needs it, and to curators."),
    )
    instruction = forms.CharField(
        label=_("Instruction"),
        required=False,
        max_length=500,
        help_text=_("Of an attention check: what to answer, shown under the prompt."),
    )

    def __init__(
        self,
        data: Any,
        *,
        measured: Sequence[Question],
        initial: Mapping[str, Any] | None = None,
        near: Mapping[str, int] | None = None,
    ) -> None:
        """`measured` are the severities and scales; `near` is what a gold item says of them."""
        told = {_name(key): points for key, points in (near or {}).items()}
        super().__init__(data, initial={**(initial or {}), **told})
        self._asked = {_name(question.key): question.key for question in measured}
        self.fields.update({_name(question.key): _near(question) for question in measured})

    @property
    def tolerances(self) -> list[BoundField]:
        """The fields of the tolerances, in the order of the questions."""
        return [self[name] for name in self._asked]

    @property
    def others(self) -> list[BoundField]:
        """The fields of all else."""
        return [field for field in self if field.name not in self._asked]

    def tolerance(self) -> dict[str, int]:
        """What a valid form says by question, as gold keeps it: without what holds anyway."""
        said = {key: self.cleaned_data[name] for name, key in self._asked.items()}
        return {key: points for key, points in said.items() if points != grading.NEAR}
