"""What is judged is read aloud in the language of its dataset, and the page in its own."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page

from annotation.models import Campaign
from tests import build
from tests.browser.conftest import SignIn
from tests.browser.labelling_page import opened, press, submitted
from tests.cast import cast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# In which language it is read, of everything that people or models wrote, and of the rest.
READ = """() => {
  const languages = (selector) =>
    new Set([...document.querySelectorAll(selector)].map((one) => one.closest("[lang]").lang));
  const ours = ".legend-text, .button, .prompt-label";
  return [".sheet .prose", ours].map((one) => [...languages(one)]);
}"""


def german(**fields: Any) -> Campaign:
    """A campaign over German texts."""
    dataset = build.dataset(slug="texts", language="de")
    cast(dataset)
    build.items(2, dataset, says=("Falte die **lange** Seite.", "Falte die kurze."), **fields)
    return build.campaign(dataset, guideline="# Wie man urteilt\n\n1. Beide lesen.")


def read(page: Page) -> list[list[str]]:
    found: list[list[str]] = page.evaluate(READ)
    return found


def test_texts_have_the_language_of_their_dataset_the_ones_that_come_after_too(
    enter: SignIn,
) -> None:
    german()
    page = opened(enter("ana"))
    assert read(page) == [["de"], ["en"]]
    submitted(page, "1", "s", "2", "s")
    assert read(page) == [["de"], ["en"]]


def test_what_was_covered_has_it_and_what_is_said_of_differences_has_the_pages(
    enter: SignIn,
) -> None:
    german(machine_severity=2)
    page = opened(enter("ana"))
    press(page, "Shift+B")
    page.locator("[data-part=b] .revealed-text").wait_for()
    assert read(page) == [["de"], ["en"]]
    press(page, "f")
    aside = page.locator("ins.only-here .visually-hidden").first
    aside.wait_for(state="attached")
    assert aside.evaluate("one => one.closest('[lang]').lang") == "en"


def test_the_guideline_has_it(enter: SignIn) -> None:
    german()
    page = enter("ana")
    page.goto("/label/texts/guideline/")
    heading = page.locator(".guideline h1")
    assert heading.evaluate("one => one.closest('[lang]').lang") == "de"
