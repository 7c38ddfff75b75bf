"""Scripts that are fetched when needed, and cannot be had: that is said, and nothing is lost."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Route, expect

from annotation.models import Annotation, Draft
from tests.browser.labelling_page import (
    SHOWN,
    arrived,
    cut,
    kept,
    opened,
    press,
    sign_out,
    submitted,
    until,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SAID = "A part of this page could not be loaded."


def gone(route: Route) -> None:
    route.fulfill(status=404, body="Not Found")


def test_a_part_that_is_gone_is_said_and_loading_anew_brings_it(ana: Page) -> None:
    other = opened(ana.context.new_page())
    ana.context.route("**/elsewhere.js", gone)
    press(ana, "1", "u", "g", "m")
    arrived(ana)
    other.bring_to_front()
    press(other, "1", "s")
    expect(other.get_by_text(SAID)).to_be_visible()
    expect(other.locator("[data-saved]")).to_contain_text("kept on this computer")
    other.context.unroute("**/elsewhere.js")
    other.get_by_role("button", name="Load it anew").click()
    other.get_by_role("button", name="Show the other").click()
    assert other.evaluate(SHOWN) == ["a-safe=true"]
    until(other, lambda: Draft.objects.get().answers == {"safe": {"a": True}})


def test_the_differences_that_cannot_be_shown_are_not_passed_over(ana: Page) -> None:
    ana.context.route("**/differences.js", gone)
    press(ana, "f")
    expect(ana.get_by_text(SAID)).to_be_visible()
    press(ana, "f", "f")
    expect(ana.get_by_text(SAID)).to_have_count(1)


def test_the_screen_is_emptied_without_any_file_when_its_person_leaves(ana: Page) -> None:
    other = ana.context.new_page()
    other.goto("/help/")
    ana.route("**/*.js", gone)
    sign_out(other)
    expect(ana.locator("[data-stage]")).to_be_empty(timeout=20_000)


def test_what_is_not_sent_is_counted_where_even_the_script_that_sends_is_gone(ana: Page) -> None:
    ana.context.route("**/label/texts/", cut)
    submitted(ana, "s", "s")
    ana.context.route("**/unsent.js", gone)
    ana.goto("/help/")
    sign_out(ana)
    expect(ana.get_by_text("Not sent yet: 1. They stay")).to_be_visible()
    ana.get_by_role("button", name="Sign out all the same").click()
    ana.wait_for_url("**/accounts/login/**")
    assert kept(ana) == ["outbox"]


def test_what_waits_is_said_where_the_script_that_sends_it_is_gone(ana: Page) -> None:
    ana.context.route("**/label/texts/", cut)
    submitted(ana, "s", "s")
    ana.context.route("**/overdue.js", gone)
    ana.goto("/help/")
    expect(ana.get_by_text("Answered here and not sent yet: 1.")).to_be_visible()
    assert not Annotation.objects.exists()
