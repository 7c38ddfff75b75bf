"""Held checks: one is given back and taken back like a leased slot.

One of a qualification is given back by its person only: it waits, and no time that is over takes it
away, nor anything else that concerns work.
"""

from __future__ import annotations

from uuid import UUID

from annotation import prepared
from annotation.models import Annotator
from annotation.vocabulary import CheckState

_END = """
WITH held AS MATERIALIZED (
    -- In one order: others end some of them, too.
    SELECT k.id FROM annotation_check k WHERE k.state = 'leased' AND {which}
    ORDER BY k.id FOR UPDATE
), ended AS (
    UPDATE annotation_check k SET state = %(state)s
    FROM held WHERE k.id = held.id
    RETURNING k.id, k.annotator_id, k.item_id, k.campaign_id, k.step, k.state
), undrafted AS (
    -- As of a slot (`returning`).
    DELETE FROM annotation_draft d USING ended
    WHERE ended.state = 'skipped' AND d.annotator_id = ended.annotator_id
      AND d.campaign_id = ended.campaign_id AND d.item_id = ended.item_id AND d.step = ended.step
), noted AS (
    INSERT INTO datasets_app_event
        (actor_id, verb, dataset_id, item, subject, before, after, reason)
    SELECT %(actor)s, 'end_check', c.dataset_id, ended.item_id, 'check:' || ended.id, 'leased',
           %(state)s, %(reason)s
    FROM ended JOIN annotation_campaign c ON c.id = ended.campaign_id
)
SELECT id, item_id FROM ended
"""
_END_ONE = _END.format(which="k.token = %(token)s AND k.annotator_id = %(annotator)s")
_OF_WORK = "k.purpose <> 'qualification' AND "
_END_ALL = _END.format(
    which=f"{_OF_WORK}k.annotator_id = %(annotator)s AND k.campaign_id = %(campaign)s"
)
_END_IN_CAMPAIGN = _END.format(which=f"{_OF_WORK}k.campaign_id = %(campaign)s")
_END_IN_CLOSED = _END.format(
    which=f"""{_OF_WORK}EXISTS (
        SELECT FROM annotation_campaign o WHERE o.id = k.campaign_id AND o.state = 'closed')"""
)
_END_EVERYWHERE = _END.format(
    which=f"{_OF_WORK}k.annotator_id = %(annotator)s"
    " AND k.campaign_id IS DISTINCT FROM %(but)s::bigint"
)
_END_EXPIRED = _END.format(which=f"{_OF_WORK}k.expires_at < clock_timestamp()")


def end(
    annotator: Annotator, token: UUID, *, state: CheckState, reason: str = ""
) -> tuple[int, UUID] | None:
    """Give a check back, which does not come again: its id and item, None if it was not held."""
    values = {
        "token": token,
        "annotator": annotator.pk,
        "actor": annotator.user_id,
        "state": state.value,
        "reason": reason,
    }
    rows = prepared.fetch(_END_ONE, values)
    return (rows[0][0], rows[0][1]) if rows else None


def end_all_of(annotator: Annotator, campaign_id: int, *, by: int | None, reason: str) -> int:
    """Take back all checks that this person holds in a campaign; how many."""
    values = {
        "annotator": annotator.pk,
        "campaign": campaign_id,
        "actor": by,
        "state": CheckState.LAPSED.value,
        "reason": reason,
    }
    return len(prepared.fetch(_END_ALL, values))


def end_all_in(campaign_id: int, *, by: int | None, reason: str) -> int:
    """Take back all checks that anybody holds in a campaign, because it closes; how many."""
    values = {
        "campaign": campaign_id,
        "actor": by,
        "state": CheckState.LAPSED.value,
        "reason": reason,
    }
    return len(prepared.fetch(_END_IN_CAMPAIGN, values))


def end_one(annotator: Annotator, token: UUID) -> bool:
    """Take one check back, as at the end of the day; False when it was not held."""
    values = {
        "token": token,
        "annotator": annotator.pk,
        "actor": None,
        "state": CheckState.LAPSED.value,
        "reason": "",
    }
    return bool(prepared.fetch(_END_ONE, values))


def end_everywhere(annotator: Annotator, *, but: int | None = None) -> int:
    """Take back all checks that this person holds, in every campaign but one: the day's work ends.

    How many. It is none of his doing: they may come again.
    """
    values = {
        "annotator": annotator.pk,
        "but": but,
        "actor": None,
        "state": CheckState.LAPSED.value,
        "reason": "",
    }
    return len(prepared.fetch(_END_EVERYWHERE, values))


def end_expired() -> int:
    """Take back checks whose time is over, or whose campaign was closed meanwhile; how many."""
    values = {"actor": None, "state": CheckState.LAPSED.value, "reason": ""}
    over = (_END_EXPIRED, _END_IN_CLOSED)
    return sum(len(prepared.fetch(statement, values)) for statement in over)
