"""What people may have seen keeps its content, whatever state it is in now."""

from __future__ import annotations

from pathlib import Path

import pytest

from annotation import assigning, labelling
from annotation.models import Campaign
from datasets_app import ledger
from datasets_app.intake import known, writing
from datasets_app.models import Dataset, Event, Item
from datasets_app.vocabulary import ItemState
from moderation import reviewing
from tests import build
from tests.annotation.answering import submit
from tests.cast import annotators, person
from tests.datasets_app.intake.rows import loaded, row, written

pytestmark = pytest.mark.django_db

REFUSED = (
    "has the id of an item that is {} already, but another content; "
    "people may have seen it: give the new one a new id"
)


def quarantined(item: Item, *, before: ItemState) -> None:
    ledger.move([item.pk], before=before, after=ItemState.QUARANTINED, verb="quarantine")


def refused(folder: Path, *, state: str = "quarantined") -> None:
    """The row with another content is refused, and its item is as it was."""
    before = Item.objects.get(external_id="row-1")
    report = loaded(written(folder, row(1, response_0="It is dry.")), skip_bad=True)
    assert (report.updated, report.refusals) == (0, 1)
    assert report.refused[0].reason == REFUSED.format(state)
    after = Item.objects.get(external_id="row-1")
    assert (after.digest, after.first_id, after.state) == (before.digest, before.first_id, state)
    assert not Event.objects.filter(verb="replace").exists()


@pytest.fixture
def item(tmp_path: Path) -> Item:
    """An item, loaded and open."""
    loaded(written(tmp_path, row(1)))
    return build.moved([Item.objects.get()], ItemState.OPEN)[0]


def test_what_was_voted_on_and_reported_is_not_replaced(tmp_path: Path, item: Item) -> None:
    dataset = Dataset.objects.get()
    campaign: Campaign = build.campaign(dataset, overlap=2)
    ana, ben = annotators(2, dataset)
    submit(ana, assigning.leases(ana, campaign, want=1)[0])
    held = assigning.leases(ben, campaign, want=1)[0]
    assert labelling.report(ben, held.token, reason="private")
    refused(tmp_path)


@pytest.mark.parametrize("before", [ItemState.OPEN, ItemState.DISPUTED, ItemState.SETTLED])
def test_what_was_open_and_is_held_back_is_not_replaced(
    tmp_path: Path, item: Item, before: ItemState
) -> None:
    if before is not ItemState.OPEN:
        ledger.move([item.pk], before=ItemState.OPEN, after=before, verb="settle")
    quarantined(item, before=before)
    refused(tmp_path)


def test_what_was_released_and_held_back_again_is_not_replaced(tmp_path: Path) -> None:
    loaded(written(tmp_path, row(1)))
    item = Item.objects.get()
    quarantined(item, before=ItemState.SCREENING)
    reviewing.release([item.pk], by=person("mo").pk)
    quarantined(item, before=ItemState.OPEN)
    refused(tmp_path)


def test_what_was_open_and_is_withdrawn_is_not_replaced(tmp_path: Path, item: Item) -> None:
    ledger.withdraw([item.pk], by=None, reason="private")
    refused(tmp_path, state="withdrawn")


def test_what_is_open_and_held_back_while_the_load_runs_is_not_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the look and the write."""
    loaded(written(tmp_path, row(1)))
    item = Item.objects.get()
    looked = known.known_of

    def moved_after_the_look(*args: object, **words: object) -> known.Known:
        found = looked(*args, **words)  # type: ignore[arg-type]  # passed on as they are
        ledger.move([item.pk], before=ItemState.SCREENING, after=ItemState.OPEN, verb="screen")
        quarantined(item, before=ItemState.OPEN)
        return found

    monkeypatch.setattr(known, "known_of", moved_after_the_look)
    with pytest.raises(writing.Moved, match="was opened while this load ran"):
        loaded(written(tmp_path, row(1, response_0="It is dry.")))


def test_what_a_machine_held_back_is_replaced_as_before(tmp_path: Path) -> None:
    loaded(written(tmp_path, row(1)))
    quarantined(Item.objects.get(), before=ItemState.SCREENING)
    assert loaded(written(tmp_path, row(1, response_0="It is dry."))).updated == 1
    assert Item.objects.get().state == ItemState.SCREENING
