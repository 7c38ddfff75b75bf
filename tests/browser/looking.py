"""What is wrong with a page for somebody who sees, hears or reads it otherwise than its makers."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"]
PHONE = (360, 740)
DOUBLE_ZOOM = (640, 400)  # a window of 1280 × 800, everything twice as large

# What reaches beyond the window and cannot be scrolled to inside a part of the page.
BEYOND = """() => {
  const wide = document.documentElement.clientWidth;
  const stays = ["visible", "clip", "hidden"];
  const moves = (element) => !stays.includes(getComputedStyle(element).overflowX);
  const scrolls = (element) => element && (moves(element) || scrolls(element.parentElement));
  const away = ".visually-hidden, .skip-link, [popover]:not(:popover-open), dialog:not([open])";
  const hidden = (element) => element.closest(away);
  const found = [...document.body.querySelectorAll("*")].filter((element) => {
    const box = element.getBoundingClientRect();
    if (!box.width || !box.height || hidden(element)) return false;
    return (box.right > wide + 1 || box.left < -1) && !scrolls(element.parentElement);
  });
  if (document.documentElement.scrollWidth > wide) found.unshift(document.documentElement);
  return found.slice(0, 5).map((element) => element.outerHTML.slice(0, 120));
}"""


def faults(page: Page) -> list[str]:
    """Every violation of WCAG 2.2 AA in light and dark, and what does not fit a small window.

    The page is left light and in a window of its old size.
    """
    page.evaluate(AXE_SCRIPT)
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    old = page.viewport_size
    assert old is not None
    # As high as the page: what half lies under a bar that sticks can be scrolled from there.
    whole = page.evaluate("document.documentElement.scrollHeight")
    page.set_viewport_size({"width": old["width"], "height": max(old["height"], whole)})
    found = _violations(page, {"type": "tag", "values": WCAG})
    page.emulate_media(color_scheme="dark")
    # Nothing else differs between the two.
    found += [
        f"dark: {line}"
        for line in _violations(page, {"type": "rule", "values": ["color-contrast"]})
    ]
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(old)
    return found + _cut_off(page)


def _violations(page: Page, only: dict[str, Any]) -> list[str]:
    # Style sheets are fetched once more only for a rule that is not among these.
    preload = {"assets": ["media"]}
    options = {"runOnly": only, "resultTypes": ["violations"], "preload": preload}
    found = page.evaluate("options => axe.run(document, options)", options)["violations"]
    return [
        f"{rule['id']}: {node['target']} {node['html'][:160]} {node['failureSummary'][:300]}"
        for rule in found
        for node in rule["nodes"]
    ]


def _cut_off(page: Page) -> list[str]:
    found = []
    before = page.viewport_size
    for width, height in (PHONE, DOUBLE_ZOOM):
        page.set_viewport_size({"width": width, "height": height})
        found += [f"beyond {width} px: {html}" for html in page.evaluate(BEYOND)]
    if before:
        page.set_viewport_size(before)
    return found
