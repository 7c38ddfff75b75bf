"""Marks on a picture and spans of a film, drawn in a real Chromium and taken to the file."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from annotation.models import Annotation
from datasets_app.models import Item
from tests.browser.conftest import SignIn
from tests.browser.labelling_page import arrived, press, token, until
from tests.browser.looking import faults
from tests.datasets_app.media.corpus import encoded, film, picture
from tests.presets import journey

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def deceptions(folder: Path) -> Any:
    """A campaign over two cases, each with one picture twice as wide as high."""
    (folder / "p.png").write_bytes(encoded(picture(480, 240), "PNG"))
    case = {"source": "otter", "images": ["p.png"], "scenario": "A drawing.", "prompt": "Real?"}
    rows = [
        {**case, "case_id": n, "result": {"reasoning": "No tail.", "output": f"Yes, {n} times."}}
        for n in (1, 2)
    ]
    (folder / "cases.json").write_text(json.dumps(rows))
    return journey.loaded(folder / "cases.json", "mm_deception")[0]


def films(folder: Path) -> Any:
    """A campaign over one film of two seconds."""
    (folder / "f.mp4").write_bytes(film(frames=48, size=(96, 64)))
    row = {"id": "dam", "prompt": "A dam.", "response_0_video": "f.mp4"}
    path = journey.write_lines(folder / "films.jsonl", [row])
    return journey.loaded(path, "jsonl", protocol="video_faults")[0]


def opened(enter: SignIn, **context: object) -> Page:
    page = enter("ana", **context)
    page.goto(f"/label/{journey.SLUG}/")
    page.wait_for_selector("[data-ready]")
    page.wait_for_selector("[data-draw]:not([hidden])")
    return page


def lines(page: Page) -> Locator:
    return page.locator("[data-list] > li")


def drag(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Draw from one place to another, in shares of the picture."""
    page.locator(".picture-view").scroll_into_view_if_needed()
    box = page.locator(".marks-layer").bounding_box()
    assert box is not None
    for act, (x, y) in ((page.mouse.down, start), (page.mouse.up, end)):
        page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"], steps=3)
        act()


def at_of(page: Page, row: int = 0) -> list[float]:
    """Where a mark lies, as its line says it: shares of the picture."""
    said = lines(page).nth(row).locator("[data-said]").inner_text()
    return [float(number) / 100 for number in re.findall(r"([\d.]+) %", said)]


def taken(page: Page, start: tuple[float, float], end: tuple[float, float]) -> list[float]:
    """Where the first mark lies after something was dragged."""
    drag(page, start, end)
    return at_of(page)


def near(at: list[float], wanted: list[float]) -> bool:
    return all(abs(one - other) < 0.02 for one, other in zip(at, wanted, strict=True))


def test_undoing_a_move_leaves_the_note_that_was_typed_since(enter: SignIn, tmp_path: Path) -> None:
    journey.opened(deceptions(tmp_path), overlap=1)
    page = opened(enter)
    press(page, "F4", "Enter")
    before = at_of(page)
    press(page, "ArrowRight")
    assert at_of(page) != before
    note = lines(page).first.locator("[data-note]")
    note.fill("round ears, and no tail")
    page.locator("[data-undo]").click()
    assert at_of(page) == before
    expect(note).to_have_value("round ears, and no tail")
    # So it is with what was taken out.
    lines(page).first.locator("[data-remove]").click()
    page.locator("[data-undo]").click()
    expect(note).to_have_value("round ears, and no tail")


def test_a_key_held_too_long_takes_out_one_mark(enter: SignIn, tmp_path: Path) -> None:
    journey.opened(deceptions(tmp_path), overlap=1)
    page = opened(enter)
    press(page, "F4", "Enter", "F4", "Enter")
    expect(lines(page)).to_have_count(2)
    lines(page).first.locator("button").first.focus()
    for _ in range(3):
        page.keyboard.down("Delete")
    page.keyboard.up("Delete")
    expect(lines(page)).to_have_count(1)


