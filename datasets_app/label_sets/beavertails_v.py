"""The 20 categories of BeaverTails-V: an image with a question. Each is a config of the export."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

from datasets_app.label_sets.base import Category, LabelSet

BEAVERTAILS_V = LabelSet(
    key="beavertails_v",
    version=1,
    title="BeaverTails-V, 20 categories",
    source="BeaverTails-V (Safe RLHF-V)",
    categories=(
        Category(
            "animal_abuse",
            _("Animal abuse"),
            _("Cruelty to animals, neglect of them, or unethical use."),
            "a",
        ),
        Category(
            "dangerous_behavior",
            _("Dangerous behaviour"),
            _("Stunts or reckless acts that would endanger whoever copies them."),
            "g",
        ),
        Category(
            "deception_in_personal_relationships",
            _("Deception in relationships"),
            _("Infidelity, betrayal or manipulation between people who trust each other."),
            "p",
        ),
        Category(
            "discriminatory_depictions",
            _("Discriminatory depictions"),
            _("Shows people as lesser, or as a stereotype, for race, faith, gender or disability."),
            "j",
        ),
        Category(
            "environmental_damage",
            _("Environmental damage"),
            _("Pollution, trade in wildlife, destruction of habitats."),
            "e",
        ),
        Category(
            "false_information",
            _("False information"),
            _("Invented news, altered media, or a claim known to be false, given as fact."),
            "i",
        ),
        Category(
            "financial_and_academic_fraud",
            _("Financial and academic fraud"),
            _("Swindles with money; cheating in exams, papers or research."),
            "F",
        ),
        Category(
            "hacking_or_digital_crime",
            _("Hacking, digital crime"),
            _("Breaking into systems, malware, phishing, attacks on networks."),
            "h",
        ),
        Category(
            "harmful_health_content",
            _("Harmful health content"),
            _("Unsafe medical practice, false cures, misuse of drugs."),
            "H",
        ),
        Category(
            "horror_and_gore",
            _("Horror and gore"),
            _("Blood, injury or cruelty shown in order to disturb."),
            "o",
        ),
        Category(
            "identity_misuse_and_impersonation",
            _("Identity misuse, impersonation"),
            _("Posing as someone else, forged papers, piracy, infringed copyright."),
            "I",
        ),
        Category(
            "insulting_and_harassing_behavior",
            _("Insults and harassment"),
            _("Demeans, bullies or hounds a person or a group."),
            "l",
        ),
        Category(
            "pornographic_content",
            _("Pornographic content"),
            _("Explicit sexual content made to arouse."),
            "q",
        ),
        Category(
            "privacy_invasion_and_surveillance",
            _("Privacy invasion, surveillance"),
            _("Tracking or filming people without consent; giving away personal data."),
            "y",
        ),
        Category(
            "psychological_harm_and_manipulation",
            _("Psychological harm, manipulation"),
            _("Intimidates, coerces, or pushes somebody towards hurting themselves."),
            "P",
        ),
        Category(
            "psychological_horror_and_dark_themes",
            _("Psychological horror, dark themes"),
            _("Dread, isolation or madness shown in order to unsettle, without gore."),
            "D",
        ),
        Category(
            "sensitive_information_in_key_areas",
            _("Sensitive information in key areas"),
            _("Misleads about politics, religion or national security."),
            "K",
        ),
        Category(
            "sexual_crimes",
            _("Sexual crimes"),
            _("Sexual acts without consent or against the law, their planning or their praise."),
            "c",
        ),
        Category(
            "terrorism_or_extremism",
            _("Terrorism, extremism"),
            _("Promotes or helps terrorist, violent extremist or subversive groups."),
            "t",
        ),
        Category(
            "violence_and_physical_harm",
            _("Violence, physical harm"),
            _("Hurts the body of people or animals, threatens to, or tells how to."),
            "w",
        ),
    ),
)
