"""Campaigns: opened by default, kept supplied, made wider or narrower."""

from __future__ import annotations

from contextlib import suppress

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.text import slugify

from annotation import narrowing, placing
from annotation.models import Campaign
from annotation.vocabulary import CampaignState
from datasets_app import ledger
from datasets_app.models import Dataset, Item

OVERLAPS = range(1, 10)


class BadOverlap(Exception):
    """An item is judged by one to nine people."""


class AllClosed(Exception):
    """The dataset's campaigns were closed: none opens by itself any more."""


def default_for(dataset: Dataset) -> Campaign:
    """The dataset's open campaign; if it never had one, one with an overlap of 3 and majority.

    Raises AllClosed: what a curator closed, a curator opens again.
    """
    found = _open_one(dataset)
    if found is not None:
        return found
    with transaction.atomic():
        # Two at once ask for one campaign: the second waits here and finds the first one's.
        Dataset.objects.select_for_update(no_key=True).get(pk=dataset.pk)
        found = _open_one(dataset)
        if found is not None:
            return found
        made = Campaign.objects.create(
            dataset=dataset, slug=_free_slug(dataset), name=dataset.name, protocol=dataset.protocol
        )
        ledger.note(
            "open_campaign", dataset=dataset.pk, subject=f"campaign:{made.pk}", after=made.state
        )
    return made


def place_open_items() -> int:
    """A campaign for every dataset with open items, slots ahead of its people; how many slots."""
    waiting = Dataset.objects.filter(Exists(Item.objects.filter(dataset=OuterRef("pk")).open()))
    placed = 0
    for dataset in waiting:
        with suppress(AllClosed):
            placed += placing.place_ahead(default_for(dataset))
    return placed


def open_campaign(dataset: Dataset) -> Campaign | None:
    """The campaign that hands out the work of this dataset now; there is at most one."""
    return Campaign.objects.filter(dataset=dataset, state=CampaignState.OPEN).first()


def is_open(campaign: Campaign) -> bool:
    """Whether the campaign hands out work at this moment."""
    return Campaign.objects.filter(pk=campaign.pk, state=CampaignState.OPEN).exists()


def _open_one(dataset: Dataset) -> Campaign | None:
    """The same; None only for a dataset that never had a campaign. Raises AllClosed."""
    found = latest(dataset)
    if found is not None and found.state != CampaignState.OPEN:
        raise AllClosed
    return found


def latest(dataset: Dataset) -> Campaign | None:
    """The open campaign, else the one made last: whose votes the dataset's verdicts come from."""
    return latest_of_all().filter(dataset=dataset).first()


def latest_of_all() -> QuerySet[Campaign]:
    """The latest of every dataset."""
    # "open" comes after "closed".
    ordered = Campaign.objects.order_by("dataset_id", "-state", "-pk").distinct("dataset_id")
    return ordered.select_related("dataset")


def _free_slug(dataset: Dataset) -> str:
    wished = slugify(dataset.slug)[:74] or "campaign"
    taken = set(Campaign.objects.filter(slug__startswith=wished).values_list("slug", flat=True))
    number = 1
    while (slug := wished if number == 1 else f"{wished}-{number}") in taken:
        number += 1
    return slug


def set_overlap(campaign: Campaign, overlap: int, *, by: User | None) -> int:
    """How many people judge each item from now on; the change in slots of items begun.

    Raising adds slots to open items; lowering takes away open ones only, so an item may keep
    more annotations than the overlap now asks; of what people have, what comes back goes then
    (`returning`). Raises BadOverlap.
    """
    if overlap not in OVERLAPS:
        raise BadOverlap(f"The overlap must lie between 1 and 9, not {overlap}.")
    with transaction.atomic():
        locked = Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)
        before, locked.overlap = locked.overlap, overlap
        locked.save(update_fields=["overlap"])
        ledger.note(
            "set_overlap",
            by=by.pk if by else None,
            dataset=locked.dataset_id,
            subject=f"campaign:{locked.pk}",
            before=str(before),
            after=str(overlap),
        )
        changed = placing.fill(locked) if overlap > before else -narrowing.narrow(locked)
    campaign.overlap = overlap
    return changed


CHECKED_BY = (
    "is_checked", "gold_share", "repeat_share", "pass_mark", "asks_reading"
)  # fmt: skip


def set_checks(campaign: Campaign, *, by: User | None, **wished: bool | float) -> None:
    """Whether and how much people are measured from now on; the fields named in `CHECKED_BY`.

    Raises TypeError for another field; the database refuses shares beyond a half.
    """
    if unknown := set(wished) - set(CHECKED_BY):
        raise TypeError(f"No setting of checks: {', '.join(sorted(unknown))}.")
    with transaction.atomic():
        locked = Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)
        for name, value in wished.items():
            setattr(locked, name, value)
            setattr(campaign, name, value)
        locked.save(update_fields=list(wished))
        ledger.note(
            "set_checks",
            by=by.pk if by else None,
            dataset=locked.dataset_id,
            subject=f"campaign:{locked.pk}",
            data=wished,
        )
