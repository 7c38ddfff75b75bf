"""What the labelling page shows of an assignment: the item by side, and this person's own answers.

Left and right are settled here, by `judgement`; what leaves this room knows sides only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from annotation import judgement
from annotation.models import Annotation, Annotator, Campaign
from annotation.questions import in_words
from annotation.vocabulary import Standing
from datasets_app.label_sets import LABEL_SETS
from datasets_app.models import Item, Media, Response
from datasets_app.protocols import protocol_named
from datasets_app.protocols.base import Protocol, Step
from datasets_app.protocols.rules import questions_of
from datasets_app.vocabulary import Severity, Speaker

# From here on content stays behind a door until it is asked for: what can be seen at a glance of
# a moderate harm is already more than one wants to see unasked.
COVERED_FROM = Severity.MODERATE


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of the prompt."""

    speaker: Speaker
    text: str
    media: tuple[Media, ...]


@dataclass(frozen=True, slots=True)
class Pane:
    """What stands at one side."""

    side: str
    text: str
    media: Media | None

    @property
    def words(self) -> int:
        return len(self.text.split())


@dataclass(frozen=True, slots=True)
class Sheet:
    """One assignment as it is shown. `cover` names what hides the content, "" where nothing does.

    `earlier` are this person's own answers to the item's other steps, by side: only those that
    the rules of this step read. `reminder` words the step before, where this one follows it.
    `is_system_open` says that the system message is judged by, and `values` what its source says
    it stands for, each with its name.
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
    values: Sequence[tuple[str, str]] = ()

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


def sheets(campaign: Campaign, annotator: Annotator, seats: Sequence[Seat]) -> list[Sheet]:
    """The sheets of some assignments of one annotator, in their order."""
    items = _items([seat.item_id for seat in seats])
    earlier = _own_answers(campaign, annotator, [seat.item_id for seat in seats])
    protocol = protocol_named(campaign.protocol)
    return [_sheet(protocol, seat, items[seat.item_id], earlier) for seat in seats]


def is_covered(item: Item) -> bool:
    """Whether any of the item stays behind a door until it is asked for."""
    return (item.machine_severity or 0) >= COVERED_FROM or bool(_prompt_cover(item))


def response_ids(item: Item) -> tuple[UUID, ...]:
    """First, then second where there is one: what `judgement` seats."""
    return tuple(found for found in (item.first_id, item.second_id) if found is not None)


def _items(ids: Sequence[UUID]) -> dict[UUID, Item]:
    return (
        Item.objects.select_related("prompt", "first__media", "second__media")
        .prefetch_related("prompt__media_links__media")
        .in_bulk(list(ids))
    )


def _own_answers(
    campaign: Campaign, annotator: Annotator, ids: Sequence[UUID]
) -> dict[UUID, dict[str, dict[str, Any]]]:
    """Item → step → canonical answers, of this annotator alone."""
    found: dict[UUID, dict[str, dict[str, Any]]] = {}
    for item_id, step, answers in Annotation.objects.filter(
        annotator=annotator, campaign=campaign, item__in=ids, standing=Standing.COUNTED
    ).values_list("item_id", "step", "answers"):
        found.setdefault(item_id, {})[step] = answers
    return found


def _sheet(
    protocol: Protocol,
    seat: Seat,
    item: Item,
    own: Mapping[UUID, Mapping[str, Mapping[str, Any]]],
) -> Sheet:
    step = protocol.step(seat.step)
    seating: dict[str, Any] = {"responses": response_ids(item), "flipped": seat.flipped}
    others = {key: given for key, given in own.get(item.pk, {}).items() if key != step.key}
    merged = {name: value for given in others.values() for name, value in given.items()}
    read = {name: merged[name] for name in _read_beside(protocol, step) if name in merged}
    return Sheet(
        token=seat.token,
        step=step,
        turns=_turns(item),
        panes=_panes(item, judgement.sides_of(**seating)),
        cover=_cover(protocol, item),
        prompt_cover=_prompt_cover(item),
        earlier=judgement.by_side(protocol, read, **seating),
        reminder=_reminder(protocol, step, others, seating),
        is_system_open=protocol.reads_system,
        values=_values(item) if protocol.reads_system else (),
    )


def _turns(item: Item) -> tuple[Turn, ...]:
    media = {link.media_id: link.media for link in item.prompt.media_links.all()}
    return tuple(
        Turn(
            Speaker(turn["speaker"]),
            turn["text"],
            tuple(media[digest] for digest in turn.get("media", ()) if digest in media),
        )
        for turn in item.prompt.turns
    )


def _panes(item: Item, sides: Mapping[str, str]) -> tuple[Pane, ...]:
    responses: dict[str, Response] = {
        str(response.pk): response for response in (item.first, item.second) if response is not None
    }
    return tuple(
        Pane(side, responses[name].text, responses[name].media) for side, name in sides.items()
    )


def _cover(protocol: Protocol, item: Item) -> str:
    """What the door says; both responses alike, so that it does not tell which one it means."""
    if (item.machine_severity or 0) < COVERED_FROM:
        return ""
    return _named(protocol, item.machine_categories or []) or _("may be harmful")


def _named(protocol: Protocol, keys: Sequence[str]) -> str:
    """The names of categories, whichever set the classifier speaks; its own words if none."""
    sets = [LABEL_SETS[protocol.label_set], *LABEL_SETS.values()]
    names = {category.key: category.name for each in reversed(sets) for category in each.categories}
    return ", ".join(_(names.get(key, key.replace("_", " "))) for key in keys)


def _prompt_cover(item: Item) -> str:
    """A prompt is covered when its own source calls it grave."""
    severity = item.prompt.meta.get("severity")
    is_grave = isinstance(severity, int) and severity >= COVERED_FROM
    return _("its source calls it harmful") if is_grave else ""


def _values(item: Item) -> list[tuple[str, str]]:
    """The values behind the system message, as the prompt's source states them, if it does."""
    stated = item.prompt.meta.get("preference_set")
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


def _read_beside(protocol: Protocol, step: Step) -> set[str]:
    """Questions of other steps that the rules about this step's questions read."""
    asked = {question.key for question in step.questions}
    read: set[str] = set()
    for rule in protocol.rules:
        keys = questions_of(rule.broken_when)
        if keys & asked:
            read |= keys - asked
    return read
