"""Budgets: what a campaign lets one person see, answer and begin; changed by its curators."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from annotation.meanwhile import merged
from annotation.models import Campaign
from datasets_app import ledger

# Fields of `Campaign`; each has its sentence there.
BUDGETS = (
    "daily_exposure",
    "daily_answers",
    "mild_after_severe",
    "cooldown_minutes",
    "reminder_minutes",
    "most_items",
    "needs_consent",
)


def set_budgets(
    campaign: Campaign,
    said: Mapping[str, Any],
    *,
    by: User | None,
    seen: Mapping[str, Any] | None = None,
) -> list[str]:
    """Let these values of `BUDGETS` hold from the next lease on; the names of those that changed.

    `seen` are the values beside which they were said: what is said as it was seen stays as it is
    now. Values out of range are refused by the database. Raises ChangedMeanwhile.
    """
    with transaction.atomic():
        locked = Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)
        before = {name: getattr(locked, name) for name in BUDGETS}
        known = {name: value for name, value in said.items() if name in BUDGETS}
        after = merged(before, known, seen or {})
        changed = [name for name in BUDGETS if before[name] != after[name]]
        if changed:
            Campaign.objects.filter(pk=campaign.pk).update(**after)
            ledger.note(
                "set_budgets",
                by=by.pk if by else None,
                dataset=locked.dataset_id,
                subject=f"campaign:{locked.pk}",
                data={"before": before, "after": after},
            )
    campaign.refresh_from_db(fields=BUDGETS)
    return changed
