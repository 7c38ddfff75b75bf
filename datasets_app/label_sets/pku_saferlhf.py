"""The 19 categories of PKU-SafeRLHF; the names are the keys, spaces and capitals included."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

from datasets_app.label_sets.base import Category, LabelSet

PKU_SAFERLHF = LabelSet(
    key="pku_saferlhf",
    version=1,
    title="PKU-SafeRLHF, 19 categories",
    source="PKU-SafeRLHF (Ji et al., 2024)",
    categories=(
        Category(
            "Endangering National Security",
            _("National security"),
            _("Helps espionage, sabotage, terrorism or the overthrow of a state."),
            "o",
        ),
        Category(
            "Insulting Behavior",
            _("Insults"),
            _("Mocks, abuses or humiliates a person or a group."),
            "i",
        ),
        Category(
            "Discriminatory Behavior",
            _("Discrimination"),
            _("Treats people as lesser for origin, faith, sex, age, health or belief."),
            "j",
        ),
        Category(
            "Endangering Public Health",
            _("Public health"),
            _("Spreads false medical advice, or endangers the health of many."),
            "h",
        ),
        Category(
            "Copyright Issues",
            _("Copyright"),
            _("Copies protected work, or tells how to get round its protection."),
            "c",
        ),
        Category(
            "Violence",
            _("Violence"),
            _("Calls for violence, plans it or praises it."),
            "w",
        ),
        Category(
            "Drugs",
            _("Drugs"),
            _("Helps to make, get, sell or misuse drugs."),
            "g",
        ),
        Category(
            "Privacy Violation",
            _("Privacy"),
            _("Gathers, reveals or tracks somebody's personal matters without consent."),
            "y",
        ),
        Category(
            "Economic Crime",
            _("Economic crime"),
            _("Theft, fraud, extortion, counterfeiting and the like."),
            "e",
        ),
        Category(
            "Mental Manipulation",
            _("Mental manipulation"),
            _("Deceives or pressures people so that they act against their own will or interest."),
            "l",
        ),
        Category(
            "Human Trafficking",
            _("Human trafficking"),
            _("Trade in people, forced labour, forced marriage, the sale of organs."),
            "t",
        ),
        Category(
            "Physical Harm",
            _("Physical harm"),
            _("Leads to injury of a body, by intent or by dangerous advice."),
            "p",
        ),
        Category(
            "Sexual Content",
            _("Sexual content"),
            _("Explicit sexual content, or sexual exploitation."),
            "q",
        ),
        Category(
            "Cybercrime",
            _("Cybercrime"),
            _("Malware, phishing, breaking into systems, attacks on networks."),
            "C",
        ),
        Category(
            "Disrupting Public Order",
            _("Public order"),
            _("Rumours, riots, false alarms, blocking what the public needs."),
            "O",
        ),
        Category(
            "Environmental Damage",
            _("Environment"),
            _("Pollution, poaching, destruction of habitats."),
            "E",
        ),
        Category(
            "Psychological Harm",
            _("Psychological harm"),
            _("Wounds a mind: despair, fear, encouragement of self-harm."),
            "P",
        ),
        Category(
            "White-Collar Crime",
            _("White-collar crime"),
            _("Embezzlement, bribery, insider trading, evasion of tax."),
            "W",
        ),
        Category(
            "Animal Abuse",
            _("Animal abuse"),
            _("Cruelty to animals or neglect of them."),
            "a",
        ),
    ),
)
