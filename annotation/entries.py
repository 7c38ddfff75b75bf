"""Entries: opened and closed by curators; people of an outside workforce come in by them.

The law is in docs/workforce.md.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Case, F, Q, QuerySet, Value, When
from django.db.models.functions import Now

from annotation import prepared
from annotation.models import Annotator, Campaign, Entry
from annotation.vocabulary import CampaignState
from annotation.work import IS_WORK
from datasets_app import ledger
from datasets_app.models import Membership
from datasets_app.vocabulary import Role

# What a provider's id may look like. No "@": what is a mail address never gets into the database.
PARTICIPANT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{3,63}")
READMITTED = timedelta(hours=24)


class EntryClosed(Exception):
    """The link is unknown, closed or expired, or its campaign is: one answer for all of them."""


class EntryFull(Exception):
    """All places are taken."""


class BadParticipant(Exception):
    """The link carries no id, or none that an id may look like, or another study's."""


class InUse(Exception):
    """This id came in before, from another browser."""


class TookPart(Exception):
    """This id came in before, by another entry of the same campaign."""


class Ended(Exception):
    """Whoever has this id no longer annotates there: the work was ended or set aside."""


def open_entry(campaign: Campaign, *, by: User, days: int, places: int, **fields: Any) -> Entry:
    """Make an entry that is open for so many days to so many people; `fields` as of the model."""
    with transaction.atomic():
        entry = Entry.objects.create(
            campaign=campaign,
            token=secrets.token_urlsafe(24),
            places=places,
            places_left=places,
            expires_at=Now() + timedelta(days=days),
            created_by=by,
            **{**fields, "code": fields.get("code") or secrets.token_hex(4).upper()},
        )
        entry.refresh_from_db(fields=["expires_at"])  # it was the database that counted
        _note("open_entry", entry, by=by, data={"places": places, "days": days})
    return entry


def close(entry: Entry, *, by: User) -> bool:
    """Let nobody in any more, and give those inside nothing new; False when it was closed."""
    with transaction.atomic():
        closed = Entry.objects.filter(pk=entry.pk, closed_at=None).update(closed_at=Now())
        if closed:
            _note("close_entry", entry, by=by)
    return bool(closed)


def find(token: str) -> Entry:
    """The open entry behind a link. Raises EntryClosed."""
    found = _open().filter(token=token).select_related("campaign__dataset").first()
    if found is None:
        raise EntryClosed
    return found


def _open() -> QuerySet[Entry]:
    return Entry.objects.filter(
        closed_at=None, expires_at__gt=Now(), campaign__state=CampaignState.OPEN
    )


def participant_of(entry: Entry, query: Any) -> str:
    """The participant's id in the query of a link. Raises BadParticipant."""
    participant = query.get(entry.participant_parameter, "")
    if entry.study and query.get(entry.study_parameter, "") != entry.study:
        raise BadParticipant
    if not PARTICIPANT.fullmatch(participant):
        raise BadParticipant
    return str(participant)


def enter(entry: Entry, participant: str) -> Annotator:
    """Make the annotator who stands for this id; the caller then signs the browser in, once.

    Whoever names an id that is already here does not get in: there is no password to tell one
    from the other, so the browser that came first keeps it. Nor does an id that came by another
    entry of the campaign: one person has one vote. Raises InUse, TookPart, EntryFull, EntryClosed.
    """
    with transaction.atomic():
        _lock_entries_beside(entry)
        locked = _open().filter(pk=entry.pk).first()
        if locked is None:
            raise EntryClosed
        known = Annotator.objects.filter(entry=locked, participant=participant).first()
        if known is not None:
            return _readmitted(known)
        if _took_part(locked.campaign_id, participant):
            raise TookPart
        if not Entry.objects.filter(pk=locked.pk, places_left__gt=0).update(
            places_left=F("places_left") - 1
        ):
            raise EntryFull
        return _made(locked, participant)


def _lock_entries_beside(entry: Entry) -> None:
    """Two who come into one campaign at once, by whatever entries, come one after the other.

    So neither the last place nor an id is given twice. All entries, also closed ones, in the order
    of their ids: any two transactions then have one in common, and wait for each other in turn.
    """
    beside = Entry.objects.filter(campaign=entry.campaign_id).order_by("pk")
    list(beside.select_for_update(no_key=True).values_list("pk"))


