"""The labelling page without waiting: the next item at once, on a page that is small."""

from __future__ import annotations

from statistics import median
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Request
from pytest_django.live_server_helper import LiveServer

from tests.browser.conftest import SignIn
from tests.browser.labelling_page import (
    HEAVIEST,
    opened,
    press,
    submitted,
    texts,
    weighed,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PAINTED = 100  # milliseconds from the key to the next item, on a network of 150 ms
SUBMITS = 12


def test_the_next_item_is_on_the_screen_at_once_on_a_slow_network(enter: SignIn) -> None:
    texts(20)
    page = enter("ana")
    slow = page.context.new_cdp_session(page)
    opened(page)
    slow.send("Network.enable")
    slow.send(
        "Network.emulateNetworkConditions",
        {"offline": False, "latency": 150, "downloadThroughput": -1, "uploadThroughput": -1},
    )
    page.evaluate(STOPWATCH)
    for _ in range(SUBMITS):
        # Somebody reads for longer than it takes to send the one before.
        with page.expect_response(lambda response: response.url.endswith("/label/texts/")):
            submitted(page, "s", "s")
        page.wait_for_timeout(50)
    painted = page.evaluate("window.painted")
    assert len(painted) == SUBMITS
    # Who waited for the network would wait each time; a single late one is the busy machine's.
    assert median(painted) <= PAINTED, painted


# From the key to the next frame after the change, in milliseconds.
STOPWATCH = """() => {
  window.painted = [];
  let pressedAt = null;
  const press = (event) => { if (event.key === "Enter") pressedAt = performance.now(); };
  addEventListener("keydown", press, true);
  new MutationObserver(() => {
    if (pressedAt === null) return;
    const from = pressedAt;
    pressedAt = null;
    requestAnimationFrame(() => setTimeout(() => window.painted.push(performance.now() - from)));
  }).observe(document.querySelector("[data-stage]"), { childList: true });
}"""


def test_the_page_is_small_and_asks_nobody_else(enter: SignIn, live_server: LiveServer) -> None:
    texts()
    page = enter("ana")
    sizes: dict[str, int] = {}
    strangers: list[str] = []
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("response", lambda response: sizes.update(weighed(response)))
    page.on("request", lambda request: note_stranger(request, live_server.url, strangers))
    opened(page)
    press(page, "u")
    assert sum(sizes.values()) <= HEAVIEST, sizes
    assert len(sizes) > 10
    assert strangers == []
    assert said == []


def note_stranger(request: Request, home: str, strangers: list[str]) -> None:
    if urlsplit(request.url).netloc != urlsplit(home).netloc:
        strangers.append(request.url)
