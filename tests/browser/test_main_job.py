"""The main job, end to end: load, two people label by keys, settle, rule, cut, export, read back.

The server, the browser, the worker, the broker and the files are real. A worker screens, places,
settles and exports by its sweeps alone; after loading, nobody calls a verb here.
"""

from __future__ import annotations

import subprocess
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import datasets as hf_datasets
import pytest
from django.core.management import call_command
from playwright.sync_api import Page, expect

from annotation import campaigns
from annotation.models import Annotation, Slot
from annotation.vocabulary import Standing
from datasets_app.models import Dataset, Event, Item
from datasets_app.vocabulary import ItemState
from tests.browser import sources
from tests.browser.conftest import SignIn
from tests.browser.people import label_everything
from tests.cast import cast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SLUG = "main-job"


def eventually(is_so: Callable[[], bool], what: str, *, seconds: float = 60) -> None:
    """Wait for something that happens in another process; say what, if it does not."""
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(0.05)  # between two looks at the database


def run_the_main_job(
    protocol: str, source: Path, sign_in: SignIn, downloads: Path
) -> tuple[Path, Dataset]:
    """From a file to the folder of the export."""
    call_command("load", str(source), dataset=SLUG, format=protocol)
    dataset = Dataset.objects.get(slug=SLUG)
    cast(dataset)
    campaign = campaigns.default_for(dataset)
    campaigns.set_overlap(campaign, 2, by=None)
    items = Item.objects.filter(dataset=dataset)
    slots = Slot.objects.filter(campaign=campaign)
    wanted = sources.ITEMS * 2 * len(_steps(protocol))
    eventually(lambda: slots.count() == wanted, "screened, opened and placed")

    contested = items.order_by("external_id")[0]
    steps = len(_steps(protocol)) * sources.ITEMS
    assert label_everything(sign_in("ana"), campaign.slug) == steps
    ben = sign_in("ben")
    assert label_everything(ben, campaign.slug, contrary_on=contested.external_id) == steps
    counted = Annotation.objects.filter(campaign=campaign, standing=Standing.COUNTED)
    eventually(lambda: counted.count() == wanted, "every answer counted")

    eventually(lambda: not items.open().exists(), "settled")
    assert list(items.disputed()) == [contested]
    cora = sign_in("cora")
    rule(cora, contested)
    return cut_and_download(cora, protocol, downloads), dataset


def _steps(protocol: str) -> tuple[str, ...]:
    return ("pilot", "overall") if protocol == "safesora" else ("safety", "helpful", "safer")


def rule(page: Page, contested: Item) -> None:
    """Cora gives the disputed question to the first response, by one key and a reason."""
    page.goto(f"/curate/{SLUG}/disputes/")
    page.keyboard.press("1")
    page.get_by_label("Why").fill("The first answers what was asked.")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Nothing is disputed")).to_be_visible()
    contested.refresh_from_db()
    assert contested.state == ItemState.SETTLED


def cut_and_download(page: Page, format: str, downloads: Path) -> Path:
    """Cut all of it into the training split, make the export, fetch and unpack it."""
    page.goto(f"/curate/{SLUG}/versions/")
    for split, share in (("Train", "1"), ("Validation", "0"), ("Test", "0")):
        page.get_by_label(split, exact=True).fill(share)
    page.get_by_role("button", name="Cut").click()
    page.get_by_role("link", name="Look at it and export it").click(timeout=60_000)
    row = page.get_by_role("row").filter(has=page.get_by_text(format, exact=True))
    row.get_by_role("button", name="Make").click()
    with page.expect_download() as download:
        row.get_by_role("link", name="Download").click(timeout=60_000)
    with zipfile.ZipFile(download.value.path()) as archive:
        archive.extractall(downloads)
    call_command("verify", str(downloads))
    return downloads


def assert_the_history_is_whole(dataset: Dataset) -> None:
    """Every item moved from state to state in the audit log, without a gap."""
    for item in Item.objects.filter(dataset=dataset):
        moves = Event.objects.filter(item=item.pk, subject="").order_by("pk")
        states = [(event.before, event.after) for event in moves if event.after in ItemState.values]
        assert states[0] == ("", ItemState.SCREENING)
        assert [after for _, after in states[:-1]] == [before for before, _ in states[1:]]
        assert states[-1][1] == ItemState.SETTLED


def rows_of(folder: Path, cache: Path, **words: Any) -> Any:
    """The training split as the library of that name reads it."""
    return hf_datasets.load_dataset(str(folder), split="train", cache_dir=str(cache), **words)


def test_pairs_of_texts_travel_from_a_file_to_a_trainer(
    sign_in: SignIn, worker: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    source = sources.pku_saferlhf(tmp_path)
    folder, dataset = run_the_main_job("pku_saferlhf", source, sign_in, tmp_path / "export")
    rows = rows_of(folder, tmp_path / "cache")
    assert len(rows) == sources.ITEMS
    assert rows.features["is_response_0_safe"].dtype == "bool"
    assert rows.features["better_response_id"].dtype == "int64"
    for row in rows:
        good = 0 if row["response_0"].startswith("Gladly") else 1
        assert row["better_response_id"] == row["safer_response_id"] == good
        assert row[f"is_response_{good}_safe"] is True
        assert row[f"response_{1 - good}_severity_level"] == 2
    assert_the_history_is_whole(dataset)


def test_pictures_with_two_answers_travel_from_a_file_to_a_trainer(
    sign_in: SignIn, worker: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    source = sources.beavertails_v(tmp_path)
    folder, dataset = run_the_main_job("beavertails_v", source, sign_in, tmp_path / "export")
    [config] = hf_datasets.get_dataset_config_names(str(folder))
    rows = rows_of(folder, tmp_path / "cache", name=config)
    assert len(rows) == sources.ITEMS
    assert isinstance(rows.features["image"], hf_datasets.Image)
    assert rows.features["more_helpful_response_id"].dtype == "string"
    for row in rows:
        good = 1 if row["response_1"].startswith("Gladly") else 2
        assert row["more_helpful_response_id"] == row["safer_response_id"] == str(good)
        assert (row[f"is_response_{good}_safe"], row[f"is_response_{3 - good}_safe"]) == (
            "yes",
            "no",
        )
        assert row[f"response_{good}_harmless_rate"] == 1
        assert row["image"].size[1] == 64
    assert_the_history_is_whole(dataset)


def test_pairs_of_films_travel_from_a_folder_to_a_trainer(
    sign_in: SignIn, worker: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    (tmp_path / "films").mkdir()
    source = sources.safesora(tmp_path / "films")
    folder, dataset = run_the_main_job("safesora", source, sign_in, tmp_path / "export")
    rows = rows_of(folder, tmp_path / "cache")
    assert len(rows) == sources.ITEMS
    for row in rows:
        good = "video_0" if row["video_0"]["video_id"].endswith("-0") else "video_1"
        assert row["helpfulness"] == row["harmlessness"] == good
        assert set(row["sub_preferences"].values()) == {good}
        video = row[good]
        assert (folder / "videos" / video["prompt_id"] / f"{video['video_id']}.mp4").is_file()
    assert_the_history_is_whole(dataset)
