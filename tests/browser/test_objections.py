"""What contradicts the rules is said at once: it stops the submit, or asks for a reason."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from annotation.models import Annotation, Campaign, Slot
from annotation.vocabulary import SlotState
from tests.browser.conftest import SignIn
from tests.browser.labelling_page import (
    arrived,
    opened,
    press,
    submitted,
    texts,
    videos,
)
from tests.browser.people import watch

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_broken_rule_is_said_at_once_and_stops_the_submit(enter: SignIn) -> None:
    _dataset, campaign = texts(1)
    page = opened(enter("ana"))
    submitted(page, "1", "u", "g", "d", "2", "s")
    arrived(page)
    Slot.objects.filter(step="helpful").delete()
    opened(page)
    expect(page.locator("[data-heading]")).to_contain_text("harmlessness")
    unsafe, safe = unsafe_and_safe_side(campaign)
    press(page, {"a": "ArrowLeft", "b": "ArrowRight"}[unsafe])
    expected = f"{unsafe.upper()} is unsafe and {safe.upper()} is safe"
    expect(page.locator("[data-rules]")).to_contain_text(expected)
    press(page, "Control+Enter")
    assert Annotation.objects.count() == 1
    press(page, {"a": "ArrowLeft", "b": "ArrowRight"}[safe])
    expect(page.locator("[data-rules]")).to_be_empty()


def unsafe_and_safe_side(campaign: Campaign) -> tuple[str, str]:
    """Where the response that was called unsafe stands in the lease that is live now."""
    given = Annotation.objects.get().answers["safe"]
    slot = Slot.objects.get(campaign=campaign, state=SlotState.LEASED)
    first_is_unsafe = given[str(slot.item.first_id)] is False
    return ("a", "b") if first_is_unsafe != slot.flipped else ("b", "a")


def test_a_warning_takes_a_reason_that_belongs_to_this_item_only(enter: SignIn) -> None:
    item = videos()
    page = opened(enter("ana"), "videos")
    watch(page)
    submitted(page, *["ArrowLeft"] * 4)
    expect(page.get_by_text("Your first look", exact=True)).to_be_visible()
    slot = Slot.objects.get(item=item, step="overall", state=SlotState.LEASED)
    pilot = Annotation.objects.get()
    favoured_left = (pilot.answers["aesthetics"] == str(item.first_id)) != slot.flipped
    press(page, "ArrowRight" if favoured_left else "ArrowLeft", "ArrowDown", "=")
    press(page, "Control+Enter")
    assert page.evaluate("document.activeElement.name") == "override-pilot_spoke_for_the_other"
    page.keyboard.type("the other tells the story")
    press(page, "Enter")  # sends nothing
    assert page.evaluate("document.activeElement.name") == "override-pilot_spoke_for_the_other"
    press(page, "Control+Enter")
    page.get_by_text("Nothing to do here now").wait_for()
    assert Annotation.objects.latest("pk").overrides == {
        "pilot_spoke_for_the_other": "the other tells the story"
    }
