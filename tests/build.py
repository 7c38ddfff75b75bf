"""Rows with keyword defaults: a dataset of each protocol, its items, a campaign with its slots."""

from __future__ import annotations

import hashlib
from itertools import count
from typing import Any
from uuid import uuid4

from annotation import campaigns, placing
from annotation.models import Annotation, Campaign, Slot
from datasets_app import ledger
from datasets_app.models import (
    Dataset,
    Event,
    ImportedVote,
    Item,
    Media,
    Prompt,
    PromptMedia,
    Response,
)
from datasets_app.protocols import protocol_named
from datasets_app.vocabulary import ItemState, MediaState, Modality, Speaker

_number = count(1)

# How an item that was loaded comes to a state.
WAYS: dict[ItemState, tuple[ItemState, ...]] = {
    ItemState.SCREENING: (),
    ItemState.QUARANTINED: (ItemState.QUARANTINED,),
    ItemState.OPEN: (ItemState.OPEN,),
    ItemState.DISPUTED: (ItemState.OPEN, ItemState.DISPUTED),
    ItemState.SETTLED: (ItemState.OPEN, ItemState.SETTLED),
    ItemState.WITHDRAWN: (ItemState.WITHDRAWN,),
}


def dataset(protocol: str = "pku_saferlhf", **fields: Any) -> Dataset:
    """A dataset of a protocol, named by its key; the version is the current one."""
    known = protocol_named(protocol)
    slug = fields.pop("slug", f"{known.key.replace('_', '-')}-{next(_number)}")
    defaults = {"name": known.title, "protocol": f"{known.key}@{known.version}"}
    return Dataset.objects.create(slug=slug, **{**defaults, **fields})


def item(dataset: Dataset, **fields: Any) -> Item:
    """An item as its protocol wants it, as `items` makes them."""
    return items(1, dataset, **fields)[0]


def items(
    number: int,
    dataset: Dataset,
    *,
    state: ItemState = ItemState.OPEN,
    asks: str = "",
    says: tuple[str, ...] = (),
    prompt: Prompt | None = None,
    **fields: Any,
) -> list[Item]:
    """So many items, alike, as the protocol wants them: one response or two, with media.

    A protocol about images shows one with the prompt; one whose modality is not text has media as
    responses. Each table is written once, however many they are.
    """
    known = protocol_named(dataset.protocol)
    numbers = [next(_number) for _ in range(number)]
    questions = [asks or f"How do I fold a paper boat? ({at})" for at in numbers]
    prompts = [prompt] * number if prompt else _prompts(dataset, questions)
    answers = [
        [
            _response(asked, text, modality=known.modality)
            for text in says or [f"Answer {side} to {at}." for side in "AB"[: known.responses]]
        ]
        for at, asked in zip(numbers, prompts, strict=True)
    ]
    Response.objects.bulk_create([answer for pair in answers for answer in pair])
    made = [
        Item(
            dataset=dataset,
            prompt=asked,
            **{
                "external_id": f"row-{at}",
                "digest": _digest(str(asked.pk), *(str(answer.pk) for answer in pair)),
                "first": pair[0],
                "second": pair[1] if len(pair) > 1 else None,
                **fields,
            },
        )
        for at, asked, pair in zip(numbers, prompts, answers, strict=True)
    ]
    return moved(Item.objects.bulk_create(made), state)


def moved(items: list[Item], state: ItemState) -> list[Item]:
    """The items, just loaded, at that state, with the events that brought them there."""
    Event.objects.bulk_create(
        Event(verb="load", dataset=item.dataset, item=item.pk, after=ItemState.SCREENING)
        for item in items
    )
    before = ItemState.SCREENING
    for way in WAYS[state]:
        ledger.move([item.pk for item in items], before=before, after=way, verb="build")
        before = way
    for item in items:
        item.state = before
    return items


def a_prompt(dataset: Dataset, asks: str, **fields: Any) -> Prompt:
    """A prompt of one user turn; with an image where the protocol wants one."""
    return _prompts(dataset, [asks], **fields)[0]


