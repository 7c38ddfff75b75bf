"""What the browser tests of the labelling page do over and over, and the films they look at."""

from __future__ import annotations

import gzip
import io
import json
import time
import wave as wave_file
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from django.conf import settings
from playwright.sync_api import Error, Page, Response, Route

from annotation.models import Annotation, Campaign
from datasets_app.intake import Source, Wishes, load
from datasets_app.models import Dataset, Item, Media
from datasets_app.readers import reader_named
from datasets_app.storage import media_key
from datasets_app.vocabulary import ItemState
from tests import build
from tests.cast import cast

SIDE = 64
FRAMES = 48
RATE = 24
HEAVIEST = 60_000  # bytes of HTML, CSS and JavaScript of a page, each file compressed
# The keys of what the browser alone has.
KEPT = """async () => {
  const known = await indexedDB.databases();
  if (!known.some(({ name }) => name === "castor-labelling")) return [];
  const base = await new Promise((resolve, reject) => {
    const opening = indexedDB.open("castor-labelling");
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => reject(opening.error);
  });
  if (!base.objectStoreNames.contains("kept")) { base.close(); return []; }
  const all = base.transaction("kept").objectStore("kept").getAllKeys();
  const keys = await new Promise((resolve) => { all.onsuccess = () => resolve(all.result); });
  base.close();
  return keys.map((key) => key.split("/")[1]);
}"""
# Others that write there wait for as long as this one goes on reading.
BUSY_STORE = """async () => {
  const opening = indexedDB.open("castor-labelling");
  const base = await new Promise((resolve) => {
    opening.onsuccess = () => resolve(opening.result);
  });
  const store = base.transaction("kept", "readwrite").objectStore("kept");
  window.isBusy = true;
  const read = () => { if (window.isBusy) store.count().onsuccess = read; };
  read();
}"""
# What is picked on the page.
SHOWN = (
    "[...document.querySelectorAll('#answers input:checked')].map((i) => `${i.name}=${i.value}`)"
)


def texts(number: int = 4, **fields: Any) -> tuple[Dataset, Campaign]:
    """A campaign over text pairs, with its cast."""
    dataset = build.dataset(slug="texts", name="Texts")
    cast(dataset)
    build.items(number, dataset, **fields)
    return dataset, build.campaign(dataset)


def opened(page: Page, slug: str = "texts") -> Page:
    """The labelling page, when its script is ready and the item ahead is there."""
    with page.expect_response(lambda response: response.url.endswith("/ahead/")):
        page.goto(f"/label/{slug}/")
    page.wait_for_selector("[data-ready]")
    return page


def token(page: Page) -> str:
    """Under which token the item shown is held."""
    return page.locator("#answers input[name=token]").input_value()


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def submitted(page: Page, *keys: str) -> None:
    """Press the keys, submit, and wait for another item (or another page)."""
    before = token(page)
    press(page, *keys, "Control+Enter")
    page.wait_for_function(
        "before => document.querySelector('#answers input[name=token]')?.value !== before",
        arg=before,
    )


def arrived(page: Page) -> None:
    """Wait until what was submitted is on the server."""
    page.wait_for_function(
        "() => document.querySelector('[data-saved]').textContent.startsWith('saved')"
    )


def until(page: Page, holds: Callable[[], object], seconds: float = 20) -> None:
    """Wait until it holds, and fail when it never does."""
    end = time.monotonic() + seconds
    while not holds() and time.monotonic() < end:
        page.wait_for_timeout(50)
    assert holds()


def settle_down(page: Page, wanted: int) -> None:
    """Wait until so many annotations are there, and a little longer for one too many."""
    until(page, lambda: Annotation.objects.count() >= wanted)
    page.wait_for_timeout(300)
    assert Annotation.objects.count() == wanted


def answers() -> list[dict[str, Any]]:
    """All that is on the server, in the order in which it came."""
    return [found.answers for found in Annotation.objects.order_by("pk")]


def kept(page: Page) -> list[str]:
    """What the browser alone has: `draft` and `outbox`, each as often as it is there."""
    found: list[str] = page.evaluate(KEPT)
    return found


def cut(route: Route) -> None:
    """No answer reaches the server; pages do."""
    if route.request.method == "POST":
        route.abort()
    else:
        route.continue_()


