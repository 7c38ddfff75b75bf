"""The clock: how long an answer took, by the page's word, but no longer than the server saw."""

from __future__ import annotations

# SQL: the page measures from when an item came into sight, which the server does not see; since
# the first lease under the token it cannot have been longer. `least` looks among slots, lapsed
# leases and checks in any case, and passes over what is missing; so nothing said stays nothing.
SECONDS = """
CASE WHEN %(seconds)s::float8 IS NOT NULL THEN least(%(seconds)s::float8, extract(
    epoch FROM clock_timestamp() - least(
        (SELECT leased_at FROM annotation_slot
         WHERE token = %(token)s::uuid AND annotator_id = %(annotator)s::bigint),
        (SELECT leased_at FROM annotation_lapse
         WHERE token = %(token)s::uuid AND annotator_id = %(annotator)s::bigint),
        (SELECT leased_at FROM annotation_check
         WHERE token = %(token)s::uuid AND annotator_id = %(annotator)s::bigint)))::float8) END
"""
