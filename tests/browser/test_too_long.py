"""What is pasted at too much length: it stays as it is, and the page says so at once."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from annotation.models import Annotation, Draft, Slot
from annotation.vocabulary import SlotState
from tests import build
from tests.browser import test_drawing
from tests.browser.conftest import SignIn
from tests.browser.labelling_page import arrived, opened, press, submitted, texts, until
from tests.cast import cast
from tests.presets import journey

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def said(page: Page, text: str) -> None:
    """Something is said in the bar, and a submit sends nothing."""
    expect(page.locator("[data-rules]")).to_contain_text(text)
    number = Annotation.objects.count()
    press(page, "Control+Enter")
    expect(page.locator("[data-rules]")).to_contain_text(text)
    assert Annotation.objects.count() == number


def test_a_text_is_cut_nowhere_and_its_length_is_said_at_once(enter: SignIn) -> None:
    dataset = build.dataset("correction", slug="corrections")
    cast(dataset)
    build.items(2, dataset, says=("The hinge pins.",))
    build.campaign(dataset)
    page = opened(enter("ana"), "corrections")
    press(page, "F2", "Control+a")
    page.keyboard.insert_text("😀" * 99_999 + "THE END")
    said(page, "The text has more than 100000 characters.")
    assert page.locator("[data-words]").input_value().endswith("THE END")
    arrived(page)
    assert "THE END" in str(Draft.objects.get().answers)
    press(page, "Control+End", *["Backspace"] * 6)
    expect(page.locator("[data-rules]")).to_be_empty()
    submitted(page)
    until(page, lambda: Annotation.objects.count() == 1)
    assert "😀T" in str(Annotation.objects.get().answers)


def test_a_note_is_cut_nowhere_and_its_length_is_said_at_once(
    enter: SignIn, tmp_path: Path
) -> None:
    journey.opened(test_drawing.deceptions(tmp_path), overlap=1)
    page = test_drawing.opened(enter)
    page.get_by_role("button", name="Box").press("Enter")
    note = test_drawing.lines(page).first.locator("[data-note]")
    note.focus()
    page.keyboard.insert_text("x" * 501)
    said(page, "The note to mark 1 has more than 500 characters.")
    assert len(note.input_value()) == 501
    note.focus()
    press(page, "End", "Backspace")
    expect(page.locator("[data-rules]")).not_to_contain_text("characters")


def test_a_reason_is_cut_nowhere_and_its_length_is_said_at_once(enter: SignIn) -> None:
    _dataset, campaign = texts(1)
    page = opened(enter("ana"))
    submitted(page, "1", "u", "w", "v", "2", "u", "w", "m")
    arrived(page)
    Slot.objects.filter(step="helpful").delete()
    opened(page)
    slot = Slot.objects.get(campaign=campaign, state=SlotState.LEASED)
    severe = Annotation.objects.get().answers["severity"]
    is_left = severe[str(slot.item.first_id)] == 3
    press(page, "ArrowLeft" if is_left != slot.flipped else "ArrowRight", "Control+Enter")
    reason = page.locator("input[name=override-severer_is_not_safer]")
    expect(reason).to_be_focused()
    page.keyboard.insert_text("x" * 2_001)
    said(page, "A reason is at most 2,000 letters long.")
    expect(reason).to_be_focused()
    press(page, "Backspace")
    expect(page.get_by_text("A reason is at most")).to_be_hidden()
    press(page, "Control+Enter")
    until(page, lambda: Annotation.objects.count() == 2)
    assert Annotation.objects.latest("pk").overrides == {"severer_is_not_safer": "x" * 2_000}
