"""Model text as Markdown: readable, harmless, nothing lost, and never expensive."""

from __future__ import annotations

import re
import time
from html import unescape

import pytest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from datasets_app.markdown import LONGEST, rendered
from datasets_app.templatetags.legible import model_text

ELEMENT = re.compile(r"<(/?)([a-z0-9]+)([^>]*)>")
PLAIN = {
    *("blockquote", "br", "code", "div", "em", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p"),
    *("pre", "s", "span", "strong", "table", "tbody", "td", "th", "thead", "tr", "ul"),
}
ATTRIBUTES = re.compile(
    r'( (value="\d+"|title="[^"]*"|tabindex="0"'
    r'|class="(address|code-name|hidden-char|table-box)"))*'
)


def shown(text: str) -> str:
    """What can be read of the rendered text."""
    html = rendered(text)
    return text if html is None else unescape(re.sub(r"<[^>]*>", " ", html))


@pytest.mark.parametrize(
    ("written", "html"),
    [
        ("**bold** and *thin*", "<strong>bold</strong> and <em>thin</em>"),
        ("`x < 1`", "<code>x &lt; 1</code>"),
        ("~~gone~~", "<s>gone</s>"),
        ("- one\n- two", "<li>one</li>\n<li>two</li>"),
        ("3. three\n7. seven", '<li value="3">three</li>\n<li value="7">seven</li>'),
        ("## Title\n\n#### Part", "<h3>Title</h3>\n<h4>Part</h4>"),
        ("> said", "<blockquote>\n<p>said</p>\n</blockquote>"),
        ("*a*\nb", "<em>a</em><br>\nb"),
        ("```py\nif a < b:\n    go()\n```", 'code-name">py</span><code>if a &lt; b:\n    go()\n'),
        ("|a|b|\n|-|-:|\n|1|2|", "<td>1</td>\n<td>2</td>"),
    ],
)
def test_what_markdown_means_is_shown(written: str, html: str) -> None:
    assert html in (rendered(written) or "")


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ('[press](https://evil.example/a "now")', "press (https://evil.example/a “now”)"),
        ("<https://evil.example>", "https://evil.example"),
        ("[a](https://a.example/كيف)", "a (https://a.example/كيف)"),
        ("![a *cat*](https://evil.example/x.png)", "a cat (https://evil.example/x.png)"),
        ("[](https://evil.example)", "(https://evil.example)"),
        ("[p\u0430ypal](https://p\u0430ypal.example)", "(https://xn--pypal-4ve.example)"),
        ("[x]: https://evil.example 'hidden *words*'", "[x]: https://evil.example 'hidden words'"),
        ("[js](javascript:alert(1)) `x`", "[js](javascript:alert(1)) x"),
        ("<b onclick=x>*bold*</b>", "<b onclick=x> bold </b>"),
        ("<!-- *hidden* -->", "<!-- hidden -->"),
        ("a &#8238;b *c*", "RLO b"),
        ("``` harm named here\nx\n```", "harm named here"),
    ],
)
def test_what_markdown_would_hide_or_load_is_read_as_text(written: str, read: str) -> None:
    assert re.sub(r"\s+", "", read) in re.sub(r"\s+", "", shown(written))


def test_a_text_without_markup_and_one_that_is_wanted_so_are_shown_as_written() -> None:
    assert rendered("First, this.\n\nThen that (in 2 steps) - done!") is None
    assert "verbatim" in model_text("plain")
    assert "<strong>" in model_text("**bold**")
    assert "**bold**" in model_text("**bold**", as_written=True)


def test_what_is_said_of_a_picture_is_in_the_language_of_the_page() -> None:
    assert "[picture, not loaded]" in (rendered("![a](b)") or "")
    with override("zh-hans"):
        assert "a" in (rendered("![a](b)") or "")


# What parsers of Markdown stumble over: heaps, depths, tables that grow.
HOSTILE = [
    "[" * LONGEST,
    "![" * (LONGEST // 2),
    "*a **a " * 2_800,
    "*_" * (LONGEST // 2),
    ">" * LONGEST,
    "".join(" " * depth + "- a\n" for depth in range(150)),
    "1. " * 6_000,
    "|a" * 3_000 + "\n" + "|-" * 3_000 + "\n" + "a\n" * 2_000,
    "|a" * 59 + "\n" + "|-" * 59 + "\n" + "|x\n" * 6_000,
    "`a" * (LONGEST // 2),
    "\n" * LONGEST + "#",
    " " * LONGEST + "#",
    "<!--" * (LONGEST // 4),
    "\\" * LONGEST,
    "[" * 500 + "a" + "](b)" * 500,
    "**x** " * (LONGEST // 6),
    "# x\n" * 100_000,
]


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: text[:8])
def test_heaps_and_depths_cost_little_and_stay_small(text: str) -> None:
    before = time.process_time()
    html = rendered(text)
    assert time.process_time() - before < 1.5
    assert html is None or len(html) <= 12 * len(text) + 1_000


WORDS = st.sampled_from(["harm", "one", "zwei", "三", "كيف", "x1"])
MARKUP = st.sampled_from(
    ["*", "**", "_", "`", "```", "\n", "\n\n", " ", "> ", "- ", "1. ", "# ", "|", "|-|\n", "[", "]",
     "](", "(", ")", "![", "<", ">", "<!--", "-->", "]: ", "\\", "&lt;", "    ", "~~", "---", "==="]
)  # fmt: skip


@given(st.lists(WORDS | MARKUP, max_size=40).map("".join))
def test_no_word_is_lost_and_nothing_but_plain_elements_comes_out(text: str) -> None:
    html = rendered(text)
    if html is None:
        return
    for _closing, name, attributes in ELEMENT.findall(html):
        assert name in PLAIN
        assert ATTRIBUTES.fullmatch(attributes)
    read = shown(text)
    for word in ("harm", "zwei", "三", "كيف"):
        assert read.count(word) >= text.count(word)
