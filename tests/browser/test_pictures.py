"""Pictures in a real Chromium: larger, smaller, moved about; A and B together or each by itself."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from annotation.models import Annotator, Campaign
from datasets_app.models import Item
from tests.browser.conftest import SignIn
from tests.browser.labelling_page import HEAVIEST, press, until, weighed
from tests.browser.looking import faults
from tests.datasets_app.media.corpus import encoded, picture
from tests.presets import journey

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WIDE, HIGH = (1600, 900), (700, 1400)
# Shares of the picture that lie in the middle of its frame, and how large it is beside what fits.
LOOK = """view => {
  const [box, img] = [view, view.querySelector("img")].map((each) => each.getBoundingClientRect());
  const middle = [["left", "width"], ["top", "height"]].map(([start, length]) =>
    (box[start] + box[length] / 2 - img[start]) / img[length]);
  return { middle, width: img.width, zoomed: view.classList.contains("zoomed") };
}"""


def pictures(folder: Path, **fields: object) -> Campaign:
    """A campaign over one pair of pictures, one wide, one high, both larger than their frames."""
    for name, size in (("1.png", WIDE), ("2.png", HIGH)):
        (folder / name).write_bytes(encoded(picture(*size), "PNG"))
    row = {"prompt": "A coloured flag", "image_1": "1.png", "image_2": "2.png"}
    path = journey.write_lines(folder / "rows.jsonl", [row])
    dataset, _report = journey.loaded(path, "align_anything_t2i")
    campaign = journey.opened(dataset, overlap=1)
    Item.objects.filter(dataset=dataset).update(**fields)
    return campaign


def opened(enter: SignIn, **context: object) -> Page:
    page = enter("ana", **context)
    return reopened(page)


def reopened(page: Page) -> Page:
    page.goto(f"/label/{journey.SLUG}/")
    page.wait_for_selector("[data-ready]")
    page.wait_for_function(
        "() => [...document.querySelectorAll('[data-pane] img')].every((i) => i.complete)"
    )
    return page


def view(page: Page, side: str) -> Locator:
    return page.locator(f"[data-pane={side}] .picture-view")


def look(page: Page, side: str) -> tuple[list[float], float]:
    """Which place of the picture is in the middle of its frame, and its width in pixels."""
    found = view(page, side).evaluate(LOOK)
    return found["middle"], found["width"]


def wide_side(page: Page) -> str:
    return "a" if page.locator("[data-pane=a] img").get_attribute("width") == str(WIDE[0]) else "b"


def near(one: list[float], other: list[float], by: float = 0.01) -> bool:
    return all(abs(x - y) < by for x, y in zip(one, other, strict=True))


def beyond(here: list[float], there: list[float]) -> bool:
    """Whether a place lies to the right of another, and below it."""
    return all(now > then + 0.01 for now, then in zip(here, there, strict=True))


def test_both_pictures_are_zoomed_at_one_place_and_moved_together(
    enter: SignIn, tmp_path: Path
) -> None:
    pictures(tmp_path)
    page = opened(enter, viewport={"width": 1280, "height": 800})
    side = wide_side(page)
    other = {"a": "b", "b": "a"}[side]
    box = view(page, side).bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + box["height"] * 0.5)
    page.keyboard.down("Control")
    for _ in range(8):
        page.mouse.wheel(0, -100)
    page.keyboard.up("Control")
    expect(view(page, other)).to_have_class("picture-view zoomed")
    before, _width = look(page, side)
    # Dragged to the left and up, one shows what lies to the right and below, and so does the other.
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.4, box["y"] + box["height"] * 0.3, steps=4)
    page.mouse.up()
    until(page, lambda: beyond(look(page, side)[0], before))
    until(page, lambda: near(look(page, side)[0], look(page, other)[0]))
    for button in ("Fit", "1:1"):
        page.locator(f"[data-pane={side}]").get_by_role("button", name=button).click()
        for each in (side, other):
            bar = page.locator(f"[data-pane={each}] .zoom")
            expect(bar.get_by_role("button", name=button)).to_have_attribute("aria-pressed", "true")
    assert (look(page, side)[1], look(page, other)[1]) == (WIDE[0], HIGH[0])
    heights = [view(page, each).evaluate("view => view.clientHeight") for each in "ab"]
    assert heights[0] == heights[1]
    page.evaluate("scrollTo(0, document.body.scrollHeight)")  # no bar lies over a question
    assert faults(page) == []


def test_each_by_itself_is_remembered(enter: SignIn, tmp_path: Path) -> None:
    pictures(tmp_path)
    page = opened(enter)
    with page.expect_response("**/label/settings/text/"):
        press(page, "Shift+S")
    press(page, "2", ">", ">")
    expect(view(page, "b")).to_have_class("picture-view zoomed")
    expect(view(page, "a")).to_have_class("picture-view")
    reopened(page)
    assert Annotator.objects.get(user__username="ana").settings == {"pictures_apart": True}
    press(page, "1", ">")
    expect(view(page, "a")).to_have_class("picture-view zoomed")
    expect(view(page, "b")).to_have_class("picture-view")
    # Together again, B is shown as A is.
    press(page, "Shift+S")
    expect(view(page, "b")).to_have_class("picture-view zoomed")
    press(page, "<")
    for side in "ab":
        expect(view(page, side)).to_have_class("picture-view")


def test_a_picture_in_focus_is_zoomed_and_moved_by_keys_and_others_keep_theirs(
    enter: SignIn, tmp_path: Path
) -> None:
    pictures(tmp_path)
    page = opened(enter)
    expect(view(page, "a")).to_have_accessible_name(
        "Response A: plus and minus make it larger and smaller, 0 fits it, arrows move it"
    )
    view(page, "a").focus()
    press(page, *"++++++", "ArrowRight", "ArrowRight", "ArrowDown")
    until(page, lambda: max(look(page, "a")[0]) > 0.51)  # a browser scrolls smoothly
    assert not page.locator("#answers input:checked").count()
    press(page, "0")
    expect(view(page, "a")).to_have_class("picture-view")
    # A click leaves the focus where it was: arrows choose between A and B again.
    press(page, "*")
    page.evaluate("document.activeElement.blur()")
    view(page, "a").click()
    assert page.evaluate("document.activeElement === document.body")


def test_two_fingers_zoom_on_a_phone_and_the_page_stays(enter: SignIn, tmp_path: Path) -> None:
    pictures(tmp_path)
    phone = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
    page = opened(enter, **phone)
    view(page, "a").scroll_into_view_if_needed()
    box = view(page, "a").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    touch = page.context.new_cdp_session(page)
    for kind, apart in (("touchStart", 20), ("touchMove", 40), ("touchMove", 80), ("touchEnd", 0)):
        points = [{"x": x - apart, "y": y}, {"x": x + apart, "y": y}] if apart else []
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    for side in "ab":
        expect(view(page, side)).to_have_class("picture-view zoomed")
    assert page.evaluate("visualViewport.scale") == 1
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_what_is_covered_is_neither_zoomed_nor_reached(enter: SignIn, tmp_path: Path) -> None:
    pictures(tmp_path, machine_severity=3, machine_categories=[])
    page = opened(enter)
    assert view(page, "a").get_attribute("tabindex") is None
    expect(page.locator("[data-pane=a] .zoom")).to_be_hidden()
    press(page, ">", "*")
    expect(view(page, "a")).to_have_class("picture-view")
    page.locator("[data-pane=a]").get_by_role("button", name="Keep open").click()
    # The server has been asked, and has sent it.
    expect(page.locator("[data-pane=a] .zoom")).to_be_visible()
    page.wait_for_function(
        "() => { const shown = document.querySelector('[data-pane=a] img[src$=original]');"
        " return shown?.complete && shown.naturalWidth > 0; }"
    )
    press(page, "1", ">")
    expect(view(page, "a")).to_have_class("picture-view zoomed")
    expect(view(page, "b")).to_have_class("picture-view")  # it is covered still
    press(page, "Escape")
    expect(view(page, "a")).to_have_class("picture-view")
    expect(page.locator("[data-pane=a] .zoom")).to_be_hidden()


def test_a_page_with_pictures_is_small_too(enter: SignIn, tmp_path: Path) -> None:
    pictures(tmp_path)
    page = enter("ana")
    sizes: dict[str, int] = {}
    page.on("response", lambda response: sizes.update(weighed(response)))
    reopened(page)
    assert any("/zoom" in address for address in sizes)
    assert sum(sizes.values()) <= HEAVIEST, sizes
