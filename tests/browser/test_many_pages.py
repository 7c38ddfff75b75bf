"""Several pages of one browser: what one sends, waits for or leaves harms no other."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from annotation import holding, leaving
from annotation.models import Annotation, Campaign, Slot
from annotation.vocabulary import SlotState, Standing
from datasets_app import ledger
from datasets_app.vocabulary import ItemState
from tests import build
from tests.browser.labelling_page import (
    BUSY_STORE,
    cut,
    kept,
    killed,
    opened,
    press,
    sign_out,
    submitted,
    token,
    until,
)
from tests.browser.looking import faults
from tests.cast import PASSWORD, as_annotator, cast, person

WAITS = re.compile(r"wait\w* to be sent")

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


# --- Another campaign


@pytest.fixture
def left(ana: Page) -> BrowserContext:
    """A profile in which an answer of one campaign waits, whose lease is over; there is another."""
    other = build.dataset(slug="other", name="Other")
    cast(other)
    build.items(6, other)
    build.campaign(other)
    ana.context.set_offline(True)
    submitted(ana, "s", "s")
    until(ana, lambda: kept(ana) == ["outbox"])
    context = ana.context
    killed(ana)
    Slot.objects.filter(state=SlotState.LEASED).update(expires_at="2020-01-01T00:00Z")
    holding.expire_leases()
    context.set_offline(False)
    return context


def test_an_answer_of_another_campaign_takes_no_work_there(left: BrowserContext) -> None:
    page = opened(left.new_page(), "other")
    until(page, Annotation.objects.exists)
    until(page, lambda: kept(page) == [])
    held = Slot.objects.filter(state=SlotState.LEASED)
    assert set(held.values_list("campaign__slug", flat=True)) == {"other"}


def test_having_left_one_campaign_empties_no_page_of_another(left: BrowserContext) -> None:
    leaving.revoke(as_annotator(person("ana")), Campaign.objects.get(slug="texts"), by=None)
    page = opened(left.new_page(), "other")
    expect(page.get_by_text("too late to count")).to_be_visible()
    assert Annotation.objects.get().standing == Standing.LATE
    expect(page.locator("[data-stage] [data-pane]").first).to_be_visible()
    expect(page.get_by_text("You no longer take part")).to_have_count(0)
    submitted(page, "s", "s")
    until(page, lambda: Annotation.objects.count() == 2)


# --- Two pages at the same work


def test_what_waits_is_said_in_every_page_while_one_cannot_send(ana: Page) -> None:
    other = opened(ana.context.new_page())
    ana.context.route("**/label/texts/", cut)
    held = token(ana)
    submitted(ana, "s", "s")
    expect(ana.locator("[data-saved]")).to_contain_text(WAITS)
    other.bring_to_front()
    if token(other) == held:
        submitted(other, "s", "s")
    press(other, "s", "s", "Control+Enter")
    expect(other.locator("[data-stage]")).to_contain_text("There is no connection")
    expect(other.locator("[data-stage]")).to_contain_text(WAITS)
    ana.context.unroute("**/label/texts/")
    until(other, lambda: kept(other) == [])
    expect(other.locator("[data-stage] [data-pane]").first).to_be_visible()


def test_what_another_page_has_sent_is_not_waited_for_any_more(ana: Page) -> None:
    ana.context.route("**/label/texts/", cut)
    submitted(ana, "s", "s")
    expect(ana.locator("[data-saved]")).to_contain_text(WAITS)
    other = opened(ana.context.new_page())
    expect(other.locator("[data-saved]")).to_contain_text(WAITS)
    ana.context.unroute("**/label/texts/")
    until(other, lambda: kept(other) == [])
    expect(other.locator("[data-saved]")).not_to_contain_text(WAITS)
    assert Annotation.objects.count() == 1


# --- Second thoughts


def revised(page: Page, number: int, *keys: str) -> None:
    page.goto(f"/label/texts/revise/{number}/")
    page.wait_for_selector("[data-ready]")
    press(page, *keys)


@pytest.fixture
def twice(ana: Page) -> list[Annotation]:
    """Two answers of Ana's that have arrived."""
    for number in (1, 2):
        submitted(ana, "s", "s")
        until(ana, lambda number=number: Annotation.objects.count() == number)  # type: ignore[misc]
    return list(Annotation.objects.order_by("pk"))


