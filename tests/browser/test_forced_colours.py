"""Where the system chooses the colours, what stands out by colour stands out all the same."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, Page

from annotation.models import Exposure
from tests.browser.conftest import SignIn
from tests.browser.labelling_page import opened, press, sounds, texts

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# The colours that the system names so, as they are computed.
SYSTEM = """names => names.map((name) => {
  const probe = document.createElement("i");
  probe.style.setProperty("color", name);
  probe.style.setProperty("forced-color-adjust", "none");
  document.body.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
})"""


def forced(page: Page, slug: str = "texts") -> Page:
    page.emulate_media(forced_colors="active")
    return opened(page, slug)


def style(part: Locator, *names: str) -> list[str]:
    found: list[str] = part.evaluate(
        "(one, names) => names.map((name) => getComputedStyle(one)[name])", list(names)
    )
    return found


def test_the_side_that_keys_are_about_is_framed(enter: SignIn) -> None:
    texts(1)
    page = forced(enter("ana"))
    highlight, on_it = page.evaluate(SYSTEM, ["Highlight", "HighlightText"])
    frame = style(page.locator(".pane.current"), "outlineStyle", "outlineWidth", "outlineColor")
    assert frame == ["solid", "3px", highlight]
    badge = style(page.locator(".pane.current .side"), "backgroundColor", "color")
    assert badge == [highlight, on_it]


def test_how_much_of_the_exposure_is_used_can_be_seen(enter: SignIn) -> None:
    texts(2, machine_severity=2)
    page = forced(enter("ana"))
    press(page, "Shift+B")
    page.locator(".revealed").first.wait_for()
    Exposure.objects.update(began_at=timezone.now() - timedelta(minutes=5))
    opened(page)
    (ink,) = page.evaluate(SYSTEM, ["CanvasText"])
    assert style(page.locator(".dot.full").first, "backgroundColor") == [ink]
    assert style(page.locator(".dot:not(.full)").first, "backgroundColor") != [ink]


def test_what_is_pressed_looks_pressed(enter: SignIn, tmp_path: Path) -> None:
    sounds(tmp_path)
    page = forced(enter("ana"), "sounds")
    highlight, on_it = page.evaluate(SYSTEM, ["Highlight", "HighlightText"])
    heard, other = (page.get_by_role("button", name=f"Hear {side}") for side in "AB")
    assert style(heard, "backgroundColor", "color") == [highlight, on_it]
    assert style(other, "backgroundColor") != [highlight]


def test_the_cap_on_a_choice_that_is_picked_can_be_read(enter: SignIn) -> None:
    texts(1)
    page = forced(enter("ana"))
    ink, paper = page.evaluate(SYSTEM, ["CanvasText", "Canvas"])
    press(page, "u")
    cap = page.locator(".chip:has(:checked) kbd")
    assert style(cap, "color", "backgroundColor") == [ink, paper]
