"""The tables of the ledger."""

from __future__ import annotations

from datasets_app.models.dataset import Dataset
from datasets_app.models.event import Event
from datasets_app.models.export import Cut, Export, Publication
from datasets_app.models.item import Holdback, ImportedVote, Item
from datasets_app.models.media import Media
from datasets_app.models.member import Invitation, Membership
from datasets_app.models.prompt import Prompt, PromptMedia, Response
from datasets_app.models.verdict import Ruling, Verdict
from datasets_app.models.version import Record, Version

__all__ = [
    "Cut",
    "Dataset",
    "Event",
    "Export",
    "Holdback",
    "ImportedVote",
    "Invitation",
    "Item",
    "Media",
    "Membership",
    "Prompt",
    "PromptMedia",
    "Publication",
    "Record",
    "Response",
    "Ruling",
    "Verdict",
    "Version",
]