def test_a_second_thought_that_is_refused_says_why_and_leads_on(
    ana: Page, twice: list[Annotation]
) -> None:
    revised(ana, twice[0].pk, "1", "u", "g", "m")
    ledger.move([twice[0].item_id], before=ItemState.OPEN, after=ItemState.SETTLED, verb="build")
    press(ana, "Control+Enter")
    expect(ana.locator("[data-stage]")).to_contain_text("your earlier answers stand")
    assert faults(ana) == []
    ana.locator("[data-stage]").get_by_role("link", name="Go on").click()
    ana.wait_for_url("**/label/texts/")


def test_an_older_second_thought_leads_nobody_out_of_a_newer_one(
    ana: Page, twice: list[Annotation]
) -> None:
    first, second = twice
    address = f"**/revise/{first.pk}/"
    ana.context.route(address, cut)
    revised(ana, first.pk, "1", "u", "g", "m", "Control+Enter")
    until(ana, lambda: "outbox" in kept(ana))
    revised(ana, second.pk, "1", "u")
    ana.context.unroute(address)
    until(ana, lambda: Annotation.objects.filter(item=first.item_id).count() == 2)
    until(ana, lambda: "outbox" not in kept(ana))
    press(ana, "g")
    ana.evaluate("() => new Promise((done) => setTimeout(done))")
    assert f"/revise/{second.pk}/" in ana.url
    expect(ana.locator("input[name=a-categories]:checked")).to_have_count(1)


def test_a_second_thought_that_is_left_is_forgotten(ana: Page, twice: list[Annotation]) -> None:
    revised(ana, twice[0].pk, "1", "u", "g", "m")
    until(ana, lambda: kept(ana) == ["draft"])
    ana.get_by_role("link", name="Leave it as it was").click()
    ana.wait_for_url("**/label/texts/")
    assert kept(ana) == []


def test_a_second_thought_that_was_not_submitted_keeps_nobody_from_signing_out(
    ana: Page, twice: list[Annotation]
) -> None:
    revised(ana, twice[0].pk, "1", "u", "g", "m")
    until(ana, lambda: kept(ana) == ["draft"])
    ana.goto("/help/")
    with ana.expect_request("**/accounts/logout/") as leaves:
        sign_out(ana)
    assert "all_sent" in (leaves.value.post_data or "")


def test_a_store_that_does_not_answer_is_not_emptied_at_signing_out(ana: Page) -> None:
    ana.context.route("**/label/texts/", cut)
    submitted(ana, "s", "s")
    other = ana.context.new_page()
    other.goto("/help/")
    other.evaluate(BUSY_STORE)
    with other.expect_request("**/accounts/logout/") as leaves:
        sign_out(other)
    assert "all_sent" not in (leaves.value.post_data or "")


# --- Who signs out in another


def test_who_signs_out_late_all_the_same_empties_the_screen_of_every_page(ana: Page) -> None:
    ana.context.route("**/label/texts/", cut)
    submitted(ana, "s", "s")
    ana.clock.install()
    opened(ana)
    other = ana.context.new_page()
    other.goto("/help/")
    sign_out(other)
    all_the_same = other.get_by_role("button", name="Sign out all the same")
    expect(all_the_same).to_be_visible(timeout=20_000)
    ana.clock.run_for(20_000)
    ana.wait_for_load_state("networkidle")
    ana.clock.run_for(20_000)
    all_the_same.click()
    other.wait_for_url("**/accounts/login/**")
    expect(ana.locator("[data-stage]")).to_be_empty(timeout=20_000)


def test_the_page_after_signing_out_tells_the_others(ana: Page) -> None:
    other = ana.context.new_page()
    other.route("**/leaving.js", lambda route: route.abort())
    other.goto("/help/")
    sign_out(other)
    other.wait_for_url("**/accounts/login/**")
    expect(ana.locator("[data-stage]")).to_be_empty(timeout=20_000)
    expect(ana.locator("#signing-in")).to_be_visible()
    ana.locator("#signing-in").get_by_label("Password", exact=True).fill(PASSWORD)
    ana.locator("#signing-in").get_by_role("button", name="Sign in").click()
    ana.wait_for_url("**/label/texts/")
    first = ana.locator("[data-stage] [data-pane]").first
    expect(first).to_be_visible()
