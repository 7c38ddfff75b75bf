"""Who may label what: the only way a view obtains a campaign or an annotation also decides.

Whoever may not see a thing is told the same as if it did not exist: Http404.
"""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.models import AnonymousUser, User
from django.db import connection
from django.db.models import JSONField, Model, QuerySet
from django.http import Http404

from annotation import openness, prepared
from annotation.models import (
    Annotation,
    Annotator,
    Campaign,
    Check,
    Entry,
    Lapse,
    Progress,
    Slot,
)
from annotation.vocabulary import CampaignState, CheckState, SlotState, Standing
from annotation.wellbeing import covers
from datasets_app import access
from datasets_app.access import Sight
from datasets_app.models import Item
from datasets_app.vocabulary import ItemState, Role

Somebody = User | AnonymousUser


def annotator_of(user: Somebody) -> Annotator:
    """The person as a judge, made at the first need. Raises Http404 for nobody."""
    if not user.is_authenticated:
        raise Http404
    return Annotator.objects.get_or_create(user=user)[0]


def campaigns_of(user: Somebody) -> QuerySet[Campaign]:
    """The campaigns of all datasets in which this person annotates, open or not.

    For who came by an entry: the one that the entry leads into.
    """
    if not user.is_authenticated:
        return Campaign.objects.none()
    datasets = access.datasets_of(user, Role.ANNOTATOR)
    campaigns = Campaign.objects.filter(dataset__in=datasets).select_related("dataset")
    entry = Entry.objects.filter(people__user=user).first()
    return campaigns if entry is None else campaigns.filter(pk=entry.campaign_id)


def campaigns_left_by(annotator: Annotator) -> QuerySet[Campaign]:
    """The open campaigns in which this person worked and takes part no longer."""
    inside = access.datasets_of(annotator.user, Role.ANNOTATOR)
    worked = Progress.objects.filter(annotator=annotator).values("campaign")
    return Campaign.objects.filter(pk__in=worked, state=CampaignState.OPEN).exclude(
        dataset__in=inside
    )


def has_left(user: Somebody, slug: str) -> bool:
    """Whether this person worked in that campaign, which is open, and takes part no longer."""
    annotator = Annotator.objects.filter(user=user.pk).first() if user.pk else None
    return annotator is not None and campaigns_left_by(annotator).filter(slug=slug).exists()


def campaign_for(user: Somebody, slug: str) -> Campaign:
    """A campaign of a dataset in which this person annotates. Raises Http404."""
    campaign = campaigns_of(user).filter(slug=slug).first()
    if campaign is None:
        raise Http404
    return campaign


def at_work(user: Somebody, slug: str) -> tuple[Annotator, Campaign]:
    """The person as a judge and the campaign: what every request of the labelling page begins with.

    The same as `annotator_of` and `campaign_for`, by one statement, because somebody waits for it.
    Raises Http404.
    """
    rows = prepared.fetch(_AT_WORK, {"user": user.pk, "slug": slug}) if user.pk else []
    if not rows:
        campaign = campaign_for(user, slug)
        return annotator_of(user), campaign
    middle = len(_ANNOTATOR)
    return (
        Annotator.from_db(connection.alias, _ANNOTATOR, rows[0][:middle]),
        Campaign.from_db(connection.alias, _CAMPAIGN, rows[0][middle:]),
    )


def _plain_fields(model: type[Model]) -> list[str]:
    """Those that the database gives as they are; JSON is read when it is asked for."""
    fields = model._meta.concrete_fields
    return [field.attname for field in fields if not isinstance(field, JSONField)]


_CAMPAIGN = _plain_fields(Campaign)
_ANNOTATOR = [field.attname for field in Annotator._meta.concrete_fields]  # in the model's order
# As json, not jsonb: Django has psycopg leave the latter unread.
_COLUMNS = ", ".join(
    [f"a.{name}::json" if name == "settings" else f"a.{name}" for name in _ANNOTATOR]
    + [f"c.{name}" for name in _CAMPAIGN]
)
_AT_WORK = prepared.compact(f"""
SELECT {_COLUMNS}
FROM annotation_annotator a
JOIN auth_user u ON u.id = a.user_id
JOIN annotation_campaign c ON c.slug = %(slug)s
WHERE a.user_id = %(user)s AND (u.is_superuser OR EXISTS (
    SELECT FROM datasets_app_membership m
    WHERE m.user_id = u.id AND m.dataset_id = c.dataset_id AND m.role = 'annotator'))
  AND (a.entry_id IS NULL OR EXISTS (
    SELECT FROM annotation_entry e WHERE e.id = a.entry_id AND e.campaign_id = c.id))
""")  # noqa: S608  columns of ours


