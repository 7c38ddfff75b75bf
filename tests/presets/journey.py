"""The way of a preset through its public doors: loaded, labelled on the page, cut, exported."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.contrib.auth.models import User
from django.db import connection
from django.test import Client

from annotation import settling
from annotation.models import Campaign
from annotation.page.sheets import Sheet
from annotation.settling import Settled
from datasets_app import exporting, ledger, versions
from datasets_app.formats import format_named
from datasets_app.intake import LoadReport, Source, Wishes, load
from datasets_app.manifest import Manifest
from datasets_app.models import Dataset, Item, Version
from datasets_app.readers import reader_named
from datasets_app.vocabulary import ItemState
from tests import build
from tests.cast import cast

SLUG = "journey"
# What a person says of a sheet: answers by side, or the fields of the form.
Judge = Callable[[Sheet], dict[str, Any]]


def write_lines(path: Path, rows: Sequence[dict[str, Any]]) -> Path:
    """The rows as JSON lines, packed when the name says so."""
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    return path


def loaded(path: Path, reader: str, **wishes: Any) -> tuple[Dataset, LoadReport]:
    """A file or folder in a dataset of its own, with the cast as its members."""
    source = Source(path, reader_named(reader), path.name)
    report = load(source, Wishes(SLUG, **wishes))
    assert report.stored, list(map(str, report.refused))
    with connection.cursor() as cursor:
        # What a load says of its transaction's constraints would outlast it in a test's only one.
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    dataset = Dataset.objects.get(slug=SLUG)
    cast(dataset)
    return dataset, report


def opened(dataset: Dataset, *, overlap: int) -> Campaign:
    """Its campaign, with everything that waits for a machine let through and placed."""
    waiting = list(Item.objects.filter(dataset=dataset).waiting().values_list("pk", flat=True))
    ledger.move(waiting, before=ItemState.SCREENING, after=ItemState.OPEN, verb="screen")
    return build.campaign(dataset, overlap=overlap)


def signed_in(user: User) -> Client:
    """A browser in which that person is signed in."""
    client = Client()
    client.force_login(user)
    return client


def played(sheet: Sheet) -> dict[str, Any]:
    """What the page would say of a sheet's sounds and films, all of them played to the end."""
    whole = {each.digest: [[0, each.duration_ms]] for each in sheet.playables}
    return {"view": sheet.view, "played": whole} if sheet.view else {}


def labels(user: User, campaign: Campaign, judge: Judge) -> int:
    """Answer all there is through the script's door, as that person; how much it was."""
    client, address = signed_in(user), f"/label/{campaign.slug}/"
    done = 0
    while (shown := client.get(address)).context.get("sheet") is not None:
        sheet = shown.context["sheet"]
        body = {"token": str(sheet.token), "key": str(uuid4()), "answers": judge(sheet)}
        body |= played(sheet)
        took = client.post(address, body, content_type="application/json")
        assert took.status_code == 200, took.content.decode()
        done += 1
    return done


def labels_by_form(
    user: User, campaign: Campaign, fields: Callable[[Sheet], dict[str, Any]]
) -> int:
    """The same through the form, as a browser without scripts sends it."""
    client, address = signed_in(user), f"/label/{campaign.slug}/"
    done = 0
    while (shown := client.get(address)).context.get("sheet") is not None:
        sheet = shown.context["sheet"]
        hidden = {"token": str(sheet.token), "key": str(uuid4()), "step": sheet.step.key}
        hidden |= {"view": sheet.view} if sheet.view else {}
        took = client.post(address, hidden | fields(sheet))
        assert took.status_code == 302, took.content.decode()
        done += 1
    return done


def settled(dataset: Dataset) -> Settled:
    """What the votes so far come to."""
    return settling.settle(dataset)


def cut(dataset: Dataset, **recipe: Any) -> Version:
    """A version in which everything is in the split `train`, unless the recipe says otherwise."""
    wanted = {"splits": {"train": 1.0}} | recipe
    return versions.cut(dataset, versions.parse_recipe(wanted), None)


def exported(version: Version, format: str, folder: Path) -> Manifest:
    """The version as files of that format."""
    return exporting.write(version, format_named(format, protocol=version.protocol), folder)


def rows_of(path: Path) -> list[dict[str, Any]]:
    """The rows of a JSON file as it lies on disk: lines or a list, packed or plain."""
    raw = path.read_bytes()
    text = (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode()
    if text.startswith("["):
        return list(json.loads(text))
    return [json.loads(line) for line in text.splitlines()]


def cases(key: str) -> list[dict[str, Any]]:
    """The golden cases of a format: records as far as they matter, their rows or refusals."""
    path = Path(__file__).parents[1] / "golden" / "formats" / "cases" / f"{key}.json"
    return list(json.loads(path.read_text()))
