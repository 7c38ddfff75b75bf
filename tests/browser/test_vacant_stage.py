"""While no item is there, nothing is offered that needs one, and what waits is counted in words."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from annotation.models import Slot
from tests.browser.conftest import SignIn
from tests.browser.labelling_page import cut, opened, press, texts, token

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SWITCHES = ("Differences", "Apart", "As written")


def submitted_into_silence(page: Page, number: int) -> None:
    """Answer so many items while no answer reaches the server."""
    page.context.route("**/*", cut)
    for _item in range(number):
        before = token(page)
        press(page, "1", "s", "2", "s", "Control+Enter")
        page.wait_for_function(
            "before => document.querySelector('[data-vacant]')"
            " || document.querySelector('#answers input[name=token]').value !== before",
            arg=before,
        )


def test_without_an_item_no_switch_for_texts_is_offered(enter: SignIn) -> None:
    texts(2)
    page = opened(enter("ana"))
    for name in SWITCHES:
        expect(page.get_by_role("button", name=name)).to_be_visible()
    submitted_into_silence(page, 2)
    expect(page.locator("[data-stage]")).to_contain_text("2 answers wait to be sent")
    for name in SWITCHES:
        expect(page.get_by_role("button", name=name)).to_be_hidden()
    expect(page.get_by_role("button", name="Hide all")).to_be_visible()
    # What is left stands close together.
    guideline = page.get_by_role("link", name="Guideline").bounding_box()
    keys = page.get_by_role("button", name="Keys").bounding_box()
    assert guideline is not None
    assert keys is not None
    assert keys["x"] - (guideline["x"] + guideline["width"]) < 32
    page.context.unroute_all()


def test_one_answer_that_waits_is_one(enter: SignIn) -> None:
    texts(1)
    Slot.objects.exclude(step="safety").delete()
    page = opened(enter("ana"))
    submitted_into_silence(page, 1)
    expect(page.locator("[data-stage]")).to_contain_text(
        "1 answer waits to be sent; it is kept here and goes out by itself"
    )
    page.context.unroute_all()