def _prompts(dataset: Dataset, questions: list[str], **fields: Any) -> list[Prompt]:
    wanted = protocol_named(dataset.protocol).prompt_modality
    made, shown = [], []
    for asks in questions:
        file = media(wanted) if wanted is Modality.IMAGE else None
        turn = {"speaker": Speaker.USER, "text": asks, "media": [file.digest] if file else []}
        defaults = {"digest": _digest(asks, uuid4().hex), "turns": [turn]}
        made.append(Prompt(dataset=dataset, **{**defaults, **fields}))
        if file:
            shown.append(PromptMedia(prompt=made[-1], media=file, position=0))
    Prompt.objects.bulk_create(made)
    PromptMedia.objects.bulk_create(shown)
    return made


def a_response(
    prompt: Prompt, says: str, *, modality: Modality = Modality.TEXT, **fields: Any
) -> Response:
    """A response in words, or in a file when the modality is not text."""
    made = _response(prompt, says, modality=modality, **fields)
    made.save(force_insert=True)
    return made


def _response(prompt: Prompt, says: str, *, modality: Modality, **fields: Any) -> Response:
    file = None if modality is Modality.TEXT else media(modality)
    defaults = {"text": says if file is None else "", "media": file, "model": "model-a"}
    return Response(prompt=prompt, **{"digest": _digest(says, uuid4().hex), **defaults, **fields})


def media(modality: Modality = Modality.IMAGE, **fields: Any) -> Media:
    """The row of a file, ready to be shown; no bytes lie behind it."""
    mark = uuid4().hex
    facts: dict[Modality, dict[str, Any]] = {
        Modality.IMAGE: {"mime": "image/png", "width": 640, "height": 480},
        Modality.VIDEO: {
            "mime": "video/mp4",
            "width": 640,
            "height": 360,
            "duration_ms": 4_000,
            "frames": 96,
            "frame_rate": "24/1",
        },
        Modality.AUDIO: {"mime": "audio/wav", "duration_ms": 4_000},
    }
    defaults = {
        "digest": _digest(mark),
        "source_digest": _digest(mark, "source"),
        "state": MediaState.READY,
        "modality": modality,
        "size": 12_345,
        "poster": _digest(mark, "poster"),
        "preview": _digest(mark, "preview"),
    }
    return Media.objects.create(**{**defaults, **facts[modality], **fields})


def campaign(dataset: Dataset, *, place: bool = True, **fields: Any) -> Campaign:
    """The dataset's open campaign, with slots for its open items unless told otherwise."""
    made = campaigns.default_for(dataset)
    if fields:
        Campaign.objects.filter(pk=made.pk).update(**fields)
        made.refresh_from_db()
    if place:
        placing.place(made)
    return made


def imported_vote(item: Item, answers: dict[str, Any], **fields: Any) -> ImportedVote:
    """A vote that came with the data; `answers` by response id."""
    defaults = {"source": "import", "worker": f"w{next(_number)}"}
    return ImportedVote.objects.create(item=item, answers=answers, **{**defaults, **fields})


def counted(slot: Slot, annotator_id: int, answers: dict[str, Any]) -> Annotation:
    """A done slot with its annotation, past the verbs: for tests of what comes after labelling.

    `answers` are canonical: responses by id.
    """
    token = uuid4()
    Slot.objects.filter(pk=slot.pk).update(
        state="done", annotator=annotator_id, token=token, flipped=False, expires_at=None
    )
    return Annotation.objects.create(
        key=uuid4(),
        body_digest=_digest(str(token)),
        campaign_id=slot.campaign_id,
        item_id=slot.item_id,
        step=slot.step,
        annotator_id=annotator_id,
        slot_id=slot.pk,
        token=token,
        protocol=slot.campaign.protocol,
        answers=answers,
        flipped=False,
        guideline_version=1,
    )


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
