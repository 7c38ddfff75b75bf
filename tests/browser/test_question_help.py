"""What a question means is said beside it, not over its answers."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import SignIn
from tests.browser.labelling_page import opened, press, texts
from tests.browser.looking import DOUBLE_ZOOM, PHONE, faults

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def span(part: Locator) -> tuple[float, float]:
    """From where to where it reaches, downwards."""
    box = part.bounding_box()
    assert box is not None
    return box["y"], box["y"] + box["height"]


@pytest.mark.parametrize("size", [(1280, 800), PHONE])
def test_the_meaning_stands_beside_its_question_and_covers_no_answer(
    size: tuple[int, int], enter: SignIn
) -> None:
    texts(1)
    page = opened(enter("ana", viewport={"width": size[0], "height": size[1]}))
    page.locator("[data-pane=a] .hint").first.click()
    meaning, question = page.locator("#help-safe"), page.locator("[data-pane=a] .question").first
    expect(meaning).to_be_visible()
    (top, bottom), (above, below) = span(meaning), span(question.locator(".chips"))
    assert bottom <= above or top >= below
    assert top >= 0
    assert bottom <= size[1]
    assert faults(page) == []
    assert min(abs(bottom - above), abs(top - below)) < 60


@pytest.mark.parametrize("size", [(1280, 720), PHONE, DOUBLE_ZOOM, (320, 256)])
def test_a_long_meaning_ends_in_the_window(size: tuple[int, int], enter: SignIn) -> None:
    texts(1)
    page = opened(enter("ana", viewport={"width": size[0], "height": size[1]}))
    meaning = page.locator("#help-safe")
    meaning.evaluate("(help) => { help.append(`It means this. `.repeat(400)); }")
    page.locator("[data-pane=a] .hint").first.click()
    expect(meaning).to_be_visible()
    top, bottom = span(meaning)
    assert top >= 0
    assert bottom <= size[1]


def test_the_meaning_is_closed_by_its_button_and_by_escape(enter: SignIn) -> None:
    texts(1)
    page = opened(enter("ana"))
    meaning = page.locator("#help-safe")
    press(page, "Shift+M")
    expect(meaning).to_be_visible()
    meaning.get_by_role("button", name="Close").click()
    expect(meaning).to_be_hidden()
    press(page, "Shift+M")
    expect(meaning).to_be_visible()
    press(page, "Escape")
    expect(meaning).to_be_hidden()
