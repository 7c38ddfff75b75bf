"""A letter is the same key with Caps Lock on, and on a layout that has none of ours."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from annotation.models import Slot
from tests.browser.conftest import SignIn
from tests.browser.labelling_page import SHOWN, opened, press, texts

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def key(page: Page, sign: str, place: str, *, type: str = "keydown", **held: Any) -> None:
    """A key of another keyboard: the sign it gives, and where it lies on ours."""
    how = {"key": sign, "code": place, "bubbles": True, "cancelable": True, **held}
    made = f"new KeyboardEvent({json.dumps(type)}, {json.dumps(how)})"
    page.evaluate(f"(document.activeElement ?? document.body).dispatchEvent({made})")


def with_caps_lock(page: Page, sign: str, **held: Any) -> None:
    key(page, sign, f"Key{sign.upper()}", modifierCapsLock=True, **held)


def test_with_caps_lock_on_letters_answer_as_without(ana: Page) -> None:
    with_caps_lock(ana, "U")
    with_caps_lock(ana, "G")
    with_caps_lock(ana, "M")
    assert ana.evaluate(SHOWN) == ["a-safe=false", "a-categories=Drugs", "a-severity=1"]
    expect(ana.locator(".hint-text:popover-open")).to_have_count(0)


def test_with_caps_lock_on_shift_does_what_it_does_without(ana: Page) -> None:
    with_caps_lock(ana, "u")  # some systems turn the letter round
    assert ana.evaluate(SHOWN) == ["a-safe=false"]
    with_caps_lock(ana, "c", shiftKey=True)
    with_caps_lock(ana, "C")
    picked = {"Cybercrime", "Copyright Issues"}
    assert {each.rpartition("=")[2] for each in ana.evaluate(SHOWN)} >= picked
    with_caps_lock(ana, "M", shiftKey=True)
    expect(ana.locator(".hint-text:popover-open")).to_have_count(1)


def test_a_letter_that_the_page_does_not_know_is_the_one_that_stands_there_elsewhere(
    ana: Page,
) -> None:
    key(ana, "г", "KeyU")
    key(ana, "п", "KeyG")
    key(ana, "Ь", "KeyM", modifierCapsLock=True)
    assert ana.evaluate(SHOWN) == ["a-safe=false", "a-categories=Drugs", "a-severity=1"]
    key(ana, "Ь", "KeyM", shiftKey=True)
    expect(ana.locator(".hint-text:popover-open")).to_have_count(1)


@pytest.mark.parametrize(("sign", "place"), [("ี", "KeyU"), ("لا", "KeyU"), ("ु", "KeyU")])
def test_a_sign_that_is_no_single_letter_is_what_stands_there_elsewhere(
    ana: Page, sign: str, place: str
) -> None:
    key(ana, sign, place)
    assert ana.evaluate(SHOWN) == ["a-safe=false"]


def test_a_latin_letter_is_meant_as_it_is_wherever_it_lies(ana: Page) -> None:
    key(ana, "u", "KeyF")
    key(ana, "é", "KeyS")
    # What is typed with AltGr is no letter of ours.
    key(ana, "с", "KeyS", modifierAltGraph=True)
    assert ana.evaluate(SHOWN) == ["a-safe=false"]


def test_one_holds_the_same_key_to_look(enter: SignIn) -> None:
    texts(1, machine_severity=2)
    page = opened(enter("ana"))
    for letter in ("B", "и"):
        key(page, letter, "KeyB", modifierCapsLock=True)
        expect(page.locator(".revealed-text")).to_have_count(2)
        key(page, letter, "KeyB", type="keyup")
        expect(page.locator(".revealed-text")).to_have_count(0)


def test_a_key_of_ones_own_is_written_without_caps_lock(enter: SignIn) -> None:
    texts(1)
    page = enter("ana")
    page.goto("/label/settings/keys/")
    field = page.locator("[data-key]").first
    field.focus()
    with_caps_lock(page, "Q")
    expect(field).to_have_value("q")
    assert not Slot.objects.filter(annotator__isnull=False).exists()
    press(page, "Q")
    expect(field).to_have_value("⇧Q")
