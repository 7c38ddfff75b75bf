"""What the labelling page shows of an assignment: the item by side, and this person's own answers.

Left and right are settled here, by `judgement`; what leaves this room knows sides only.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from annotation import judgement
from annotation.models import Annotator, Campaign, Check, Slot
from annotation.page import playing, preferences
from annotation.page.contents import Content, Medium, contents
from annotation.page.playing import PLAYED, Playable, Ranges
from annotation.page.questions import in_words
from annotation.wellbeing.covers import is_covered
from datasets_app.label_sets import LABEL_SETS
from datasets_app.models import Item
from datasets_app.partings import shared_lengths
from datasets_app.protocols import protocol_named
from datasets_app.protocols.base import Protocol, Step
from datasets_app.protocols.rules import questions_of
from datasets_app.vocabulary import Modality, QuestionKind, Speaker

# A sign of a script that puts no spaces between its words counts as one.
_WORD = re.compile(
    r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]|[^\s\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+"
)


def words_in(text: str) -> int:
    """How many words a text has."""
    return len(_WORD.findall(text))


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of the prompt."""

    speaker: Speaker
    text: str
    media: tuple[Medium, ...]


@dataclass(frozen=True, slots=True)
class Pane:
    """What stands at one side. `prefix` is the fixed beginning that the response goes on from.

    `shared` is how much of the text, in characters, the other side has as well, in a tree.
    """

    side: str
    text: str
    media: Medium | None
    prefix: str = ""
    shared: int = 0

    @property
    def halves(self) -> tuple[str, str]:
        """What both sides have, and what is this side's own."""
        return self.text[: self.shared], self.text[self.shared :]

    @property
    def words(self) -> int:
        return words_in(self.text)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One assignment as it is shown. `cover` names what hides the content, "" where nothing does.

    `earlier` are this person's own answers to the item's other steps, by side: only those that
    the rules of this step read. `reminder` words the step before, where this one follows it.
    `is_system_open` says that the system message is judged by, and `values` what its source says
    it stands for, each with its name. `beginning` names what stands before the responses.
    `as_written` says that what models wrote is shown with its Markdown instead of rendered: the
    person wants it so, or the step is about the very characters.
    `language` is that of the content, a BCP 47 tag, for whoever has it read aloud.
    `playables` are the sounds and films that must be played, `view` is the token for saying so,
    `played` what was played of them by now.
    """

    token: UUID
    step: Step
    turns: tuple[Turn, ...]
    panes: tuple[Pane, ...]
    cover: str
    prompt_cover: str
    earlier: Mapping[str, Any] = field(default_factory=dict)
    reminder: Sequence[tuple[str, str]] = ()
    is_system_open: bool = False
    as_written: bool = False
    beginning: str = ""
    language: str = ""
    values: Sequence[tuple[str, str]] = ()
    playables: Sequence[Playable] = ()
    view: str = ""
    played: Mapping[str, Ranges] = field(default_factory=dict)

    @property
    def is_covered(self) -> bool:
        """Whether anything of it stays behind a door."""
        return bool(self.cover or self.prompt_cover)

    @property
    def percent_asked(self) -> int:
        """How much of every sound and film must be played, in hundredths."""
        return round(self.step.played * 100)

    @property
    def has_dialogue(self) -> bool:
        """Whether the prompt is more than one user's turn, so that turns need names."""
        return len(self.turns) > 1 or any(turn.speaker is not Speaker.USER for turn in self.turns)


@dataclass(frozen=True, slots=True)
class Seat:
    """How an item is shown to somebody: under which token, which step, which side."""

    token: UUID
    item_id: UUID
    step: str
    flipped: bool
    check: int | None = None

    @classmethod
    def at(cls, place: Slot | Check) -> Seat:
        """That of a place that somebody has."""
        check = place.pk if isinstance(place, Check) else None
        return cls(_known(place.token), place.item_id, place.step, bool(place.flipped), check)


def _known(token: UUID | None) -> UUID:
    """The token of a place that somebody has, which has one."""
    assert token is not None
    return token


def sheets(campaign: Campaign, annotator: Annotator, seats: Sequence[Seat]) -> list[Sheet]:
    """The sheets of some assignments of one annotator, in their order."""
    if not seats:
        return []
    protocol = protocol_named(campaign.protocol)
    found = contents(campaign, annotator, {seat.item_id: seat.check for seat in seats})
    as_written = preferences.of(annotator).as_written
    made = [
        _to_be_played(
            annotator,
            protocol,
            _sheet(protocol, seat, _content_for(seat, found[seat.item_id]), as_written),
        )
        for seat in seats
    ]
    if not protocol.reads_tree:
        return made
    shared = shared_lengths([seat.item_id for seat in seats])
    return [_parted(each, shared[seat.item_id]) for each, seat in zip(made, seats, strict=True)]


def _parted(sheet: Sheet, shared: int) -> Sheet:
    """The sheet with what both sides begin with marked; a parting may lie within any markup."""
    panes = tuple(replace(pane, shared=shared) for pane in sheet.panes)
    return replace(sheet, panes=panes, as_written=sheet.as_written or shared > 0)


def _to_be_played(annotator: Annotator, protocol: Protocol, sheet: Sheet) -> Sheet:
    """The sheet with its view token, where the protocol asks for something to be played."""
    if not playing.asked_in(protocol):
        return sheet
    shown = [("prompt", medium) for turn in sheet.turns for medium in turn.media]
    shown += [(pane.side, pane.media) for pane in sheet.panes if pane.media]
    found = tuple(
        Playable(medium.digest, Modality(medium.modality), medium.duration_ms, name)
        for name, medium in shown
        if sheet.step.played and medium.modality in PLAYED and medium.duration_ms
    )
    return replace(
        sheet,
        playables=found,
        view=playing.issue(annotator, sheet.token, sheet.step.played, found),
        played=playing.played_so_far(sheet.token) if found else {},
    )


