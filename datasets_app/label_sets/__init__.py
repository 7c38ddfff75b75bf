"""The registry of label sets, by key."""

from __future__ import annotations

from datasets_app.label_sets.base import Category, LabelSet
from datasets_app.label_sets.beavertails import BEAVERTAILS
from datasets_app.label_sets.beavertails_v import BEAVERTAILS_V
from datasets_app.label_sets.mm_deception import MM_DECEPTION
from datasets_app.label_sets.pku_saferlhf import PKU_SAFERLHF
from datasets_app.label_sets.safesora import SAFESORA

LABEL_SETS: dict[str, LabelSet] = {
    label_set.key: label_set
    for label_set in (BEAVERTAILS, BEAVERTAILS_V, MM_DECEPTION, PKU_SAFERLHF, SAFESORA)
}

__all__ = ["LABEL_SETS", "Category", "LabelSet"]
