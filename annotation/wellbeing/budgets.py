"""Budgets: what a campaign lets one person see, answer and begin; changed by its curators."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

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
)


def set_budgets(campaign: Campaign, said: Mapping[str, Any], *, by: User | None) -> list[str]:
    """Let these values of `BUDGETS` hold from the next lease on; the names of those that changed.

    Values out of range are refused by the database.
    """
    with transaction.atomic():
        locked = Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)
        before = {name: getattr(locked, name) for name in BUDGETS}
        after = {name: said.get(name, before[name]) for name in BUDGETS}
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