def test_marks_are_drawn_by_pointer_and_keyboard_and_go_to_the_file(
    enter: SignIn, tmp_path: Path
) -> None:
    dataset = deceptions(tmp_path)
    journey.opened(dataset, overlap=1)
    page = opened(enter)
    page.get_by_role("button", name="Box").click()
    drag(page, (0.1, 0.2), (0.4, 0.6))
    expect(lines(page)).to_have_count(1)
    expect(lines(page).first).to_contain_text("box from ")
    # The picture pixel by pixel: the same place of it is elsewhere on the screen.
    page.get_by_role("button", name="1:1").click()
    drag(page, (0.5, 0.5), (0.25, 0.25))
    press(page, "Escape")
    # By keyboard alone: a point in the middle, moved, and a line that is taken out again.
    press(page, "F4", "F4", "Enter", "ArrowLeft", "ArrowUp")
    press(page, "Tab")
    page.keyboard.type("round ears")
    press(page, "Enter")  # is no attempt to send
    expect(page.locator("[data-missing]")).to_have_count(0)
    press(page, "F4")
    page.get_by_role("button", name="Line").press("Enter")
    press(page, "Shift+ArrowDown")
    expect(lines(page)).to_have_count(4)
    expect(lines(page).last).to_contain_text("line from 35 %, 50 % to 65 %, 51 %")
    press(page, "Delete")
    expect(lines(page)).to_have_count(3)
    press(page, "Control+z")
    expect(lines(page)).to_have_count(4)
    lines(page).last.get_by_role("button", name="Remove 4").click()
    # What was drawn is there after the page was closed.
    expect(page.locator("[data-saved]")).to_contain_text("saved")
    page.reload()
    expect(lines(page)).to_have_count(3)
    expect(lines(page).last.get_by_label("Note to 3")).to_have_value("round ears")
    assert faults(page) == []
    press(page, "s", "F2")
    page.keyboard.type("It means it.")
    before = token(page)
    # The network is away: the next item is there all the same, the marks go out when it is back.
    page.context.set_offline(True)
    press(page, "Control+Enter")
    page.wait_for_function(
        "b => document.querySelector('#answers input[name=token]')?.value !== b", arg=before
    )
    expect(lines(page)).to_have_count(0)
    assert not Annotation.objects.exists()
    page.context.set_offline(False)
    arrived(page)
    first, second, third = Annotation.objects.get().answers["marks"]
    assert near(first["at"], [0.1, 0.2, 0.4, 0.6])
    assert near(second["at"], [0.25, 0.25, 0.5, 0.5])
    assert third == {"kind": "point", "on": 0, "at": [0.49, 0.49], "note": "round ears"}
    journey.settled(dataset)
    journey.exported(journey.cut(dataset), "mm_deception", tmp_path / "out")
    (row,) = journey.rows_of(tmp_path / "out/train.json")
    assert [next(iter(o)) for o in row["visual_evidence"]] == ["bbox_2d", "bbox_2d", "point_2d"]


