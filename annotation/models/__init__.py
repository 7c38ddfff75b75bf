"""The tables of the people who judge."""

from __future__ import annotations

from annotation.models.ability import Ability, Requirement
from annotation.models.annotation import Annotation, Draft
from annotation.models.annotator import Annotator, Progress, Skip
from annotation.models.campaign import Campaign
from annotation.models.due import Due
from annotation.models.entry import Entry
from annotation.models.lapse import Lapse
from annotation.models.slot import Slot

__all__ = [
    "Ability",
    "Annotation",
    "Annotator",
    "Campaign",
    "Draft",
    "Due",
    "Entry",
    "Lapse",
    "Progress",
    "Requirement",
    "Skip",
    "Slot",
]
