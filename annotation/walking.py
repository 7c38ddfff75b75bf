"""Walking: the statements that find, take and renew slots, in the order of an annotator's walk.

`assigning` runs them; the law is in docs/leases.md.
"""

from __future__ import annotations

from annotation.eligibility import FITS, NOTHING_KEPT, TERMS
from annotation.prepared import compact
from annotation.reporting import REPORTED

# Everything about one annotator begins with this: two tabs, and two requests, are one person.
LOCK = "SELECT id FROM annotation_annotator WHERE id = %(annotator)s FOR NO KEY UPDATE"


# A step was skipped if it was, or one that follows it for the same person: both were given up.
_SKIPPED = "(k.step = s.step OR s.step || '/' || k.step = ANY(%(links)s::text[]))"

# No more than what is left of the day's answers; without a limit that is NULL, which least() minds
# not at all.
_WANTED = "(SELECT least(%(want)s, terms.answers_left - terms.elsewhere) FROM terms)"


# Nobody begins more items than the campaign allows. Each lease looks for itself: an asking may take
# several slots, and its terms were read before the first of them.
_HAS_ROOM = """
(SELECT door.most_items IS NULL OR door.most_items > (
    SELECT count(DISTINCT b.item_id) FROM annotation_slot b
    WHERE b.annotator_id = %(annotator)s AND b.campaign_id = door.id) FROM door)
"""


# What this person reported does not come to him again, whoever freed it.
_REPORTED = REPORTED.format(item="s.item_id", who="%(annotator)s")
# Nor does that by which he was measured, should it ever be open again: he may have been shown what
# was expected. What he had as an item first, and then as a repeat, is his own place.
_MEASURED = """
EXISTS (SELECT FROM annotation_check m
        WHERE m.item_id = s.item_id AND m.annotator_id IS NOT DISTINCT FROM %(annotator)s
          AND m.purpose <> 'repeat' OFFSET 0)
"""