def first_hangs(page: Page) -> list[Route]:
    """Of the answers sent from now on, the first hangs; it is in the list as soon as it does."""
    hung: list[Route] = []

    def hang(route: Route) -> None:
        if route.request.method == "POST" and not hung:
            hung.append(route)
        else:
            route.continue_()

    page.context.route("**/label/texts/", hang)
    return hung


def weighed(response: Response) -> dict[str, int]:
    """The compressed bytes of what a page is made of, by address; nothing for other files."""
    kind = response.headers.get("content-type", "").partition(";")[0]
    if kind not in {"text/html", "text/css", "text/javascript"}:
        return {}
    return {response.url: len(gzip.compress(response.body(), 6))}


def killed(page: Page) -> None:
    """End the process that draws the page, as a crash does: no event of leaving is heard.

    All other pages of the profile go with it.
    """
    context = page.context
    with pytest.raises(Error):
        page.goto("chrome://crash", timeout=5_000)
    for each in context.pages:
        each.close()


def film(tint: int) -> bytes:
    """Two seconds of H.264; frame n is a grey of brightness about 5n, on a tinted ground."""
    written = io.BytesIO()
    with av.open(written, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=RATE)
        stream.width, stream.height, stream.pix_fmt = SIDE, SIDE, "yuv420p"
        for number in range(FRAMES):
            picture = np.full((SIDE, SIDE, 3), number * 5, dtype=np.uint8)
            picture[:8, :, 0] = tint
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())
    return written.getvalue()


def long_film() -> bytes:
    """The same time in noise that cannot be made small: some megabytes."""
    random, written = np.random.default_rng(0), io.BytesIO()
    with av.open(written, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=RATE, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = 6 * SIDE, 6 * SIDE, "yuv420p"
        for _number in range(FRAMES):
            picture = random.integers(256, size=(6 * SIDE, 6 * SIDE, 3), dtype=np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())
    return written.getvalue()


def store(medium: Media, content: bytes) -> None:
    """Put bytes behind the row of a file and its renditions."""
    for digest in (medium.digest, medium.poster, medium.preview):
        path = Path(settings.CASTOR_MEDIA_ROOT) / media_key(digest)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def videos(**fields: Any) -> Item:
    """One item of two films, in a campaign named `videos`."""
    dataset = build.dataset("safesora", slug="videos", name="Videos")
    cast(dataset)
    item = build.item(dataset, asks="A grey wall grows light", **fields)
    for tint, response in enumerate((item.first, item.second)):
        assert response is not None
        assert response.media is not None
        store(response.media, film(tint * 200))
        response.media.duration_ms = 1000 * FRAMES // RATE
        response.media.save(update_fields=["duration_ms"])
    build.campaign(dataset)
    return item


def tone(hertz: int, seconds: float = 3.0) -> bytes:
    """A WAV file: a sine that swells from silence, 8,000 samples a second."""
    count = int(8_000 * seconds)
    swell = np.linspace(0.0, 0.8, count)
    wave = np.sin(2 * np.pi * hertz * np.arange(count) / 8_000) * swell
    written = io.BytesIO()
    with wave_file.open(written, "wb") as file:
        file.setparams((1, 2, 8_000, count, "NONE", ""))
        file.writeframes((wave * 32_767).astype("<i2").tobytes())
    return written.getvalue()


TWO_SOUNDS = {"prompt": "A tone swells", "response_1": "low.wav", "response_2": "high.wav"}


def sounds(
    folder: Path,
    *,
    seconds: float = 3.0,
    reader: str = "align_anything_t2a",
    row: dict[str, str] = TWO_SOUNDS,
    **fields: Any,
) -> Item:
    """One item of two sounds, loaded from files, in a campaign named `sounds`."""
    for name, hertz in (("low.wav", 220), ("high.wav", 440)):
        (folder / name).write_bytes(tone(hertz, seconds))
    path = folder / "rows.jsonl"
    path.write_text(json.dumps(row) + "\n")
    source = Source(path, reader_named(reader), path.name)
    assert load(source, Wishes("sounds")).stored
    dataset = Dataset.objects.get(slug="sounds")
    cast(dataset)
    item = dataset.items.get()
    Item.objects.filter(pk=item.pk).update(state=ItemState.OPEN, **fields)
    build.campaign(dataset)
    return item


def sign_out(page: Page) -> None:
    """By the menu, on any page."""
    page.locator("details.menu summary").click()
    page.get_by_role("button", name="Sign out").first.click()
