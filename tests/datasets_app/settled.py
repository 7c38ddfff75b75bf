"""Settled items with verdicts and votes, as the annotation side leaves them in the ledger."""

from __future__ import annotations

import hashlib
import io
from itertools import count
from typing import Any

from PIL import Image

from datasets_app.models import Dataset, Item, Media, Verdict
from datasets_app.protocols import protocol_named
from datasets_app.storage import storage
from datasets_app.vocabulary import ItemState, Modality, VerdictMethod
from tests import build

_shades = count()

ANA, BEN, EVE = "a" * 32, "b" * 32, "c" * 32

# What three people agreed on, by protocol: questions of the item, and of each response by position.
AGREED: dict[str, dict[str, Any]] = {
    "pku_saferlhf": {
        "safe": (True, False),
        "categories": ([], ["Violence", "White-Collar Crime"]),
        "severity": (0, 2),
        "better": 1,
        "safer": 0,
    },
    "beavertails_v": {
        "image_severity": 1,
        "category": ["false_information"],
        "safe": (False, True),
        "harmless_rate": (-2, 1),
        "helpful_rate": (3, 1),
        "better": 0,
        "safer": 1,
    },
    "safesora": {
        "instruction_following": 0,
        "correctness": 1,
        "informativeness": 0,
        "aesthetics": 1,
        "categories": ([], ["violence"]),
        "better": 1,
        "safer": 0,
    },
}


def item(dataset: Dataset, **words: Any) -> Item:
    """A settled item. `verdicts` overrides what was agreed on (None leaves a question without a
    verdict), `agreement`, `votes`, `method` and `dispute` hold for all of its verdicts."""
    verdicts = {**AGREED[protocol_named(dataset.protocol).key], **words.pop("verdicts", {})}
    about = {name: words.pop(name) for name in ("agreement", "votes", "dispute") if name in words}
    made = build.item(dataset, **{"state": ItemState.SETTLED, **words})
    for question, value in verdicts.items():
        if value is not None:
            verdict(made, question, value, **about)
    return made


def verdict(
    item: Item,
    question: str,
    value: Any,
    *,
    votes: tuple[str, ...] = (ANA, BEN, EVE),
    agreement: float = 1.0,
    dispute: str = "",
) -> None:
    """The verdict on a question; a tuple is the answer for each response, a choice a position."""
    responses = [item.first_id, item.second_id]
    each = value if isinstance(value, tuple) else (value,)
    choices = question not in ("image_severity",) and not isinstance(value, tuple)
    for position, answer in enumerate(each):
        named = str(responses[answer]) if choices and type(answer) is int else answer
        Verdict.objects.create(
            item=item,
            question=question,
            response_id=responses[position] if isinstance(value, tuple) else None,
            value=named,
            votes=[[voter, named, False] for voter in votes],
            agreement=agreement,
            posterior=0.9,
            method=VerdictMethod.MAJORITY,
            dispute=dispute,
        )


def with_files(dataset: Dataset, count: int, **words: Any) -> list[Item]:
    """Settled items whose pictures and films lie in the storage, each with bytes of its own."""
    return [stored(item(dataset, **words)) for _ in range(count)]


def stored(made: Item) -> Item:
    """Give every file that an item shows real bytes, and its row their digest."""
    prompt = made.prompt
    for link in prompt.media_links.select_related("media"):
        without_bytes, link.media = link.media, store_bytes(png(next(_shades)), Modality.IMAGE)
        link.save()
        prompt.turns[0]["media"] = [link.media.digest]
        prompt.save()
        without_bytes.delete()
    for response in (made.first, made.second):
        if response is not None and response.media is not None:
            content = f"film of {response.pk}".encode()
            without_bytes, response.media = response.media, store_bytes(content, Modality.VIDEO)
            response.save()
            without_bytes.delete()
    return made


def store_bytes(content: bytes, modality: Modality) -> Media:
    """A file in the storage, with its row."""
    digest = hashlib.sha256(content).hexdigest()
    found = Media.objects.filter(pk=digest).first()
    if found is None:
        found = build.media(modality, digest=digest, size=len(content))
        keep(content, digest)
    return found


def keep(content: bytes, digest: str) -> None:
    with storage().workplace(f"test-{digest[:8]}") as place:
        path = place / "file"
        path.write_bytes(content)
        storage().keep(digest, path)


def png(shade: int) -> bytes:
    """A small real picture."""
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8), (shade % 256, shade // 256 % 256, 60)).save(buffer, "PNG")
    return buffer.getvalue()
