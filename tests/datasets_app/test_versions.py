"""Cutting a version: what is taken, what stays out and why, and that it never changes."""

from __future__ import annotations

import json
import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from datasets_app import ledger, versions
from datasets_app.models import (
    Dataset,
    Event,
    Item,
    Media,
    Prompt,
    PromptMedia,
    Record,
    Ruling,
    Verdict,
    Version,
)
from datasets_app.recipe import Rulings, Ties
from datasets_app.versions import NothingToCut, Recipe, UnknownVersion, cut
from datasets_app.vocabulary import ItemState, MediaState, Modality, Split, VerdictMethod
from tests import build
from tests.cast import cast
from tests.datasets_app import settled

pytestmark = pytest.mark.django_db

EVERYTHING_TRAINS = {Split.TRAIN: 1.0}


@pytest.fixture
def dataset() -> Dataset:
    return build.dataset("pku_saferlhf", slug="lodge")


def bodies(version: Version) -> list[dict[str, Any]]:
    records = Record.objects.filter(version=version).order_by("position")
    return [json.loads(record.body) for record in records]


def taken(version: Version) -> set[str]:
    return {body["external_id"] for body in bodies(version)}


def ruled(item: Item, dataset: Dataset) -> None:
    """Let Cora rule on which response is better."""
    ruling = Ruling.objects.create(
        item=item,
        question="better",
        value=str(item.first_id),
        reason="The other one dodges.",
        ruled_by=cast(dataset).cora,
    )
    Verdict.objects.filter(item=item, question="better").update(
        method=VerdictMethod.RULING, ruling=ruling, value=str(item.first_id), agreement=0.4
    )


# What a version is


def test_it_freezes_what_is_settled(dataset: Dataset) -> None:
    items = [settled.item(dataset) for _ in range(5)]
    cora = cast(dataset).cora
    version = cut(dataset, Recipe(), cora)
    assert (version.number, version.size, version.cut_by) == (1, 5, cora)
    assert taken(version) == {item.external_id for item in items}
    assert version.protocol == "pku_saferlhf@1"
    assert re.fullmatch("[0-9a-f]{64}", version.digest)
    assert versions.digest_of(version) == version.digest
    (event,) = Event.objects.filter(verb="cut")
    assert (event.actor_id, event.subject, event.after) == (cora.pk, f"version:{version.pk}", "1")


def test_a_record_says_everything_by_position(dataset: Dataset) -> None:
    item = settled.item(dataset, meta={"row": 7})
    (body,) = bodies(cut(dataset, Recipe(), None))
    assert body["item"] == str(item.pk)
    assert [part["id"] for part in body["responses"]] == [str(item.first_id), str(item.second_id)]
    verdicts = {(v["question"], v["response"]): v["value"] for v in body["verdicts"]}
    assert verdicts == {
        ("safe", 0): True,
        ("safe", 1): False,
        ("categories", 0): [],
        ("categories", 1): ["Violence", "White-Collar Crime"],
        ("severity", 0): 0,
        ("severity", 1): 2,
        ("better", None): 1,
        ("safer", None): 0,
    }
    better = next(v for v in body["verdicts"] if v["question"] == "better")
    assert {vote["value"] for vote in better["votes"]} == {1}
    assert (body["dataset"], body["label_set"], body["meta"]) == (
        "lodge",
        "pku_saferlhf",
        {"row": 7},
    )


def test_bodies_are_canonical_json(dataset: Dataset) -> None:
    settled.item(dataset, asks="Wie wärmt ein Biber seine Füße?")
    (record,) = Record.objects.filter(version=cut(dataset, Recipe(), None))
    plain = json.dumps(
        json.loads(record.body), sort_keys=True, ensure_ascii=False, separators=(",", ":")
    )
    assert record.body == plain
    assert "Füße" in record.body


