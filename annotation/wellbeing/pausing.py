"""Pausing: a break gives back what is held ahead, and how long somebody has worked without one."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now

from annotation import holding, prepared
from annotation.models import Annotator, Campaign, Check, Exposure, Slot
from annotation.prepared import BY_ANNOTATOR, NEWEST_FIRST, compact
from annotation.vocabulary import CheckPurpose, CheckState, SlotState

# Not working for so long is a break, whatever it was called.
BREAK_MINUTES = 5

# From the first answer after the last break until now; nothing once the newest is a break ago.
_WORKED = compact(f"""
WITH latest AS (
    SELECT n.created_at FROM annotation_annotation n WHERE {BY_ANNOTATOR}
    ORDER BY {NEWEST_FIRST} LIMIT 1000
), run AS (
    SELECT created_at, created_at - lag(created_at) OVER (ORDER BY created_at)
           > make_interval(mins => %(pause)s) AS is_first
    FROM latest
)
SELECT CASE WHEN max(created_at) > clock_timestamp() - make_interval(mins => %(pause)s) THEN
    extract(epoch FROM clock_timestamp() - coalesce(
        max(created_at) FILTER (WHERE is_first), min(created_at))) ELSE 0 END
FROM run
""")  # noqa: S608  pieces of ours


def worked_seconds(annotator: Annotator) -> int:
    """For how long this person has answered, in any campaign, without a break of five minutes."""
    values = {"annotator": annotator.pk, "pause": BREAK_MINUTES}
    return int(prepared.fetch(_WORKED, values)[0][0] or 0)


@transaction.atomic
def pause(annotator: Annotator, campaign: Campaign) -> int:
    """Cover everything, and give back what is held ahead; how many. The item shown is kept,
    whatever its page says on its way out."""
    Annotator.objects.select_for_update(no_key=True).get(pk=annotator.pk)
    Exposure.objects.filter(annotator=annotator, ended_at__isnull=True).update(ended_at=Now())
    held = _held(annotator, campaign)
    for shown in held[:1]:
        holding.extend(annotator, shown)
        Annotator.objects.filter(pk=annotator.pk).update(paused=shown, paused_at=Now())
    return sum(holding.release(annotator, token) for token in held[1:])


def _held(annotator: Annotator, campaign: Campaign) -> list[UUID]:
    """The tokens of all that is held, items and checks alike, in the order in which they came."""
    own = {"annotator": annotator, "campaign": campaign}
    slots = Slot.objects.filter(**own, state=SlotState.LEASED)
    checks = Check.objects.filter(**own, state=CheckState.LEASED)
    found = [
        *slots.values_list("leased_at", "token"),
        *checks.exclude(purpose=CheckPurpose.QUALIFICATION).values_list("leased_at", "token"),
    ]
    return [token for _at, token in sorted(found) if token]
