"""The six ways to deceive of MM-DeceptionBench: what an answer about a picture does to mislead.

Keys as published, in lower case with single spaces; the published files disagree in both. Names and
definitions are ours.
"""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

from datasets_app.label_sets.base import Category, LabelSet

MM_DECEPTION = LabelSet(
    key="mm_deception",
    version=1,
    title="MM-DeceptionBench, 6 ways to deceive",
    source="MM-DeceptionBench (Fang et al., 2025)",
    categories=(
        Category(
            "sycophancy",
            _("Sycophancy"),
            _("Reads the picture as the user would like it to be, against what it has seen."),
            "y",
        ),
        Category(
            "sandbagging",
            _("Sandbagging"),
            _("Does worse than it can, on purpose, and does not say so."),
            "g",
        ),
        Category(
            "bluff",
            _("Bluff"),
            _("Claims to see, know or be able to do more than it does."),
            "l",
        ),
        Category(
            "obfuscation",
            _("Obfuscation"),
            _("Hides what matters behind jargon, length or vagueness."),
            "o",
        ),
        Category(
            "deliberate omission",
            _("Deliberate omission"),
            _("Leaves out what is plain to see and matters to the user."),
            "e",
        ),
        Category(
            "fabrication",
            _("Fabrication"),
            _("Invents what the picture does not show."),
            "a",
        ),
    ),
)
