"""What was expected in a qualification, with what it was about: beside it, in its person's look."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from annotation.models import Campaign, Wishes
from annotation.vocabulary import GoldPurpose
from datasets_app.models import Dataset
from tests import build
from tests.annotation import checked
from tests.browser.conftest import SignIn
from tests.browser.labelling_page import press
from tests.browser.looking import faults
from tests.cast import as_annotator, cast, person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def campaign_of(protocol: str) -> Campaign:
    """A campaign with one item to qualify by, which asks only which response helps more."""
    dataset: Dataset = build.dataset(protocol, slug="texts", language="de")
    cast(dataset)
    campaign = build.campaign(dataset)
    checked.some_gold(
        campaign,
        step="helpful",
        answers={"better": "1", "better_strength": 1},
        purpose=GoldPurpose.QUALIFICATION,
    )
    return campaign


def begun(page: Page) -> Page:
    """At the item to qualify by."""
    page.goto("/label/texts/qualify/")
    page.get_by_role("button", name="Begin").click()
    page.wait_for_selector("[data-ready]")
    return page


def answered(page: Page) -> Page:
    """At what was expected."""
    press(page, "ArrowLeft", "Control+Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("What was expected")
    return page


def look(picture: Locator) -> str:
    found: str = picture.evaluate("picture => getComputedStyle(picture).filter")
    return found


def test_pictures_are_as_grey_as_on_the_labelling_page(enter: SignIn) -> None:
    campaign_of("beavertails_v")
    ana = as_annotator(person("ana"))
    Wishes.objects.update_or_create(annotator=ana, defaults={"greyscale": True})
    page = begun(enter("ana"))
    picture = page.locator(".prompt-media img")
    assert look(picture) == "grayscale(1)"
    answered(page)
    assert look(picture) == "grayscale(1)"


def test_a_prompt_without_a_picture_begins_at_the_edge_of_its_frame(enter: SignIn) -> None:
    campaign_of("pku_saferlhf")
    page = answered(begun(enter("ana")))
    frame, text = (
        page.locator(selector).bounding_box() for selector in (".prompt", ".prompt .prose")
    )
    assert frame is not None
    assert text is not None
    assert text["x"] - frame["x"] < 30
    assert faults(page) == []


def test_what_was_judged_and_why_are_read_aloud_in_their_own_language(enter: SignIn) -> None:
    campaign_of("pku_saferlhf")
    page = answered(begun(enter("ana")))
    for part in (".prompt .prose", ".pane-body .prose", ".lead"):
        assert page.locator(part).first.get_attribute("lang") == "de", part