# One slot more, if fewer than `want` are held. Reserved slots go first; then the step last worked
# on, then the others in the protocol's order; in each, what came back before what is new. What
# this annotator gave back comes last of all, in the search from the start. The laterals run one by
# one and only until one finds a slot; OFFSET 0 keeps each NOT EXISTS a look into an index, where
# the planner would sometimes read all that this annotator ever did. The item's row is locked too:
# who takes an item away waits, and then sees this lease.
def _lease_statement(
    fits: str = "", bound: str = "", bounded: str = "", first: bool = False
) -> str:
    return f"""
WITH {f"{TERMS}, " if first else ""}door AS (
    SELECT c.id, c.dataset_id, c.most_items, make_interval(mins => c.lease_minutes) AS lease,
           c.state = 'open' AND (u.is_superuser OR EXISTS (
               SELECT FROM datasets_app_membership m
               WHERE m.user_id = u.id AND m.dataset_id = c.dataset_id AND m.role = 'annotator'
           )) AS is_open
    FROM annotation_campaign c, auth_user u
    WHERE c.id = %(campaign)s AND u.id = %(user)s
), live AS (
    SELECT s.id, s.token, s.item_id, s.step, s.number, s.flipped, s.leased_at, s.expires_at
    FROM annotation_slot s JOIN datasets_app_item i ON i.id = s.item_id
    WHERE s.annotator_id = %(annotator)s AND s.campaign_id = %(campaign)s
      AND s.state = 'leased' AND i.state = 'open'
), wanted AS (
    SELECT FROM door WHERE is_open
        AND (SELECT count(*) FROM live) < {_WANTED if first else "%(want)s"}
        {f"AND EXISTS (SELECT FROM terms WHERE {NOTHING_KEPT})" if first else ""}
), reserved AS (
    SELECT s.id
    FROM annotation_slot s JOIN datasets_app_item i ON i.id = s.item_id
    WHERE s.reserved_for_id = %(annotator)s AND s.campaign_id = %(campaign)s
      AND s.state = 'open' AND i.state = 'open' AND EXISTS (SELECT FROM wanted)
      AND NOT {_REPORTED} {fits}
    ORDER BY s.position LIMIT 1
    FOR UPDATE OF s SKIP LOCKED FOR SHARE OF i SKIP LOCKED
), last AS MATERIALIZED (
    SELECT coalesce(
        (SELECT step FROM live ORDER BY leased_at DESC LIMIT 1),
        (SELECT step FROM annotation_progress
         WHERE annotator_id = %(annotator)s AND campaign_id = %(campaign)s
         ORDER BY walked_at DESC LIMIT 1)
    ) AS step
), way AS MATERIALIZED (
    SELECT w.step, v.priority,
           CASE WHEN %(from_start)s THEN 0 ELSE coalesce(p.position, 0) END AS position
           {bound}
    FROM unnest(%(steps)s::text[]) WITH ORDINALITY AS w(step, rank)
    CROSS JOIN (VALUES (0), (1)) AS v(priority)
    LEFT JOIN annotation_progress p
        ON p.annotator_id = %(annotator)s AND p.campaign_id = %(campaign)s
        AND p.step = w.step AND p.priority = v.priority
    ORDER BY w.step IS DISTINCT FROM (SELECT step FROM last), w.rank, v.priority
), walked AS (
    SELECT found.* FROM way CROSS JOIN LATERAL (
        SELECT s.id, s.step, s.priority, s.position
        FROM annotation_slot s JOIN datasets_app_item i ON i.id = s.item_id
        WHERE s.campaign_id = %(campaign)s AND s.step = way.step AND s.priority = way.priority
          AND s.position > way.position AND s.state = 'open' AND s.reserved_for_id IS NULL
          AND i.state = 'open' {bounded}
          AND NOT EXISTS (
              SELECT FROM annotation_slot own
              WHERE own.annotator_id = %(annotator)s AND own.item_id = s.item_id
                AND own.step = s.step AND own.campaign_id = %(campaign)s OFFSET 0)
          AND NOT EXISTS (
              SELECT FROM annotation_skip k
              WHERE k.annotator_id = %(annotator)s AND k.item_id = s.item_id
                AND {_SKIPPED} AND k.campaign_id = %(campaign)s OFFSET 0)
          AND NOT {_MEASURED} AND NOT {_REPORTED}
          AND (%(from_start)s OR NOT EXISTS (
              SELECT FROM annotation_lapse g
              WHERE g.item_id = s.item_id AND g.annotator_id = %(annotator)s
                AND g.step = s.step AND g.campaign_id = %(campaign)s AND g.cause = 'released'
              OFFSET 0)) {fits}
        ORDER BY s.position LIMIT 1
        FOR UPDATE OF s SKIP LOCKED FOR SHARE OF i SKIP LOCKED
    ) AS found
    WHERE EXISTS (SELECT FROM wanted) AND NOT EXISTS (SELECT FROM reserved)
        {"" if first else f"AND {_HAS_ROOM}"}
    LIMIT 1
), taken AS (
    UPDATE annotation_slot s
    SET state = 'leased', annotator_id = %(annotator)s, token = gen_random_uuid(),
        -- The item's last bit by chance, the number by turns: balanced over the item's slots.
        flipped = (get_byte(uuid_send(s.item_id), 15) + s.number) %% 2 = 1,
        leased_at = clock_timestamp(), expires_at = clock_timestamp() + door.lease
    FROM (SELECT id FROM reserved UNION ALL SELECT id FROM walked) AS chosen, door
    WHERE s.id = chosen.id
    RETURNING s.id, s.token, s.item_id, s.step, s.number, s.flipped, s.leased_at, s.expires_at
), progress AS (
    INSERT INTO annotation_progress (annotator_id, campaign_id, step, priority, position)
    SELECT %(annotator)s, %(campaign)s, step, priority, position FROM walked
    ON CONFLICT (annotator_id, campaign_id, step, priority)
    DO UPDATE SET position = greatest(annotation_progress.position, excluded.position),
                  walked_at = now()
), noted AS (
    INSERT INTO datasets_app_event (actor_id, verb, dataset_id, item, subject, before, after)
    SELECT %(user)s, 'lease', door.dataset_id, taken.item_id, 'slot:' || taken.id, 'open', 'leased'
    FROM taken, door
)
SELECT door.is_open, held.expires_at < clock_timestamp() + door.lease / 2 AS is_short, held.*
       {", terms.*" if first else ""}
FROM door {"CROSS JOIN terms" if first else ""}
LEFT JOIN (SELECT * FROM live UNION ALL SELECT * FROM taken) AS held ON true
ORDER BY held.leased_at
"""  # noqa: S608  pieces of ours


