"""The look's own rules, read from the files: tokens, contrast, content policy, documentation."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.template.loader import render_to_string

from datasets_app.vocabulary import ItemState, Severity

PROJECT = Path(__file__).resolve().parents[2]
STYLES = PROJECT / "static" / "css"
MODULES = PROJECT / "static" / "js"
LABELLING_PAGE = ("tokens", "base", "controls", "panes")

TEXT, SHAPE = 4.5, 3.0  # WCAG 2.2, 1.4.3 and 1.4.11
SURFACES = ("paper", "surface", "raised", "sunken")
SEVERITIES = tuple(f"sev-{severity}" for severity in Severity.values)
READABLE = (
    [(ink, surface) for ink in ("ink", "ink-soft", "accent") for surface in SURFACES]
    + [(severity, surface) for severity in SEVERITIES for surface in SURFACES]
    + [(severity, f"{severity}-soft") for severity in SEVERITIES]
    + [("ink", f"{severity}-soft") for severity in SEVERITIES]
    + [("ink", "accent-soft"), ("accent-strong", "accent-soft"), ("accent-ink", "accent")]
    + [("accent-ink", "accent-strong"), ("pond-ink", "pond"), ("pond-soft", "pond")]
)
VISIBLE = [(edge, surface) for edge in ("line-strong", "focus") for surface in SURFACES[:3]] + [
    (f"series-{number}", "surface") for number in (2, 3, 4)
]

INLINE = re.compile(
    r"""<style|\sstyle=["']|\son[a-z]+=["']|["'(]data:|<script(?![^>]*(\ssrc=|type="application/json"))"""
)
# Looks that need no rule of their own: `notice` alone already is information, and how pictures
# are zoomed by themselves is seen when they are.
WITHOUT_RULE = {"info", "unlinked"}


def style(name: str) -> str:
    """A style sheet without its comments."""
    return re.sub(r"/\*.*?\*/", "", (STYLES / f"{name}.css").read_text(), flags=re.DOTALL)


def tokens() -> dict[str, tuple[str, str]]:
    """Every colour by name: its light and its dark value."""
    found = re.findall(r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\);", style("tokens"))
    return {name: (light, dark) for name, light, dark in found}


def luminance(colour: str) -> float:
    """Relative luminance of #rrggbb, as WCAG 2.2 defines it."""
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours, 1 to 21."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def templates() -> list[Path]:
    """Every page of ours."""
    rooms = ("annotation", "config", "datasets_app", "moderation")
    return sorted(page for room in rooms for page in (PROJECT / room).rglob("templates/**/*.html"))


def classes_of(page: str) -> Iterator[str]:
    """The classes written out in a template; those that a variable completes are left out."""
    for value in re.findall(r'\sclass="([^"]*)"', page):
        fixed = re.sub(r"\S*\{\{.*?\}\}\S*", " ", value)
        yield from re.sub(r"\{%.*?%\}", " ", fixed).split()


def known_classes() -> set[str]:
    """The classes that some style sheet has a rule for."""
    sheets = [*STYLES.glob("*.css"), *PROJECT.glob("*/static/**/*.css")]
    return {name for sheet in sheets for name in re.findall(r"\.([a-z][\w-]*)", sheet.read_text())}


@pytest.mark.parametrize(("ink", "ground"), READABLE)
def test_text_is_readable_in_both_themes(ink: str, ground: str) -> None:
    for one, other in zip(tokens()[ink], tokens()[ground], strict=True):
        assert contrast(one, other) >= TEXT


@pytest.mark.parametrize(("edge", "ground"), VISIBLE)
def test_edges_and_focus_rings_are_visible_in_both_themes(edge: str, ground: str) -> None:
    for one, other in zip(tokens()[edge], tokens()[ground], strict=True):
        assert contrast(one, other) >= SHAPE


def test_the_measure_of_contrast_knows_its_two_ends_and_sees_grey_on_grey() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#777777") == pytest.approx(1)
    assert contrast("#8a8a8a", "#ffffff") < TEXT


def test_colours_stand_in_the_tokens_and_nowhere_else() -> None:
    for sheet in STYLES.glob("*.css"):
        if sheet.stem != "tokens":
            assert not re.findall(r"#[0-9a-f]{3,8}\b|rgba?\(|hsla?\(", style(sheet.stem)), sheet


def test_no_style_sheet_fetches_anything() -> None:
    for sheet in STYLES.glob("*.css"):
        assert "url(" not in style(sheet.stem), sheet
        assert "@import" not in style(sheet.stem), sheet


@pytest.mark.parametrize("page", templates(), ids=lambda page: str(page.relative_to(PROJECT)))
def test_no_page_holds_what_the_content_policy_refuses(page: Path) -> None:
    assert not INLINE.search(page.read_text())


@pytest.mark.parametrize(
    "markup",
    [
        "<style>a{}</style>",
        '<p style="color: red">',
        '<a onclick="go()">',
        "<script>go()</script>",
        '<img src="data:image/png;base64,">',
    ],
)
def test_the_search_for_inline_code_finds_it(markup: str) -> None:
    assert INLINE.search(markup)


@pytest.mark.parametrize("page", templates(), ids=lambda page: str(page.relative_to(PROJECT)))
def test_every_class_on_a_page_has_a_rule(page: Path) -> None:
    assert set(classes_of(page.read_text())) <= known_classes() | WITHOUT_RULE


def test_a_class_without_a_rule_is_noticed() -> None:
    assert set(classes_of('<p class="notice nobody-styled {{ x }}-y">')) - known_classes() == {
        "nobody-styled"
    }


@pytest.mark.parametrize("state", ItemState)
def test_every_state_has_a_mark_and_a_word(state: ItemState) -> None:
    assert f".state-{state.value}" in style("controls")
    assert f">{state.label}</span>" in render_to_string("parts/state.html", {"state": state.value})


@pytest.mark.parametrize("severity", Severity)
def test_every_severity_has_pips_and_a_word(severity: Severity) -> None:
    assert f".severity-{severity.value}" in style("controls")
    drawn = render_to_string("parts/severity.html", {"severity": severity.value})
    assert f">{severity.label}</span>" in drawn


def test_every_style_sheet_and_module_is_documented() -> None:
    page = (PROJECT / "docs" / "interface.md").read_text()
    for path in [*STYLES.glob("*.css"), *MODULES.glob("*.js")]:
        assert f"`{path.name}`" in page or f"`static/css/{path.name}`" in page, path.name


def test_modules_import_only_each_other() -> None:
    for module in MODULES.glob("*.js"):
        text = module.read_text()
        assert not re.findall(r"https?://", text), module.name
        assert all(name.startswith("./") for name in re.findall(r'\bfrom "([^"]+)"', text))


def test_the_styles_of_the_labelling_page_leave_room_for_the_page_itself() -> None:
    together = "".join((STYLES / f"{name}.css").read_text() for name in LABELLING_PAGE)
    assert len(gzip.compress(together.encode(), 9)) < 10_000  # of the page's 60 kB