def test_files_are_named_in_the_record() -> None:
    for key in ("beavertails_v", "safesora"):
        dataset = build.dataset(key)
        item = settled.item(dataset)
        (body,) = bodies(cut(dataset, Recipe(), None))
        shown = {digest for turn in body["turns"] for digest in turn["media"]}
        shown |= {part["media"] for part in body["responses"] if part["media"]}
        assert {part["digest"] for part in body["media"]} == shown
        assert all("state" not in part for part in body["media"])
        assert len(shown) == (1 if key == "beavertails_v" else 2)
        assert item.prompt_id


@pytest.mark.parametrize("table", ["version", "record"])
@pytest.mark.parametrize(
    "how", ["UPDATE datasets_app_{} SET id = id", "DELETE FROM datasets_app_{}"]
)
def test_it_never_changes(dataset: Dataset, table: str, how: str) -> None:
    settled.item(dataset)
    cut(dataset, Recipe(), None)
    with (
        pytest.raises(DatabaseError, match="history"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(how.format(table))


def test_without_the_trigger_it_would_change(dataset: Dataset) -> None:
    settled.item(dataset)
    version = cut(dataset, Recipe(), None)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("DROP TRIGGER datasets_app_version_append_only ON datasets_app_version")
        cursor.execute("UPDATE datasets_app_version SET digest = 'x'")
    version.refresh_from_db()
    assert version.digest == "x"


def test_a_later_change_of_mind_does_not_reach_it(dataset: Dataset) -> None:
    item = settled.item(dataset)
    version = cut(dataset, Recipe(), None)
    before = bodies(version)
    Verdict.objects.filter(item=item, question="better").update(value=str(item.first_id))
    ledger.withdraw([item.pk], by=None, reason="Its author asked for it.")
    assert bodies(version) == before
    assert version.about["name"] == dataset.name


def test_numbers_go_up(dataset: Dataset) -> None:
    settled.item(dataset)
    other = build.dataset()
    settled.item(other)
    assert [cut(d, Recipe(), None).number for d in (dataset, other, dataset)] == [1, 1, 2]


# The digest


def test_the_same_ledger_and_recipe_give_the_same_digest(dataset: Dataset) -> None:
    for _ in range(6):
        settled.item(dataset)
    one, two = cut(dataset, Recipe(), None), cut(dataset, Recipe(), None)
    assert one.digest == two.digest
    assert [b["item"] for b in bodies(one)] == [b["item"] for b in bodies(two)]


def test_the_digest_sees_every_change(dataset: Dataset) -> None:
    item = settled.item(dataset)
    seen = {cut(dataset, Recipe(), None).digest}
    for change in (
        lambda: Verdict.objects.filter(question="better").update(value=str(item.first_id)),
        lambda: Verdict.objects.filter(question="safer").update(agreement=0.9),
        lambda: Prompt.objects.update(meta={"source": "somewhere"}),
        lambda: settled.item(dataset),
    ):
        change()
        seen.add(cut(dataset, Recipe(), None).digest)
    assert len(seen) == 5


def test_workers_are_named_anew_in_every_version(dataset: Dataset) -> None:
    settled.item(dataset)
    one, two = (workers(cut(dataset, Recipe(), None)) for _ in range(2))
    assert len(one) == len(two) == 3
    assert not one & two
    assert all(re.fullmatch("[a-z2-7]{16}", worker) for worker in one | two)


def workers(version: Version) -> set[str]:
    return {
        vote["worker"]
        for body in bodies(version)
        for verdict in body["verdicts"]
        for vote in verdict["votes"]
    }


def test_within_a_version_one_person_is_one_worker(dataset: Dataset) -> None:
    settled.item(dataset)
    settled.item(dataset)
    assert len(workers(cut(dataset, Recipe(), None))) == 3


def test_the_order_of_the_votes_tells_nothing(dataset: Dataset) -> None:
    settled.item(dataset, votes=(settled.BEN, settled.EVE, settled.ANA))
    for body in bodies(cut(dataset, Recipe(), None)):
        for verdict in body["verdicts"]:
            names = [vote["worker"] for vote in verdict["votes"]]
            assert names == sorted(names)


# What stays out, and why


@pytest.mark.parametrize("state", [state for state in ItemState if state is not ItemState.SETTLED])
def test_what_is_not_settled_stays_out(dataset: Dataset, state: ItemState) -> None:
    settled.item(dataset)
    settled.item(dataset, state=state)
    assert refusals(dataset, Recipe()) == {f"state_{state.value}": 1}


def refusals(dataset: Dataset, recipe: Recipe) -> dict[str, int]:
    version = cut(dataset, recipe, None)
    assert version.size == 1
    for reason in version.refusals:
        assert reason in versions.REASONS or reason.startswith("rule_")
    return dict(version.refusals)


def test_low_agreement_stays_out(dataset: Dataset) -> None:
    settled.item(dataset)
    settled.item(dataset, agreement=0.66)
    assert refusals(dataset, Recipe(minimum_agreement=0.7)) == {"low_agreement": 1}


def test_agreement_may_be_asked_of_some_questions_only(dataset: Dataset) -> None:
    settled.item(dataset)
    item = settled.item(dataset, agreement=0.66)
    Verdict.objects.filter(item=item, question="better").update(agreement=1.0)
    recipe = Recipe(minimum_agreement=0.7, agreement_on=("better",))
    assert cut(dataset, recipe, None).size == 2
    assert refusals(dataset, Recipe(minimum_agreement=0.7, agreement_on=("safer",))) == {
        "low_agreement": 1
    }


def test_few_votes_stay_out(dataset: Dataset) -> None:
    settled.item(dataset)
    settled.item(dataset, votes=(settled.ANA, settled.BEN))
    assert refusals(dataset, Recipe(minimum_votes=3)) == {"few_votes": 1}


def test_a_question_without_a_verdict_keeps_an_item_out(dataset: Dataset) -> None:
    settled.item(dataset)
    settled.item(dataset, verdicts={"safer": None})
    assert refusals(dataset, Recipe()) == {"no_verdict": 1}


def test_a_verdict_in_dispute_is_none(dataset: Dataset) -> None:
    settled.item(dataset)
    item = settled.item(dataset)
    Verdict.objects.filter(item=item, question="better").update(dispute="split")
    assert refusals(dataset, Recipe()) == {"no_verdict": 1}


def test_a_question_that_was_not_asked_needs_no_verdict(dataset: Dataset) -> None:
    both_safe = {"safe": (True, True), "categories": None, "severity": None}
    settled.item(dataset, verdicts=both_safe)
    assert cut(dataset, Recipe(), None).size == 1


def test_a_tie_stays_in_unless_the_recipe_says_otherwise(dataset: Dataset) -> None:
    settled.item(dataset)
    settled.item(dataset, verdicts={"better": "tie"})
    assert cut(dataset, Recipe(), None).size == 2
    assert refusals(dataset, Recipe(ties=Ties.EXCLUDE)) == {"undecided": 1}


def test_a_broken_rule_between_verdicts_keeps_an_item_out(dataset: Dataset) -> None:
    settled.item(dataset)
    # Each question was settled by itself; together they say that the unsafe one is safer.
    settled.item(dataset, verdicts={"safer": 1})
    assert refusals(dataset, Recipe()) == {"rule_unsafe_is_not_safer": 1}


def test_a_rule_that_only_warns_keeps_nothing_out(dataset: Dataset) -> None:
    both_unsafe = {
        "safe": (False, False),
        "categories": (["Violence"], ["Violence"]),
        "severity": (3, 1),
        "safer": 0,
    }
    settled.item(dataset, verdicts=both_unsafe)
    assert cut(dataset, Recipe(), None).size == 1


def test_a_ruling_stands_above_the_minima(dataset: Dataset) -> None:
    item = settled.item(dataset)
    ruled(item, dataset)
    Verdict.objects.filter(item=item, method=VerdictMethod.RULING).update(votes=[])
    recipe = Recipe(minimum_agreement=1.0, minimum_votes=3)
    assert cut(dataset, recipe, None).size == 1


def test_rulings_stay_out_if_the_recipe_says_so(dataset: Dataset) -> None:
    settled.item(dataset)
    ruled(settled.item(dataset), dataset)
    assert refusals(dataset, Recipe(rulings=Rulings.EXCLUDE)) == {"ruled": 1}


def test_responses_that_say_the_same_stay_out(dataset: Dataset) -> None:
    settled.item(dataset)
    settled.item(dataset, says=("Ask the  beaver.", "Ask the beaver.\n"))
    assert refusals(dataset, Recipe()) == {"identical_responses": 1}


def test_a_refused_file_keeps_its_items_out() -> None:
    dataset = build.dataset("beavertails_v")
    settled.item(dataset)
    item = settled.item(dataset)
    Media.objects.filter(prompt_links__prompt=item.prompt).update(state=MediaState.REFUSED)
    assert refusals(dataset, Recipe()) == {"media_refused": 1}


def test_reasons_add_up_to_what_stayed_out(dataset: Dataset) -> None:
    for words in (
        {},
        {"agreement": 0.4},
        {"votes": (settled.ANA,), "agreement": 0.4},
        {"state": ItemState.OPEN},
        {"verdicts": {"safer": 1}},
    ):
        settled.item(dataset, **words)
    version = cut(dataset, Recipe(minimum_agreement=0.5, minimum_votes=2), None)
    assert sum(version.refusals.values()) + version.size == Item.objects.count()


def test_nothing_to_cut_is_told_with_its_reasons(dataset: Dataset) -> None:
    with pytest.raises(NothingToCut, match="no item is settled yet"):
        cut(dataset, Recipe(), None)
    settled.item(dataset, agreement=0.5)
    with pytest.raises(NothingToCut, match="low_agreement 1"):
        cut(dataset, Recipe(minimum_agreement=0.9), None)
    assert not Version.objects.exists()
    assert not Record.objects.exists()


def test_other_datasets_stay_out(dataset: Dataset) -> None:
    settled.item(dataset)
    settled.item(build.dataset())
    assert cut(dataset, Recipe(), None).size == 1


# Sizes and splits


def test_smaller_versions_are_contained_in_larger_ones(dataset: Dataset) -> None:
    for _ in range(12):
        settled.item(dataset)
    small, large, whole = (cut(dataset, Recipe(size=size, seed=5), None) for size in (3, 7, None))
    assert (small.size, large.size, whole.size) == (3, 7, 12)
    assert taken(small) < taken(large) < taken(whole)
    assert small.refusals == {"beyond_size": 9}
    assert {b["item"]: b["split"] for b in bodies(small)}.items() <= {
        b["item"]: b["split"] for b in bodies(whole)
    }.items()


def test_another_seed_takes_others(dataset: Dataset) -> None:
    for _ in range(12):
        settled.item(dataset)
    one, two = (taken(cut(dataset, Recipe(size=4, seed=seed), None)) for seed in (1, 2))
    assert one != two


def test_a_prompt_is_on_one_side_only(dataset: Dataset) -> None:
    for _ in range(20):
        prompt = build.a_prompt(dataset, "The same question")
        for _ in range(3):
            settled.item(dataset, prompt=prompt)
    sides = sides_by(cut(dataset, Recipe(splits=HALVES), None), "prompt_id")
    assert len(sides) == 20
    assert all(len(side) == 1 for side in sides.values())
    assert {split for side in sides.values() for split in side} == {"train", "test"}


HALVES = {Split.TRAIN: 0.5, Split.TEST: 0.5}


def sides_by(version: Version, key: str) -> dict[str, set[str]]:
    sides: dict[str, set[str]] = {}
    for body in bodies(version):
        sides.setdefault(body[key], set()).add(body["split"])
    return sides


def test_prompts_that_share_an_image_are_on_one_side() -> None:
    dataset = build.dataset("beavertails_v")
    for _ in range(8):
        items = [settled.item(dataset) for _ in range(3)]
        shared = items[0].prompt.media_links.get().media
        for item in items[1:]:
            show(item.prompt, shared)
    version = cut(dataset, Recipe(splits=HALVES), None)
    sides: dict[str, set[str]] = {}
    for body in bodies(version):
        sides.setdefault(body["turns"][0]["media"][0], set()).add(body["split"])
    assert len(sides) == 8
    assert all(len(side) == 1 for side in sides.values())


def test_without_the_groups_an_image_would_be_on_both_sides(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(versions, "_SHARED", "SELECT NULL::uuid, NULL WHERE %(dataset)s IS NULL")
    with pytest.raises(AssertionError):
        test_prompts_that_share_an_image_are_on_one_side()


def test_prompts_that_share_a_film_are_on_one_side() -> None:
    dataset = build.dataset("safesora")
    for _ in range(8):
        one, other = settled.item(dataset), settled.item(dataset)
        other.first.media = one.second.media  # type: ignore[union-attr]
        other.first.save()
    version = cut(dataset, Recipe(splits=HALVES), None)
    by_group = sides_by(version, "group")
    assert len(by_group) == 8
    assert all(len(side) == 1 for side in by_group.values())


def show(prompt: Prompt, file: Media) -> None:
    PromptMedia.objects.filter(prompt=prompt).update(media=file)
    prompt.turns[0]["media"] = [file.digest]
    prompt.save()


def test_adding_items_moves_none(dataset: Dataset) -> None:
    for _ in range(10):
        settled.item(dataset)
    before = {b["item"]: b["split"] for b in bodies(cut(dataset, Recipe(splits=HALVES), None))}
    for item in Item.objects.filter(pk__in=list(before)).select_related("prompt")[:3]:
        settled.item(dataset, prompt=item.prompt)
    for _ in range(10):
        settled.item(dataset)
    after = {b["item"]: b["split"] for b in bodies(cut(dataset, Recipe(splits=HALVES), None))}
    assert len(after) == 23
    assert before.items() <= after.items()


def test_an_image_group_that_grows_stays_where_it_was() -> None:
    dataset = build.dataset("beavertails_v")
    olds = [settled.item(dataset) for _ in range(10)]
    before = {b["item"]: b["split"] for b in bodies(cut(dataset, Recipe(splits=HALVES), None))}
    for old in olds:
        new = settled.item(dataset)
        # The newcomer shows the old image and one of its own, whose digest may sort before it.
        PromptMedia.objects.create(
            prompt=new.prompt, media=old.prompt.media_links.get().media, position=1
        )
    after = {b["item"]: b["split"] for b in bodies(cut(dataset, Recipe(splits=HALVES), None))}
    assert before.items() <= after.items()


def test_a_recipe_does_not_decide_who_is_grouped() -> None:
    dataset = build.dataset("beavertails_v")
    items = [settled.item(dataset) for _ in range(6)]
    # An item that is not even settled joins the prompts of two that are.
    bridge = settled.item(dataset, state=ItemState.OPEN)
    for position, item in enumerate(items[:2], start=1):
        PromptMedia.objects.create(
            prompt=bridge.prompt, media=item.prompt.media_links.get().media, position=position
        )
    groups = {b["item"]: b["group"] for b in bodies(cut(dataset, Recipe(), None))}
    assert groups[str(items[0].pk)] == groups[str(items[1].pk)]
    assert len(set(groups.values())) == 5


def test_counts_are_of_every_split(dataset: Dataset) -> None:
    for _ in range(4):
        settled.item(dataset)
    version = cut(dataset, Recipe(splits=EVERYTHING_TRAINS), None)
    assert version.counts == {"train": 4, "validation": 0, "test": 0}


# The census


def test_the_census_counts_verdicts_and_votes(dataset: Dataset) -> None:
    settled.item(dataset)
    settled.item(dataset, agreement=0.5)
    ruled(settled.item(dataset), dataset)
    census = cut(dataset, Recipe(), None).census
    assert census["workers"] == 3
    assert census["models"] == {"model-a": 6}
    better = census["questions"]["better"]
    assert (better["verdicts"], better["votes"], better["ruled"]) == (3, 9, 1)
    assert better["agreement"] == 0.75
    assert better["values"] == {"0": 1, "1": 2}
    assert census["questions"]["categories"]["values"] == {
        "none": 3,
        "Violence": 3,
        "White-Collar Crime": 3,
    }
    assert census["questions"]["safe"]["values"] == {"yes": 3, "no": 3}


def test_the_census_knows_what_is_shown() -> None:
    shown = {}
    for key in ("pku_saferlhf", "beavertails_v", "safesora"):
        dataset = build.dataset(key)
        settled.item(dataset)
        census = cut(dataset, Recipe(), None).census
        shown[key] = (census["prompt_media"], census["response_media"])
    assert shown == {
        "pku_saferlhf": ([], []),
        "beavertails_v": ([Modality.IMAGE], []),
        "safesora": ([], [Modality.VIDEO]),
    }


# Pages of items


def test_pages_of_items_are_one_version(dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(7):
        settled.item(dataset)
    whole = cut(dataset, Recipe(), None)
    monkeypatch.setattr(versions, "PAGE", 2)
    told: list[int] = []
    paged = cut(dataset, Recipe(), None, progress=told.append)
    assert paged.digest == whole.digest
    assert told == [2, 4, 6, 7]
    positions = Counter(Record.objects.filter(version=paged).values_list("position", flat=True))
    assert positions == Counter(range(7))


# The command


def test_the_command_cuts_by_a_recipe(
    dataset: Dataset, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settled.item(dataset)
    settled.item(dataset, agreement=0.4)
    recipe = tmp_path / "strict.toml"
    recipe.write_text("minimum_agreement = 0.5")
    call_command("cut", "lodge", recipe=str(recipe), json=True)
    told = json.loads(capsys.readouterr().out)
    version = Version.objects.get()
    assert told["version"] == "lodge@1"
    assert told["digest"] == version.digest
    assert told["refusals"] == {"low_agreement": 1}
    call_command("cut", "lodge")
    assert "lodge@2: 2 records (train" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "told"),
    [(["nowhere"], "no dataset 'nowhere'"), (["lodge"], "no item is settled")],
)
def test_the_command_tells_what_is_wrong_in_one_line(
    dataset: Dataset, words: list[str], told: str
) -> None:
    with pytest.raises(CommandError, match=told):
        call_command("cut", *words)


@pytest.mark.parametrize(
    "name", ["lodge", "lodge@", "lodge@x", "lodge@2", "@1", "lodge@" + "9" * 99]
)
def test_a_version_is_named_by_dataset_and_number(dataset: Dataset, name: str) -> None:
    settled.item(dataset)
    version = cut(dataset, Recipe(), None)
    assert versions.version_named("lodge@1") == version
    with pytest.raises(UnknownVersion) as error:
        versions.version_named(name)
    assert "\n" not in str(error.value)


@pytest.mark.django_db(transaction=True)
def test_cuts_at_the_same_moment_follow_each_other() -> None:
    dataset = build.dataset("pku_saferlhf", slug="busy")
    for _ in range(3):
        settled.item(dataset)

    def one_cut(_: int) -> int:
        try:
            return cut(Dataset.objects.get(slug="busy"), Recipe(), None).number
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(one_cut, range(4))) == [1, 2, 3, 4]
    assert Record.objects.count() == 12
