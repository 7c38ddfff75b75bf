"""Wellbeing in a real Chromium: the server counts what is revealed, and ends it at the budget."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from annotation.models import Campaign, Exposure, Slot, Wishes
from annotation.vocabulary import SlotState
from tests.browser.conftest import SignIn
from tests.browser.labelling_page import arrived, opened, press, submitted, texts, token
from tests.cast import person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def enter(chromium: Browser, live_server: LiveServer) -> Iterator[SignIn]:
    """Somebody of the cast, signed in."""
    contexts = []

    def open_page(name: str, **context: Any) -> Page:
        client = Client()
        client.force_login(person(name))
        profile = chromium.new_context(base_url=live_server.url, **context)
        contexts.append(profile)
        cookie = client.cookies[settings.SESSION_COOKIE_NAME]
        profile.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
        page = profile.new_page()
        page.set_default_timeout(10_000)
        return page

    yield open_page
    for profile in contexts:
        profile.close()


def shown(page: Page) -> None:
    """Hold the key that reveals."""
    with page.expect_response(lambda response: response.url.endswith("/reveal/")):
        page.keyboard.down("b")


def test_a_reveal_is_counted_from_the_key_to_its_end(enter: SignIn) -> None:
    texts(3, machine_severity=2)
    page = opened(enter("ana"))
    assert not Exposure.objects.exists()
    shown(page)
    assert Exposure.objects.get().ended_at is None
    with page.expect_response(lambda response: response.url.endswith("/reveal/")):
        page.keyboard.up("b")
    assert Exposure.objects.get().ended_at is not None


def test_at_the_budget_all_is_covered_and_the_day_ends_whatever_the_browsers_clock_says(
    enter: SignIn,
) -> None:
    texts(3, machine_severity=2)
    Campaign.objects.update(daily_exposure=120)
    page = enter("ana")
    # To the browser it is yesterday, and time stands still.
    page.clock.set_fixed_time(timezone.now() - timedelta(days=1))
    opened(page)
    with page.expect_response(lambda response: response.url.endswith("/reveal/")):
        page.get_by_role("button", name="Keep open").first.click()
    expect(page.locator("[data-veil].revealed")).to_have_count(1)
    Exposure.objects.update(began_at=timezone.now() - timedelta(minutes=2))
    with page.expect_response(lambda response: response.url.endswith("/reveal/")):
        page.get_by_role("button", name="Keep open").first.click()
    expect(page.get_by_text("That is enough for today")).to_be_visible()
    page.keyboard.down("b")
    expect(page.locator("[data-veil].revealed")).to_have_count(0)
    expect(page.locator("[data-exposure]")).to_have_attribute(
        "aria-label", "Exposure today: 5 of 5"
    )
    page.keyboard.up("b")
    # What was answered is taken; then the page says goodbye, and so does another tab.
    press(page, "s", "s", "Control+Enter")
    expect(page.get_by_text("Enough for today", exact=True)).to_be_visible()
    assert Slot.objects.filter(state=SlotState.DONE).count() == 1
    assert not Slot.objects.filter(state=SlotState.LEASED).exists()
    tab = page.context.new_page()
    tab.goto("/label/texts/")
    expect(tab.get_by_text("Enough for today", exact=True)).to_be_visible()


def test_the_panic_key_ends_what_is_in_sight(enter: SignIn) -> None:
    texts(3, machine_severity=2)
    page = opened(enter("ana"))
    with page.expect_response(lambda response: response.url.endswith("/reveal/")):
        page.get_by_role("button", name="Keep open").first.click()
    with page.expect_response(lambda response: response.url.endswith("/release/")):
        press(page, "Escape", "Escape")
    assert Exposure.objects.get().ended_at is not None
    assert not Slot.objects.filter(state=SlotState.LEASED).exists()


def test_a_break_keeps_the_item_and_its_answers(enter: SignIn) -> None:
    texts(3)
    page = opened(enter("ana"))
    before = token(page)
    press(page, "s")
    page.get_by_role("button", name="Break").click()
    expect(page.get_by_text("Stand up, look far away")).to_be_visible()
    assert Slot.objects.filter(state=SlotState.LEASED).count() == 1
    page.get_by_role("link", name="Go on").click()
    page.wait_for_selector("[data-ready]")
    assert token(page) == before
    expect(page.locator("input[name=a-safe][value=true]")).to_be_checked()


def test_what_a_person_does_not_want_to_see_does_not_come(enter: SignIn) -> None:
    _dataset, campaign = texts(1, machine_categories=["Violence"])
    page = enter("ana")
    page.goto("/label/")
    page.get_by_text("Content to be spared").click()
    page.get_by_text("Violence and injury").click()
    page.get_by_role("button", name="Keep").click()
    expect(page.get_by_text("Spared: 1 kind of content")).to_be_visible()
    assert Wishes.objects.get().unwanted == ["violence"]
    page.goto(f"/label/{campaign.slug}/")
    expect(page.get_by_text("that you asked to be spared")).to_be_visible()
    assert not Slot.objects.exclude(state=SlotState.OPEN).exists()


def test_one_is_reminded_of_a_break(enter: SignIn) -> None:
    texts(3)
    Campaign.objects.update(reminder_minutes=5)
    page = enter("ana")
    page.clock.install()
    opened(page)
    notice = page.locator("[data-reminder]")
    expect(notice).to_be_hidden()
    page.clock.fast_forward("05:01")
    expect(notice).to_be_visible()
    submitted(page, "s", "s")
    arrived(page)