LEASE = compact(_lease_statement())
# Columns of a lease: whether the door is open, whether time is short, and what is held.
WIDTH = 10
# The same together with the terms, for whoever is kept from nothing, as most are; for others it
# takes nothing, and says what is kept from them.
LEASE_AND_TERMS = compact(_lease_statement(first=True))

# The end of the next window of a way; none where fewer slots are left.
_BOUND = """(
    SELECT b.position FROM annotation_slot b
    WHERE b.campaign_id = %(campaign)s AND b.step = w.step AND b.priority = v.priority
      AND b.position > coalesce(p.position, 0) AND b.state = 'open' AND b.reserved_for_id IS NULL
    ORDER BY b.position OFFSET %(window)s - 1 LIMIT 1)"""
# The same for somebody who passes items over, who may be many: it looks at a window of each way,
# or, from the start, at all that is open.
LEASE_CHOOSY = compact(
    _lease_statement(
        fits=FITS,
        bound=f", CASE WHEN NOT %(from_start)s THEN {_BOUND} END AS bound",
        bounded="AND (way.bound IS NULL OR s.position <= way.bound)",
    )
)
# Nothing in the windows is for this person: the walk goes on behind them.
PASS = compact(f"""
INSERT INTO annotation_progress AS mine (annotator_id, campaign_id, step, priority, position)
SELECT %(annotator)s, %(campaign)s, step, priority, bound FROM (
    SELECT w.step, v.priority, {_BOUND} AS bound
    FROM unnest(%(steps)s::text[]) AS w(step) CROSS JOIN (VALUES (0), (1)) AS v(priority)
    LEFT JOIN annotation_progress p
        ON p.annotator_id = %(annotator)s AND p.campaign_id = %(campaign)s
        AND p.step = w.step AND p.priority = v.priority
) AS seen WHERE bound IS NOT NULL
ON CONFLICT (annotator_id, campaign_id, step, priority)
DO UPDATE SET position = greatest(mine.position, excluded.position)
RETURNING position
""")  # noqa: S608  pieces of ours

RENEW = """
UPDATE annotation_slot s
SET expires_at = least(clock_timestamp() + make_interval(mins => c.lease_minutes),
                       s.leased_at + make_interval(hours => %(longest)s))
FROM annotation_campaign c
WHERE c.id = %(campaign)s AND s.campaign_id = c.id AND s.annotator_id = %(annotator)s
  AND s.token = ANY(%(tokens)s)
RETURNING s.token, s.expires_at
"""

# Whether a slot is there for this annotator, whoever may have it locked: before "nothing" is said.
ORACLE = f"""
SELECT EXISTS (
    SELECT FROM annotation_slot s JOIN datasets_app_item i ON i.id = s.item_id
    WHERE s.campaign_id = %(campaign)s AND s.state = 'open' AND i.state = 'open'
      AND CASE WHEN s.reserved_for_id IS NULL THEN s.step = ANY(%(steps)s::text[])
               ELSE s.reserved_for_id = %(annotator)s END
      AND NOT EXISTS (
          SELECT FROM annotation_slot own
          WHERE own.annotator_id = %(annotator)s AND own.item_id = s.item_id
            AND own.step = s.step AND own.campaign_id = %(campaign)s)
      AND NOT EXISTS (
          SELECT FROM annotation_skip k
          WHERE k.annotator_id = %(annotator)s AND k.item_id = s.item_id
            AND {_SKIPPED} AND k.campaign_id = %(campaign)s)
      AND NOT {_REPORTED} AND (s.reserved_for_id IS NOT NULL OR NOT {_MEASURED})
      {FITS}
)
"""  # noqa: S608  pieces of ours