def once_at_work(user: Somebody, slug: str, token: UUID) -> tuple[Annotator, Campaign]:
    """Whoever was given `token` in this campaign, although he annotates there no longer.

    For what was on its way when his work there ended. Raises Http404.
    """
    annotator = Annotator.objects.filter(user=user.pk).first() if user.pk else None
    campaign = Campaign.objects.filter(slug=slug).first()
    named = {"annotator": annotator, "campaign": campaign, "token": token}
    places: tuple[type[Slot | Lapse | Check], ...] = (Slot, Lapse, Check)
    if not annotator or not campaign or not any(p.objects.filter(**named).exists() for p in places):
        raise Http404
    return annotator, campaign


def own_annotations(annotator: Annotator) -> QuerySet[Annotation]:
    """What this person answered and what stands of it, newest first, where he still annotates.

    Who was set aside would otherwise know checks as what is left to see.
    """
    inside = access.datasets_of(annotator.user, Role.ANNOTATOR)
    return (
        Annotation.objects.filter(
            annotator=annotator,
            campaign__dataset__in=inside,
            standing__in=(Standing.COUNTED, Standing.CHECK),
        )
        .select_related("campaign__dataset", "item__prompt", "checked")
        .order_by("-pk")
    )


def own_annotation(annotator: Annotator, campaign: Campaign, pk: int) -> Annotation:
    """One of them, to look at or to revise. Raises Http404."""
    found = own_annotations(annotator).filter(campaign=campaign, pk=pk).first()
    if found is None:
        raise Http404
    return found


def own_answer(annotator: Annotator, campaign: Campaign, pk: int) -> Annotation:
    """The same, though it may have been answered anew since. Raises Http404."""
    found = Annotation.objects.filter(annotator=annotator, campaign=campaign, pk=pk)
    found = found.exclude(standing=Standing.TRIAL).select_related("campaign__dataset", "item")
    answer = found.first()
    if answer is None:
        raise Http404
    return answer


def is_open(annotation: Annotation) -> bool:
    """Whether its person may still answer anew."""
    return annotation.pk in openness.open_among([annotation])


def own_lease(annotator: Annotator, campaign: Campaign, token: UUID) -> Slot | Check:
    """The slot or the check that this person holds under that token. Raises Http404."""
    named = {"annotator": annotator, "campaign": campaign, "token": token}
    # Both are looked for in any case: nobody is to tell a check by how long it takes.
    slot = Slot.objects.filter(**named, state=SlotState.LEASED).first()
    check = Check.objects.filter(**named, state=CheckState.LEASED).first()
    held: Slot | Check | None = slot or check
    if held is None:
        raise Http404
    return held


def seen_under(annotator: Annotator, campaign: Campaign, token: UUID) -> Slot | Check:
    """The slot or check that this person holds, or answered, under that token. Raises Http404."""
    named = {"annotator": annotator, "campaign": campaign, "token": token}
    found: Slot | Check | None = Slot.objects.filter(**named, state__in=_SEEN_SLOTS).first()
    found = found or Check.objects.filter(**named, state__in=_SEEN_CHECKS).first()
    if found is None:
        raise Http404
    return found


_SEEN_SLOTS = (SlotState.LEASED, SlotState.DONE)
_SEEN_CHECKS = (CheckState.LEASED, CheckState.ANSWERED)


def may_see_media(user: Somebody, items: QuerySet[Item]) -> Sight:
    """How far this person may look who judges one of `items`: holds it, or answered it while it is
    open. What is covered is open to him only while he has a reveal of it open.

    An item that was reported or withdrawn is no longer open: nobody gets at its media here, nor
    does who no longer annotates in its dataset.
    """
    if not user.is_authenticated:
        return Sight.NOTHING
    items = items.filter(dataset__in=access.datasets_of(user, Role.ANNOTATOR))
    judged = Slot.objects.filter(
        annotator__user=user,
        item__in=items.filter(state=ItemState.OPEN),
        state__in=_SEEN_SLOTS,
    )
    # Both are asked in any case: nobody is to tell a check by how long its pictures take.
    return max(
        covers.sight_of(user.pk, list(judged.values_list("item", flat=True))),
        covers.sight_of(user.pk, _checked_by(user, items), in_checks=True),
    )


def _checked_by(user: User, items: QuerySet[Item]) -> list[UUID]:
    """Those of `items` that this person has as a check, or answered and may answer anew."""
    checks = Check.objects.filter(annotator__user=user, item__in=items, state__in=_SEEN_CHECKS)
    return openness.items_of_open(list(checks.values_list("pk", flat=True)))
