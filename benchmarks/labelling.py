"""How long an annotator waits for the next item: the real page and browser, a slow network."""

from __future__ import annotations

import gzip
import shutil
from argparse import ArgumentParser
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from statistics import median
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.core.management.base import CommandError

from benchmarks.base import Benchmark, Figure
from benchmarks.door import cookies_of, door
from benchmarks.pairs import annotator_of, campaign_of
from datasets_app.commands import EXIT

if TYPE_CHECKING:
    from playwright.sync_api import Page, Response

# Nobody waits, and the page is small and asks nobody else: docs/benchmarks.md.
MOST_P95 = 100
MOST_BYTES = 60_000
READING_MS = 50
CONTENT = {"text/html", "text/css", "text/javascript"}
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"]
# The one without windows first: it takes half the processor time of the whole browser.
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")

# What somebody presses at each step before Ctrl and Enter.
KEYS = {"safety": ("s", "s"), "helpful": ("ArrowLeft",), "safer": ("=",)}

# Milliseconds from a key, as the browser dates it, to the frame after: `bare` for a key that does
# nothing, `painted` for one that puts another item on the page.
STOPWATCH = """() => {
  window.bare = [];
  window.painted = [];
  let from = null;
  const tell = (list, since) =>
    requestAnimationFrame(() => setTimeout(() => list.push(performance.now() - since)));
  addEventListener("keydown", (event) => {
    if (event.key === "F8") tell(bare, event.timeStamp);
    if (event.key === "Enter") from = event.timeStamp;
  }, true);
  new MutationObserver(() => {
    if (from !== null) tell(painted, from);
    from = null;
  }).observe(document.querySelector("[data-stage]"), { childList: true });
}"""


def arguments(parser: ArgumentParser) -> None:
    """How often, and how far away the server is."""
    parser.add_argument("--submissions", type=int, default=60, help="Items submitted by keyboard.")
    parser.add_argument(
        "--round-trip", type=int, default=150, help="Milliseconds a request takes at the least."
    )


def run(options: Mapping[str, Any]) -> list[Figure]:
    """The weight of the page at its first visit, then submissions on a slow network."""
    browser, number = _browser(), options["submissions"]
    campaign = campaign_of(number + 2)  # the page holds two at a time
    with door() as port:
        cookies = cookies_of(annotator_of(campaign, 0).user, port)
        with _page(browser, f"http://127.0.0.1:{port}", cookies) as page:
            weight = _Weight(page)
            _open(page, campaign.slug)
            figures = weight.figures()
            _slow_down(page, options["round_trip"])
            waited = [_submit(page) for _ in range(number)]
            bare, painted = _timed(page, number)
    return [
        Figure("key to frame, with nothing to do, p50", median(bare), "ms"),
        Figure("key to frame, with nothing to do, p95", _share(bare, 0.95), "ms"),
        Figure("a submit's request, p50: what a page that waited would add", median(waited), "ms"),
        Figure("submit key to next item painted, p50", median(painted), "ms"),
        Figure(
            "submit key to next item painted, p95",
            _share(painted, 0.95),
            "ms",
            goal=MOST_P95,
            less_is_better=True,
        ),
        *figures,
    ]


def _browser() -> str:
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        raise CommandError(
            "there is no Chromium on this machine; "
            "on Debian: apt-get install chromium-headless-shell",
            returncode=EXIT,
        )
    return found


@contextmanager
def _page(browser: str, home: str, cookies: Mapping[str, str]) -> Iterator[Page]:
    """A page of a browser in which somebody is signed in."""
    # Only here: everything else in this house runs without a browser.
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser, args=FLAGS)
        profile = chromium.new_context(base_url=home)
        profile.add_cookies(
            [{"name": name, "value": value, "url": home} for name, value in cookies.items()]
        )
        yield profile.new_page()
        chromium.close()


def _open(page: Page, slug: str) -> None:
    with page.expect_response(lambda response: response.url.endswith("/ahead/")):
        page.goto(f"/label/{slug}/")
    page.wait_for_selector("[data-ready]")
    page.wait_for_load_state("networkidle")


def _slow_down(page: Page, round_trip: int) -> None:
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    conditions = {"latency": round_trip, "downloadThroughput": -1, "uploadThroughput": -1}
    network.send("Network.emulateNetworkConditions", {"offline": False, **conditions})
    page.evaluate(STOPWATCH)


def _submit(page: Page) -> float:
    """Answer and submit the item shown, and read the next; how long the sending took, in ms."""
    page.keyboard.press("F8")
    for key in KEYS[page.locator("#answers input[name=step]").input_value()]:
        page.keyboard.press(key)
    with page.expect_response(lambda response: response.request.method == "POST") as sent:
        page.keyboard.press("Control+Enter")
    if sent.value.status != 200:
        raise RuntimeError(f"{sent.value.status}: {sent.value.text()[:200]}")
    sent.value.finished()
    page.wait_for_timeout(READING_MS)
    return float(sent.value.request.timing["responseEnd"])


def _timed(page: Page, number: int) -> tuple[list[float], list[float]]:
    page.wait_for_function("number => window.painted.length >= number", arg=number)
    bare, painted = page.evaluate("[window.bare, window.painted]")
    return bare, painted


def _share(times: list[float], of: float) -> float:
    return sorted(times)[min(int(len(times) * of), len(times) - 1)]


class _Weight:
    """Adds up what a page is made of as it arrives, and counts whom else it asks."""

    def __init__(self, page: Page) -> None:
        self.sizes: dict[str, int] = {}
        self.home, self.strangers = "", 0
        page.on("response", self._weigh)

    def _weigh(self, response: Response) -> None:
        self.home = self.home or urlsplit(response.url).netloc
        self.strangers += urlsplit(response.url).netloc != self.home
        if response.headers.get("content-type", "").partition(";")[0] in CONTENT:
            self.sizes[response.url] = len(gzip.compress(response.body(), 6))

    def figures(self) -> list[Figure]:
        """In kilobytes of a thousand."""
        weight, most = sum(self.sizes.values()) / 1000, MOST_BYTES / 1000
        name = "HTML, CSS and JavaScript, each file compressed"
        return [
            Figure(name, weight, "kB", goal=most, less_is_better=True),
            Figure("requests to anybody else", self.strangers, "", goal=0, less_is_better=True),
        ]


BENCHMARK = Benchmark("labelling", "Never waiting", arguments, run)
