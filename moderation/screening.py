"""Screening: claims items that wait, has a classifier judge them, and routes them.

Law. `Item.state = screening` is the queue. A claim is one short statement that raises the item's
attempts and fence and leases it; the classifier works outside any transaction; the result is
written under the fence of the claim, all of it in one transaction. A worker that dies leaves a
lease that runs out. After three attempts the item is quarantined with the error, and the rest of
the queue goes on.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import connection, transaction

from datasets_app import ledger
from datasets_app.models import Item
from datasets_app.vocabulary import ItemState, MediaState, Severity, Speaker
from moderation.classifiers.contract import Classifier, Judgement, Passage
from moderation.models import Claim, Screening
from moderation.policy import Thresholds, named, route

logger = logging.getLogger(__name__)

ATTEMPTS = 3
LEASE_SECONDS = 300
BATCH = 64

# An item waits for its files too: what cannot be shown safely yet is not let through. The ON
# CONFLICT condition asks for the lease again, since a second worker may have read the queue
# before the first one's claim was committed.
_CLAIM = """
WITH waiting AS (
    SELECT item.id FROM datasets_app_item item
    LEFT JOIN moderation_claim claim ON claim.item_id = item.id
    WHERE item.state = 'screening'
      AND (%(dataset)s::bigint IS NULL OR item.dataset_id = %(dataset)s)
      AND (claim.leased_until IS NULL OR claim.leased_until < now())
      AND CASE WHEN %(fresh)s THEN claim.item_id IS NULL
          ELSE claim.attempts BETWEEN 1 AND %(attempts)s - 1 END
      AND NOT EXISTS (
          SELECT FROM datasets_app_media media
          WHERE media.state = 'received' AND (
              media.digest IN (
                  SELECT media_id FROM datasets_app_promptmedia
                  WHERE prompt_id = item.prompt_id)
              OR media.digest IN (
                  SELECT media_id FROM datasets_app_response
                  WHERE id IN (item.first_id, item.second_id))))
    ORDER BY item.id LIMIT %(batch)s
    FOR UPDATE OF item SKIP LOCKED
)
INSERT INTO moderation_claim AS claim (item_id, attempts, fence, leased_until)
SELECT id, 1, 1, now() + make_interval(secs => %(lease)s) FROM waiting
ON CONFLICT (item_id) DO UPDATE
SET attempts = claim.attempts + 1, fence = claim.fence + 1, leased_until = excluded.leased_until
WHERE claim.leased_until IS NULL OR claim.leased_until < now()
RETURNING item_id, fence
"""


@dataclass(frozen=True, slots=True)
class Subject:
    """One thing to judge: a response to a prompt, or (response None) the prompt by itself."""

    prompt: UUID
    response: UUID | None
    passage: Passage


@dataclass(frozen=True, slots=True)
class Screened:
    """What a run did: items let through, held back, and given up after three attempts."""

    opened: int = 0
    quarantined: int = 0
    given_up: int = 0

    @property
    def total(self) -> int:
        return self.opened + self.quarantined + self.given_up

    def __add__(self, other: Screened) -> Screened:
        return Screened(
            self.opened + other.opened,
            self.quarantined + other.quarantined,
            self.given_up + other.given_up,
        )


def screen(
    classifier: Classifier, *, dataset: int | None = None, thresholds: Thresholds | None = None
) -> Iterator[Screened]:
    """Screen all that waits (in one dataset, or anywhere), yielding after every batch."""
    limits = thresholds or Thresholds()
    while True:
        gone = give_up(dataset=dataset)
        # What failed once is tried alone, so that a poison item takes no neighbour with it.
        fences = claim(dataset=dataset) or claim(dataset=dataset, fresh=False, batch=1)
        if not fences and not gone:
            return
        yield _screen_batch(classifier, fences, limits) + Screened(given_up=gone)


def claim(*, dataset: int | None = None, fresh: bool = True, batch: int = BATCH) -> dict[UUID, int]:
    """Lease up to `batch` items never tried (or, not `fresh`, tried before); the fence of each."""
    with connection.cursor() as cursor:
        cursor.execute(
            _CLAIM,
            {
                "dataset": dataset,
                "attempts": ATTEMPTS,
                "fresh": fresh,
                "batch": batch,
                "lease": LEASE_SECONDS,
            },
        )
        return dict(cursor.fetchall())


def give_up(*, dataset: int | None = None) -> int:
    """Quarantine the items whose third attempt has failed or run out; return how many."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            """SELECT item.id FROM datasets_app_item item
               JOIN moderation_claim claim ON claim.item_id = item.id
               WHERE item.state = 'screening' AND claim.attempts >= %(attempts)s
                 AND (claim.leased_until IS NULL OR claim.leased_until < now())
                 AND (%(dataset)s::bigint IS NULL OR item.dataset_id = %(dataset)s)
               ORDER BY item.id FOR UPDATE OF item SKIP LOCKED""",
            {"attempts": ATTEMPTS, "dataset": dataset},
        )
        items = [row[0] for row in cursor.fetchall()]
        ledger.grade((item, Severity.SEVERE, ()) for item in items)
        moved = ledger.move(
            items,
            before=ItemState.SCREENING,
            after=ItemState.QUARANTINED,
            verb="screen",
            reason=f"screening failed {ATTEMPTS} times",
        )
    return len(moved)


def _screen_batch(classifier: Classifier, fences: dict[UUID, int], limits: Thresholds) -> Screened:
    if not fences:
        return Screened()
    items = _load(list(fences))
    subjects = [subject for item in items for subject in subjects_of(item)]
    try:
        judgements = classifier.judge([subject.passage for subject in subjects])
    except Exception as error:  # noqa: BLE001
        # A model may raise anything. Its words may quote the text it was given: log the kind only.
        logger.error("screening %d items failed: %s", len(items), type(error).__name__)
        _note_failure(fences, type(error).__name__)
        return Screened()
    return _write(classifier, items, fences, dict(zip(subjects, judgements, strict=True)), limits)


def _load(ids: Sequence[UUID]) -> list[Item]:
    return list(
        Item.objects.filter(pk__in=ids)
        .select_related("prompt", "first__media", "second__media")
        .prefetch_related("prompt__media_links__media")
        .order_by("pk")
    )


def subjects_of(item: Item) -> list[Subject]:
    """The prompt by itself, then each response.

    A text guard sees no pixels: of a video without words it judges the text it was made from.
    """
    prompt = _transcript(item)
    subjects = [Subject(item.prompt_id, None, Passage(prompt, None))]
    for response in (item.first, item.second):
        if response is not None:
            text = response.text or str(response.meta.get("video_text") or "")
            if text:
                subjects.append(Subject(item.prompt_id, response.pk, Passage(prompt, text)))
    return subjects


def _transcript(item: Item) -> str:
    # Assistant turns are part of what was asked: the last question may mean nothing without them.
    turns = [turn for turn in item.prompt.turns if turn["speaker"] != Speaker.SYSTEM]
    if len(turns) == 1:
        return str(turns[0]["text"])
    return "\n\n".join(f"{turn['speaker'].title()}: {turn['text']}" for turn in turns)


def _write(
    classifier: Classifier,
    items: Sequence[Item],
    fences: dict[UUID, int],
    judged: dict[Subject, Judgement],
    limits: Thresholds,
) -> Screened:
    by_item = {item.pk: [(s, judged[s]) for s in subjects_of(item)] for item in items}
    with transaction.atomic():
        mine = _under_fence(fences)
        _store(classifier, [row for pk in mine for row in by_item[pk]])
        return _route([(item, by_item[item.pk]) for item in items if item.pk in mine], limits)


def _under_fence(fences: dict[UUID, int]) -> set[UUID]:
    """Give back the claims that are still ours, and say which those were."""
    with connection.cursor() as cursor:
        cursor.execute(
            """DELETE FROM moderation_claim claim
               USING unnest(%s::uuid[], %s::int[]) AS held (item, fence)
               WHERE claim.item_id = held.item AND claim.fence = held.fence
               RETURNING claim.item_id""",
            [list(fences), list(fences.values())],
        )
        return {row[0] for row in cursor.fetchall()}


def _store(classifier: Classifier, rows: Sequence[tuple[Subject, Judgement]]) -> None:
    Screening.objects.bulk_create(
        (
            Screening(
                prompt_id=subject.prompt,
                response_id=subject.response,
                classifier=classifier.name,
                revision=classifier.revision,
                label_set=classifier.label_set,
                probabilities=dict(judgement.probabilities),
                unsafe_probability=None if judgement.error else 1 - judgement.is_safe_probability,
                severity=judgement.severity,
                categories=list(named(judgement)),
                error=judgement.error or "",
            )
            for subject, judgement in rows
        ),
        # Two items may share a response: judged once per revision.
        ignore_conflicts=True,
    )


def _route(
    items: Sequence[tuple[Item, Sequence[tuple[Subject, Judgement]]]], limits: Thresholds
) -> Screened:
    """Grade the items and let them through or hold them back; those that go alike go together."""
    alike: dict[tuple[ItemState, str], list[UUID]] = defaultdict(list)
    grades = []
    for item, judged in items:
        answers = [judgement for subject, judgement in judged if subject.response is not None]
        everything = [judgement for _, judgement in judged]
        # The answers decide whether people may see it; the question counts for the door before it.
        decision, whole = route(answers or everything, limits), route(everything, limits)
        grades.append((item.pk, whole.severity, whole.categories))
        way = (decision.state, decision.reason)
        if _shows_refused_media(item):
            way = (ItemState.QUARANTINED, "a file of this item could not be rendered safely")
        alike[way].append(item.pk)
    ledger.grade(grades)
    for (after, reason), ids in alike.items():
        ledger.move(ids, before=ItemState.SCREENING, after=after, verb="screen", reason=reason)
    opened = sum(len(ids) for (after, _), ids in alike.items() if after is ItemState.OPEN)
    return Screened(opened, len(items) - opened)


def _shows_refused_media(item: Item) -> bool:
    files = [link.media for link in item.prompt.media_links.all()]
    files += [r.media for r in (item.first, item.second) if r is not None and r.media is not None]
    return any(media.state == MediaState.REFUSED for media in files)


def _note_failure(fences: dict[UUID, int], error: str) -> None:
    # The lease ends now, so that the next sweep tries again at once; the attempt stays counted.
    Claim.objects.filter(pk__in=list(fences)).update(leased_until=None, error=error[:500])
