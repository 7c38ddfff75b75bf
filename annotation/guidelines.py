"""Guidelines: a curator's Markdown as HTML that loads nothing, and questions' groups in words."""

from __future__ import annotations

import nh3
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from markdown_it import MarkdownIt

# No pictures: looking at one tells its server who looks. No HTML: Markdown is enough.
_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")
_TAGS = {
    "a", "blockquote", "br", "code", "em", "h1", "h2", "h3", "h4", "hr", "li", "ol", "p", "pre",
    "strong", "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip


_GROUPS = {
    "safety": gettext_noop("safety"),
    "categories": gettext_noop("kinds of harm"),
    "severity": gettext_noop("severity"),
    "helpfulness": gettext_noop("helpfulness"),
    "harmlessness": gettext_noop("harmlessness"),
    "values": gettext_noop("values"),
    "prompt_following": gettext_noop("following the prompt"),
    "objective_rules": gettext_noop("truth to the world"),
    "clarity": gettext_noop("clarity"),
    "clarity_aesthetics": gettext_noop("clarity and beauty"),
    "aesthetics": gettext_noop("beauty"),
    "audio_quality": gettext_noop("sound quality"),
    "consistency": gettext_noop("being of one piece"),
    "information_richness": gettext_noop("richness"),
    "temporal_consistency": gettext_noop("steadiness in time"),
    "content_coherence": gettext_noop("coherence"),
    "motion_naturalness": gettext_noop("natural motion"),
    "overall": gettext_noop("the whole"),
    "critique": gettext_noop("critique"),
    "refinement": gettext_noop("refinement"),
    "correction": gettext_noop("correction"),
    "evidence": gettext_noop("evidence"),
    "deception": gettext_noop("deception"),
    "faults": gettext_noop("faults"),
    "quality": gettext_noop("quality"),
}


def group_name(group: str) -> str:
    """A group of questions in words; its key where there are none for it."""
    return _(_GROUPS[group]) if group in _GROUPS else group.replace("_", " ")


def html_of(markdown: str) -> SafeString:
    """The guideline for a page: links open elsewhere and say nothing of where they were clicked."""
    html = nh3.clean(
        _MARKDOWN.render(markdown),
        tags=_TAGS,
        attributes={"a": {"href"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
    )
    return mark_safe(html)  # noqa: S308  cleaned one line above
