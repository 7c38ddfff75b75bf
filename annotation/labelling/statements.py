"""The statements of submitting, each whole in itself: all of it happens, or nothing."""

from __future__ import annotations

from annotation.checks.other_steps import OTHER_STEPS
from annotation.clock import SECONDS
from annotation.openness import NEIGHBOURS, is_inside
from annotation.prepared import compact
from annotation.walking import LOCK

# A check knows of checks only, an item of items only; one statement reads either, because nobody
# is to tell them apart by how long it takes.
_EARLIER = f"""
CASE WHEN p."check" IS NULL THEN (
    SELECT coalesce(jsonb_agg(a.answers), '[]') FROM annotation_annotation a
    WHERE a.item_id = p.item_id AND a.annotator_id = %(annotator)s
      AND a.campaign_id = p.campaign_id AND a.step <> p.step AND a.standing = 'counted')
ELSE (SELECT coalesce(jsonb_agg(a.answers), '[]') {OTHER_STEPS.format(check='p."check"')}) END
"""  # noqa: S608  pieces of ours
_PLACE = f"""
SELECT p.slot, p.campaign_id, c.dataset_id, p.item_id, p.step, p.number, p.flipped, c.protocol,
       c.guideline_version, i.first_id, i.second_id, {_EARLIER},
       k.id, k.purpose, coalesce(g.expected, r.answers, '{{}}')::json,
       coalesce(g.tolerance, '{{}}')::json
FROM place p
JOIN annotation_campaign c ON c.id = p.campaign_id
JOIN datasets_app_item i ON i.id = p.item_id
LEFT JOIN annotation_check k ON k.id = p."check"
LEFT JOIN annotation_gold g ON g.id = k.gold_id
LEFT JOIN annotation_annotation r ON r.id = k.repeats_id
"""  # noqa: S608  pieces of ours
_KNOWN = """
SELECT id, standing, body_digest, annotator_id = %(annotator)s AS is_own
FROM annotation_annotation WHERE key = %(key)s
"""
# Locks the annotator's row, as everything about one annotator begins. What else it reads may be
# older than the lock where that had to be waited for: `COUNT` looks again.
_READ = """
WITH me AS MATERIALIZED ({lock}), known AS MATERIALIZED ({known}), place AS MATERIALIZED (
    SELECT id AS slot, NULL::bigint AS "check", campaign_id, item_id, step, number, flipped
    FROM annotation_slot WHERE token = %(token)s AND annotator_id = %(annotator)s
    UNION ALL
    SELECT NULL, id, campaign_id, item_id, step, 0, flipped FROM annotation_check
    WHERE token = %(token)s AND annotator_id = %(annotator)s AND state IN ('leased', 'answered')
), wanted AS ({place})
SELECT known.*, wanted.*
FROM me LEFT JOIN known ON true LEFT JOIN wanted ON true
"""
_READ_LAPSED = """
WITH place AS MATERIALIZED (
    SELECT NULL::bigint AS slot, NULL::bigint AS "check", campaign_id, item_id, step, number,
           flipped
    FROM annotation_lapse WHERE token = %(token)s AND annotator_id = %(annotator)s
    UNION ALL
    SELECT NULL, id, campaign_id, item_id, step, 0, flipped FROM annotation_check
    WHERE token = %(token)s AND annotator_id = %(annotator)s AND state IN ('lapsed', 'skipped')
)
{place}
"""

_INSERT = """
INSERT INTO annotation_annotation
    (key, body_digest, campaign_id, item_id, step, annotator_id, slot_id, token, protocol, answers,
     overrides, flipped, seconds, guideline_version, standing, is_first)
SELECT %(key)s::uuid, %(digest)s, %(campaign)s::bigint, %(item)s::uuid, %(step)s,
       %(annotator)s::bigint, {slot}, %(token)s::uuid, %(protocol)s, %(answers)s::jsonb,
       %(overrides)s::jsonb, %(flipped)s::boolean, {seconds},
       %(guideline_version)s::int, {standing}, {first}
{source}
RETURNING id
""".replace("{seconds}", SECONDS.strip())

# Whatever lease it was kept under.
_UNDRAFT = """
DELETE FROM annotation_draft
WHERE annotator_id = %(annotator)s AND campaign_id = %(campaign)s AND item_id = %(item)s
  AND step = %(step)s
"""

# All that follows from a slot being taken. Follow-up steps go to the same person, and first.
_AFTER_TAKEN = """
counted AS ({insert}), followed AS (
    UPDATE annotation_slot f
    SET reserved_for_id = %(annotator)s, priority = 0,
        position = nextval('annotation_slot_position')
    FROM taken
    WHERE f.campaign_id = %(campaign)s AND f.item_id = %(item)s
      AND f.step = ANY(%(follows)s::text[]) AND f.number = taken.number AND f.state = 'open'
), noted AS (
    INSERT INTO datasets_app_event (actor_id, verb, dataset_id, item, subject, before, after, data)
    SELECT %(user)s::bigint, 'submit', %(dataset)s::bigint, %(item)s::uuid, 'slot:' || taken.id,
           taken.before, 'done', jsonb_build_object('annotation', counted.id)
    FROM taken, counted
), due AS (
    INSERT INTO annotation_due (campaign_id, item_id)
    SELECT %(campaign)s::bigint, %(item)s::uuid FROM taken
), undrafted AS (
    {undraft}
)
SELECT id FROM counted
"""

