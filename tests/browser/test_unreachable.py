"""A page of ours where Castor cannot be reached, and back to work from there."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from annotation.models import Annotation
from tests.browser.conftest import SignIn
from tests.browser.labelling_page import kept, opened, submitted, texts, until
from tests.browser.looking import faults

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

TITLE = "Castor cannot be reached"
# The worker of this language has kept the page, and pages go through it.
KEEPS = """async (language) => {
  const files = await caches.open(`castor-unreachable-${language}`);
  const { controller } = navigator.serviceWorker;
  return controller?.scriptURL.endsWith(language) && (await files.keys()).length > 3;
}"""


def started(enter: SignIn) -> Page:
    """Somebody who came to work by the start page, as people do."""
    page = enter("ana", service_workers="allow")
    page.goto("/label/")
    until(page, lambda: page.evaluate(KEEPS, "en"))
    return opened(page)


def cut(page: Page) -> None:
    """Nothing reaches Castor. (What a browser plays as being offline, a worker does not mind.)"""
    page.context.route("**/*", lambda route: route.abort("internetdisconnected"))


def mended(page: Page) -> None:
    """All is as before."""
    page.context.unroute_all()


def test_who_reloads_offline_is_told_so_and_what_was_answered_is_sent_afterwards(
    enter: SignIn,
) -> None:
    texts()
    page = started(enter)
    cut(page)
    submitted(page, "s", "s")
    page.reload()
    expect(page.get_by_role("heading", name=TITLE)).to_be_visible()
    assert faults(page) == []
    assert kept(page) == ["outbox"]
    assert not Annotation.objects.exists()
    mended(page)
    page.wait_for_selector("[data-ready]")
    until(page, Annotation.objects.exists)
    until(page, lambda: kept(page) == [])
    assert Annotation.objects.count() == 1


def test_it_speaks_the_language_of_its_person(enter: SignIn) -> None:
    texts()
    page = started(enter)
    page.goto("/label/")
    page.get_by_label("Language", exact=True).select_option("zh-hans")
    page.get_by_role("button", name="Change", exact=True).click()
    until(page, lambda: page.evaluate(KEEPS, "zh-hans"))
    cut(page)
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("无法连接到 Castor")


def test_a_proxy_with_nothing_behind_it_is_no_page(enter: SignIn) -> None:
    texts()
    page = started(enter)
    page.context.route("**/label/texts/", lambda route: route.fulfill(status=502, body="Gone"))
    page.reload()
    expect(page.get_by_role("heading", name=TITLE)).to_be_visible()
    mended(page)
    page.wait_for_selector("[data-ready]")
