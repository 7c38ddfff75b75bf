"""What a protocol is: steps of typed questions with consistency rules, as data.

An annotator's **answers** to a step are one JSON object. A question *of the item* has its value
under its key; a question *of each response* has an object from response name to value:

    {"safe": {"<response>": false, "<response>": true}, "better": "<response>"}

In the database the response name is the response's id; on the page it is the side, `a` or `b`.
`annotation.judgement` translates, and nothing else does.

The value by kind: `choice` a response name or an `Outcome`; `flag` a bool; `categories` a sorted
list of keys of the protocol's label set; `severity` 0-3; `scale` an int between `low` and `high`;
`text` a string that says something; `edit` {"text": str, "unchanged": bool}, the whole text after
the correction, `unchanged` if and only if it is the response's own; `marks` a list of
{"kind": "box"|"point"|"line", "on": int, "at": [floats 0-1], "note": str}, where `on` is the
picture's place among those that the question is about, from 0, and `at` has its origin at the top
left: two corners [x1, y1, x2, y2] of a box, a point [x, y], the two ends of a line; `spans` a list
of {"from": ms, "to": ms, "kind": str, "note": str}, the kind one of the question's `kinds`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from datasets_app.vocabulary import Modality, Outcome, QuestionKind

# A JSON expression, evaluated alike by `annotation.judgement` and static/js/rules.js:
#   ["get", key]            the item's answer, null when not given
#   ["get", key, "x"]       the answer about response x (or "y"); in `each` rules only x exists
#   ["is", a, b]            equal                 ["names", key, "x"]  the choice names response x
#   ["at_least", a, n] ["less", a, b] ["minus", a, b]  numbers; false or null when one is null
#   ["empty", a] ["answered", a] a value     ["not", e] ["all", e, ...] ["any", e, ...]  logic
# A bare string, number, bool or null stands for itself. Equality is JSON's: 1 is not true.
# `empty` holds for null, "" and []; `answered` for everything but null.
Expression = Any  # recursive JSON; a precise type would say no more to a reader


class Of(StrEnum):
    """What a question is about."""

    ITEM = "item"
    RESPONSE = "response"


class Weight(StrEnum):
    """What a broken rule does: stop the submit, or ask for a reason and keep it."""

    BLOCK = "block"
    WARN = "warn"


class Scope(StrEnum):
    """For what a rule is tried: each response x by itself, or each ordered pair (x, y)."""

    EACH = "each"
    PAIR = "pair"


@dataclass(frozen=True, slots=True)
class Flag:
    """The wordings of a flag's two answers; `is_bad` is the one that says something is wrong."""

    yes: str
    no: str
    is_bad: bool


@dataclass(frozen=True, slots=True)
class Question:
    """One typed question.

    `when` hides it (and forbids an answer) while the expression is false; `implied` is then
    stored in its place, unless it is None. `outcomes` are what a choice may say besides naming a
    response; `strength` lets a choice say *much* (stored beside the choice under the key
    `<key>_strength`: 1 or 2). `low` and `high` bound a scale, and the severities on offer;
    `anchors` word every point of a scale. `flag` words the answers of a flag that does not ask
    whether something is safe. `kinds` are the kinds of spans, with their wordings. `at_least` and
    `at_most` (0 = any number) bound how many categories are named. `folded` says that its field
    opens only when asked for: what few will write. `group` is the ability that an
    annotator's record is kept for:
    *safety*, *severity*, *helpfulness* … Wordings are marked for translation and translated
    where they are shown.
    """

    key: str
    kind: QuestionKind
    of: Of
    wording: str
    help: str = ""
    required: bool = True
    when: Expression = None
    implied: Any = None  # a value of the question's kind
    outcomes: tuple[Outcome, ...] = ()
    strength: bool = False
    low: int = 0
    high: int = 0
    anchors: Mapping[int, str] | None = None
    flag: Flag | None = None
    kinds: Mapping[str, str] | None = None
    at_least: int = 0
    at_most: int = 0
    folded: bool = False
    group: str = ""

    @property
    def strength_key(self) -> str:
        """The key under which the strength of a choice stands beside it, 1 or 2.

        Its verdict is the lower median of those who chose what was settled.
        """
        return f"{self.key}_strength"

    @property
    def is_settled_by_votes(self) -> bool:
        """Whether a consensus can be formed; of words one stands, of marks and spans all."""
        return self.kind in SETTLED_BY_VOTES

    @property
    def is_in_words(self) -> bool:
        """Whether the answer is a text of the annotator's own; one of those given then stands."""
        return self.kind in IN_WORDS

    @property
    def is_kept_as_given(self) -> bool:
        """Whether all that anybody gave stands side by side: marks and spans."""
        return self.kind in KEPT_AS_GIVEN


SETTLED_BY_VOTES = frozenset(
    {
        QuestionKind.CHOICE,
        QuestionKind.FLAG,
        QuestionKind.CATEGORIES,
        QuestionKind.SEVERITY,
        QuestionKind.SCALE,
    }
)


IN_WORDS = frozenset({QuestionKind.TEXT, QuestionKind.EDIT})


KEPT_AS_GIVEN = frozenset({QuestionKind.MARKS, QuestionKind.SPANS})


@dataclass(frozen=True, slots=True)
class Rule:
    """A consistency rule: broken when `broken_when` is true for some x (and y).

    A rule is tried only when every question it gets has an answer in what is at hand: the
    annotator's answers to this step together with the same annotator's answers to this item's
    other steps; and once more on the verdicts, when the item settles and when a version is cut.
    `message` is shown with {x} and {y} replaced by the sides' letters.
    """

    key: str
    scope: Scope
    broken_when: Expression
    message: str
    weight: Weight = Weight.BLOCK


@dataclass(frozen=True, slots=True)
class Step:
    """The questions that one annotator answers together, blind to every other step.

    `after` names the step that the same annotator must have answered before; his own answers to
    it are then shown beside this one (SafeSora's heuristic pilot). `played` is the share, 0 to 1,
    of every sound and film of the item that the annotator must have played before he answers.
    """

    key: str
    title: str
    ask: str
    questions: tuple[Question, ...]
    after: str = ""
    played: float = 0.0


@dataclass(frozen=True, slots=True)
class Protocol:
    """What is asked of an item. A changed meaning is a new version, never an edit.

    `modality` is that of the responses, `prompt_modality` that of what the prompt shows beside its
    text. `with_texts` says that responses which are files have a text beside. `reads_system` says
    that the responses are judged by the system message: every prompt must have one, and the page
    shows it open. `beginning` names what the prompt's last turn is, where the assistant speaks it
    and it is judged as well: its reasoning. Else it is a fixed beginning.
    `reads_tree` says that responses are leaves of one tree: what they share is greyed.
    """

    key: str
    version: int
    title: str
    summary: str
    label_set: str
    modality: Modality
    responses: int
    steps: tuple[Step, ...]
    rules: tuple[Rule, ...] = ()
    upsetting: str = ""
    prompt_modality: Modality = Modality.TEXT
    with_texts: bool = False
    reads_system: bool = False
    beginning: str = ""
    reads_tree: bool = False

    @property
    def questions(self) -> tuple[Question, ...]:
        return tuple(question for step in self.steps for question in step.questions)

    def step(self, key: str) -> Step:
        """The step of that key; KeyError if there is none."""
        for step in self.steps:
            if step.key == key:
                return step
        raise KeyError(key)

    def question(self, key: str) -> Question:
        """The question of that key; KeyError if there is none."""
        for question in self.questions:
            if question.key == key:
                return question
        raise KeyError(key)
