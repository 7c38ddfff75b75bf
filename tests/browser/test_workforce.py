"""An outside workforce in a real Chromium: from the curator's form to the file that pays."""

from __future__ import annotations

import csv

import pytest
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from annotation.models import Entry
from tests.browser.conftest import SignIn
from tests.browser.labelling_page import texts
from tests.browser.looking import faults
from tests.browser.people import label_everything

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PID = "5f1e0a77c0ffee"


def test_somebody_without_an_account_works_is_done_and_is_paid(
    enter: SignIn, chromium: Browser, live_server: LiveServer
) -> None:
    texts()
    cora = enter("cora")
    cora.goto("/curate/texts/workforce/")
    cora.get_by_label("Name, for curators").fill("Autumn study")
    cora.get_by_label("Done after so many answers").fill("2")
    cora.get_by_role("button", name="Open", exact=True).click()
    expect(cora.get_by_role("heading", name="Autumn study")).to_be_visible()
    entry = Entry.objects.get()
    assert entry.token in cora.locator("main").inner_text()

    profile = chromium.new_context(base_url=live_server.url)
    page = profile.new_page()
    page.goto(f"/enter/{entry.token}/?PROLIFIC_PID={PID}")
    assert faults(page) == []
    page.get_by_role("button", name="Take part").click()
    # Two answers are asked: one item is held ahead, then none, and then comes the code.
    assert label_everything(page, "texts") == 2
    expect(page.locator("#completion-code")).to_have_text(entry.code)
    assert faults(page) == []
    profile.close()

    cora.reload()
    assert faults(cora) == []
    assert PID not in cora.content()
    with cora.expect_download() as download:
        cora.get_by_role("button", name="Download CSV").click()
    with download.value.path().open(newline="") as file:
        (line,) = list(csv.DictReader(file))
    assert (line["participant"], line["answers"]) == (PID, "2")
    assert line["annotator"] in cora.locator("main").inner_text()
