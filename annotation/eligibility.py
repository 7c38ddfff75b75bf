"""Eligibility: what this person may be given now, for the lease and for the query that checks it.

The law is in docs/wellbeing.md. `terms_of` reads it under the annotator's lock: what the person
wants to be spared, what was before his eyes today in all campaigns, what he is able to do and what
he wrote. `FITS` is the part of it that looks at items, the same fragment wherever slots are looked
for. All times are the database's.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from annotation import prepared, steps, themes
from annotation.authorship import OWN, some_are_by
from annotation.gravity import GRAVITY
from annotation.models import Annotator, Campaign
from annotation.prepared import BY_ANNOTATOR, NEWEST_FIRST, compact
from annotation.vocabulary import RestCause, Spared
from datasets_app.protocols import VERSIONS, protocol_named
from datasets_app.vocabulary import Severity

# What keeps items from a person who could have them all the same: by taking a wish back, by saying
# yes, or by passing a qualification.
OWN_REASONS = (Spared.CATEGORIES, Spared.CONSENT, Spared.LANGUAGE, Spared.ABILITY)
# What follows a severe item is no graver than this.
MILD = Severity.MINOR
# No campaign asks for more mild items after a severe one, or for more minutes without.
MOST_MILD, LONGEST_COOLDOWN = 10, 240
# Nobody has anything before his eyes for longer than he may hold it (minutes).
LONGEST_REVEAL = 24 * 60
_LOOKED_BACK = f"interval '{LONGEST_REVEAL + LONGEST_COOLDOWN} minutes'"
# A reveal whose page fell silent counts for so long after its last sign of life.
GRACE_SECONDS = 60

# Whether the item `i` is for this person. Cheap tests of its own row first.
FITS = f"""
  AND coalesce(i.machine_severity, 0) <= %(ceiling)s
  AND (i.machine_categories && %(unwanted)s::varchar[]) IS NOT TRUE
  AND (%(names)s::text[] = '{{}}' OR NOT {OWN})
  AND (%(languages)s::text[] = '{{}}' OR lower(split_part(
      coalesce(i.meta ->> 'language', %(language)s), '-', 1)) = ANY(%(languages)s::text[]))
  AND (%(ceiling)s = 3 OR {GRAVITY} <= %(ceiling)s)
  AND (%(unwanted)s::text[] = '{{}}' OR NOT EXISTS (
      SELECT FROM datasets_app_verdict v WHERE v.item_id = i.id
        AND jsonb_typeof(v.value) = 'array' AND jsonb_exists_any(v.value, %(unwanted)s::text[])))
"""

# How much of a reveal is today's, in seconds; what is still open counts up to now.
COUNTED = f"""
greatest(0, extract(epoch FROM least(
    coalesce(e.ended_at, clock_timestamp()), e.seen_at + interval '{GRACE_SECONDS} seconds'
) - greatest(e.began_at, {{midnight}})))
"""
MIDNIGHT = "(date_trunc('day', clock_timestamp() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC')"
_DAY = COUNTED.format(midnight=MIDNIGHT)

# Severity × seconds of today, in all campaigns: nobody gets a second budget by changing places.
SPENT = f"""
(SELECT coalesce(sum(e.severity * {_DAY}), 0) FROM annotation_exposure e
 WHERE e.annotator_id = %(annotator)s AND e.began_at > {MIDNIGHT} - interval '1 day')
"""  # noqa: S608  pieces of ours

# Reveals that nobody sees any more end: their page fell silent, or the item was parted from.
_CLOSE = compact(f"""
UPDATE annotation_exposure e
SET ended_at = least(clock_timestamp(), e.seen_at + interval '{GRACE_SECONDS} seconds')
WHERE e.annotator_id = %(annotator)s AND e.ended_at IS NULL AND (
    e.seen_at < clock_timestamp() - interval '{GRACE_SECONDS} seconds'
    OR NOT EXISTS (
        SELECT FROM annotation_slot s
        WHERE s.token = e.token AND s.annotator_id = e.annotator_id AND (
            s.state = 'leased' OR EXISTS (
                SELECT FROM annotation_annotation a
                WHERE a.slot_id = s.id AND a.created_at < e.began_at)))
    AND NOT EXISTS (
        SELECT FROM annotation_check k
        WHERE k.token = e.token AND k.annotator_id = e.annotator_id AND (
            k.state = 'leased' OR k.answered_at < e.began_at)))