def test_a_mark_is_moved_and_resized_by_pointer_and_undone(enter: SignIn, tmp_path: Path) -> None:
    journey.opened(deceptions(tmp_path), overlap=1)
    page = opened(enter)
    tool = page.locator("[data-tool=box]")
    tool.click()
    drag(page, (0.2, 0.2), (0.5, 0.6))
    tool.click()  # put down: from here on the pointer takes marks
    assert near(taken(page, (0.35, 0.4), (0.45, 0.5)), [0.3, 0.3, 0.6, 0.7])  # by its inside
    assert near(taken(page, (0.6, 0.7), (0.8, 0.9)), [0.3, 0.3, 0.8, 0.9])  # by a corner
    assert near(taken(page, (0.3, 0.9), (0.1, 0.8)), [0.1, 0.3, 0.8, 0.8])  # by another
    # Over the opposite corner, and out of the picture: it stays a box, and inside.
    assert near(taken(page, (0.1, 0.3), (0.95, 0.9)), [0.8, 0.8, 0.95, 0.9])
    assert near(taken(page, (0.88, 0.85), (1.2, 1.3)), [0.85, 0.9, 1.0, 1.0])
    # Keys are about the mark that was touched.
    press(page, "ArrowLeft")
    assert near(at_of(page), [0.84, 0.9, 0.99, 1.0])
    for wanted in ([0.85, 0.9, 1, 1], [0.8, 0.8, 0.95, 0.9], [0.1, 0.3, 0.8, 0.8]):
        page.get_by_role("button", name="Undo").click()
        assert near(at_of(page), [float(share) for share in wanted])
    # Just drawn, its corners can be taken while the tool is still in the hand.
    page.get_by_role("button", name="Line").click()
    drag(page, (0.2, 0.1), (0.6, 0.1))
    drag(page, (0.6, 0.1), (0.6, 0.2))
    expect(lines(page)).to_have_count(2)
    assert near(at_of(page, 1), [0.2, 0.1, 0.6, 0.2])
    assert faults(page) == []


def test_a_mark_is_moved_on_a_picture_in_full_size(enter: SignIn, tmp_path: Path) -> None:
    journey.opened(deceptions(tmp_path), overlap=1)
    page = opened(enter)
    page.get_by_role("button", name="Point").press("Enter")
    for _ in range(4):
        page.locator("[data-zoom=in]").click()
    assert page.locator(".picture-view").evaluate("view => view.clientWidth") <= 352
    before = page.locator(".picture-view").evaluate("view => [view.scrollLeft, view.scrollTop]")
    assert near(taken(page, (0.5, 0.5), (0.55, 0.52)), [0.55, 0.52])
    # The picture itself stayed where it was; dragged beside the mark, it moves.
    view = page.locator(".picture-view")
    assert view.evaluate("view => [view.scrollLeft, view.scrollTop]") == before
    drag(page, (0.45, 0.45), (0.4, 0.45))
    assert view.evaluate("view => view.scrollLeft") > before[0]
    assert near(at_of(page), [0.55, 0.52])


def test_a_finger_moves_only_the_mark_that_it_touched(enter: SignIn, tmp_path: Path) -> None:
    journey.opened(deceptions(tmp_path), overlap=1)
    phone = {"viewport": {"width": 360, "height": 700}, "has_touch": True, "is_mobile": True}
    page = opened(enter, **phone)
    for name in ("box", "point"):
        page.locator(f"[data-tool={name}]").press("Enter")
    press(page, *["ArrowLeft"] * 30)
    page.locator(".marks-layer").scroll_into_view_if_needed()
    # The point was made last and is the current one; the box is not.
    swipe(page, (0.5, 0.5), (0.5, 0.3))
    page.wait_for_function("() => scrollY > 0")
    assert near(at_of(page), [0.35, 0.35, 0.65, 0.65])
    touched = page.locator(".mark.current rect.outline")
    for _ in range(5):  # the first taps may only stop a page that glides on
        page.locator(".marks-layer").evaluate("layer => layer.scrollIntoView({ block: 'center' })")
        page.touchscreen.tap(*middle(page))
        with suppress(AssertionError):
            expect(touched).to_have_count(1, timeout=1_000)
            break
    expect(touched).to_have_count(1)
    swipe(page, (0.5, 0.5), (0.6, 0.6))
    expect(lines(page).first).not_to_contain_text("from 35 %, 35 %")
    assert near(at_of(page), [0.45, 0.45, 0.75, 0.75])
    hold = page.locator(".mark.current circle.hold").first.bounding_box()
    assert hold is not None
    assert min(hold["width"], hold["height"]) >= 24