# Of what ran out only the newest is taken late, as much as was on a screen: who lets go of one item
# after the other to hand them all in gets round no limit of the day and no rule. A check that ran
# out is known by its answer when it has one.
_IS_ON_SCREEN = """
%(token)s IN (SELECT token FROM (
    SELECT l.token, l.leased_at FROM annotation_lapse l
    WHERE l.annotator_id = %(annotator)s AND l.campaign_id = %(campaign)s
      AND l.cause NOT IN ('skipped', 'reported')
    UNION ALL
    SELECT o.token, o.leased_at FROM annotation_check o
    LEFT JOIN annotation_annotation f ON f.id = coalesce(o.first_id, o.annotation_id)
    WHERE o.annotator_id = %(annotator)s AND o.campaign_id = %(campaign)s
      AND o.purpose <> 'qualification'
      AND (o.state = 'lapsed' OR o.state = 'answered' AND NOT f.is_first)
) AS over ORDER BY leased_at DESC LIMIT 2)
"""
# Nobody is to have more items than the campaign allows, this one among them.
_HAS_ROOM = """
(c.most_items IS NULL OR c.most_items > (
    SELECT count(DISTINCT b.item_id) FROM annotation_slot b
    WHERE b.annotator_id = %(annotator)s AND b.campaign_id = c.id AND b.item_id <> {item}))
"""

# `expires_at IS NOT NULL` says leased by another name, so that no index but the key's can answer.
_COUNT = """
WITH taken AS (
    UPDATE annotation_slot s SET state = 'done', expires_at = NULL
    WHERE s.id = %(slot)s AND s.token = %(token)s AND s.annotator_id = %(annotator)s
      AND s.expires_at IS NOT NULL
      AND (SELECT state FROM datasets_app_item WHERE id = s.item_id) = 'open'
      AND (SELECT state FROM annotation_campaign WHERE id = s.campaign_id) = 'open'
      AND {is_inside}
    RETURNING s.id, s.number, 'leased' AS before
), {after_taken}
"""

# The lease lapsed, but a place is still free: the same one if it can be, else any of this step. A
# lease that the annotator took on it since, in another tab, keeps its token: what comes from
# there is then a second answer, and late. So is what comes after one's own skip, or would be one
# item more than the campaign allows.
_TAKE_BACK = """
WITH free AS MATERIALIZED (
    SELECT s.id, s.state
    FROM annotation_slot s
    JOIN datasets_app_item i ON i.id = s.item_id
    JOIN annotation_campaign c ON c.id = s.campaign_id
    WHERE s.campaign_id = %(campaign)s AND s.item_id = %(item)s AND s.step = %(step)s
      AND i.state = 'open' AND c.state = 'open'
      AND (s.state = 'leased' AND s.annotator_id = %(annotator)s
           OR s.state = 'open' AND CASE WHEN %(is_follow_up)s
               THEN s.reserved_for_id = %(annotator)s ELSE s.reserved_for_id IS NULL END)
      AND NOT EXISTS (
          SELECT FROM annotation_slot own
          WHERE own.annotator_id = %(annotator)s AND own.item_id = s.item_id AND own.step = s.step
            AND own.campaign_id = s.campaign_id AND own.state = 'done')
      AND NOT EXISTS (
          SELECT FROM annotation_skip k
          WHERE k.annotator_id = %(annotator)s AND k.item_id = s.item_id AND k.step = s.step
            AND k.campaign_id = s.campaign_id)
      AND {has_room} AND {is_on_screen} AND {is_inside}
    ORDER BY s.state <> 'leased', s.number <> %(number)s, s.number LIMIT 1
    -- The item's row, too: who is just reporting it is waited for, and then seen.
    FOR UPDATE OF s FOR SHARE OF i
), taken AS (
    UPDATE annotation_slot s
    SET state = 'done', expires_at = NULL, annotator_id = %(annotator)s,
        token = coalesce(s.token, %(token)s), flipped = coalesce(s.flipped, %(flipped)s),
        leased_at = coalesce(s.leased_at, now())
    FROM free WHERE s.id = free.id
    RETURNING s.id, s.number, free.state AS before
), {after_taken}
"""

