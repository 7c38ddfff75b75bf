"""Work: which answers are somebody's work, each once, for the completion code and for who pays.

The law is in docs/workforce.md.
"""

from __future__ import annotations

# What `{of}` came to after its person had let go of it: given back, skipped or reported. Of a check
# only the event of its end tells who ended it. A qualification is no work however it came.
_LET_GO = """
(EXISTS (SELECT FROM annotation_lapse l
         WHERE l.token = {of}.token AND l.cause IN ('released', 'skipped', 'reported') OFFSET 0)
 OR EXISTS (SELECT FROM annotation_check k JOIN annotation_annotator p ON p.id = k.annotator_id
            WHERE k.token = {of}.token AND (k.purpose = 'qualification' OR EXISTS (
                SELECT FROM datasets_app_event e
                WHERE e.item = k.item_id AND e.subject = 'check:' || k.id
                  AND e.verb = 'end_check' AND e.actor_id = p.user_id)) OFFSET 0))
"""
# An item may come to a person once as such, and once as each kind of check.
_KIND = "(SELECT k.purpose FROM annotation_check k WHERE k.token = {of}.token)"

# Whether the annotation `a` is an answer of work. What stands is one. Of what was set aside, or
# came too late, one counts for each step of an item, where nothing stands there: who hands in the
# same under one token after the other has answered it once. What came late counts only if its
# person had not let go of it.
IS_WORK = f"""
(a.standing IN ('counted', 'check')
 OR (a.standing = 'set_aside' OR a.standing = 'late' AND NOT {_LET_GO.format(of="a")})
    AND NOT EXISTS (
        SELECT FROM annotation_annotation b
        WHERE b.item_id = a.item_id AND b.annotator_id = a.annotator_id AND b.step = a.step
          AND b.campaign_id = a.campaign_id
          AND {_KIND.format(of="b")} IS NOT DISTINCT FROM {_KIND.format(of="a")}
          AND (b.standing IN ('counted', 'check')
               OR b.standing IN ('set_aside', 'late')
                  AND (b.standing = 'late', b.id) < (a.standing = 'late', a.id)
                  AND (b.standing = 'set_aside' OR NOT {_LET_GO.format(of="b")})) OFFSET 0))
"""  # noqa: S608  pieces of ours