RETURNING e.id
""")  # noqa: S608  pieces of ours

# What this person holds in other campaigns.
_ELSEWHERE = """
((SELECT count(*) FROM annotation_slot s
  WHERE s.annotator_id = %(annotator)s AND s.state = 'leased' AND s.campaign_id <> me.id)
 + (SELECT count(*) FROM annotation_check k
    WHERE k.annotator_id = %(annotator)s AND k.state = 'leased' AND k.campaign_id <> me.id
      AND k.purpose <> 'qualification'))
"""

# So many first answers are enough to know the newest items: one more than any campaign asks for,
# each answered in all its steps.
_MOST_ANSWERS = (MOST_MILD + 1) * max(len(protocol.steps) for protocol in VERSIONS.values())

# Whether the annotation `n` is an answer of its own: no trial, and neither a second thought nor a
# second answer to what its person had.
ANEW = """
n.standing <> 'trial' AND (n.is_first OR NOT EXISTS (
    SELECT FROM annotation_annotation o
    WHERE o.item_id = n.item_id AND o.token = n.token AND o.id < n.id OFFSET 0))
"""

# The terms of one person in one campaign, as one row named `terms`.
TERMS = f"""
me AS MATERIALIZED (
    SELECT c.id, c.dataset_id, d.language, c.mild_after_severe, c.cooldown_minutes, c.most_items,
           coalesce(w.unwanted, '{{}}') AS unwanted, coalesce(w.languages, '{{}}') AS languages,
           ARRAY(SELECT unnest(c.needs_consent) EXCEPT SELECT unnest(w.wanted)) AS withheld,
           least(c.daily_exposure, w.daily_exposure) AS exposure,
           least(c.daily_answers, w.daily_answers) AS answers,
           array_remove(ARRAY[lower(btrim(u.username)), lower(btrim(u.email))], '') || ARRAY(
               SELECT lower(a.email) FROM account_emailaddress a
               WHERE a.user_id = u.id AND a.verified AND lower(a.email) <> lower(u.email))
               AS names
    FROM annotation_campaign c JOIN datasets_app_dataset d ON d.id = c.dataset_id
    CROSS JOIN auth_user u LEFT JOIN annotation_wishes w ON w.annotator_id = %(annotator)s
    WHERE c.id = %(campaign)s AND u.id = %(user)s
), answered AS (
    -- The newest first; read only as far as is asked for.
    SELECT n.id, n.created_at, n.item_id FROM annotation_annotation n
    WHERE {BY_ANNOTATOR} AND n.is_first ORDER BY {NEWEST_FIRST} LIMIT {_MOST_ANSWERS}
), recent AS (
    -- An item counts once, however many of its steps were answered.
    SELECT item_id, max(id) AS id, max(created_at) AS at FROM answered GROUP BY item_id
), severe AS (
    -- In sight until then, or answered, and not followed by as many other items as asked for: of
    -- this campaign and the one where it was, the stricter one says how many. How grave it is costs
    -- most, and comes last.
    SELECT seen.at + c.cooldown AS until FROM (
        SELECT e.item_id, e.campaign_id, coalesce(e.ended_at, e.seen_at) AS at, true AS is_revealed
        FROM annotation_exposure e
        WHERE e.annotator_id = %(annotator)s AND e.severity = 3
          AND e.began_at > clock_timestamp() - {_LOOKED_BACK}
        UNION ALL
        SELECT n.item_id, n.campaign_id, n.created_at, false FROM annotation_annotation n
        WHERE {BY_ANNOTATOR} AND n.id >= coalesce((
                  SELECT id FROM recent ORDER BY id DESC LIMIT 1 OFFSET {MOST_MILD}), 0)
          AND n.created_at > clock_timestamp() - interval '{LONGEST_COOLDOWN} minutes'
    ) AS seen CROSS JOIN LATERAL (
        SELECT greatest(me.mild_after_severe, c.mild_after_severe) AS mild, make_interval(
                   mins => greatest(me.cooldown_minutes, c.cooldown_minutes)) AS cooldown
        FROM me, annotation_campaign c WHERE c.id = seen.campaign_id
    ) AS c
    WHERE CASE WHEN c.mild = 0 OR seen.at + c.cooldown < clock_timestamp() THEN false
               WHEN c.mild <= (
                   SELECT count(*) FROM recent
                   WHERE recent.at > seen.at AND recent.item_id <> seen.item_id) THEN false
               WHEN seen.is_revealed THEN true
               ELSE (SELECT {GRAVITY} FROM datasets_app_item i WHERE i.id = seen.item_id) = 3 END
), terms AS MATERIALIZED (
    SELECT me.language, me.unwanted, me.withheld, me.languages,
        CASE WHEN {some_are_by("datasets_app_item")} OR {some_are_by("datasets_app_prompt")}
               OR {some_are_by("datasets_app_response", is_of_dataset=False)}
               THEN me.names END AS names,
        ARRAY(SELECT r.step FROM annotation_requirement r
              WHERE r.campaign_id = me.id AND NOT EXISTS (
                  SELECT FROM annotation_ability a
                  WHERE a.annotator_id = %(annotator)s AND a.campaign_id = me.id
                    AND a."group" = r."group" AND a.state = 'granted')) AS lacking,
        me.most_items IS NOT NULL AND (
            SELECT count(DISTINCT s.item_id) FROM annotation_slot s
            WHERE s.annotator_id = %(annotator)s AND s.campaign_id = me.id) >= me.most_items
            AS is_full,
        me.exposure, {SPENT} AS spent, me.answers,
        CASE WHEN me.answers IS NOT NULL THEN me.answers - (
            SELECT count(*) FROM (SELECT n.created_at FROM annotation_annotation n
                                  WHERE {BY_ANNOTATOR} AND {ANEW}
                                  ORDER BY {NEWEST_FIRST} LIMIT me.answers) AS given
            WHERE given.created_at >= {MIDNIGHT}) END AS answers_left,
        CASE WHEN me.answers IS NOT NULL THEN {_ELSEWHERE} ELSE 0 END AS elsewhere,
        {MIDNIGHT} + interval '1 day' AS tomorrow, me.mild_after_severe > 0 AS is_gentle,
        EXISTS (
            SELECT FROM annotation_slot s JOIN datasets_app_item i ON i.id = s.item_id
            JOIN annotation_campaign c ON c.id = s.campaign_id
            WHERE s.annotator_id = %(annotator)s AND s.state = 'leased'
              AND greatest(me.mild_after_severe, c.mild_after_severe) > 0 AND {GRAVITY} = 3)
            AS holds_severe,
        (SELECT max(until) FROM severe) AS cooling_until,
        EXISTS (SELECT FROM annotation_exposure e
                WHERE e.annotator_id = %(annotator)s AND e.ended_at IS NULL) AS is_something_open
    FROM me
)
"""  # noqa: S608  pieces of ours
_READ = compact(f"WITH {TERMS} SELECT terms.* FROM terms")  # noqa: S608  pieces of ours

# Terms that keep nothing from this person: whatever is next may be given.
NOTHING_KEPT = """
terms.unwanted = '{}' AND terms.withheld = '{}' AND terms.languages = '{}' AND terms.names IS NULL
AND terms.lacking = '{}' AND NOT terms.is_full AND terms.answers_left IS DISTINCT FROM 0
AND NOT terms.holds_severe AND terms.cooling_until IS NULL
AND (terms.exposure IS NULL OR terms.spent < terms.exposure)
"""


@dataclass(frozen=True, slots=True)
class Terms:
    """On what terms somebody is given work in a campaign now.

    `steps` may be begun; `is_full` says that the person has begun as many items as the campaign
    allows. `is_gentle` says that mild items follow severe ones; `ceiling` is the gravest that may
    come, but for what is withheld, and `cooling_until` is set while it is lowered by what was seen.
    `is_something_open` says that a reveal has not ended. `exposure` (severity × seconds) and
    `answers` are the day's limits, None without one; `spent` is today's exposure, `answers_left`
    how many answers are left of the day (0 or more), `elsewhere` how many items are then held in
    other campaigns, else 0. `unwanted` are categories; `withheld` are the kinds (`themes.KINDS`)
    that the campaign gives only to who says yes, and this person has not. `names` are the person's,
    his user name and addresses in small letters, where he wrote items or prompts of the dataset, or
    any response.
    """

    steps: tuple[str, ...]
    barred: tuple[str, ...]
    is_full: bool
    language: str
    unwanted: tuple[str, ...]
    withheld: tuple[str, ...]
    languages: tuple[str, ...]
    names: tuple[str, ...]
    is_gentle: bool
    ceiling: int
    exposure: int | None
    spent: float
    answers: int | None
    answers_left: int | None
    elsewhere: int
    tomorrow: datetime
    cooling_until: datetime | None
    is_something_open: bool

    @property
    def rest(self) -> RestCause | None:
        """Why nothing at all is given today."""
        if self.exposure is not None and self.spent >= self.exposure:
            return RestCause.EXPOSURE
        return RestCause.ANSWERS if self.answers_left == 0 else None

    @property
    def is_choosy(self) -> bool:
        """Whether any item may be passed over for what it is."""
        kept = self.unwanted or self.withheld or self.languages or self.names
        return bool(kept or self.ceiling < Severity.SEVERE)

    @property
    def _gravest(self) -> int:
        """The gravest that this person said yes to, as far as he has to."""
        return Severity.MODERATE if themes.SEVERE in self.withheld else Severity.SEVERE

    def barring(self, steps: Iterable[str]) -> Terms:
        """The same terms without these steps."""
        more = set(steps)
        return replace(
            self,
            steps=tuple(step for step in self.steps if step not in more),
            barred=tuple(sorted({*self.barred, *more})),
        )

    def as_values(self) -> dict[str, Any]:
        """The parameters of `FITS`, and the steps."""
        return {
            "steps": list(self.steps),
            "ceiling": int(min(self.ceiling, self._gravest)),
            "unwanted": [*self.unwanted, *themes.categories_of(self.withheld)],
            "languages": list(self.languages),
            "language": self.language,
            "names": list(self.names),
        }


def close_reveals(annotator: Annotator) -> None:
    """End the reveals that nobody sees any more; under the annotator's lock."""
    prepared.fetch(_CLOSE, {"annotator": annotator.pk})


