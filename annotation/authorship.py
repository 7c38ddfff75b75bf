"""Authorship: whether somebody wrote an item, its prompt or a response, by what its source says.

Names are compared in small letters and without blanks around them: fragments of SQL.
"""

from __future__ import annotations

# Whether the row `{row}` names one of `{names}` as its author, or in a list of authors; however
# they are written there, in small letters and without blanks around them. Two conditions, each of
# one index: item_by_author, item_by_authors, and so of prompts and responses.
_BY_ONE = "{row}.meta ? 'author' AND lower(btrim({row}.meta ->> 'author')) = ANY({names})"
_BY_MANY = """
jsonb_typeof({row}.meta -> 'author') = 'array' AND regexp_replace(
    lower(({row}.meta -> 'author')::text), '[[:space:]]*"[[:space:]]*', '"', 'g'
)::jsonb ?| {names}
"""


def _is_by(row: str, names: str) -> str:
    one, many = (which.format(row=row, names=names) for which in (_BY_ONE, _BY_MANY))
    return f"({one} OR {many})"


def some_are_by(table: str, *, is_of_dataset: bool = True) -> str:
    """Whether `me` wrote any of these, in the dataset; two looks, each one into its index."""
    one, many = (which.format(row="w", names="me.names") for which in (_BY_ONE, _BY_MANY))
    if is_of_dataset:
        one = f"w.dataset_id = me.dataset_id AND {one}"
        # Few rows have lists: without the sum the planner would at times read the whole dataset.
        many = f"w.dataset_id + 0 = me.dataset_id AND {many}"
    return " OR ".join(f"EXISTS (SELECT FROM {table} w WHERE {by})" for by in (one, many))


# Whether this person wrote the item `i`, its prompt, or one of its responses.
OWN = f"""
EXISTS (
    SELECT FROM datasets_app_prompt p JOIN datasets_app_response r
      ON r.id IN (i.first_id, i.second_id)
    WHERE p.id = i.prompt_id AND (
        {" OR ".join(_is_by(row, "%(names)s::text[]") for row in "ipr")}))
"""
