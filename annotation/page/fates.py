"""Fates: what became of what a page shows or holds ahead: still held, or gone, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from uuid import UUID

from annotation import eligibility, openness, prepared
from annotation.gravity import FORESEEN, GRAVITY
from annotation.models import Annotation, Annotator, Campaign
from annotation.vocabulary import CampaignState
from annotation.wellbeing.covers import is_covered
from datasets_app.vocabulary import ItemState, Severity


class Fate(StrEnum):
    """Why somebody no longer holds what he was given. The first that holds is said."""

    # Reported or withdrawn: nobody judges it now.
    TAKEN = "taken"
    # Its person answered it, on another page.
    DONE = "done"
    CLOSED = "closed"
    # The lease was over.
    TIME = "time"
    # The day's work is done.
    REST = "rest"
    # It is of a kind that its person does not want.
    WISH = "wish"
    # Given back or skipped on another page, or because the work is in another campaign now.
    BACK = "back"


@dataclass(frozen=True, slots=True)
class Fates:
    """By token: whether what is `held` is behind a door, and why the rest is `gone`."""

    held: dict[UUID, bool]
    gone: dict[UUID, Fate]


# One statement for slots and checks, which asks the same of both: nobody is to tell them apart. A
# check is covered by what an item is covered by that nobody has judged yet, and its item need not
# be open. It changes nothing, so that no item is kept by a page at which nobody sits.
_FATES = prepared.compact(f"""
SELECT asked.token, found.item_id, i.state, found.how,
       CASE WHEN found.how = 'leased' THEN
           CASE WHEN found.is_check THEN {FORESEEN} ELSE {GRAVITY} END END
FROM unnest(%(tokens)s::uuid[]) AS asked(token)
CROSS JOIN LATERAL (
    SELECT s.item_id, false AS is_check,
           CASE WHEN s.state = 'leased' AND o.state <> 'open' THEN 'expired' ELSE s.state END AS how
    FROM annotation_slot s JOIN datasets_app_item o ON o.id = s.item_id
    WHERE s.token = asked.token AND s.annotator_id = %(annotator)s AND s.campaign_id = %(campaign)s
    UNION ALL
    SELECT l.item_id, false, CASE WHEN l.cause = 'item_left' THEN 'expired' ELSE l.cause END
    FROM annotation_lapse l
    WHERE l.token = asked.token AND l.annotator_id = %(annotator)s AND l.campaign_id = %(campaign)s
    UNION ALL
    SELECT k.item_id, true, CASE WHEN k.state = 'answered' THEN 'done'
        WHEN k.state = 'lapsed' AND k.expires_at < clock_timestamp() THEN 'expired'
        ELSE k.state END
    FROM annotation_check k
    WHERE k.token = asked.token AND k.annotator_id = %(annotator)s AND k.campaign_id = %(campaign)s
) AS found
JOIN datasets_app_item i ON i.id = found.item_id
""")  # noqa: S608  pieces of ours
_TAKEN = (ItemState.QUARANTINED, ItemState.WITHDRAWN)
_PLAIN = {"done": Fate.DONE, "expired": Fate.TIME}


def fates(annotator: Annotator, campaign: Campaign, tokens: Sequence[UUID]) -> Fates:
    """What became of what this person was given under `tokens`; what was never his went back."""
    names = {"annotator": annotator.pk, "campaign": campaign.pk, "tokens": list(tokens)}
    held: dict[UUID, bool] = {}
    gone = dict.fromkeys(tokens, Fate.BACK)
    back: dict[UUID, UUID] = {}
    for token, item, state, how, gravity in prepared.fetch(_FATES, names):
        if state in _TAKEN:
            gone[token] = Fate.TAKEN
        elif how == "leased":
            held[token] = is_covered(gravity)
        elif how != "done" and campaign.state == CampaignState.CLOSED:
            gone[token] = Fate.CLOSED
        elif how in _PLAIN:
            gone[token] = _PLAIN[how]
        else:
            back[token] = item
    gone |= {token: _given_back(annotator, campaign, item) for token, item in back.items()}
    return Fates(held, {token: why for token, why in gone.items() if token not in held})


# The same of what was answered, whether it counts or is a check.
_ANSWERED = prepared.compact(f"""
SELECT i.state, CASE WHEN k.id IS NULL THEN {GRAVITY} ELSE {FORESEEN} END
FROM annotation_annotation a
JOIN datasets_app_item i ON i.id = a.item_id
LEFT JOIN annotation_check k ON k.annotation_id = a.id
WHERE a.id = %(annotation)s
""")  # noqa: S608  pieces of ours


def fate_of_answered(annotation: Annotation) -> Fates:
    """The same of what its person answers anew, under its token: held while it may still be."""
    ((state, gravity),) = prepared.fetch(_ANSWERED, {"annotation": annotation.pk})
    if state in _TAKEN:
        return Fates({}, {annotation.token: Fate.TAKEN})
    if annotation.pk not in openness.open_among([annotation]):
        return Fates({}, {annotation.token: Fate.DONE})
    return Fates({annotation.token: is_covered(gravity)}, {})


def _given_back(annotator: Annotator, campaign: Campaign, item: UUID) -> Fate:
    """Why it went back, as far as its person's terms tell by now."""
    terms = eligibility.terms_of(annotator, campaign)
    if terms.rest:
        return Fate.REST
    unhurried = replace(terms, ceiling=int(Severity.SEVERE))
    return Fate.BACK if eligibility.fitting(unhurried, [item]) else Fate.WISH
