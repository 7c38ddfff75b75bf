"""The labelling page is kind: what may hurt stays covered, or goes away at once."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from annotation.models import Draft, Slot
from annotation.vocabulary import SlotState
from datasets_app.models import Item
from datasets_app.vocabulary import ItemState
from tests import build
from tests.browser.conftest import SignIn
from tests.browser.labelling_page import (
    opened,
    press,
    store,
    token,
    until,
    videos,
)
from tests.cast import cast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_the_original_is_not_requested_before_it_is_revealed(enter: SignIn) -> None:
    dataset = build.dataset("beavertails_v", slug="pictures")
    cast(dataset)
    item = build.item(dataset, machine_severity=3, machine_categories=["horror_and_gore"])
    build.campaign(dataset)
    store(item.prompt.media_links.get().media, b"no picture, but bytes")
    page = enter("ana")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(urlsplit(request.url).path))
    opened(page, "pictures")
    expect(page.get_by_text("Covered: Horror and gore").first).to_be_visible()
    assert {path.rsplit("/", 1)[1] for path in asked if "/media/" in path} == {"preview"}
    page.keyboard.down("b")
    expect(page.locator("[data-part=a] .revealed-text")).to_be_visible()
    page.keyboard.up("b")
    expect(page.locator("[data-part=a] .revealed-text")).to_have_count(0)
    assert any(path.endswith("/original") for path in asked)


def test_escape_twice_takes_everything_away_and_gives_it_back(ana: Page) -> None:
    text = ana.locator("[data-part=a]").inner_text()
    press(ana, "u", "Escape", "Escape")
    expect(ana.get_by_text("Everything is gone from your screen")).to_be_visible()
    assert text not in ana.content()
    until(ana, lambda: not Slot.objects.filter(state=SlotState.LEASED).exists())
    # What was answered is its person's, and is there when the item comes again.
    until(ana, Draft.objects.exists)


def test_escape_is_pressed_twice_only_with_nothing_between(ana: Page) -> None:
    press(ana, "Escape", "k", "Escape")
    expect(ana.locator("#skip-dialog")).to_be_hidden()
    expect(ana.locator("#panic")).to_be_hidden()
    assert Slot.objects.filter(state=SlotState.LEASED).exists()


def test_a_report_freezes_the_item(ana: Page) -> None:
    held = token(ana)
    item = Slot.objects.get(token=held).item_id
    press(ana, "r")
    ana.get_by_label("What is wrong with it?").fill("somebody's address")
    ana.locator("#report-dialog").get_by_role("button", name="Report").click()
    ana.get_by_text("Nobody sees this item again").wait_for()
    assert Item.objects.get(pk=item).state == ItemState.QUARANTINED


def test_the_page_fits_a_phone_and_double_zoom(enter: SignIn) -> None:
    videos(machine_severity=2, machine_categories=["violence"])
    for size in ({"width": 360, "height": 740}, {"width": 640, "height": 400}):
        page = opened(enter("ana", viewport=size), "videos")
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= size["width"]
        page.context.close()
