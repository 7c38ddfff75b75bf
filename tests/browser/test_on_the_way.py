"""What was begun or answered and is on its way to the server: it is kept, and arrives once."""

from __future__ import annotations

import pytest
from playwright.sync_api import APIResponse, Page, Route, expect

from annotation import assigning
from annotation.models import Annotation, Annotator, Draft
from annotation.vocabulary import Standing
from tests.annotation.answering import submit
from tests.browser.conftest import SignIn
from tests.browser.labelling_page import (
    answers,
    arrived,
    kept,
    opened,
    press,
    settle_down,
    submitted,
    texts,
    token,
    until,
)
from tests.browser.looking import faults
from tests.cast import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_draft_comes_back_after_a_reload_and_in_another_browser(ana: Page, enter: SignIn) -> None:
    press(ana, "u", "g", "d")
    arrived(ana)
    assert Draft.objects.count() == 1
    for page in (ana, enter("ana")):
        opened(page)
        expect(page.locator("input[name=a-severity][value='2']")).to_be_checked()
        expect(page.get_by_label("Drugs").first).to_be_checked()


def test_a_draft_is_in_the_browser_before_it_is_on_the_server(ana: Page) -> None:
    ana.route("**/draft/", lambda route: route.abort())
    press(ana, "u", "g", "v")
    until(ana, lambda: kept(ana) == ["draft"])
    opened(ana)
    expect(ana.locator("input[name=a-severity][value='3']")).to_be_checked()


def test_answers_given_without_a_network_arrive_once_and_in_order(ana: Page) -> None:
    ana.context.set_offline(True)
    submitted(ana, "s", "s")
    press(ana, "1", "u", "g", "m", "2", "s", "Control+Enter")
    # The one ahead was the last one here.
    for place in ("[data-stage]", "[data-announce]"):
        expect(ana.locator(place)).to_contain_text("There is no connection.")
    expect(ana.locator("[data-stage]")).to_contain_text("2 answers wait to be sent")
    expect(ana.locator("[data-saved]")).to_be_empty()  # it is said once
    for act in ("[data-submit]", "[data-dialog=skip-dialog]", "[data-dialog=report-dialog]"):
        expect(ana.locator(act)).to_be_hidden()
    assert faults(ana) == []
    assert not Annotation.objects.exists()
    ana.context.set_offline(False)
    arrived(ana)
    settle_down(ana, 2)
    expect(ana.get_by_role("button", name="Submit")).to_be_visible()
    expect(ana.locator("[data-announce]")).to_contain_text("Next:")
    assert [set(given["safe"].values()) for given in answers()] == [{True}, {True, False}]


def test_a_submit_whose_answer_got_lost_is_stored_once(ana: Page) -> None:
    lost: list[APIResponse] = []

    def lose_the_first(route: Route) -> None:
        if route.request.method == "POST" and not lost:
            lost.append(route.fetch())
            route.abort()
        else:
            route.continue_()

    ana.route("**/label/texts/", lose_the_first)
    submitted(ana, "s", "s")
    arrived(ana)
    settle_down(ana, 1)
    assert len(lost) == 1


def test_answers_on_their_way_survive_the_page(ana: Page) -> None:
    ana.route(
        "**/label/texts/",
        lambda route: route.abort() if route.request.method == "POST" else route.continue_(),
    )
    submitted(ana, "s", "s")
    sent = ana.evaluate("indexedDB.databases().then((all) => all.length)")
    assert sent == 1
    ana.unroute("**/label/texts/")
    opened(ana)
    settle_down(ana, 1)
    # What was answered is not shown again.
    until(ana, lambda: not Annotation.objects.filter(token=token(ana)).exists())


def test_what_was_answered_as_an_earlier_page_was_left_gives_way(enter: SignIn) -> None:
    """Its answers were on their way when this page was made."""
    _dataset, campaign = texts(2)
    page = opened(enter("ana"))
    before = token(page)
    ana = Annotator.objects.get()
    (held,) = (one for one in assigning.leases(ana, campaign) if str(one.token) == before)
    submit(ana, held)
    page.evaluate("() => document.dispatchEvent(new Event('visibilitychange'))")
    page.wait_for_function(
        "before => document.querySelector('#answers input[name=token]')?.value !== before",
        arg=before,
    )
    expect(page.locator("[data-heading]")).to_contain_text("step 1 of 3")
    expect(page.get_by_text("on another page")).to_have_count(0)


def test_who_is_signed_out_is_told_and_loses_nothing(ana: Page) -> None:
    ana.context.clear_cookies()
    submitted(ana, "s", "s")
    ana.get_by_role("button", name="Not now").click()
    expect(ana.locator("#status").get_by_text("Your session is over.")).to_be_visible()
    assert not Annotation.objects.exists()
    other = ana.context.new_page()
    other.goto("/accounts/login/")
    other.locator("input[name=login]").fill("ana")
    other.get_by_label("Password", exact=True).fill(PASSWORD)
    other.get_by_role("button", name="Sign in").click()
    settle_down(ana, 1)


def test_two_tabs_show_one_item_and_make_one_annotation_that_counts(ana: Page) -> None:
    other = opened(ana.context.new_page())
    assert token(other) == token(ana)
    submitted(ana, "s", "s")
    arrived(ana)
    submitted(other, "s", "s")
    expect(other.get_by_text("came too late to count")).to_be_visible()
    assert Annotation.objects.filter(standing=Standing.COUNTED).count() == 1
