"""Requests that are never answered: what is waited for has an end, and that is said."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from tests.browser.conftest import SignIn
from tests.browser.labelling_page import opened, press, submitted, texts, until
from tests.browser.test_never_losing import becomes
from tests.browser.test_overdue import HASTY
from tests.browser.test_qualification import began
from tests.cast import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def hang(route: Route) -> None:
    """No answer comes to what is sent; pages do."""
    if route.request.method != "POST":
        route.continue_()


def test_an_answer_of_a_qualification_that_hangs_is_said_and_stays(enter: SignIn) -> None:
    page = began(enter)
    page.evaluate(HASTY)
    page.context.route("**/qualify/", hang)
    press(page, "1", "u", "g", "m", "2", "s", "Control+Enter")
    expect(page.get_by_text("There is no connection now.")).to_be_visible()
    page.context.unroute("**/qualify/")
    press(page, "Control+Enter")
    page.wait_for_url("**/qualify/*/")


@pytest.fixture
def hasty(enter: SignIn, live_server: LiveServer) -> Page:
    """Ana at her first item, with little patience; her session is over."""
    texts(4)
    page = enter("ana")
    page.add_init_script(HASTY)
    opened(page)
    becomes(page, None, live_server)
    return page


def test_the_end_of_the_session_is_said_where_the_sign_in_hangs(hasty: Page) -> None:
    hasty.context.route("**/accounts/login/**", lambda route: None)
    submitted(hasty, "s", "s")
    notice = hasty.locator("#status")
    expect(notice.get_by_text("Your session is over.")).to_be_visible()
    hasty.context.unroute("**/accounts/login/**")
    notice.get_by_role("link", name="Sign in").click()
    expect(hasty.locator("#signing-in")).to_be_visible()


def test_a_password_that_hangs_may_be_sent_again(hasty: Page) -> None:
    submitted(hasty, "s", "s")
    dialog = hasty.locator("#signing-in")
    dialog.get_by_label("Password", exact=True).fill(PASSWORD)
    hasty.context.route("**/accounts/login/**", hang)
    dialog.get_by_role("button", name="Sign in").click()
    expect(dialog.get_by_text("There is no connection now.")).to_be_visible()
    hasty.context.unroute("**/accounts/login/**")
    dialog.get_by_role("button", name="Sign in").click()
    expect(dialog).to_be_hidden()


def test_looks_for_castor_do_not_pile_up(enter: SignIn) -> None:
    page = enter("ana")
    looks: list[Route] = []
    page.context.route("**/healthz", lambda route: looks.append(route))
    page.clock.install()
    page.goto("/label/unreachable.html")
    page.clock.run_for(9_500)  # three times a look is due
    until(page, lambda: looks)
    assert len(looks) == 1


def test_a_look_for_castor_that_hangs_has_an_end(enter: SignIn) -> None:
    page = enter("ana")
    page.add_init_script(HASTY)
    looks: list[Route] = []
    page.context.route("**/healthz", lambda route: looks.append(route))
    page.goto("/label/unreachable.html")
    until(page, lambda: looks)
    page.context.unroute("**/healthz")
    page.wait_for_event("load")
