"""The invariants of judging as queries that must return no row."""

from __future__ import annotations

import json

from annotation.steps import following
from annotation.themes import THEMES
from datasets_app.invariants import Check
from datasets_app.protocols import VERSIONS

# Which step of which protocol waits for which.
_FOLLOWS = json.dumps(
    [
        {"protocol": f"{protocol.key}@{protocol.version}", "step": after.key, "follows": step.key}
        for protocol in VERSIONS.values()
        for step in protocol.steps
        for after in following(protocol, step.key)
    ]
)

# What a wish to be spared something means, in categories of all label sets.
_THEMES = json.dumps(
    [{"key": theme.key, "categories": sorted(theme.categories)} for theme in THEMES]
)

# What a moderator has just released is gone on with by the next sweep.
_IS_BACK = """EXISTS (
    SELECT FROM datasets_app_event e WHERE e.item = {item} AND e.before = 'quarantined'
      AND e.at > now() - interval '5 minutes')"""

CHECKS = (
    Check(
        "I1",
        "What was acknowledged is there: every submit has its annotation",
        ("event", "slot", "annotation"),
        """
        SELECT e.id, e.subject, e.data ->> 'annotation' FROM datasets_app_event e
        LEFT JOIN annotation_annotation a ON a.id = (e.data ->> 'annotation')::bigint
        WHERE e.verb IN ('submit', 'revise') AND a.id IS NULL
        """,
    ),
    Check(
        "I1",
        "A slot is done if and only if it holds one counted annotation, of its annotator",
        ("slot", "state", "annotation", "standing"),
        """
        SELECT s.id, s.state, a.id, a.standing FROM annotation_slot s
        LEFT JOIN annotation_annotation a ON a.slot_id = s.id AND a.standing = 'counted'
        WHERE (s.state = 'done') <> (a.id IS NOT NULL)
           OR a.annotator_id <> s.annotator_id OR a.item_id <> s.item_id OR a.step <> s.step
           OR a.campaign_id <> s.campaign_id
        """,
    ),
    Check(
        "I2",
        "A person has one place in a step of an item",
        ("campaign", "item", "step", "annotator", "places"),
        """
        SELECT campaign_id, item_id, step, annotator_id, count(*) FROM annotation_slot
        WHERE annotator_id IS NOT NULL GROUP BY 1, 2, 3, 4 HAVING count(*) > 1
        """,
    ),
    Check(
        "I2",
        "A person has one counted annotation on a step of an item",
        ("campaign", "item", "step", "annotator", "annotations"),
        """
        SELECT campaign_id, item_id, step, annotator_id, count(*) FROM annotation_annotation
        WHERE standing = 'counted' GROUP BY 1, 2, 3, 4 HAVING count(*) > 1
        """,
    ),
    Check(
        "I3",
        "Nobody judges beyond the overlap",
        ("campaign", "item", "step", "taken", "overlap"),
        # Lowering takes back nothing that is begun: the widest overlap there ever was is allowed.
        """
        SELECT s.campaign_id, s.item_id, s.step, count(*), widest.overlap
        FROM annotation_slot s
        JOIN (
            SELECT c.id, greatest(c.overlap, max(e.before::int), CASE c.strategy
                WHEN 'sequential' THEN c.overlap_at_most END) AS overlap
            FROM annotation_campaign c LEFT JOIN datasets_app_event e
                ON e.dataset_id = c.dataset_id AND e.verb IN ('set_overlap', 'set_strategy')
                AND e.subject = 'campaign:' || c.id
            GROUP BY c.id
        ) AS widest ON widest.id = s.campaign_id
        WHERE s.state <> 'open'
        GROUP BY s.campaign_id, s.item_id, s.step, widest.overlap
        HAVING count(*) > widest.overlap
        """,
    ),
    Check(
        "I4",
        "A lease that is over has come back within 60 seconds",
        ("slot", "annotator", "expired at"),
        """
        SELECT id, annotator_id, expires_at FROM annotation_slot
        WHERE state = 'leased' AND expires_at < now() - interval '60 seconds'
        """,
    ),
    Check(
        "I4",
        "Nobody holds anything of a campaign that is closed",
        ("slot", "annotator", "leased at"),
        # Who was let in at the very moment of closing may, until the sweep.
        """
        SELECT s.id, s.annotator_id, s.leased_at::text FROM annotation_slot s
        JOIN annotation_campaign c ON c.id = s.campaign_id
        WHERE s.state = 'leased' AND c.state = 'closed'
          AND s.leased_at < now() - interval '60 seconds'
        """,
    ),
    Check(
        "I5",
        "No step waits for somebody who cannot come",
        ("slot", "item", "step"),
        # The step before is done, and yet nobody was named for the one after.
        """
        SELECT f.id, f.item_id, f.step FROM annotation_slot f
        JOIN annotation_campaign c ON c.id = f.campaign_id
        JOIN jsonb_to_recordset(%(follows)s::jsonb)
            AS w(protocol text, step text, follows text)
            ON w.protocol = c.protocol AND w.step = f.step
        LEFT JOIN annotation_slot b ON b.campaign_id = f.campaign_id AND b.item_id = f.item_id
            AND b.step = w.follows AND b.number = f.number
        WHERE f.state = 'open'
          AND (b.id IS NULL OR (b.state = 'done') <> (f.reserved_for_id IS NOT NULL))
        """,
        {"follows": _FOLLOWS},
    ),
    Check(
        "I5",
        "An open item that is begun has all its places",
        ("campaign", "item", "step", "places", "overlap"),
        f"""
        SELECT s.campaign_id, s.item_id, s.step, count(*), c.overlap
        FROM annotation_slot s
        JOIN annotation_campaign c ON c.id = s.campaign_id
        JOIN datasets_app_dataset d ON d.id = c.dataset_id
        JOIN datasets_app_item i ON i.id = s.item_id
        WHERE c.state = 'open' AND i.state = 'open' AND NOT d.counts_imported_votes
        GROUP BY s.campaign_id, s.item_id, s.step, c.overlap
        HAVING count(*) < c.overlap AND NOT {_IS_BACK.format(item="s.item_id")}
        """,  # noqa: S608  pieces of ours
    ),
    Check(
        "I6",
        "An idempotency key stands for one submit and one body",
        ("key", "annotations"),
        """
        SELECT key, count(*) FROM annotation_annotation GROUP BY key
        HAVING count(*) > 1 OR bool_or(body_digest !~ '^[0-9a-f]{64}$')
        """,
    ),
    Check(
        "I7",
        "A slot is as its last event left it",
        ("slot", "state", "last event"),
        """
        SELECT s.id, s.state, last.after FROM annotation_slot s
        LEFT JOIN LATERAL (
            SELECT e.after FROM datasets_app_event e
            WHERE e.item = s.item_id AND e.subject = 'slot:' || s.id ORDER BY e.id DESC LIMIT 1
        ) AS last ON true
        WHERE coalesce(last.after, 'open') <> s.state
        """,
    ),
    Check(
        "I8",
        "Votes that changed are looked at within five minutes",
        ("note", "item", "since"),
        """
        SELECT d.id, d.item_id, d.created_at FROM annotation_due d
        JOIN annotation_campaign c ON c.id = d.campaign_id
        WHERE c.state = 'open' AND d.created_at < now() - interval '5 minutes'
        """,
    ),
    Check(
        "I8",
        "An open item whose places are all done is noted to be settled",
        ("campaign", "item"),
        # Of the campaign whose votes the verdicts come from, as `campaigns.latest` has it.
        f"""
        SELECT c.id, i.id FROM (
            SELECT DISTINCT ON (dataset_id) id, dataset_id FROM annotation_campaign
            ORDER BY dataset_id, state DESC, id DESC
        ) AS c JOIN datasets_app_item i ON i.dataset_id = c.dataset_id AND i.state = 'open'
        WHERE EXISTS (SELECT FROM annotation_slot s
                      WHERE s.campaign_id = c.id AND s.item_id = i.id)
          AND NOT EXISTS (SELECT FROM annotation_slot s
                          WHERE s.campaign_id = c.id AND s.item_id = i.id AND s.state <> 'done')
          AND NOT EXISTS (SELECT FROM annotation_due d
                          WHERE d.campaign_id = c.id AND d.item_id = i.id)
          AND NOT {_IS_BACK.format(item="i.id")}
        """,  # noqa: S608  pieces of ours
    ),
    Check(
        "I3",
        "A check takes no place and is no vote",
        ("check", "annotation", "standing", "slot"),
        """
        SELECT k.id, a.id, a.standing, a.slot_id FROM annotation_check k
        JOIN annotation_annotation a ON a.id = k.annotation_id
        WHERE a.standing NOT IN ('check', 'trial') OR a.slot_id IS NOT NULL
           OR a.annotator_id <> k.annotator_id OR a.item_id <> k.item_id
        """,
    ),
    Check(
        "I16",
        "Gold is held back from every version",
        ("gold", "item"),
        """
        SELECT g.id, g.item_id FROM annotation_gold g WHERE g.retired_at IS NULL
          AND NOT EXISTS (SELECT FROM datasets_app_holdback h WHERE h.item_id = g.item_id)
        """,
    ),
    Check(
        "I15",
        "Nobody is given work when his day's exposure is used up",
        ("slot", "annotator", "leased at", "exposure", "budget"),
        # By what was allowed at the time: a limit that was lowered later is not held against it.
        """
        SELECT s.id, s.annotator_id, s.leased_at::text, round(seen.points), allowed.budget
        FROM annotation_slot s
        JOIN annotation_campaign c ON c.id = s.campaign_id
        LEFT JOIN annotation_wishes w
            ON w.annotator_id = s.annotator_id AND w.changed_at < s.leased_at
        CROSS JOIN LATERAL (SELECT least(c.daily_exposure, w.daily_exposure) AS budget) AS allowed
        CROSS JOIN LATERAL (
            SELECT sum(e.severity * extract(epoch FROM e.ended_at - e.began_at)) AS points
            FROM annotation_exposure e
            WHERE e.annotator_id = s.annotator_id AND e.ended_at <= s.leased_at
              AND e.began_at >= date_trunc('day', s.leased_at AT TIME ZONE 'UTC')
                                AT TIME ZONE 'UTC'
        ) AS seen
        WHERE s.leased_at > now() - interval '1 day' AND seen.points >= allowed.budget
          AND NOT EXISTS (
            SELECT FROM datasets_app_event v WHERE v.subject = 'campaign:' || c.id
              AND v.verb = 'set_budgets' AND v.at > s.leased_at - interval '5 minutes')
        """,
    ),
    Check(
        "I15",
        "Nobody holds what he asked to be spared",
        ("slot or check", "annotator", "item"),
        """
        SELECT s.id, s.annotator_id, s.item_id FROM (
            SELECT id, annotator_id, item_id, leased_at FROM annotation_slot WHERE state = 'leased'
            UNION ALL
            SELECT id, annotator_id, item_id, leased_at FROM annotation_check
            WHERE state = 'leased') AS s
        JOIN datasets_app_item i ON i.id = s.item_id
        JOIN annotation_wishes w ON w.annotator_id = s.annotator_id
        WHERE w.changed_at < s.leased_at AND EXISTS (
            SELECT FROM jsonb_to_recordset(%(themes)s::jsonb) AS t(key text, categories text[])
            WHERE t.key = ANY(w.unwanted) AND t.categories && i.machine_categories::text[])
        """,
        {"themes": _THEMES},
    ),
    Check(
        "I15",
        "Nobody holds what is given only with a yes that he has not said",
        ("slot or check", "annotator", "item"),
        """
        SELECT s.id, s.annotator_id, s.item_id FROM (
            SELECT id, annotator_id, campaign_id, item_id, leased_at FROM annotation_slot
            WHERE state = 'leased'
            UNION ALL
            SELECT id, annotator_id, campaign_id, item_id, leased_at FROM annotation_check
            WHERE state = 'leased') AS s
        JOIN annotation_campaign c ON c.id = s.campaign_id AND c.needs_consent <> '{}'
        JOIN datasets_app_item i ON i.id = s.item_id
        LEFT JOIN annotation_wishes w ON w.annotator_id = s.annotator_id
        CROSS JOIN LATERAL (SELECT ARRAY(
            SELECT unnest(c.needs_consent) EXCEPT SELECT unnest(w.wanted)) AS kinds) AS withheld
        WHERE ('severe' = ANY(withheld.kinds) AND i.machine_severity = 3 OR EXISTS (
            SELECT FROM jsonb_to_recordset(%(themes)s::jsonb) AS t(key text, categories text[])
            WHERE t.key = ANY(withheld.kinds) AND t.categories && i.machine_categories::text[]))
          AND NOT EXISTS (
            SELECT FROM datasets_app_event v WHERE v.subject = 'campaign:' || c.id
              AND v.verb = 'set_budgets' AND v.at > s.leased_at)
        """,
        {"themes": _THEMES},
    ),
    Check(
        "I15",
        "A reveal is of an item that its annotator was given, and lasts no longer than it was seen",
        ("exposure", "annotator", "item"),
        """
        SELECT e.id, e.annotator_id, e.item_id FROM annotation_exposure e
        WHERE e.ended_at > e.seen_at + interval '61 seconds' OR NOT EXISTS (
            SELECT FROM datasets_app_event v
            WHERE v.item = e.item_id AND v.verb IN ('lease', 'check') AND v.at <= e.began_at
              AND v.actor_id = (SELECT a.user_id FROM annotation_annotator a
                                WHERE a.id = e.annotator_id))
        """,
    ),
)
