"""What one comes for is in sight: the way to save a long form, a button on a phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from datasets_app import invitations
from datasets_app.vocabulary import Role
from tests.browser.conftest import SignIn
from tests.browser.labelling_page import texts
from tests.cast import person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PHONE = {"width": 360, "height": 740}


def test_keys_are_saved_without_going_to_the_end_of_their_list(enter: SignIn) -> None:
    texts(1)
    page = enter("ana", viewport=PHONE)
    page.goto("/label/settings/keys/")
    save = page.get_by_role("button", name="Save")
    expect(save).to_be_in_viewport(ratio=1)
    # What has the focus is not under it when one comes by Tab, which scrolls as far as needed.
    covered = page.evaluate("""() => {
      const bar = document.querySelector(".at-hand");
      const fields = [...document.querySelectorAll("[data-key]")];
      // At the end of the page it stands below the last fields.
      return fields.slice(0, -10).filter((field) => {
        field.focus({ preventScroll: true });
        field.scrollIntoView({ block: "nearest", behavior: "instant" });
        const box = field.getBoundingClientRect();
        return box.bottom > bar.getBoundingClientRect().top;
      }).length;
    }""")
    assert covered == 0


def test_a_problem_leads_to_its_field(enter: SignIn) -> None:
    texts(1)
    page = enter("ana", viewport=PHONE)
    page.goto("/label/settings/keys/")
    page.locator("#key-break").fill("r")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("alert").get_by_role("link", name="take a break").click()
    expect(page.locator("#key-break")).to_be_focused()
    expect(page.locator("#key-break")).to_be_in_viewport(ratio=1)


def test_what_one_wants_is_one_click_from_the_start_page_and_open(enter: SignIn) -> None:
    texts(1)
    page = enter("ana", viewport=PHONE)
    page.goto("/label/")
    page.get_by_role("link", name="What I want").click()
    expect(page.get_by_role("group", name="What I do not want to see")).to_be_in_viewport()


def test_a_link_is_closed_by_a_button_that_is_whole_on_a_phone(enter: SignIn) -> None:
    dataset, _campaign = texts(1)
    invitations.invite(dataset, role=Role.ANNOTATOR, by=person("cora"))
    page = enter("cora", viewport=PHONE)
    page.goto("/curate/texts/people/")
    button = page.get_by_role("button", name="Close the link")
    button.scroll_into_view_if_needed()
    table = page.get_by_role("group", name="Open invitations")
    box, frame = button.bounding_box(), table.bounding_box()
    assert box is not None
    assert frame is not None
    assert frame["x"] <= box["x"]
    assert box["x"] + box["width"] <= frame["x"] + frame["width"]
    assert box["height"] < 2 * 24  # its words are in one line
