"""What was answered of an item that is taken away goes along only where the server will take it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Route, expect

from annotation.models import Annotation, Slot
from datasets_app import ledger
from datasets_app.vocabulary import ItemState
from tests.browser.conftest import SignIn
from tests.browser.labelling_page import (
    arrived,
    opened,
    press,
    submitted,
    texts,
    token,
    until,
)
from tests.browser.test_objections import unsafe_and_safe_side
from tests.browser.test_wellbeing import looked

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

GOES_ALONG = "What you answered goes along"


def taken_away(page: Page, *keys: str) -> None:
    """Its item is withdrawn when so much is answered of it."""
    item = Slot.objects.get(token=token(page)).item_id
    ledger.move([item], before=ItemState.OPEN, after=ItemState.WITHDRAWN, verb="withdraw")
    press(page, *keys)
    looked(page)
    expect(page.locator("[data-stage]")).to_contain_text("was taken away")


def test_what_breaks_a_rule_is_not_promised_to_be_kept(enter: SignIn) -> None:
    _dataset, campaign = texts(1)
    page = opened(enter("ana"))
    submitted(page, "1", "u", "g", "d", "2", "s")
    arrived(page)
    Slot.objects.filter(step="helpful").delete()
    opened(page)
    unsafe, _safe = unsafe_and_safe_side(campaign)
    taken_away(page, {"a": "ArrowLeft", "b": "ArrowRight"}[unsafe])
    expect(page.locator("[data-stage]")).not_to_contain_text(GOES_ALONG)
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_text("Nothing to do here now")).to_be_visible()
    assert Annotation.objects.count() == 1


def test_what_fits_goes_along(ana: Page) -> None:
    taken_away(ana, "1", "u", "g", "m", "2", "s")
    expect(ana.locator("[data-stage]")).to_contain_text(GOES_ALONG)
    ana.get_by_role("button", name="Go on").click()
    until(ana, lambda: Annotation.objects.count() == 1)


def test_a_refusal_of_what_went_along_is_said_and_work_goes_on(ana: Page) -> None:
    def refuse(route: Route) -> None:
        if route.request.method != "POST":
            route.continue_()
            return
        named = {"X-Annotator": route.request.headers["x-annotator"]}
        problem = {"message": "So it is.", "question": "safe", "side": "a"}
        said = {"message": "It does not fit.", "problems": [problem], "objections": []}
        route.fulfill(status=422, headers=named, json=said)

    ana.context.route("**/label/texts/", refuse)
    taken_away(ana, "1", "u", "g", "m", "2", "s")
    ana.get_by_role("button", name="Go on").click()
    expect(ana.get_by_text("could not be taken: It does not fit. So it is.")).to_be_visible()
    expect(ana.locator("[data-stage] [data-pane]").first).to_be_visible()
