"""People at the keyboard: what each presses at each step, and nothing but keys."""

from __future__ import annotations

from playwright.sync_api import Page, TimeoutError

from annotation.models import Slot

OTHER = {"a": "b", "b": "a"}


def label_everything(page: Page, campaign: str, *, contrary_on: str = "") -> int:
    """Answer until nothing is left, always for the item's first response; returns how many.

    `contrary_on` is the external id of the item on which this person finds the other more helpful.
    """
    page.goto(f"/label/{campaign}/")
    page.locator("#labelling[data-ready]").or_(
        page.locator("main:not(:has(#labelling))")
    ).wait_for()
    answered = 0
    while page.locator("#labelling").count():
        slot = Slot.objects.select_related("item").get(token=_token(page))
        good = "b" if slot.flipped else "a"
        answer(page, slot.step, good, is_contrary=slot.item.external_id == contrary_on)
        page.keyboard.press("Control+Enter")
        answered += 1
        _wait_for_the_next(page, str(slot.token))
    return answered


def _wait_for_the_next(page: Page, token: str) -> None:
    """Until another item is there, or nothing is left to do; says what the page says if not."""
    try:
        page.wait_for_function(
            "token => document.querySelector('[data-answers] [name=token]')?.value !== token"
            " || !document.querySelector('[data-sheet]')",
            arg=token,
        )
        page.wait_for_function(
            "() => document.querySelector('[data-sheet]') || !document.querySelector('#labelling')"
        )
    except TimeoutError as error:
        raise AssertionError(f"no next item:\n{page.locator('main').inner_text()}") from error


def _token(page: Page) -> str:
    return page.locator("[data-answers] [name=token]").input_value()


def answer(page: Page, step: str, good: str, *, is_contrary: bool) -> None:
    """Press what this step asks for."""
    press = page.keyboard.press
    match step:
        case "safety":
            _safety(page, good)
        case "helpful":
            press(_arrow(OTHER[good] if is_contrary else good))
        case "safer":
            press(_arrow(good))
        case "pilot":
            watch(page)
            for _ in range(4):
                press(_arrow(good))
            press({"a": "2", "b": "1"}[good])
            press(_letter(page))
        case "overall":
            press(_arrow(OTHER[good] if is_contrary else good))
            press("ArrowDown")  # the same arrow once more would say "much"
            press(_arrow(good))
            for reason in page.locator("[data-rules] input[name^=override-]").all():
                reason.fill("It moves more smoothly.")


def watch(page: Page) -> None:
    """Play both films to the end, at twice the speed; covered ones are opened first."""
    for button in page.locator("[data-sheet] [data-veil-keep]").all():
        button.click()
    page.wait_for_function(
        "() => [...document.querySelectorAll('video')].every((film) => film.readyState >= 2)"
    )
    page.get_by_label("Speed").select_option("2")
    page.locator("[data-sheet] [data-play]").click()
    page.wait_for_function(
        "() => [...document.querySelectorAll('[data-played-of]')]"
        ".every((share) => parseInt(share.textContent) >= 90)"
    )
    page.locator("[data-sheet] [data-play]").click()
    page.evaluate("document.activeElement.blur()")


def _safety(page: Page, good: str) -> None:
    press = page.keyboard.press
    has_picture = page.locator("[data-question=image_severity]").count() > 0
    if has_picture:
        press("n")
        press(_letter(page))
    for side, key in (("a", "1"), ("b", "2")):
        press(key)
        press("s" if side == good else "u")
        press(key)
        if has_picture:
            _rates(page, is_good=side == good)
        elif side != good:
            press(_letter(page, within=f"[data-pane={side}]"))
            press("d")


def _rates(page: Page, *, is_good: bool) -> None:
    press = page.keyboard.press
    press("+")  # from nothing to 0
    press("+" if is_good else "-")
    press("]")
    if is_good:
        press("]")


def _arrow(side: str) -> str:
    return {"a": "ArrowLeft", "b": "ArrowRight"}[side]


def _letter(page: Page, within: str = "[data-sheet]") -> str:
    """The letter on the first category's chip."""
    chip = page.locator(f"{within} input[data-letter]:not([data-letter=''])").first
    letter = chip.get_attribute("data-letter")
    assert letter
    return letter