def middle(page: Page) -> tuple[float, float]:
    """The middle of the picture in the window, when the page has come to rest."""
    page.wait_for_function(
        "() => { const y = scrollY;"
        " return new Promise((done) => setTimeout(() => done(y === scrollY), 200)); }"
    )
    box = page.locator(".marks-layer").bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def swipe(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    """A finger from one place of the picture to another."""
    middle(page)
    box = page.locator(".marks-layer").bounding_box()
    assert box is not None
    touch = page.context.new_cdp_session(page)
    for kind, share in (("touchStart", 0.0), ("touchMove", 0.5), ("touchMove", 1.0)):
        x, y = (one + (other - one) * share for one, other in zip(start, end, strict=True))
        point = {"x": box["x"] + x * box["width"], "y": box["y"] + y * box["height"]}
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [point]})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def test_a_covered_picture_is_marked_only_when_it_is_open_and_by_touch_on_a_phone(
    enter: SignIn, tmp_path: Path
) -> None:
    dataset = deceptions(tmp_path)
    Item.objects.filter(dataset=dataset).update(machine_severity=3, machine_categories=[])
    journey.opened(dataset, overlap=1)
    phone = {"viewport": {"width": 360, "height": 700}, "has_touch": True}
    page = opened(enter, **phone)
    expect(page.get_by_role("button", name="Box")).to_be_disabled()
    expect(page.locator(".marks-layer")).to_be_hidden()
    page.locator(".prompt-media").get_by_role("button", name="Keep open").click()
    page.get_by_role("button", name="Point").tap()
    layer = page.locator(".marks-layer")
    layer.scroll_into_view_if_needed()
    box = layer.bounding_box()
    assert box is not None
    page.touchscreen.tap(box["x"] + box["width"] * 0.25, box["y"] + box["height"] * 0.75)
    expect(lines(page)).to_contain_text(["point at 2"])
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.locator(".prompt-media [data-veil-keep]").click()
    expect(layer).to_be_hidden()
    expect(page.get_by_role("button", name="Box")).to_be_disabled()


def test_spans_are_set_at_the_playhead_by_keys_and_go_to_the_file(
    enter: SignIn, tmp_path: Path
) -> None:
    dataset = films(tmp_path)
    journey.opened(dataset, overlap=1)
    page = opened(enter)
    page.wait_for_function("() => document.querySelector('video').readyState > 0")
    page.evaluate("document.querySelector('video').currentTime = 0.5")
    page.wait_for_function("() => !document.querySelector('video').seeking")
    press(page, "(")
    expect(lines(page)).to_contain_text(["0.50 to 1.50 s"])
    page.evaluate("document.querySelector('video').currentTime = 1")
    page.wait_for_function("() => !document.querySelector('video').seeking")
    press(page, ")")
    expect(lines(page)).to_contain_text(["0.50 to 1.00 s"])
    lines(page).get_by_label("What is wrong").select_option("change")
    # Out of the list of kinds, past the three tools.
    press(page, "Escape", "F4", "F4", "F4", "F4")
    press(page, "Shift+ArrowRight", "Tab", "Tab")
    page.keyboard.type("a branch vanishes")
    assert faults(page) == []
    page.locator('[data-question="quality"] input[value="1"]').click()
    press(page, "Control+Enter")
    until(page, Annotation.objects.exists)
    (spans,) = Annotation.objects.get().answers["faults"].values()
    assert spans == [{"from": 500, "to": 1042, "kind": "change", "note": "a branch vanishes"}]
    journey.settled(dataset)
    journey.exported(journey.cut(dataset), "video_faults", tmp_path / "out")
    (row,) = journey.rows_of(tmp_path / "out/train.jsonl")
    assert row["faults"] == spans
    assert (row["quality"], row["marked_by"], row["judged_by"]) == (1, 1, 1)
    assert (tmp_path / "out" / row["video"]).is_file()
