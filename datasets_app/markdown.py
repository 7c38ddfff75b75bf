"""What models wrote as Markdown, as HTML that loads nothing, leads nowhere and hides nothing.

Two walls: the parser reads no HTML and our renderer writes a few plain elements only; then a
sanitiser lets those through and nothing else, no address, id or style among them.
"""

from __future__ import annotations

import re
from collections.abc import MutableMapping, Sequence
from functools import lru_cache
from typing import Any
from urllib.parse import unquote

import nh3
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import OptionsDict

from datasets_app.legible import legible

# The parser takes quadratic time over heaps of brackets and wide tables, and drops what is nested
# deeper than it follows: what goes beyond these is shown as it was written.
LONGEST = 20_000
MOST_BRACKETS = 1_000
MOST_CELLS = 4_000  # if every line had as many bars as the one that has most
DEEPEST = 24
# A tiny mark may become a long element, but hardly ever most of a text.
MOST_GROWTH = 12

# Kept for the next person who gets the same item; about 25 MB if every text were that long.
_KEPT = 1_024
_KEPT_LENGTH = 6_000

_MARKUP = re.compile(
    r"[`*_~\[\]\\&<>#|]|^[ \t]*(?:[-+=]|\d{1,9}[.)])|^(?:\t| {4})|  $", re.MULTILINE
)

_Env = MutableMapping[str, Any]  # the parser's own type for what it passes along


class _Plain(RendererHTML):
    """Writes tokens as plain elements; every text through `legible`."""

    def text(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: _Env) -> str:
        return legible(tokens[idx].content)

    def code_inline(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: _Env
    ) -> str:
        return f"<code>{legible(tokens[idx].content)}</code>"

    def code_block(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: _Env) -> str:
        return f"<pre><code>{legible(tokens[idx].content)}</code></pre>\n"

    def fence(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: _Env) -> str:
        named = tokens[idx].info.strip()
        head = f'<span class="code-name">{legible(named)}</span>' if named else ""
        return f"<pre>{head}<code>{legible(tokens[idx].content)}</code></pre>\n"

    def image(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: _Env) -> str:
        said = self.renderInline(tokens[idx].children or [], options, env)
        word = format_html('<span class="address">{}</span> ', _("[picture, not loaded]"))
        return word + said + _address(tokens[idx], "src")

    def link_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: _Env) -> str:
        env.setdefault("links", []).append(tokens[idx])
        return ""

    def link_close(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: _Env) -> str:
        opened = env["links"].pop()
        return "" if opened.markup == "autolink" else _address(opened, "href")

    def table_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: _Env) -> str:
        return '<div class="table-box" tabindex="0"><table>\n'

    def table_close(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: _Env
    ) -> str:
        return "</table></div>\n"

    def heading_open(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: _Env
    ) -> str:
        outline = env.setdefault("outline", [])
        while outline and outline[-1] >= tokens[idx].tag:
            outline.pop()
        outline.append(tokens[idx].tag)
        return f"<{_below(outline)}>"

    def heading_close(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: _Env
    ) -> str:
        return f"</{_below(env['outline'])}>\n"

    def list_item_open(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: _Env
    ) -> str:
        # The number as it was written, which HTML would count by itself.
        number = tokens[idx].info
        return f'<li value="{int(number)}">' if number.isdigit() else "<li>"


def _below(outline: Sequence[str]) -> str:
    """The element of the innermost heading: the page's own go down to the second level.

    Levels that the text leaves out are left out here too, for those who go from level to level.
    """
    return f"h{min(len(outline) + 2, 6)}"


def _address(token: Token, name: str) -> str:
    title = str(token.attrGet("title") or "")
    # The parser has encoded it: a host as punycode, which tells look-alikes apart, and is kept;
    # words in a path as percent signs, which nobody can read.
    said = unquote(str(token.attrGet(name) or "")) + (f" “{title}”" if title else "")
    return f' <span class="address">({legible(said)})</span>'


# No references: the line that defines one would vanish, and with it whatever it says.
_PARSER = (
    MarkdownIt(
        "commonmark",
        {"html": False, "breaks": True, "maxNesting": DEEPEST},
        renderer_cls=_Plain,
    )
    .enable(["table", "strikethrough"])
    .disable("reference")
)
_CLEANER = nh3.Cleaner(
    tags={
        "blockquote", "br", "code", "div", "em", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p",
        "pre", "s", "span", "strong", "table", "tbody", "td", "th", "thead", "tr", "ul",
    },
    attributes={"li": {"value"}, "span": {"title"}},
    tag_attribute_values={"div": {"tabindex": {"0"}}},
    allowed_classes={"div": {"table-box"}, "span": {"address", "code-name", "hidden-char"}},
    url_schemes=set(),
    link_rel=None,
)  # fmt: skip


def rendered(text: str) -> SafeString | None:
    """`text` as HTML for an element of class `prose rendered`, or None: show it as written.

    That is so for a text without any markup, and for one that costs too much or is nested too
    deep to be followed. Takes at most about a tenth of a second, whatever the text.
    """
    if not _MARKUP.search(text) or _is_too_much(text):
        return None
    if len(text) > _KEPT_LENGTH:
        return _render(text)
    return _kept(text, get_language() or "")


@lru_cache(maxsize=_KEPT)
def _kept(text: str, language: str) -> SafeString | None:
    return _render(text)


def _is_too_much(text: str) -> bool:
    if len(text) > LONGEST or text.count("[") > MOST_BRACKETS:
        return True
    lines = text.split("\n")
    return len(lines) * max(line.count("|") for line in lines) > MOST_CELLS


def _render(text: str) -> SafeString | None:
    tokens = _PARSER.parse(text)
    if _depth(tokens) >= DEEPEST - 1:
        return None
    html = _PARSER.renderer.render(tokens, _PARSER.options, {})
    if len(html) > MOST_GROWTH * len(text) + 1_000:
        return None
    return mark_safe(_CLEANER.clean(html))  # noqa: S308  cleaned here


def _depth(tokens: Sequence[Token]) -> int:
    inner = [child.level for token in tokens for child in token.children or ()]
    return max([token.level for token in tokens] + inner, default=0)