def terms_of(annotator: Annotator, campaign: Campaign) -> Terms:
    """The terms as they are now; under the annotator's lock they stay so until its end."""
    names = {"annotator": annotator.pk, "user": annotator.user_id, "campaign": campaign.pk}
    return terms_in(prepared.fetch(_READ, names)[0], campaign)


def terms_in(row: prepared.Row, campaign: Campaign) -> Terms:
    """The terms that a row of `TERMS` tells."""
    language, unwanted, withheld, languages, own, lacking, is_full, *day = row
    exposure, spent, answers, answers_left, elsewhere, tomorrow, is_gentle, *severe = day
    holds_severe, cooling_until, is_something_open = severe
    barred = _barred(campaign, lacking)
    return Terms(
        steps=() if is_full else tuple(step for step in begun(campaign) if step not in barred),
        barred=barred,
        is_full=is_full,
        language=language,
        unwanted=themes.categories_of(unwanted),
        withheld=tuple(withheld),
        languages=tuple(languages),
        names=tuple(own or ()),
        is_gentle=is_gentle,
        ceiling=MILD if holds_severe or cooling_until else Severity.SEVERE,
        exposure=exposure,
        spent=float(spent),
        answers=answers,
        answers_left=answers_left,
        elsewhere=elsewhere,
        tomorrow=tomorrow,
        cooling_until=cooling_until,
        is_something_open=is_something_open,
    )


