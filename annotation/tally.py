"""How much one annotator has done and what is left: for his own pages only, never compared."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC
from uuid import UUID

from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet
from django.db.models.functions import Now, TruncDay

from annotation import eligibility, reporting, steps
from annotation.eligibility import Terms
from annotation.models import Annotation, Annotator, Campaign, Check, Progress, Skip, Slot
from annotation.vocabulary import CheckPurpose, CheckState, SlotState, Standing
from datasets_app.protocols import protocol_named
from datasets_app.vocabulary import ItemState, Severity

# Nobody answers more in a day, and nobody needs to know how many more than these are left.
MOST_IN_A_DAY = 2_000
MOST_LEFT = 1_000
# Where checks are mixed in, what is left is told in tens, and below ten not at all.
ROUNDED = 10
# What came back goes first (0), then what is new (1).
PRIORITIES = (0, 1)


def _answers(annotator: Annotator) -> QuerySet[Annotation]:
    """What this person gave as work: each answer once, however often it was answered anew.

    Late ones and those set aside since were work as well, and so were those to checks; a
    qualification was none. It is what the day's limits count; what is paid may be less (`work`).
    """
    sooner = Annotation.objects.filter(
        item=OuterRef("item"), token=OuterRef("token"), pk__lt=OuterRef("pk")
    )
    return Annotation.objects.filter(
        Q(is_first=True) | ~Exists(sooner), annotator=annotator
    ).exclude(standing=Standing.TRIAL)


def done_today(annotator: Annotator, campaign: Campaign | None = None) -> int:
    """Answers since midnight (UTC), in one campaign or in all; of those that `done` counts."""
    is_today = ExpressionWrapper(
        Q(created_at__gte=TruncDay(Now(), tzinfo=UTC)), output_field=BooleanField()
    )
    # Bounded by the index of this annotator's newest, whatever was done in the years before.
    newest = _answers(annotator).order_by("-pk")
    facts = newest.values_list("campaign_id", is_today)[:MOST_IN_A_DAY]
    return sum(
        1 for where, is_todays in facts if is_todays and (not campaign or where == campaign.pk)
    )


def done(annotator: Annotator, campaign: Campaign) -> int:
    """Answers that this person ever gave in the campaign, late ones included: they were work."""
    return _answers(annotator).filter(campaign=campaign).count()


def was_last_late(annotator: Annotator, campaign: Campaign) -> bool:
    """Whether what this person answered last in the campaign came too late to count."""
    newest = Annotation.objects.filter(annotator=annotator, campaign=campaign).order_by("-pk")
    return newest.values_list("standing", flat=True).first() == Standing.LATE


@dataclass(frozen=True, slots=True)
class Left:
    """How many answers somebody could give now, as he is told: `number`, or over or below it."""

    number: int
    is_over: bool = False
    is_below: bool = False

    def __bool__(self) -> bool:
        return self.number > 0


def left(annotator: Annotator, campaign: Campaign) -> Left:
    """How many answers this person could give now, as far as `MOST_LEFT`.

    Where checks are mixed in, nobody is told to the unit, which would tell checks from the rest:
    they take nothing off it.
    """
    slots = Slot.objects.filter(campaign=campaign)
    held = slots.filter(annotator=annotator, state=SlotState.LEASED).count()
    # Asked in any case, as everything of checks.
    checks = Check.objects.filter(
        annotator=annotator, campaign=campaign, state=CheckState.LEASED
    ).exclude(purpose=CheckPurpose.QUALIFICATION)
    terms = eligibility.terms_of(annotator, campaign)
    waiting = _waiting(annotator, slots, terms)
    ahead = sum(
        eligibility.fitting(terms, _ahead(annotator, campaign, step)) for step in terms.steps
    )
    found = min(held + waiting + ahead, MOST_LEFT)
    return (
        _coarse(found, checks.count()) if campaign.is_checked else Left(found, found == MOST_LEFT)
    )


def _waiting(annotator: Annotator, slots: QuerySet[Slot], terms: Terms) -> int:
    """How many places of what this person began wait for him, and may come once what was just seen
    is over.
    """
    reserved = slots.filter(reserved_for=annotator, state=SlotState.OPEN)
    by_step: dict[str, set[UUID]] = {}
    waiting = reserved.exclude(reporting.reported_by(annotator))
    for step, item in waiting.values_list("step", "item"):
        by_step.setdefault(step, set()).add(item)
    any_gravity = replace(terms, ceiling=int(Severity.SEVERE))
    return sum(eligibility.fitting(any_gravity, items) for items in by_step.values())


def is_kept_back(annotator: Annotator, campaign: Campaign, terms: Terms) -> bool:
    """Whether something waits that is not `left` for now, only because it is not mild."""
    if terms.ceiling == Severity.SEVERE:
        return False
    any_gravity = replace(terms, ceiling=int(Severity.SEVERE))
    return any(
        eligibility.fitting(any_gravity, ahead) > eligibility.fitting(terms, ahead)
        for ahead in (_ahead(annotator, campaign, step) for step in terms.steps)
    )


def _coarse(found: int, checks: int) -> Left:
    """As far as it may be told; with a check in hand there is something to do, and no more."""
    if found >= ROUNDED:
        return Left(found // ROUNDED * ROUNDED, is_over=True)
    return Left(ROUNDED, is_below=True) if found or checks else Left(0)


def _ahead(annotator: Annotator, campaign: Campaign, step: str) -> set[UUID]:
    """Items with a place in a step ahead of where this person has walked: what leasing finds."""
    here = Q(item=OuterRef("item"), campaign=campaign, annotator=annotator)
    protocol = protocol_named(campaign.protocol)
    chain = [link.key for link in steps.together(protocol, protocol.step(step))]
    measured = Check.objects.filter(item=OuterRef("item"), annotator=annotator).exclude(
        purpose=CheckPurpose.REPEAT
    )
    walked = Progress.objects.filter(annotator=annotator, campaign=campaign, step=step)
    positions = dict(walked.values_list("priority", "position"))
    # An item has several places; told apart here, so that the database may stop at the limit.
    most = MOST_LEFT * campaign.overlap
    places = (
        Slot.objects.filter(campaign=campaign, step=step, state=SlotState.OPEN)
        .filter(reserved_for__isnull=True, item__state=ItemState.OPEN)
        .exclude(Exists(Slot.objects.filter(here, step=step)))
        .exclude(Exists(Skip.objects.filter(here, step__in=chain)))
        .exclude(Exists(measured))
        .exclude(reporting.reported_by(annotator))
        .order_by("position")  # along the queue, so that what was done before is not looked at
    )
    return {
        item
        for priority in PRIORITIES
        for item in places.filter(
            priority=priority, position__gt=positions.get(priority, 0)
        ).values_list("item_id", flat=True)[:most]
    }
