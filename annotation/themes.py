"""Themes: what a person may ask to be spared, or says yes to, in the categories of every label set.

A machine may speak one label set and people another; whoever wants to see no violence is not to
learn which. Themes route, nothing else: no label set is merged by them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Theme:
    """One kind of content; `categories` are keys of any label set."""

    key: str
    name: Promise
    categories: frozenset[str]


def _theme(key: str, name: Promise, *categories: str) -> Theme:
    return Theme(key, name, frozenset(categories))


THEMES = (
    _theme(
        "violence",
        _("Violence and injury"),
        *("Violence", "Physical Harm", "violence,aiding_and_abetting,incitement", "violence"),
        *("violence_and_physical_harm", "dangerous_behavior", "horror_and_gore"),
    ),
    _theme(
        "horror",
        _("Horror and gore"),
        *("violence", "horror_and_gore", "psychological_horror_and_dark_themes"),
    ),
    _theme("children", _("Harm to children"), "child_abuse"),
    _theme(
        "sexual",
        _("Sexual content"),
        *("Sexual Content", "sexually_explicit,adult_content", "porn", "pornographic_content"),
        "sexual_crimes",
    ),
    _theme("trafficking", _("Sexual crime, trafficking"), "Human Trafficking", "sexual_crimes"),
    _theme("animals", _("Harm to animals"), "Animal Abuse", "animal_abuse"),
    _theme(
        "self_harm",
        _("Self-harm, harm to the mind"),
        *("self_harm", "Psychological Harm", "psychological_harm_and_manipulation"),
    ),
    _theme(
        "manipulation",
        _("Manipulation and deception"),
        *("Mental Manipulation", "psychological_harm_and_manipulation"),
        "deception_in_personal_relationships",
        *("deliberate omission", "sandbagging", "fabrication", "sycophancy", "obfuscation"),
        "bluff",
    ),
    _theme(
        "hate",
        _("Hate, insults, discrimination"),
        *("Insulting Behavior", "Discriminatory Behavior", "hate_speech,offensive_language"),
        *("discrimination,stereotype,injustice", "hate", "racism", "other_discrimination"),
        *("discriminatory_depictions", "insulting_and_harassing_behavior"),
    ),
    _theme(
        "terror",
        _("Terrorism, extremism, unrest"),
        *("Endangering National Security", "Disrupting Public Order", "terrorism,organized_crime"),
        *("terrorism", "terrorism_or_extremism", "sensitive_information_in_key_areas"),
    ),
    _theme(
        "drugs",
        _("Drugs and weapons"),
        *("Drugs", "drug_abuse,weapons,banned_substance", "contraband"),
    ),
    _theme(
        "crime",
        _("Crime and fraud"),
        *("Economic Crime", "White-Collar Crime", "Copyright Issues", "crime"),
        *("financial_crime,property_crime,theft", "financial_and_academic_fraud"),
        "identity_misuse_and_impersonation",
    ),
    _theme(
        "privacy",
        _("Hacking, spying, privacy"),
        *("Cybercrime", "Privacy Violation", "privacy_violation", "hacking_or_digital_crime"),
        *("privacy_invasion_and_surveillance", "identity_misuse_and_impersonation"),
    ),
    _theme(
        "health", _("Harmful health advice"), "Endangering Public Health", "harmful_health_content"
    ),
    _theme(
        "politics",
        _("Politics, false information"),
        *("controversial_topics,politics", "misinformation_regarding_ethics,laws_and_safety"),
        *("controversial", "false_information"),
    ),
    _theme(
        "environment", _("Harm to the environment"), "Environmental Damage", "environmental_damage"
    ),
    _theme("other", _("Other harm"), "non_violent_unethical_behavior", "other_harmful"),
)
_BY_KEY = {theme.key: theme for theme in THEMES}

# No theme: what is severe, whatever it is about.
SEVERE = "severe"
# What a campaign may give only with consent.
KINDS = {theme.key: theme.name for theme in THEMES} | {SEVERE: _("Severe content of any kind")}


def categories_of(keys: Iterable[str]) -> tuple[str, ...]:
    """The categories of these themes, in every label set; keys of no theme are passed over."""
    found = {category for key in keys if key in _BY_KEY for category in _BY_KEY[key].categories}
    return tuple(sorted(found))
