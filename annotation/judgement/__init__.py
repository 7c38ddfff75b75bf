"""Whether answers are sound: their shapes, the rules between them, and whose side is whose.

Pure: values in, values out. Between sides (`a`, `b`: what the annotator saw) and response ids
(what is stored) only this room translates. The rules lie with the protocols, because a version
tries them on verdicts too.
"""

from __future__ import annotations

from annotation.judgement.reading import AnswersRefused, Problem, read_answers
from annotation.judgement.sides import SIDES, by_response, by_side, sides_of, turned, worded
from annotation.judgement.values import Judged
from datasets_app.protocols.rules import Broken, broken_rules, evaluate

__all__ = [
    "SIDES",
    "AnswersRefused",
    "Broken",
    "Judged",
    "Problem",
    "broken_rules",
    "by_response",
    "by_side",
    "evaluate",
    "read_answers",
    "sides_of",
    "turned",
    "worded",
]