def _content_for(seat: Seat, content: Content) -> Content:
    """The item as it is shown at that seat: a check may say what to do, below the last question.

    Its door does not name what people found, which is what is asked.
    """
    if seat.check is None:
        return content
    turns = [*content.turns]
    asked = [n for n, turn in enumerate(turns) if turn["speaker"] == Speaker.USER]
    if content.instruction and asked:
        last = turns[asked[-1]]
        turns[asked[-1]] = {**last, "text": f"{last['text']}\n\n{content.instruction}"}
    return replace(content, turns=turns, found=())


def response_ids(item: Item) -> tuple[UUID, ...]:
    """First, then second where there is one: what `judgement` seats."""
    return tuple(found for found in (item.first_id, item.second_id) if found is not None)


def _sheet(protocol: Protocol, seat: Seat, content: Content, as_written: bool) -> Sheet:
    step = protocol.step(seat.step)
    names = [str(response.id) for response in content.responses]
    seating: dict[str, Any] = {"responses": names, "flipped": seat.flipped}
    others = {key: given for key, given in content.own.items() if key != step.key}
    merged = {name: value for given in others.values() for name, value in given.items()}
    read = {
        name: merged[name]
        for name in _read_beside(f"{protocol.key}@{protocol.version}", step.key)
        if name in merged
    }
    return Sheet(
        token=seat.token,
        step=step,
        turns=_turns(content),
        panes=_panes(content, judgement.sides_of(**seating)),
        cover=_cover(protocol, content),
        prompt_cover=_prompt_cover(content),
        earlier=judgement.by_side(protocol, read, **seating),
        reminder=_reminder(protocol, step, others, seating),
        is_system_open=protocol.reads_system,
        as_written=as_written or _is_about_characters(protocol, step, content),
        beginning=_(protocol.beginning) if protocol.beginning else "",
        language=content.language,
        values=_values(content) if protocol.reads_system else (),
    )


def _is_about_characters(protocol: Protocol, step: Step, content: Content) -> bool:
    """A text to be corrected, or one that goes on from a beginning in the middle of a line."""
    corrects = any(question.kind is QuestionKind.EDIT for question in step.questions)
    return corrects or (bool(_prefix(content)) and not protocol.beginning)


def _turns(content: Content) -> tuple[Turn, ...]:
    media = content.prompt_media
    # What the assistant had said already stands with what goes on from it, not with the prompt.
    asked = content.turns[:-1] if _prefix(content) else content.turns
    return tuple(
        Turn(
            Speaker(turn["speaker"]),
            turn["text"],
            tuple(media[digest] for digest in turn.get("media", ()) if digest in media),
        )
        for turn in asked
    )


def _prefix(content: Content) -> str:
    """What the assistant had said already, where the prompt ends with that."""
    last = content.turns[-1] if content.turns else {}
    return str(last["text"]) if last.get("speaker") == Speaker.ASSISTANT else ""


def _panes(content: Content, sides: Mapping[str, str]) -> tuple[Pane, ...]:
    responses = {str(response.id): response for response in content.responses}
    return tuple(
        Pane(side, responses[name].text, responses[name].medium, _prefix(content))
        for side, name in sides.items()
    )


def _cover(protocol: Protocol, content: Content) -> str:
    """What the door says; both responses alike, so that it does not tell which one it means."""
    if not is_covered(content.gravity):
        return ""
    return _named(protocol, [*content.machine_categories, *content.found]) or _("may be harmful")


def _named(protocol: Protocol, keys: Sequence[str]) -> str:
    """The names of categories, whichever set machine and people speak; their words if none.

    What two sets call by one name is said once.
    """
    sets = [LABEL_SETS[protocol.label_set], *LABEL_SETS.values()]
    names = {category.key: category.name for each in reversed(sets) for category in each.categories}
    return ", ".join(dict.fromkeys(_(names.get(key, key.replace("_", " "))) for key in keys))


def _prompt_cover(content: Content) -> str:
    """A prompt is covered when its own source calls it grave."""
    return _("its source calls it harmful") if is_covered(content.prompt_gravity) else ""


def _values(content: Content) -> list[tuple[str, str]]:
    """The values behind the system message, as the prompt's source states them, if it does."""
    stated = content.prompt_meta.get("preference_set")
    listed = [each for each in stated if isinstance(each, dict)] if isinstance(stated, list) else []
    return [
        (
            " › ".join(str(each[part]) for part in ("dimension", "subdimension") if each.get(part)),
            str(each.get("description") or each.get("preference") or ""),
        )
        for each in listed
    ]


def _reminder(
    protocol: Protocol,
    step: Step,
    others: Mapping[str, Mapping[str, Any]],
    seating: Mapping[str, Any],
) -> list[tuple[str, str]]:
    if not step.after or step.after not in others:
        return []
    answers = judgement.by_side(protocol, others[step.after], **seating)
    return in_words(protocol, protocol.step(step.after), answers)


@lru_cache(maxsize=256)
def _read_beside(name: str, step: str) -> frozenset[str]:
    """Questions of other steps that the rules about this step's questions read."""
    protocol = protocol_named(name)
    asked = {question.key for question in protocol.step(step).questions}
    read: set[str] = set()
    for rule in protocol.rules:
        keys = questions_of(rule.broken_when)
        if keys & asked:
            read |= keys - asked
    return frozenset(read)
