"""Loading: everything of a file or nothing of it, and the same again when run again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from pytest_django import DjangoAssertNumQueries

from datasets_app import ledger
from datasets_app.intake import LoadRefused, known, loading
from datasets_app.models import Dataset, Event, ImportedVote, Item, Prompt, Response
from datasets_app.readers.base import UnreadableFile
from datasets_app.vocabulary import ItemState
from tests import build
from tests.cast import cast
from tests.datasets_app.intake.rows import labelled, loaded, row, written
from tests.datasets_app.media.corpus import shared

pytestmark = pytest.mark.django_db


def counts() -> dict[str, int]:
    models = (Dataset, Prompt, Response, Item, ImportedVote, Event)
    return {model.__name__: model._default_manager.count() for model in models}


def contents() -> list[tuple[Any, ...]]:
    """Everything that a load may write, but for ids and times."""
    items = Item.objects.order_by("external_id").select_related("prompt", "first", "second")
    return [
        (
            item.external_id,
            item.digest,
            item.state,
            item.meta,
            item.prompt.turns,
            item.prompt.meta,
            item.first.text,
            item.second and item.second.text,
            sorted(
                (vote.source, vote.worker, str(sorted(vote.answers)))
                for vote in item.imported_votes.all()
            ),
        )
        for item in items
    ]


class TestFirst:
    """What the first load of a file does."""

    def test_it_makes_the_dataset_as_the_wishes_say(self, tmp_path: Path) -> None:
        wishes = {"language": "de", "licence": "cc-by-4.0", "counts_votes": True}
        cora = cast().cora
        loaded(written(tmp_path, row(1)), wishes=wishes, by=cora.pk)
        dataset = Dataset.objects.get(slug="ponds")
        assert dataset.name == "Ponds"
        assert (dataset.language, dataset.licence) == ("de", "cc-by-4.0")
        assert dataset.protocol == "pku_saferlhf@1"
        assert dataset.counts_imported_votes
        assert dataset.created_by == cora

    def test_it_stores_prompt_responses_and_item(self, tmp_path: Path) -> None:
        path = written(tmp_path, row(1, response_1_model="beaver-2", system="Be brief.", depth=2))
        report = loaded(path)
        assert report.stored
        assert report.counts() == {
            "loaded": 1, "updated": 0, "unchanged": 0, "duplicates": 0,
            "refusals": 0, "votes": 0, "media": 0,
        }  # fmt: skip
        item = Item.objects.get()
        assert (item.external_id, item.state, item.meta) == ("row-1", "screening", {"depth": 2})
        assert item.prompt.text == "How deep is pond 1?"
        assert [turn["speaker"] for turn in item.prompt.turns] == ["system", "user"]
        assert item.first.text == "Pond 1 is two metres deep."
        assert item.second is not None
        assert item.second.model == "beaver-2"

    def test_every_item_and_the_load_itself_are_in_the_log(self, tmp_path: Path) -> None:
        cora = cast().cora
        loaded(written(tmp_path, row(1), row(2)), by=cora.pk)
        moves = Event.objects.filter(verb="load", item__isnull=False)
        assert {(event.before, event.after, event.actor_id) for event in moves} == {
            ("", "screening", cora.pk)
        }
        assert {event.item for event in moves} == set(Item.objects.values_list("id", flat=True))
        whole = Event.objects.get(verb="load", item=None)
        assert whole.data["source"] == "pairs.jsonl"
        assert whole.data["loaded"] == 2

    def test_an_item_without_an_id_gets_one_from_its_content(self, tmp_path: Path) -> None:
        loaded(written(tmp_path, labelled(1)), key="pku_saferlhf")
        item = Item.objects.get()
        assert item.external_id == item.digest[:40]

    def test_a_prompt_asked_twice_is_one_prompt(self, tmp_path: Path) -> None:
        asks = {"prompt": "How deep?", "prompt_id": "p1"}
        loaded(written(tmp_path, row(1, **asks), row(2, **{**asks, "prompt": " How  deep?"})))
        assert Prompt.objects.get().external_id == "p1"
        assert Item.objects.count() == 2

    def test_a_response_given_twice_to_a_prompt_is_one_response(self, tmp_path: Path) -> None:
        shared_answer = {"prompt": "How deep?", "response_0": "Two metres."}
        loaded(written(tmp_path, row(1, **shared_answer), row(2, **shared_answer)))
        assert Response.objects.count() == 3
        assert Item.objects.values("first").distinct().count() == 1

    def test_it_loads_the_published_pairs(self) -> None:
        report = loaded(shared("pku_saferlhf/train.json"), key="pku_saferlhf")
        assert (report.loaded, report.votes, report.refusals) == (32, 32, 0)
        vote = ImportedVote.objects.select_related("item").order_by("pk").first()
        assert vote is not None
        assert set(vote.answers["safe"]) == {str(vote.item.first_id), str(vote.item.second_id)}
        assert vote.answers["better"] == str(vote.item.first_id)
        assert (vote.source, vote.worker) == ("train.json", "1")

    def test_it_loads_the_published_dialogues(self) -> None:
        path = shared("hh_rlhf/harmless-base-test.jsonl.gz")
        refused = loaded(path, key="hh_rlhf")
        assert (refused.refusals, refused.stored, Item.objects.count()) == (4, False, 0)
        report = loaded(path, key="hh_rlhf", skip_bad=True)
        assert (report.loaded, report.votes, report.refusals) == (2308, 2308, 4)
        again = loaded(path, key="hh_rlhf", skip_bad=True)
        assert (again.loaded, again.unchanged, again.votes) == (0, 2308, 0)


class TestAgain:
    """What loading again does."""

    def test_the_same_file_changes_nothing(self, tmp_path: Path) -> None:
        path = written(tmp_path, *(labelled(n, depth=n) for n in range(5)))
        loaded(path, key="pku_saferlhf")
        before, rows = counts(), contents()
        again = loaded(path, key="pku_saferlhf")
        assert again.unchanged == 5
        assert contents() == rows
        assert {k: v for k, v in counts().items() if k != "Event"} == {
            k: v for k, v in before.items() if k != "Event"
        }

    def test_what_the_file_says_newly_is_taken_over(self, tmp_path: Path) -> None:
        loaded(written(tmp_path, row(1, depth=1, colour="blue"), row(2)))
        path = written(tmp_path, row(1, depth=2, response_0_model="beaver-3"), row(2))
        report = loaded(path)
        assert (report.updated, report.unchanged, report.loaded) == (1, 1, 0)
        item = Item.objects.get(external_id="row-1")
        assert item.meta == {"depth": 2, "colour": "blue"}
        assert item.first.model == "beaver-3"

    def test_content_nobody_has_seen_is_replaced(self, tmp_path: Path) -> None:
        loaded(written(tmp_path, row(1)))
        Item.objects.update(machine_severity=2, machine_categories=["Violence"])
        report = loaded(written(tmp_path, row(1, response_0="It is dry.")))
        item = Item.objects.get()
        assert (report.updated, item.first.text) == (1, "It is dry.")
        assert (item.state, item.machine_severity, item.machine_categories) == (
            "screening",
            None,
            None,
        )
        event = Event.objects.get(verb="replace")
        assert (event.item, event.data["after"]) == (item.pk, item.digest)

    def test_replaced_content_is_screened_again(self, tmp_path: Path) -> None:
        loaded(written(tmp_path, row(1)))
        item = Item.objects.get()
        ledger.move(
            [item.pk], before=ItemState.SCREENING, after=ItemState.QUARANTINED, verb="screen"
        )
        loaded(written(tmp_path, row(1, response_0="It is dry.")))
        item.refresh_from_db()
        assert item.state == ItemState.SCREENING
        moves = Event.objects.filter(item=item.pk, verb="replace").values_list("before", "after")
        assert ("quarantined", "screening") in list(moves)

    @pytest.mark.parametrize("state", [ItemState.OPEN, ItemState.SETTLED, ItemState.DISPUTED])
    def test_content_people_may_have_seen_is_not_replaced(
        self, tmp_path: Path, state: ItemState
    ) -> None:
        loaded(written(tmp_path, row(1), row(2)))
        build.moved([Item.objects.get(external_id="row-1")], state)
        before = contents()
        report = loaded(written(tmp_path, row(1, prompt="Something else?"), row(2), row(3)))
        assert [bad.line for bad in report.refused] == [1]
        assert f"has the id of an item that is {state} already" in report.refused[0].reason
        assert contents() == before

    def test_metadata_of_an_open_item_is_still_updated(self, tmp_path: Path) -> None:
        loaded(written(tmp_path, row(1)))
        build.moved([Item.objects.get()], ItemState.OPEN)
        assert loaded(written(tmp_path, row(1, depth=2))).updated == 1
        assert Item.objects.get().meta == {"depth": 2}

    def test_a_tombstone_stays_as_it_is(self, tmp_path: Path) -> None:
        path = written(tmp_path, labelled(1))
        loaded(path, key="pku_saferlhf", dataset="a")
        item = Item.objects.get()
        ledger.withdraw([item.pk], by=None, reason="asked for")
        path = written(tmp_path, labelled(1, depth=2, better_response_id=0))
        report = loaded(path, key="pku_saferlhf", dataset="a")
        assert (report.unchanged, report.votes) == (1, 0)
        item.refresh_from_db()
        assert (item.state, item.meta) == (ItemState.WITHDRAWN, {})

    def test_votes_given_again_are_corrected_not_doubled(self, tmp_path: Path) -> None:
        loaded(written(tmp_path, labelled(1)), key="pku_saferlhf")
        path = written(tmp_path, labelled(1, better_response_id=0))
        report = loaded(path, key="pku_saferlhf")
        assert (report.votes, ImportedVote.objects.count()) == (1, 1)
        assert ImportedVote.objects.get().answers["better"] == str(Item.objects.get().first_id)


class TestTwice:
    """Rows that say the same, or that contradict each other."""

    def test_repeated_rows_of_one_item_are_votes(self, tmp_path: Path) -> None:
        path = written(
            tmp_path,
            labelled(1),
            labelled(2),
            labelled(1, better_response_id=0),
            labelled(1),
        )
        report = loaded(path, key="pku_saferlhf")
        assert (report.loaded, report.votes, report.duplicates) == (2, 4, 0)
        item = Item.objects.get(prompt__turns__0__text="How deep is pond 1?")
        assert sorted(item.imported_votes.values_list("worker", flat=True)) == ["1", "2", "3"]
        again = loaded(path, key="pku_saferlhf")
        assert (again.unchanged, again.votes, ImportedVote.objects.count()) == (2, 0, 4)

    def test_a_row_with_its_sides_exchanged_is_the_same_item(self, tmp_path: Path) -> None:
        straight = labelled(1)
        turned = labelled(
            1,
            response_0=straight["response_1"],
            response_1=straight["response_0"],
            is_response_0_safe=False,
            is_response_1_safe=True,
            better_response_id=0,
            safer_response_id=1,
        )
        loaded(written(tmp_path, straight, turned), key="pku_saferlhf")
        one, other = ImportedVote.objects.order_by("worker")
        assert Item.objects.count() == 1
        assert one.answers == other.answers

    @pytest.mark.parametrize("batch", [1, 2, 4000])
    def test_the_same_content_under_another_id_is_a_duplicate(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, batch: int
    ) -> None:
        monkeypatch.setattr(loading, "BATCH", batch)
        twin = row(1, id="twin", prompt="How  deep is\npond 1?")
        report = loaded(written(tmp_path, row(1), row(2), twin, row(1)))
        assert (report.loaded, report.duplicates) == (2, 2)
        assert not Item.objects.filter(external_id="twin").exists()
        again = loaded(written(tmp_path, row(1), row(2), twin, row(1)))
        assert (again.unchanged, again.duplicates, again.loaded) == (2, 2, 0)

    @pytest.mark.parametrize("batch", [1, 2, 4000])
    def test_an_id_used_for_two_contents_is_a_bad_row(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, batch: int
    ) -> None:
        monkeypatch.setattr(loading, "BATCH", batch)
        path = written(tmp_path, row(1), row(2), row(3, id="row-1"))
        report = loaded(path)
        assert [(bad.line, bad.reason) for bad in report.refused] == [
            (3, "has the id of an earlier row, but another content")
        ]
        assert Item.objects.count() == 0
        # The same when the first of the two was loaded long before.
        loaded(written(tmp_path, row(1), name="earlier.jsonl"))
        assert loaded(path, skip_bad=True).refusals == 1
        assert Item.objects.get(external_id="row-1").first.text == "Pond 1 is two metres deep."

    def test_without_the_memory_of_a_load_the_second_content_would_win(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(loading, "BATCH", 1)
        forgetful = known._ITEMS.replace("i.written = marker.xmin", "false")
        monkeypatch.setattr(known, "_ITEMS", forgetful)
        loaded(written(tmp_path, row(1), row(3, id="row-1")))
        assert Item.objects.get().first.text == "Pond 3 is two metres deep."

    def test_identical_responses_are_refused(self, tmp_path: Path) -> None:
        same = row(1, response_0="Two  metres.", response_1="Two metres.\n")
        report = loaded(written(tmp_path, same))
        assert report.refused[0].reason == (
            "has two identical responses: there is nothing to compare"
        )

    def test_the_last_row_of_a_file_has_the_last_word_on_metadata(self, tmp_path: Path) -> None:
        path = written(tmp_path, row(1, depth=1), row(1, depth=2))
        loaded(path)
        assert Item.objects.get().meta == {"depth": 2}
        loaded(path)
        assert Item.objects.get().meta == {"depth": 2}

    def test_two_datasets_keep_the_same_content_apart(self, tmp_path: Path) -> None:
        path = written(tmp_path, row(1))
        loaded(path)
        assert loaded(path, dataset="lakes").loaded == 1
        assert Item.objects.count() == 2


class TestRefused:
    """What is not stored, and why."""

    def test_of_a_bad_file_nothing_is_stored(self, tmp_path: Path) -> None:
        path = written(tmp_path, row(1), row(2, prompt=""), row(3, response_1=None))
        before = counts()
        report = loaded(path)
        assert counts() == before
        assert not report.stored
        assert [str(bad) for bad in report.refused] == [
            "pairs.jsonl:2: prompt is empty",
            "pairs.jsonl:3: response_1 is null, not a text or a list of messages",
        ]

    def test_the_rest_is_stored_on_demand(self, tmp_path: Path) -> None:
        path = written(tmp_path, row(1), row(2, prompt=""), row(3))
        report = loaded(path, skip_bad=True)
        assert (report.loaded, report.refusals, report.stored) == (2, 1, True)
        assert Item.objects.count() == 2

    def test_a_dry_run_says_the_same_and_stores_nothing(self, tmp_path: Path) -> None:
        path = written(tmp_path, labelled(1), labelled(2), labelled(1), labelled(3, prompt=""))
        before = counts()
        dry = loaded(path, key="pku_saferlhf", skip_bad=True, dry_run=True)
        assert counts() == before
        wet = loaded(path, key="pku_saferlhf", skip_bad=True)
        assert dry.counts() == wet.counts()
        assert (dry.stored, wet.stored) == (False, True)

    def test_a_file_that_breaks_off_leaves_nothing(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(loading, "BATCH", 2)
        path = tmp_path / "train.json"
        path.write_text("[" + ",".join(json.dumps(labelled(n)) for n in range(9)))
        before = counts()
        assert loaded(path, key="pku_saferlhf").refusals == 1
        assert counts() == before

    def test_a_source_that_ends_in_an_error_leaves_nothing(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(loading, "BATCH", 2)
        monkeypatch.setattr(loading, "ROWS", 7)
        before = counts()
        with pytest.raises(UnreadableFile, match="has more than 7 rows"):
            loaded(written(tmp_path, *map(row, range(20))))
        assert counts() == before

    @pytest.mark.parametrize(
        ("wishes", "reason"),
        [
            ({"protocol": "safesora"}, "is made for the protocol pku_saferlhf@1, not safesora"),
            ({"language": "de"}, "has the language en: leave --language out"),
            ({"licence": "mit"}, "has the licence other: leave --licence out"),
        ],
    )
    def test_wishes_that_contradict_the_dataset_are_refused(
        self, tmp_path: Path, wishes: dict[str, Any], reason: str
    ) -> None:
        path = written(tmp_path, row(1))
        loaded(path)
        with pytest.raises(LoadRefused, match=reason):
            loaded(path, wishes=wishes)

    @pytest.mark.parametrize(
        ("slug", "wishes", "reason"),
        [
            ("no blanks", {}, "is no short name"),
            ("x" * 81, {}, "at most 80 characters"),
            ("ponds", {"language": "xx-"}, "is no language tag"),
            ("ponds", {"licence": "My own"}, "is no licence"),
        ],
    )
    def test_wishes_that_make_no_sense_are_refused(
        self, tmp_path: Path, slug: str, wishes: dict[str, Any], reason: str
    ) -> None:
        with pytest.raises(LoadRefused, match=reason):
            loaded(written(tmp_path, row(1)), dataset=slug, wishes=wishes)

    def test_rows_that_do_not_fit_the_protocol_are_refused(self, tmp_path: Path) -> None:
        single = row(1)
        del single["response_1"]
        report = loaded(written(tmp_path, single))
        assert report.refused[0].reason.startswith(
            "has one response; the protocol pku_saferlhf judges two responses at once"
        )
        report = loaded(written(tmp_path, row(1)), wishes={"protocol": "safesora"})
        assert "has a response of text; the protocol safesora judges video" in (
            report.refused[0].reason
        )

    def test_refusals_are_counted_beyond_those_that_are_kept(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("datasets_app.intake.report.MOST_KEPT", 3)
        report = loaded(written(tmp_path, *(row(n, prompt="") for n in range(10))))
        assert (report.refusals, len(report.refused)) == (10, 3)


def test_answers_that_the_protocol_does_not_ask_for_are_not_kept(tmp_path: Path) -> None:
    everything = labelled(1, response_0_severity_level=0, response_1_severity_level=3)
    loaded(written(tmp_path, everything), key="pku_saferlhf", wishes={"protocol": "pku_saferlhf"})
    assert set(ImportedVote.objects.get().answers) == {"safe", "severity", "better", "safer"}


def test_a_load_asks_the_database_the_same_number_of_questions_for_any_number_of_rows(
    tmp_path: Path, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    few, many = written(tmp_path, *map(row, range(3))), tmp_path / "many"
    many.mkdir()
    with django_assert_num_queries(_questions(few, dataset="few")):
        loaded(written(many, *map(row, range(300))), dataset="many")


def _questions(path: Path, *, dataset: str) -> int:
    before = len(connection.queries_log)
    connection.force_debug_cursor = True
    try:
        loaded(path, dataset=dataset)
        return len(connection.queries_log) - before
    finally:
        connection.force_debug_cursor = False


def test_it_tells_how_far_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "BATCH", 2)
    told: list[tuple[str, int]] = []
    loaded(written(tmp_path, *map(row, range(5))), progress=lambda *how: told.append(how))
    assert told == [("rows", 2), ("rows", 4), ("rows", 5)]


def test_the_states_in_which_content_may_change_are_those_before_people() -> None:
    assert {ItemState.SCREENING, ItemState.QUARANTINED} == known.UNSEEN
