"""The button beside what is covered says what pressing it does."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import SignIn
from tests.browser.labelling_page import opened, press, texts
from tests.browser.looking import faults

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_what_is_kept_open_says_that_it_can_be_covered_again(enter: SignIn) -> None:
    texts(1, machine_severity=2, says=("Dreadful one.", "Dreadful two."))
    page = opened(enter("ana"))
    pane = page.locator("[data-pane=a]")
    pane.get_by_role("button", name="Keep open ⇧B").click()
    expect(pane.locator(".revealed-text")).to_be_visible()
    expect(pane.get_by_role("button", name="Hold to reveal")).to_be_hidden()
    assert faults(page) == []
    pane.get_by_role("button", name="Cover again ⇧B", exact=True).click()
    expect(pane.locator(".revealed-text")).to_have_count(0)
    expect(pane.get_by_role("button", name="Keep open ⇧B", exact=True)).to_be_visible()


def test_what_is_only_held_can_still_be_kept_open(enter: SignIn) -> None:
    texts(1, machine_severity=2, says=("Dreadful one.", "Dreadful two."))
    page = opened(enter("ana"))
    page.keyboard.down("b")
    expect(page.locator(".revealed-text")).to_have_count(2)
    expect(page.get_by_role("button", name="Keep open")).to_have_count(2)
    press(page, "Shift+B")
    expect(page.get_by_role("button", name="Cover again")).to_have_count(2)
    page.keyboard.up("b")
    press(page, "Escape")
    expect(page.get_by_role("button", name="Keep open")).to_have_count(2)


def test_the_pages_of_curators_and_moderators_say_it_too(enter: SignIn) -> None:
    dataset, _campaign = texts(1, machine_severity=3, says=("Dreadful one.", "Dreadful two."))
    item = dataset.items.get()
    page = enter("cora")
    page.goto(f"/curate/texts/items/{item.pk}/")
    page.get_by_role("button", name="Keep open").first.click()
    expect(page.get_by_text("Dreadful")).to_have_count(1)
    page.get_by_role("button", name="Cover again").click()
    expect(page.get_by_text("Dreadful")).to_have_count(0)