_ANY_SEVERE = compact(f"""
SELECT EXISTS (SELECT FROM datasets_app_item i WHERE i.id = ANY(%(items)s) AND {GRAVITY} = 3)
""")  # noqa: S608  pieces of ours


def after(terms: Terms, items: Sequence[UUID]) -> Terms:
    """The terms of what comes after these items: mild, where one of them is severe."""
    if not terms.is_gentle or terms.ceiling < Severity.SEVERE:
        return terms
    is_severe = prepared.fetch(_ANY_SEVERE, {"items": list(items)})[0][0]
    return replace(terms, ceiling=int(MILD)) if is_severe else terms


_UNFIT = compact(f"""
SELECT s.token FROM annotation_slot s JOIN datasets_app_item i ON i.id = s.item_id
WHERE s.annotator_id = %(annotator)s AND s.campaign_id = %(campaign)s AND s.state = 'leased'
  AND NOT (true {FITS})
UNION ALL
SELECT k.token FROM annotation_check k JOIN datasets_app_item i ON i.id = k.item_id
WHERE k.annotator_id = %(annotator)s AND k.campaign_id = %(campaign)s AND k.state = 'leased'
  AND k.purpose <> 'qualification' AND NOT (true {FITS})
""")  # noqa: S608  pieces of ours


