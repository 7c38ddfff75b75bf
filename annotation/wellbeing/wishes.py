"""Wishes: a person says what he wants to be spared; it holds from the next lease on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from annotation import eligibility, holding, prepared
from annotation.models import Annotator, Campaign, Wishes
from annotation.vocabulary import CheckState, SlotState
from datasets_app import access, ledger
from datasets_app.vocabulary import Role


def of(annotator: Annotator) -> Wishes:
    """This person's wishes; those of somebody who never said any, where there are none."""
    return Wishes.objects.filter(annotator=annotator).first() or Wishes(annotator=annotator)


# So many of each dataset's oldest and newest open items are looked at, for a dataset may be loaded
# one language after the other: more would cost more and tell little more.
LOOKED_AT = 1_000
# Base tags, as in `eligibility`; what an item names goes before what its dataset does.
_LANGUAGES = prepared.compact("""
SELECT DISTINCT lower(split_part(tag, '-', 1)) AS base
FROM datasets_app_dataset d, LATERAL (
    SELECT d.language AS tag
    UNION ALL
    (SELECT i.meta ->> 'language' FROM datasets_app_item i
     WHERE i.dataset_id = d.id AND i.state = 'open' ORDER BY i.id LIMIT %(most)s)
    UNION ALL
    (SELECT i.meta ->> 'language' FROM datasets_app_item i
     WHERE i.dataset_id = d.id AND i.state = 'open' ORDER BY i.id DESC LIMIT %(most)s)) AS said
WHERE d.id = ANY(%(datasets)s) AND lower(split_part(tag, '-', 1)) ~ '^[a-z]{2,8}$'
""")


def languages_for(annotator: Annotator) -> list[str]:
    """Base tags: of what this person may be given in any dataset, and those that he named before.

    What is named and is nowhere to be had now stays, so that a form does not take it away.
    """
    datasets = access.datasets_of(annotator.user, Role.ANNOTATOR).values_list("pk", flat=True)
    found = prepared.fetch(_LANGUAGES, {"datasets": list(datasets), "most": LOOKED_AT})
    return sorted({*(row[0] for row in found), *of(annotator).languages})


@transaction.atomic
def wish(annotator: Annotator, said: Mapping[str, Any]) -> Wishes:
    """Keep what this person wants, and give back what he holds against it.

    `said` are fields of `Wishes`. Nothing of it is told to anyone: the event says only that
    there are new ones, and what goes back counts as given back, not as skipped.
    """
    # A lease in flight ends first, and is then seen.
    Annotator.objects.select_for_update(no_key=True).get(pk=annotator.pk)
    kept, _made = Wishes.objects.update_or_create(annotator=annotator, defaults=dict(said))
    ledger.note("wish", by=annotator.user_id, subject=f"annotator:{annotator.pk}")
    for campaign in _held_in(annotator):
        for token in eligibility.unfit(annotator, campaign):
            holding.release(annotator, token)
    return kept


def _held_in(annotator: Annotator) -> QuerySet[Campaign]:
    """The campaigns in which this person holds anything."""
    slots = annotator.slots.filter(state=SlotState.LEASED)
    checks = annotator.checks.filter(state=CheckState.LEASED)
    return Campaign.objects.filter(
        Q(pk__in=slots.values("campaign")) | Q(pk__in=checks.values("campaign"))
    )


def reminder(wishes: Wishes, campaign: Campaign) -> int | None:
    """After how many seconds of work a break is due: the sooner of what both say, if any."""
    said = [wishes.reminder_minutes, campaign.reminder_minutes]
    return min((60 * minutes for minutes in said if minutes is not None), default=None)


def look(wishes: Wishes) -> str:
    """The classes of a page that shows pictures and films as this person wants them."""
    wanted = ((f"blur-{wishes.blur}", wishes.blur), ("greyscale", wishes.greyscale))
    return " ".join(name for name, is_wanted in wanted if is_wanted)
