"""The words of annotation as enumerations, each value with what it means."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class CampaignState(models.TextChoices):
    """Whether a campaign hands out work. A curator closes it, and opens it again (`closing`)."""

    OPEN = "open", _("Open")
    CLOSED = "closed", _("Closed")


class Strategy(models.TextChoices):
    """How many people judge an item."""

    # As many as the overlap.
    FIXED = "fixed", _("Always the same number of people")
    # As many as it takes until the answers are sure, from the overlap up to a maximum.
    SEQUENTIAL = "sequential", _("As many as it takes to be sure")


class SlotState(models.TextChoices):
    """Where a slot stands. Expiry, release and skipping bring it from LEASED back to OPEN."""

    # Nobody has it.
    OPEN = "open", _("Open")
    # One annotator has it, until `expires_at`.
    LEASED = "leased", _("Leased")
    # It holds a counted annotation.
    DONE = "done", _("Done")


class Priority(models.IntegerChoices):
    """Which open slots of a step go first."""

    # Slots that came back, and follow-ups: so that an item begun is an item finished.
    FIRST = 0, _("First")
    USUAL = 1, _("Usual")


class LapseCause(models.TextChoices):
    """Why a lease ended without an annotation."""

    EXPIRED = "expired", _("Expired")
    RELEASED = "released", _("Given back")
    # The day's limit was reached, or what is left of the day is given elsewhere: nobody's doing.
    RESTED = "rested", _("The day's work was over")
    SKIPPED = "skipped", _("Skipped")
    REPORTED = "reported", _("Reported")
    REVOKED = "revoked", _("The annotator left the campaign")
    # A moderator or curator took the item away.
    ITEM_LEFT = "item_left", _("The item is no longer open")
    # A curator closed the campaign: nobody's doing who worked in it.
    CLOSED = "closed", _("The campaign was closed")


class Standing(models.TextChoices):
    """Whether an annotation counts. The answers never change; the standing may, with an event."""

    COUNTED = "counted", _("Counted")
    # It reached us when its slot was no longer the annotator's: kept, paid, not counted.
    LATE = "late", _("Late")
    # The same annotator revised it; the newer one counts.
    REVISED = "revised", _("Revised")
    # A curator set it aside, or the step that it belongs to was given up.
    SET_ASIDE = "set_aside", _("Set aside")
    # It answered a check: kept, paid, a measure of its annotator and never a vote.
    CHECK = "check", _("Check")
    # It answered an item of a qualification.
    TRIAL = "trial", _("Qualification")


class SkipReason(models.TextChoices):
    """Why an annotator gave an item back."""

    CANNOT_JUDGE = "cannot_judge", _("I cannot judge this one")
    BROKEN = "broken", _("Something does not load or makes no sense")
    LANGUAGE = "language", _("It is in a language I do not read well")
    UPSETTING = "upsetting", _("It upsets me")


class AbilityState(models.TextChoices):
    """Whether somebody has an ability that a step asks for."""

    GRANTED = "granted", _("Granted")
    # It was granted, and taken back.
    WITHDRAWN = "withdrawn", _("Withdrawn")


class GoldPurpose(models.TextChoices):
    """What a gold item is for."""

    # Mixed in unannounced, to measure.
    SILENT = "silent", _("Gold")
    # Its instruction says what to answer.
    ATTENTION = "attention", _("Attention check")
    # Asked in the qualification, where each answer is followed by what was expected.
    QUALIFICATION = "qualification", _("Qualification")


class CheckPurpose(models.TextChoices):
    """Why a person is handed a check."""

    SILENT = "silent", _("Gold")
    ATTENTION = "attention", _("Attention check")
    QUALIFICATION = "qualification", _("Qualification")
    # What this person answered before, with its sides swapped.
    REPEAT = "repeat", _("Swapped repeat")


class CheckState(models.TextChoices):
    """Where a check stands."""

    LEASED = "leased", _("Leased")
    ANSWERED = "answered", _("Answered")
    # Its time was over, or it was given back.
    LAPSED = "lapsed", _("Lapsed")
    SKIPPED = "skipped", _("Skipped")


class ConsequenceKind(models.TextChoices):
    """What a person's record can bring about, from mild to grave."""

    WARN = "warn", _("a warning")
    # The abilities of the group go until the qualification is passed again.
    TRAIN = "train", _("back to the qualification")
    # No work of the group until a curator lifts it.
    PAUSE = "pause", _("a pause, until a curator has looked at it")
    # The same for all groups, and the curator is asked to set the votes aside.
    QUARANTINE = "quarantine", _("a pause in everything, and a curator decides about the votes")


class Blur(models.IntegerChoices):
    """How strongly pictures and films stay blurred after they were revealed."""

    NONE = 0, _("none")
    LIGHT = 1, _("light")
    STRONG = 2, _("strong")


class RestCause(models.TextChoices):
    """Why somebody is given nothing for a while."""

    # As much harm was before his eyes today as the campaign, or he himself, allows.
    EXPOSURE = "exposure", _("The day's exposure is used up")
    # As many answers today as the campaign, or he himself, allows.
    ANSWERS = "answers", _("The day's answers are given")
    # A severe item was just seen, and no mild one is left.
    COOLING = "cooling", _("A pause after something severe")


class Spared(models.TextChoices):
    """Why nothing is left for one person where something is left for others."""

    CATEGORIES = "categories", _("It is in categories that he opted out of")
    CONSENT = "consent", _("It is of a kind given only with a yes that he has not said")
    LANGUAGE = "language", _("It is in languages that he did not name")
    ABILITY = "ability", _("It asks for an ability that he does not have")
    CAP = "cap", _("He has had as many items as the campaign gives one person")
    AUTHOR = "author", _("He wrote it himself")
    HELD = "held", _("He holds something severe, and beside it only mild items come")


class ViewingEvidence(models.TextChoices):
    """What it rests on that a sound or film was played."""

    # The page's players said so, within the time there was.
    REPORTED = "reported"
    # A page without script: there was time to play everything.
    WAITED = "waited"
    # Nobody: a made-up annotator at work.
    SIMULATED = "simulated"