def _took_part(campaign: int, participant: str) -> bool:
    came = Annotator.objects.filter(entry__campaign=campaign, participant=participant)
    return came.exists()


def _made(entry: Entry, participant: str) -> Annotator:
    # Without a password nobody can sign in as this user by the front door.
    user = User.objects.create_user(f"p-{uuid4().hex[:16]}")
    made = Annotator.objects.create(user=user, entry=entry, participant=participant)
    dataset = entry.campaign.dataset_id
    Membership.objects.create(user=user, dataset_id=dataset, role=Role.ANNOTATOR)
    _note("enter", entry, by=user)
    return made


def _readmitted(known: Annotator) -> Annotator:
    """The same person again, if a curator said so; once, and not after the work was ended."""
    assert known.entry is not None
    waiting = Annotator.objects.filter(pk=known.pk, readmit_until__gt=Now())
    if not _is_inside(known, known.entry) or not waiting.update(readmit_until=None):
        raise InUse
    _note("enter_again", known.entry, by=known.user)
    return known


def readmit(entry: Entry, participant: str, *, by: User) -> bool:
    """Let the next browser that names this id in, within a day; False when nobody has that id.

    Whoever was signed in under it is signed out. Raises Ended: who was set aside would find nothing
    inside.
    """
    with transaction.atomic():
        known = Annotator.objects.filter(entry=entry, participant=participant).first()
        if known is None:
            return False
        if not _is_inside(known, entry):
            raise Ended
        Annotator.objects.filter(pk=known.pk).update(readmit_until=Now() + READMITTED)
        # A new unusable password has another hash, by which every session of the user ends.
        known.user.set_unusable_password()
        known.user.save(update_fields=["password"])
        _note("readmit", entry, by=by, data={"annotator": known.pk})
    return True


def _is_inside(known: Annotator, entry: Entry) -> bool:
    return Membership.objects.filter(
        user=known.user_id, dataset=entry.campaign.dataset_id, role=Role.ANNOTATOR
    ).exists()


def is_another(user_id: int | None, entry: Entry, participant: str) -> bool:
    """Whether this user came into the entry's campaign under another id."""
    came = Annotator.objects.filter(user=user_id, entry__campaign=entry.campaign_id)
    return came.exclude(participant=participant).exists()


_STATE = Case(
    When(~Q(closed_at=None) | ~Q(campaign__state=CampaignState.OPEN), then=Value("closed")),
    When(expires_at__lte=Now(), then=Value("expired")),
    When(places_left=0, then=Value("full")),
    default=Value("open"),
)


def states(found: Iterable[Entry]) -> dict[int, str]:
    """What became of each, by its id: "open", "full", "expired" or "closed"."""
    rows = Entry.objects.filter(pk__in=[entry.pk for entry in found])
    return dict(rows.annotate(state=_STATE).values_list("pk", "state"))


def answers_left(annotator: Annotator) -> int | None:
    """How many more answers are asked of somebody who came by an entry; None: as many as there are.

    None too for everybody else, without a query. None are asked once the entry is over.
    """
    if annotator.entry_id is None:
        return None
    open_now = Entry.objects.filter(pk=annotator.entry_id, closed_at=None, expires_at__gt=Now())
    found = open_now.values_list("answers").first()
    if found is None:
        return 0
    (asked,) = found
    return None if asked is None else max(asked - given(annotator), 0)


_GIVEN = prepared.compact(f"""
SELECT count(*) FROM annotation_annotation a WHERE a.annotator_id = %(annotator)s AND {IS_WORK}
""")  # noqa: S608  pieces of ours


def given(annotator: Annotator) -> int:
    """Answers of work: a step of an item once, too late included, unless it was let go of."""
    return int(prepared.fetch(_GIVEN, {"annotator": annotator.pk})[0][0])


def _note(verb: str, entry: Entry, *, by: User, data: dict[str, Any] | None = None) -> None:
    ledger.note(
        verb,
        by=by.pk,
        dataset=entry.campaign.dataset_id,
        subject=f"entry:{entry.pk}",
        data=data,
    )
