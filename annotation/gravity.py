"""Gravity: how grave an item is, by all that is known of it, 0 to 3: fragments of SQL."""

from __future__ import annotations

from datasets_app.protocols import VERSIONS
from datasets_app.vocabulary import QuestionKind

_SEVERITIES = sorted(
    {
        question.key
        for protocol in VERSIONS.values()
        for question in protocol.questions
        if question.kind is QuestionKind.SEVERITY
    }
)

# How grave the source of the item `i` calls its prompt; what is off our scale is at its end.
BY_SOURCE = """
coalesce((
    SELECT least((p.meta ->> 'severity')::int, 3) FROM datasets_app_prompt p
    WHERE p.id = i.prompt_id AND p.meta ->> 'severity' ~ '^[0-9]{1,4}$'), 0)
"""

# How grave the item `i` is by what is known before people judge it: what a machine found, and what
# its source says of the prompt. What a check is covered by, as any item is that is still open.
FORESEEN = f"greatest(coalesce(i.machine_severity, 0), {BY_SOURCE})"

# How grave the item `i` is: what a machine found, what its source says of the prompt, and what
# people found where they have; the worst counts. The one definition: for what is given, for what
# stays covered (`covers`), and for what a reveal weighs.
GRAVITY = f"""
greatest(coalesce(i.machine_severity, 0), {BY_SOURCE}, coalesce((
    SELECT max((v.value #>> '{{}}')::smallint) FROM datasets_app_verdict v
    WHERE v.item_id = i.id AND v.question = ANY('{{{",".join(_SEVERITIES)}}}')
      AND v.value #>> '{{}}' ~ '^[0-3]$'), 0))
"""  # noqa: S608  keys of ours