# A check that came again is one check under two tokens: it has one answer, as a slot has.
_IS_SAME_CHECK = """
o.annotator_id = k.annotator_id AND o.campaign_id = k.campaign_id AND o.item_id = k.item_id
AND o.step = k.step AND o.purpose = k.purpose AND o.id <> k.id AND k.purpose <> 'qualification'
"""
# A check whose time was over is answered all the same, for as long as an item in its place would be
# open: it goes by those that the same person gave up at the same time, as `openness` does. One
# that was skipped, or whose item was taken away, is not; nor is one of a closed campaign, where
# whatever comes is late.
_ANSWER = """
WITH mine AS (
    SELECT k.id, k.state FROM annotation_check k JOIN datasets_app_item i ON i.id = k.item_id
    JOIN annotation_campaign c ON c.id = k.campaign_id
    WHERE k.id = %(check)s AND k.state IN ('leased', 'lapsed')
      AND (c.state = 'open' OR k.purpose = 'qualification')
      AND i.state IN ('open', 'settled', 'disputed') AND {is_inside}
      AND NOT EXISTS (SELECT FROM annotation_check o
                      WHERE {is_same_check} AND o.state IN ('answered', 'skipped'))
      AND (k.state = 'leased' OR k.purpose = 'qualification'
           OR {has_room} AND {is_on_screen} AND k.endurance > coalesce((
          SELECT avg((other.state <> 'open')::int) FROM (
              SELECT l.item_id FROM annotation_lapse l
              WHERE l.annotator_id = k.annotator_id AND l.campaign_id = k.campaign_id
              ORDER BY abs(extract(epoch FROM l.leased_at - k.leased_at)) LIMIT {neighbours}
          ) AS near JOIN datasets_app_item other ON other.id = near.item_id), 0))
    FOR UPDATE OF k
), given AS ({insert}), answered AS (
    UPDATE annotation_check k
    SET state = 'answered', annotation_id = given.id, faults = %(faults)s,
        answered_at = clock_timestamp()
    FROM mine, given WHERE k.id = mine.id
), others AS (
    UPDATE annotation_check o SET state = 'lapsed'
    FROM mine, given, annotation_check k
    WHERE k.id = mine.id AND {is_same_check} AND o.state = 'leased'
), noted AS (
    INSERT INTO datasets_app_event (actor_id, verb, dataset_id, item, subject, before, after, data)
    SELECT %(user)s::bigint, 'answer_check', %(dataset)s::bigint, %(item)s::uuid,
           'check:' || mine.id, mine.state, 'answered', jsonb_build_object('annotation', given.id)
    FROM mine, given
), undrafted AS (
    {undraft}
)
SELECT id FROM given
"""

_LATE = """
WITH late AS ({insert}), noted AS (
    INSERT INTO datasets_app_event (actor_id, verb, dataset_id, item, subject, after)
    SELECT %(user)s::bigint, 'submit_late', %(dataset)s::bigint, %(item)s::uuid,
           'annotation:' || id, 'late'
    FROM late
), undrafted AS (
    {undraft}
)
SELECT id FROM late
"""


def _after_taken(*, first: bool) -> str:
    insert = _INSERT.format(
        slot="taken.id", standing="'counted'", first=str(first).lower(), source="FROM taken"
    )
    return _AFTER_TAKEN.format(insert=insert, undraft=_UNDRAFT)


_inside = is_inside("%(dataset)s::bigint")

# What came under this key before, if anything.
KNOWN = compact(_KNOWN)
# The same, and the place that the token names, of a slot or a check, in one row.
READ = compact(_READ.format(lock=LOCK, known=_KNOWN, place=_PLACE))
# The place that the token of a lapsed lease named.
READ_LAPSED = compact(_READ_LAPSED.format(place=_PLACE))
# Count the answers of a live lease; no row when it is none.
COUNT = compact(_COUNT.format(after_taken=_after_taken(first=True), is_inside=_inside))
# Count those of a lapsed one, if there is a place for them.
TAKE_BACK = compact(
    _TAKE_BACK.format(
        after_taken=_after_taken(first=False),
        has_room=_HAS_ROOM.format(item="s.item_id"),
        is_on_screen=_IS_ON_SCREEN,
        is_inside=_inside,
    )
)
# Keep the answers to a check; no row when it was answered before, or its item is gone.
ANSWER = compact(
    _ANSWER.format(
        insert=_INSERT.format(
            slot="NULL",
            standing="%(standing)s::varchar",
            first="mine.state = 'leased' AND %(standing)s::varchar <> 'trial'",
            source="FROM mine",
        ),
        undraft=_UNDRAFT,
        is_same_check=_IS_SAME_CHECK,
        has_room=_HAS_ROOM.format(item="k.item_id"),
        is_on_screen=_IS_ON_SCREEN,
        is_inside=_inside,
        neighbours=NEIGHBOURS,
    )
)
# Keep them as late.
LATE = compact(
    _LATE.format(
        insert=_INSERT.format(slot="NULL", standing="'late'", first="false", source=""),
        undraft=_UNDRAFT,
    )
)
