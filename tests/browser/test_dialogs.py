"""What one says in a dialog is about the item over which it was opened, and about no other."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from annotation.models import Skip, Slot
from datasets_app.models import Item
from datasets_app.vocabulary import ItemState
from tests.browser.labelling_page import arrived, opened, press, submitted, token, until
from tests.browser.test_wellbeing import looked, reported_by_ben

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NOTHING_SENT = "nothing was sent"


def begins_to_report(page: Page) -> None:
    press(page, "r")
    page.get_by_label("What is wrong with it?").fill("about the first")


def taken() -> list[Item]:
    return list(Item.objects.filter(state=ItemState.QUARANTINED))


def test_a_report_that_was_begun_is_closed_when_another_item_comes(ana: Page) -> None:
    begins_to_report(ana)
    other = opened(ana.context.new_page())
    submitted(other, "s", "s")
    arrived(other)
    other.close()
    ana.bring_to_front()
    looked(ana)
    expect(ana.locator("#report-dialog")).to_be_hidden()
    expect(ana.get_by_text(NOTHING_SENT)).to_be_visible()
    press(ana, "r")
    expect(ana.get_by_label("What is wrong with it?")).to_have_value("")
    ana.keyboard.type("about the second")
    second = Slot.objects.get(token=token(ana)).item
    ana.locator("#report-dialog").get_by_role("button", name="Report").click()
    until(ana, taken)
    assert taken() == [second]


def test_a_skip_that_was_begun_is_closed_when_the_item_is_taken_away(ana: Page) -> None:
    reported_by_ben(Slot.objects.get(token=token(ana)).item)
    press(ana, "k")
    ana.get_by_label("It upsets me").check()
    looked(ana)
    expect(ana.locator("#skip-dialog")).to_be_hidden()
    expect(ana.get_by_text(NOTHING_SENT)).to_be_visible()
    ana.get_by_role("button", name="Go on").click()
    expect(ana.locator("[data-stage] [data-pane]")).to_have_count(2)
    assert not Skip.objects.exists()


def test_a_report_that_was_begun_stays_while_its_item_goes_behind_a_door(ana: Page) -> None:
    grave = Slot.objects.get(token=token(ana)).item
    begins_to_report(ana)
    Item.objects.filter(pk=grave.pk).update(machine_categories=["Violence"], machine_severity=3)
    looked(ana)
    expect(ana.locator("[data-stage] [data-veil]")).to_have_count(2)
    ana.locator("#report-dialog").get_by_role("button", name="Report").click()
    until(ana, taken)
    assert taken() == [grave]


def test_what_was_begun_and_cancelled_waits_for_the_same_item_only(ana: Page) -> None:
    begins_to_report(ana)
    what = ana.get_by_label("What is wrong with it?")
    ana.locator("#report-dialog").get_by_role("button", name="Cancel").click()
    press(ana, "r")
    expect(what).to_have_value("about the first")
    ana.locator("#report-dialog").get_by_role("button", name="Cancel").click()
    submitted(ana, "s", "s")
    press(ana, "r")
    expect(what).to_have_value("")
