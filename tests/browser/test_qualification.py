"""A qualification in a real Chromium: panic, skip and report part from its items as from any."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Route, expect

from annotation.models import Campaign, Check
from annotation.vocabulary import CheckState, GoldPurpose
from datasets_app.models import Item
from datasets_app.vocabulary import ItemState
from tests.annotation import checked
from tests.browser.conftest import SignIn
from tests.browser.labelling_page import kept, press, texts, until
from tests.browser.looking import faults

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def began(enter: SignIn) -> Page:
    """Ana before the first of three items."""
    _dataset, campaign = texts(2)
    checked.some_gold(campaign, number=3, purpose=GoldPurpose.QUALIFICATION, explanation="So.")
    page = enter("ana")
    page.goto(address(campaign))
    page.get_by_role("button", name="Begin").click()
    page.wait_for_selector("[data-ready]")
    return page


def address(campaign: Campaign) -> str:
    return f"/label/{campaign.slug}/qualify/"


def states() -> list[str]:
    return list(Check.objects.order_by("pk").values_list("state", flat=True))


def test_escape_twice_takes_it_away_and_the_next_one_comes(enter: SignIn) -> None:
    page = began(enter)
    text = page.locator("[data-part=a]").inner_text()
    press(page, "u", "Escape", "Escape")
    expect(page.get_by_text("Everything is gone from your screen")).to_be_visible()
    assert text not in page.content()
    until(page, lambda: states() == [CheckState.LAPSED, CheckState.LEASED, CheckState.LEASED])
    page.goto(address(Campaign.objects.get()))
    expect(page.get_by_text("Qualification, 2 of 3")).to_be_visible()
    assert text not in page.content()


def test_a_skip_and_a_report_lead_to_the_next_one(enter: SignIn) -> None:
    page = began(enter)
    assert faults(page) == []
    press(page, "k")
    page.get_by_label("It upsets me").check()
    page.locator("#skip-dialog").get_by_role("button", name="Skip").click()
    expect(page.get_by_text("Qualification, 2 of 3")).to_be_visible()
    page.wait_for_selector("[data-ready]")
    press(page, "r")
    page.get_by_label("What is wrong with it?").fill("somebody's address")
    page.locator("#report-dialog").get_by_role("button", name="Report").click()
    expect(page.get_by_text("Qualification, 3 of 3")).to_be_visible()
    expect(page.get_by_text("Nobody sees this item again")).to_be_visible()
    assert states() == [CheckState.SKIPPED, CheckState.SKIPPED, CheckState.LEASED]
    assert Item.objects.filter(state=ItemState.QUARANTINED).count() == 1


@pytest.mark.parametrize("fault", [502, None])
def test_an_answer_that_meets_a_fault_of_the_network_stays_and_is_sent_again(
    enter: SignIn, fault: int | None
) -> None:
    page = began(enter)
    faulty = [True]

    def fail(route: Route) -> None:
        if route.request.method != "POST" or not faulty:
            route.continue_()
        elif fault is None:
            route.abort()
        else:
            route.fulfill(status=fault, body="Bad gateway")

    page.context.route("**/qualify/", fail)
    press(page, "1", "u", "g", "m", "2", "s", "Control+Enter")
    expect(page.get_by_text("There is no connection now.")).to_be_visible()
    assert kept(page) == ["draft"]
    page.reload()
    expect(page.get_by_label("Drugs").first).to_be_checked()
    faulty.clear()
    press(page, "Control+Enter")
    page.get_by_role("heading", name="What was expected").wait_for()
    assert states() == [CheckState.ANSWERED, CheckState.LEASED, CheckState.LEASED]
    until(page, lambda: kept(page) == [])


def test_a_skip_that_meets_a_fault_of_the_network_leaves_everything(enter: SignIn) -> None:
    page = began(enter)
    page.context.route("**/skip/", lambda route: route.fulfill(status=502, body="Bad gateway"))
    press(page, "1", "u", "g", "k")
    page.get_by_label("It upsets me").check()
    page.locator("#skip-dialog").get_by_role("button", name="Skip").click()
    expect(page.get_by_text("There is no connection now.")).to_be_visible()
    expect(page.get_by_label("Drugs").first).to_be_checked()
    assert kept(page) == ["draft"]


def test_what_is_wrong_with_an_answer_is_said_by_its_page(enter: SignIn) -> None:
    page = began(enter)
    press(page, "1", "u", "g", "m", "2", "s")
    page.evaluate(
        """document.querySelector("#answers").addEventListener("formdata", ({ formData }) => {
            formData.delete("a-severity");
        })"""
    )
    press(page, "Control+Enter")
    expect(page.locator("[data-refusal]")).to_be_visible()
    expect(page.get_by_label("Drugs").first).to_be_checked()
