"""Where the two responses of an item part, when they are leaves of one tree."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db import connection

# The longest text that both go on from. One that is no beginning of the leaf's was loaded before,
# with other white space, and shares nothing letter by letter.
_SHARED = """
SELECT i.id, coalesce((
    WITH RECURSIVE above (whole, id, parent_id, text) AS (
        SELECT r.text, r.id, r.parent_id, r.text FROM datasets_app_response r
        WHERE r.id IN (i.first_id, i.second_id)
        UNION ALL
        SELECT above.whole, r.id, r.parent_id, r.text
        FROM above JOIN datasets_app_response r ON r.id = above.parent_id
    )
    SELECT length(text) FROM above WHERE starts_with(whole, text) GROUP BY id, text
    HAVING count(*) = 2 ORDER BY length(text) DESC LIMIT 1), 0)
FROM datasets_app_item i WHERE i.id = ANY(%s)
"""


def shared_lengths(items: Sequence[UUID]) -> dict[UUID, int]:
    """By item, how many characters both texts have in common before they part; 0 at the root."""
    with connection.cursor() as cursor:
        cursor.execute(_SHARED, [list(items)])
        return dict(cursor.fetchall())
