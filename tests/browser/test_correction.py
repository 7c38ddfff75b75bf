"""Correcting a text in a real Chromium: by keyboard, with "no change needed" as one key."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import CDPSession, Page, Route, expect

from annotation.models import Annotation, Draft
from datasets_app.models import Item, Response
from tests import build
from tests.browser.conftest import SignIn
from tests.browser.labelling_page import (
    arrived,
    kept,
    killed,
    opened,
    press,
    submitted,
    token,
    until,
)
from tests.cast import cast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PINS = "Lift the hinge pins <b>while</b> nobody\nis at home."


@pytest.fixture
def ana(enter: SignIn) -> Page:
    """Ana at the first of three answers to be corrected; all read the same."""
    dataset = build.dataset("correction", slug="corrections")
    cast(dataset)
    build.items(3, dataset, says=(PINS,))
    build.campaign(dataset, overlap=1)
    return opened(enter("ana"), "corrections")


def text(page: Page) -> Any:
    return page.locator("[data-words]")


def tick(page: Page) -> Any:
    return page.get_by_role("checkbox", name="No change needed")


def said() -> list[dict[str, Any]]:
    found = Annotation.objects.order_by("pk")
    return [value for one in found for value in one.answers["correction"].values()]


def test_no_change_needed_is_one_key(ana: Page) -> None:
    submitted(ana, "0")
    arrived(ana)
    assert said() == [{"text": PINS, "unchanged": True}]


def test_the_text_is_corrected_by_keyboard(ana: Page) -> None:
    press(ana, "F2")
    press(ana, "Control+End")
    ana.keyboard.type(" No: ask u, not 0.")
    submitted(ana)
    arrived(ana)
    assert said() == [{"text": f"{PINS} No: ask u, not 0.", "unchanged": False}]


def test_the_next_item_brings_its_own_text_and_no_tick(ana: Page) -> None:
    press(ana, "F2", "Control+End")
    ana.keyboard.type("!")
    submitted(ana)
    arrived(ana)
    expect(text(ana)).to_have_value(PINS)
    expect(tick(ana)).not_to_be_checked()


def test_an_untouched_text_is_no_answer(ana: Page) -> None:
    press(ana, "Control+Enter")
    expect(ana.locator("[data-rules]")).to_contain_text("Still to answer: Correction")
    assert not Annotation.objects.exists()


def test_a_change_takes_the_tick_away_and_the_tick_puts_the_text_back(ana: Page) -> None:
    press(ana, "0")
    expect(tick(ana)).to_be_checked()
    text(ana).fill("Ask for the key.")
    expect(tick(ana)).not_to_be_checked()
    tick(ana).check()
    expect(text(ana)).to_have_value(PINS)
    tick(ana).uncheck()
    expect(text(ana)).to_have_value("Ask for the key.")


def test_what_was_typed_is_there_again_after_the_page_was_closed(ana: Page) -> None:
    text(ana).fill("Ask for the key.")
    expect(ana.locator("[data-saved]")).to_contain_text("saved")
    ana.reload()
    ana.wait_for_selector("[data-ready]")
    expect(text(ana)).to_have_value("Ask for the key.")
    tick(ana).check()
    expect(text(ana)).to_have_value(PINS)


def test_a_covered_text_is_not_shown_in_its_field_either(ana: Page) -> None:
    Item.objects.update(machine_severity=3, machine_categories=["Violence"])
    ana.reload()
    ana.wait_for_selector("[data-ready]")
    expect(text(ana)).to_be_hidden()
    ana.get_by_role("button", name="Keep open").click()
    expect(text(ana)).to_be_visible()


def test_markup_stays_text(ana: Page) -> None:
    Response.objects.update(text="</textarea><img src=x onerror=document.title='gone'>")
    for _visit in range(2):
        ana.reload()
        ana.wait_for_selector("[data-ready]")
        expect(text(ana)).to_have_value("</textarea><img src=x onerror=document.title='gone'>")
        submitted(ana, "0")
        arrived(ana)
    assert ana.title() != "gone"
    assert not ana.locator("img[src=x]").count()


# --- What goes to an input method


def composing(page: Page) -> CDPSession:
    """Somebody is about to choose a sign, as for Chinese: what he typed is not text yet."""
    devtools = page.context.new_cdp_session(page)
    press(page, "F2", "Control+End")
    signs = {"text": "ni hao", "selectionStart": 6, "selectionEnd": 6}
    devtools.send("Input.imeSetComposition", signs)
    return devtools


def test_escape_of_an_input_method_is_not_one_for_the_page(ana: Page) -> None:
    Item.objects.update(machine_severity=2, machine_categories=["Violence"])
    ana.reload()
    ana.wait_for_selector("[data-ready]")
    ana.get_by_role("button", name="Keep open").click()
    expect(text(ana)).to_have_value(PINS)
    devtools = composing(ana)
    escape = {"key": "Escape", "code": "Escape", "windowsVirtualKeyCode": 229}
    for _time in range(2):
        devtools.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", **escape})
        devtools.send("Input.dispatchKeyEvent", {"type": "keyUp", **escape})
    expect(ana.locator("#panic")).to_be_hidden()
    expect(text(ana)).to_be_focused()
    expect(text(ana)).to_be_visible()  # nothing was covered either


def test_nothing_is_sent_while_a_sign_is_chosen(ana: Page) -> None:
    composing(ana)
    before = token(ana)
    press(ana, "Control+Enter")
    assert token(ana) == before
    expect(text(ana)).to_be_focused()


# --- A tick by mistake


def test_a_tick_by_mistake_takes_nothing_from_what_came_back(ana: Page) -> None:
    ana.context.route("**/draft/", lambda route: route.abort())
    text(ana).fill("Ask for the key.")
    until(ana, lambda: kept(ana) == ["draft"])
    context = ana.context
    killed(ana)
    page = opened(context.new_page(), "corrections")
    expect(text(page)).to_have_value("Ask for the key.")
    press(page, "0", "0")
    expect(tick(page)).not_to_be_checked()
    expect(text(page)).to_have_value("Ask for the key.")


def test_what_is_typed_before_the_script_begins_stays_and_typing_goes_on(enter: SignIn) -> None:
    dataset = build.dataset("correction", slug="early")
    cast(dataset)
    build.items(1, dataset, says=(PINS,))
    build.campaign(dataset)
    page = enter("ana")
    waiting: list[Route] = []
    page.route("**/annotation/js/labelling.js", lambda route: waiting.append(route))
    page.goto("/label/early/", wait_until="commit")
    text(page).click()
    page.keyboard.press("Control+End")
    page.keyboard.type(" I typed this early", delay=1)
    until(page, lambda: waiting)
    waiting[0].continue_()
    for letter in " and a bit more":  # while the script begins
        page.keyboard.type(letter)
        page.wait_for_timeout(20)
    page.wait_for_selector("[data-ready]")
    page.keyboard.type(".")
    expect(text(page)).to_have_value(f"{PINS} I typed this early and a bit more.")
    until(page, Draft.objects.exists)
    assert Draft.objects.get().answers["correction"]["a"]["text"].endswith("more.")
    page.unroute("**/annotation/js/labelling.js")
    page.reload()
    expect(text(page)).to_have_value(f"{PINS} I typed this early and a bit more.")
