"""The tables of the people who judge."""

from __future__ import annotations

from annotation.models.ability import Ability, Requirement
from annotation.models.annotation import Annotation, Draft
from annotation.models.annotator import Annotator, Progress, Skip
from annotation.models.campaign import Campaign
from annotation.models.check import Check, Pace
from annotation.models.conduct import ConductRule, Consequence, Reading
from annotation.models.due import Due
from annotation.models.entry import Entry
from annotation.models.exposure import Exposure
from annotation.models.gold import Gold
from annotation.models.lapse import Lapse
from annotation.models.measure import Measure
from annotation.models.slot import Slot
from annotation.models.viewing import Viewing
from annotation.models.wishes import Wishes

__all__ = [
    "Ability",
    "Annotation",
    "Annotator",
    "Campaign",
    "Check",
    "ConductRule",
    "Consequence",
    "Draft",
    "Due",
    "Entry",
    "Exposure",
    "Gold",
    "Lapse",
    "Measure",
    "Pace",
    "Progress",
    "Reading",
    "Requirement",
    "Skip",
    "Slot",
    "Viewing",
    "Wishes",
]
