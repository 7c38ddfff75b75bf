"""What the server refuses comes back with its answers, to who asks for it or next."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Page, Route, expect

from annotation.models import Slot
from tests.browser.labelling_page import (
    answers,
    press,
    settle_down,
    submitted,
    token,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def refused_once(page: Page, status: int) -> list[Route]:
    """The door refuses what comes first, once it is told to: what waits for that."""
    refusal = {
        "message": "Something is missing or does not fit.",
        "problems": [{"question": "severity", "side": "a", "message": "A severity, please."}],
        "objections": [],
    }
    if status != 422:
        refusal = {"message": "This is larger than any answer."}
    named = {"X-Annotator": str(Slot.objects.get(token=token(page)).annotator.key)}  # type: ignore[union-attr]  # leased
    waiting: list[Route] = []

    def refuse_the_first(route: Route) -> None:
        if route.request.method != "POST" or waiting:
            route.continue_()
            return
        waiting.append(route)
        page.wait_for_timeout(500)
        kind, body = "application/json", json.dumps(refusal)
        route.fulfill(status=status, content_type=kind, headers=named, body=body)

    page.route("**/label/texts/", refuse_the_first)
    return waiting


@pytest.mark.parametrize(
    ("status", "said"), [(422, "does not fit"), (413, "larger than any"), (400, "larger than any")]
)
def test_what_the_server_refuses_comes_back_with_its_answers_when_one_asks_for_it(
    ana: Page, status: int, said: str
) -> None:
    refused_once(ana, status)
    first = token(ana)
    submitted(ana, "1", "u", "g", "m", "2", "s")
    second = token(ana)
    expect(ana.get_by_text(said)).to_be_visible()
    # What is read now stays, and keys are about it.
    assert token(ana) == second
    press(ana, "1", "s")
    ana.get_by_role("button", name="Go to it").click()
    assert token(ana) == first
    expect(ana.get_by_label("Drugs").first).to_be_checked()
    expect(ana.locator("[data-rules]")).to_contain_text(
        "A severity, please." if status == 422 else said
    )
    submitted(ana, "1", "d")
    assert token(ana) == second
    expect(ana.locator("input[name=a-safe][value=true]")).to_be_checked()
    settle_down(ana, 1)
    assert 2 in answers()[0]["severity"].values()


def test_what_was_refused_comes_next_to_who_does_not_go_to_it(ana: Page) -> None:
    refused_once(ana, 422)
    first = token(ana)
    submitted(ana, "1", "u", "g", "m", "2", "s")
    expect(ana.get_by_role("button", name="Go to it")).to_be_visible()
    submitted(ana, "1", "s", "2", "s")
    assert token(ana) == first
    expect(ana.locator("[data-rules]")).to_contain_text("A severity, please.")
    expect(ana.get_by_role("button", name="Go to it")).to_have_count(0)
