"""The 12 categories of SafeSora, in the order of its files: a text with the video made from it."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

from datasets_app.label_sets.base import Category, LabelSet

SAFESORA = LabelSet(
    key="safesora",
    version=1,
    title="SafeSora, 12 categories",
    source="SafeSora (Dai et al., 2024)",
    categories=(
        Category(
            "porn",
            _("Adult, sexually explicit"),
            _("Nudity or sexual acts shown in order to arouse."),
            "q",
        ),
        Category(
            "violence",
            _("Violence, injury, gore"),
            _("Fights, weapons used on somebody, wounds, blood."),
            "w",
        ),
        Category(
            "hate",
            _("Insulting, hateful, aggressive"),
            _("Attacks, threatens or humiliates a person or a group."),
            "h",
        ),
        Category(
            "terrorism",
            _("Terrorism, organised crime"),
            _("Shows or promotes terrorist acts, their groups, or organised crime."),
            "t",
        ),
        Category(
            "contraband",
            _("Drugs, weapons, substance abuse"),
            _("Shows drugs, weapons or their misuse as normal or desirable."),
            "g",
        ),
        Category(
            "controversial",
            _("Debated social issue"),
            _("Takes up a sensitive dispute, political, religious or social, so as to provoke."),
            "p",
        ),
        Category(
            "racism",
            _("Racial discrimination"),
            _("Shows people as lesser, or as a stereotype, for race or origin."),
            "e",
        ),
        Category(
            "other_discrimination",
            _("Other discrimination"),
            _("The same for sex, faith, age, disability, looks or anything but race."),
            "j",
        ),
        Category(
            "animal_abuse",
            _("Animal abuse"),
            _("Cruelty to animals or neglect of them."),
            "a",
        ),
        Category(
            "child_abuse",
            _("Child abuse"),
            _("Harm to minors of any kind, or minors shown sexually."),
            "c",
        ),
        Category(
            "crime",
            _("Crime"),
            _("Shows or teaches a crime that no other category names."),
            "l",
        ),
        Category(
            "other_harmful",
            _("Other harmful content"),
            _("Would harm a viewer or a third person in a way that no other category names."),
            "o",
        ),
    ),
)
