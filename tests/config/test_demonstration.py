"""The demonstration: the main job by the commands, and a first start with life on every page."""

from __future__ import annotations

import json
import shutil
from io import StringIO
from pathlib import Path

import datasets as hf_datasets
import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from annotation.models import Check, Measure, Slot
from annotation.vocabulary import SlotState
from config import demonstration
from config.management.commands import demo, seed_demo
from datasets_app.models import Dataset, Export, Item, Verdict, Version
from datasets_app.vocabulary import ItemState

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def drawn_before(drawn: dict[str, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """The commands find drawn what they would draw: the same bytes, and half the time."""
    there = next(iter(drawn.values())).parents[1]

    def copy(to: Path) -> dict[str, Path]:
        shutil.copytree(there, to, dirs_exist_ok=True)
        return {protocol: to / path.relative_to(there) for protocol, path in drawn.items()}

    for command in (demo, seed_demo):
        monkeypatch.setattr(command, "draw", copy)


@pytest.mark.usefixtures("drawn_before")
def test_the_demo_leaves_verified_files_that_the_library_loads(tmp_path: Path) -> None:
    heard = StringIO()
    call_command("demo", to=str(tmp_path), json=True, stdout=heard)
    systems = {one["system"]: one for one in json.loads(heard.getvalue())["systems"]}
    assert {name: one["items"] for name, one in systems.items()} == {
        "pku_saferlhf": 49,
        "beavertails_v": 20,
        "safesora": 10,
        "align_anything_t2a": 10,
    }
    for one in systems.values():
        assert one["records"] == one["settled"] > 0
    folder = tmp_path / systems["pku_saferlhf"]["folders"][0]
    rows = hf_datasets.load_dataset(str(folder), cache_dir=str(tmp_path / "cache"))
    assert sum(len(split) for split in rows.values()) > 10


@pytest.mark.usefixtures("drawn_before")
def test_the_first_start_leaves_something_to_see_on_every_page() -> None:
    call_command("seed_demo", stdout=StringIO())
    for show in demonstration.SHOWS:
        call_command("screen", dataset=show.slug, stdout=StringIO())
    for show in demonstration.SHOWS:
        dataset = Dataset.objects.get(slug=show.slug)
        items = Item.objects.filter(dataset=dataset)
        assert items.open().exists(), "work is left for the visitor"
        assert items.settled().exists()
        assert Version.objects.filter(dataset=dataset).exists()
        assert Export.objects.filter(version__dataset=dataset).exists()
    assert not Slot.objects.filter(state=SlotState.LEASED).exists()
    states = set(Item.objects.values_list("state", flat=True))
    assert {ItemState.QUARANTINED, ItemState.DISPUTED} <= states
    assert Verdict.objects.filter(question="severity", value=3).exists()

    texts = Measure.objects.filter(campaign__dataset__slug="demo-texts", group="safety")
    assert texts.filter(gold__gt=0).exists(), "accuracy on gold is on the people page"
    assert not Check.objects.filter(state="leased").exists()

    before = (
        Item.objects.count(),
        Version.objects.count(),
        Slot.objects.filter(state=SlotState.DONE).count(),
    )
    call_command("seed_demo", stdout=StringIO())  # what is there already stays as it is
    assert (
        Item.objects.count(),
        Version.objects.count(),
        Slot.objects.filter(state=SlotState.DONE).count(),
    ) == before


def test_the_logins_that_are_printed_let_people_in() -> None:
    demonstration.make_people()
    for line in demonstration.logins():
        name, password, *_ = line.split()
        assert User.objects.get(username=name).check_password(password)


def test_known_passwords_are_refused_in_production(settings: object) -> None:
    settings.PRODUCTION = True  # type: ignore[attr-defined]
    with pytest.raises(CommandError, match="known passwords"):
        call_command("seed_demo", stdout=StringIO())
    assert not User.objects.exists()
