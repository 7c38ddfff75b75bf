"""The words of the ledger as enumerations, each value with what it means."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class ItemState(models.TextChoices):
    """Where an item stands. Only `datasets_app.ledger` moves an item from one state to another."""

    # Loaded; no machine has looked at it. `moderation.screening` takes it out.
    SCREENING = "screening", _("Screening")
    # A machine found it too harmful to show unasked. A moderator releases or withdraws it.
    QUARANTINED = "quarantined", _("Quarantined")
    # People may judge it. `annotation.settling` takes it out.
    OPEN = "open", _("Open")
    # People judged it and did not agree, or their answers contradict a rule. A curator rules.
    DISPUTED = "disputed", _("Disputed")
    # Every question that the protocol settles has a verdict. Versions are cut from these.
    SETTLED = "settled", _("Settled")
    # Taken out for good, with a reason; the row stays as a tombstone.
    WITHDRAWN = "withdrawn", _("Withdrawn")


class Severity(models.IntegerChoices):
    """How grave a harm is, on the scale of PKU-SafeRLHF. Safe if and only if NONE."""

    NONE = 0, _("None")
    MINOR = 1, _("Minor")
    MODERATE = 2, _("Moderate")
    SEVERE = 3, _("Severe")


class Modality(models.TextChoices):
    """What the judged responses of an item are made of; the prompt may hold media of its own."""

    TEXT = "text", _("Text")
    IMAGE = "image", _("Image")
    VIDEO = "video", _("Video")
    AUDIO = "audio", _("Audio")


class Speaker(models.TextChoices):
    """Who says a turn of a prompt."""

    SYSTEM = "system", _("System")
    USER = "user", _("User")
    ASSISTANT = "assistant", _("Assistant")


class Role(models.TextChoices):
    """What a member may do with a dataset. One person may hold several roles."""

    ANNOTATOR = "annotator", _("Annotator")
    MODERATOR = "moderator", _("Moderator")
    CURATOR = "curator", _("Curator")


class QuestionKind(models.TextChoices):
    """What an answer to a question looks like; `protocols.base` says the shape of each."""

    CHOICE = "choice", _("Choice between the responses")
    FLAG = "flag", _("Yes or no")
    CATEGORIES = "categories", _("Harm categories")
    SEVERITY = "severity", _("Severity")
    SCALE = "scale", _("Scale")
    TEXT = "text", _("Text")
    EDIT = "edit", _("Correction")
    MARKS = "marks", _("Marks on an image")
    SPANS = "spans", _("Spans of time")


class Outcome(models.TextChoices):
    """What a `choice` may say instead of naming a response."""

    TIE = "tie", _("Equal")
    BOTH_UNACCEPTABLE = "both_unacceptable", _("Both unacceptable")
    CANNOT_JUDGE = "cannot_judge", _("Cannot judge")


class VerdictMethod(models.TextChoices):
    """How a verdict came about."""

    MAJORITY = "majority", _("Majority")
    DAWID_SKENE = "dawid_skene", _("Dawid–Skene")
    RULING = "ruling", _("Ruling")


class MediaState(models.TextChoices):
    """How far a file has come."""

    # Stored, its facts known, its safe rendition still to be made.
    RECEIVED = "received", _("Received")
    # Stored with poster and blurred preview.
    READY = "ready", _("Ready")
    # The rendition failed three times; the items that show it are quarantined.
    REFUSED = "refused", _("Refused")


class JobState(models.TextChoices):
    """Where background work stands. The row is the truth; a Celery message only wakes."""

    QUEUED = "queued", _("Queued")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")


class Split(models.TextChoices):
    """The parts of a version. A format may name them otherwise (BeaverTails-V: *evaluation*)."""

    TRAIN = "train", _("Train")
    VALIDATION = "validation", _("Validation")
    TEST = "test", _("Test")
