"""Labelling: what an annotator does with an item that he has: submit, revise, skip, report."""

from __future__ import annotations

from annotation.judgement import AnswersRefused
from annotation.labelling.parting import report, skip
from annotation.labelling.played import NotPlayed
from annotation.labelling.revising import NotOpen, revise
from annotation.labelling.sheet import BadOverride, Objection, RulesBroken
from annotation.labelling.submitting import KeyReused, Submitted, UnknownLease, submit

__all__ = [
    "AnswersRefused",
    "BadOverride",
    "KeyReused",
    "NotOpen",
    "NotPlayed",
    "Objection",
    "RulesBroken",
    "Submitted",
    "UnknownLease",
    "report",
    "revise",
    "skip",
    "submit",
]