def unfit(annotator: Annotator, campaign: Campaign) -> list[UUID]:
    """The tokens of what this person holds in the campaign but would no longer be given,
    checks included.
    """
    terms = replace(terms_of(annotator, campaign), ceiling=int(Severity.SEVERE))
    names = {"annotator": annotator.pk, "campaign": campaign.pk}
    return [row[0] for row in prepared.fetch(_UNFIT, names | terms.as_values())]


_FITTING = compact(f"""
SELECT count(*) FROM datasets_app_item i WHERE i.id = ANY(%(items)s) {FITS}
""")  # noqa: S608  pieces of ours


def fitting(terms: Terms, items: Collection[UUID]) -> int:
    """How many of these items are for this person."""
    if not terms.is_choosy:
        return len(items)
    values = {"items": list(items)} | terms.as_values()
    return int(prepared.fetch(_FITTING, values)[0][0])


def begun(campaign: Campaign) -> list[str]:
    """The steps with which somebody may begin, in the protocol's order."""
    return [step.key for step in steps.open_to_all(protocol_named(campaign.protocol))]


def _barred(campaign: Campaign, lacking: Iterable[str]) -> tuple[str, ...]:
    """The steps that may not be begun, because their chain asks for what the person lacks."""
    known = set(lacking)
    if not known:
        return ()
    protocol = protocol_named(campaign.protocol)
    return tuple(
        step.key
        for step in steps.open_to_all(protocol)
        if any(link.key in known for link in steps.together(protocol, step))
    )


def without(terms: Terms, campaign: Campaign) -> list[tuple[Spared, Terms]]:
    """The same terms, each time without one of the things that keep items from this person."""
    all_steps = tuple(begun(campaign))
    allowed = tuple(step for step in all_steps if step not in terms.barred)
    kept = [
        (Spared.CATEGORIES, terms.unwanted, replace(terms, unwanted=())),
        (Spared.CONSENT, terms.withheld, replace(terms, withheld=())),
        (Spared.LANGUAGE, terms.languages, replace(terms, languages=())),
        (Spared.ABILITY, terms.barred, replace(terms, steps=() if terms.is_full else all_steps)),
        (Spared.CAP, terms.is_full, replace(terms, steps=allowed)),
        (Spared.AUTHOR, terms.names, replace(terms, names=())),
    ]
    return [(why, looser) for why, is_kept, looser in kept if is_kept]


def without_own(terms: Terms, campaign: Campaign) -> tuple[Spared, Terms] | None:
    """The same terms without any of the person's own reasons, and the first of these.

    Also with items of any gravity, which come when a pause is over. None where the person has none.
    """
    own = [why for why, _looser in without(terms, campaign) if why in OWN_REASONS]
    if not own:
        return None
    all_steps = () if terms.is_full else tuple(begun(campaign))
    looser = replace(terms, unwanted=(), withheld=(), languages=(), steps=all_steps)
    return own[0], replace(looser, ceiling=int(Severity.SEVERE))
