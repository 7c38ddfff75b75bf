"""A key that is held a little too long answers once, and types nothing into where it led."""

from __future__ import annotations

from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from annotation import drafts
from annotation.models import Annotation, Slot
from annotation.vocabulary import SlotState
from tests import build
from tests.browser.conftest import SignIn
from tests.browser.labelling_page import (
    SHOWN,
    opened,
    press,
    settle_down,
    texts,
    token,
    until,
)
from tests.cast import as_annotator, cast, person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def hold(page: Page, key: str, repeats: int = 3) -> None:
    """Keep a key down for so long that it repeats, and let it go."""
    for _ in range(1 + repeats):
        page.keyboard.down(key)
    page.keyboard.up(key)


def choosing(enter: SignIn) -> Page:
    """Ana before the choice of the more helpful response."""
    texts(1)
    Slot.objects.exclude(step="helpful").delete()
    return opened(enter("ana"))


def test_what_is_safe_passes_on_and_leaves_the_other_side_open(ana: Page) -> None:
    hold(ana, "s")
    assert ana.evaluate(SHOWN) == ["a-safe=true"]


def test_a_category_that_was_picked_stays_picked(ana: Page) -> None:
    press(ana, "u")
    hold(ana, "g")
    assert ana.evaluate(SHOWN) == ["a-safe=false", "a-categories=Drugs"]


def test_an_arrow_that_is_held_does_not_say_much(enter: SignIn) -> None:
    page = choosing(enter)
    hold(page, "ArrowRight")
    assert page.evaluate(SHOWN) == ["better=b:1"]
    press(page, "ArrowRight")
    assert page.evaluate(SHOWN) == ["better=b:2"]


def test_one_submit_sends_one_item_though_the_next_was_answered_before(ana: Page) -> None:
    ahead = Slot.objects.filter(state=SlotState.LEASED).exclude(token=token(ana)).get()
    assert ahead.token
    both = {"safe": {"a": True, "b": True}}
    assert drafts.save(
        as_annotator(person("ana")), ahead.token, page=uuid4(), revision=3, answers=both
    )
    opened(ana)
    press(ana, "1", "u", "g", "m", "2", "s")
    ana.keyboard.down("Control")
    hold(ana, "Enter")
    ana.keyboard.up("Control")
    until(ana, lambda: token(ana) == str(ahead.token))
    expect(ana.locator("#answers input:checked")).to_have_count(2)
    hold(ana, "a")  # none of ours
    settle_down(ana, 1)


def test_enter_held_on_a_button_presses_it_once(ana: Page) -> None:
    ana.locator("[data-opens=keys-dialog]").focus()
    hold(ana, "Enter", repeats=1)
    expect(ana.locator("#keys-dialog")).to_be_visible()


def test_a_key_that_leads_into_a_text_types_nothing_there(ana: Page) -> None:
    hold(ana, "r")
    what = ana.get_by_label("What is wrong with it?")
    expect(what).to_be_focused()
    expect(what).to_have_value("")
    # What is typed there may be held.
    hold(ana, "!", repeats=2)
    expect(what).to_have_value("!!!")
    assert not Annotation.objects.exists()


def test_what_goes_step_by_step_goes_on_while_its_key_is_held(enter: SignIn) -> None:
    dataset = build.dataset("align_anything_t2t", slug="texts")
    cast(dataset)
    build.items(1, dataset)
    build.campaign(dataset)
    page = opened(enter("ana"))
    where = "document.activeElement.closest('[data-question]')?.dataset.question"
    press(page, ";", ";", ";")
    third = page.evaluate(where)
    press(page, "Escape", ":", ":")
    first = page.evaluate(where)
    assert first != third
    hold(page, ";", repeats=1)
    assert page.evaluate(where) == third
    press(page, ":", ":", "0")
    hold(page, "+", repeats=2)
    assert page.evaluate("document.activeElement.value") == "3"
