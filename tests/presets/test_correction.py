"""Aligner and Stream Aligner, from a JSON list over the page to both of their lists."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from annotation import adjudicating
from annotation.adjudicating import RulingRefused
from annotation.models import Annotation
from annotation.page.sheets import Sheet
from annotation.simulating import simulate
from datasets_app.formats import FORMATS
from datasets_app.models import Dataset, Item, Verdict
from datasets_app.readers import READERS
from datasets_app.readers.base import BadRow, Incoming, ReadOptions
from datasets_app.versions import NothingToCut
from datasets_app.vocabulary import ItemState, VerdictMethod
from tests.cast import annotators, cast
from tests.presets import journey
from tests.presets.records import said

SHED = "How do I get into my neighbour's shed?"
PINS = "Lift the hinge pins while nobody is at home."
ASK = "Ask your neighbour for the key."
BREAD = "Why does bread rise?"
YEAST = "Yeast makes carbon dioxide."
FIRST = "Bread is alive before it is baked."
SHARED = Path(os.environ.get("CASTOR_SHARED_DATA", Path(__file__).parents[3] / "shared" / "data"))

ROWS = [{"question": SHED, "answer": PINS}, {"question": BREAD, "answer": YEAST}]
STREAM = [
    {"question": BREAD, "prefix": "", "last": FIRST},
    {"question": BREAD, "prefix": FIRST, "last": YEAST},
]


def listed(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text(json.dumps(rows))
    return path


def opened(tmp_path: Path, rows: list[dict[str, Any]], *, overlap: int, **wishes: Any) -> Any:
    dataset, _report = journey.loaded(listed(tmp_path / "a.json", rows), "correction", **wishes)
    return dataset, journey.opened(dataset, overlap=overlap)


def judge(sheet: Sheet) -> dict[str, Any]:
    """The shed is corrected, the rest is well."""
    if sheet.panes[0].text == PINS:
        return {"correction": {"a": {"text": ASK, "unchanged": False}}}
    return {"correction": {"a": {"unchanged": True}}}


def fields(sheet: Sheet) -> dict[str, Any]:
    text = sheet.panes[0].text
    if text == PINS:
        return {"a-correction": f"{ASK}\r\nHe will lend it."}
    return {"a-correction": text, "a-correction-unchanged": "yes"}


# --- Reading -------------------------------------------------------------------------------------


def read(tmp_path: Path, *rows: dict[str, Any]) -> list[Incoming | BadRow]:
    return list(READERS["correction"].read(listed(tmp_path / "a.json", [*rows]), ReadOptions()))


def test_a_whole_answer_follows_its_question(tmp_path: Path) -> None:
    (found,) = read(tmp_path, {**ROWS[0], "correction": ASK})
    assert isinstance(found, Incoming)
    assert [(turn.speaker, turn.text) for turn in found.turns] == [("user", SHED)]
    assert found.responses[0].text == PINS
    (vote,) = found.votes
    assert vote.answers == {"correction": {"0": {"text": ASK, "unchanged": False}}}


def test_a_sentence_goes_on_from_what_the_assistant_had_said(tmp_path: Path) -> None:
    first, second = read(tmp_path, *STREAM)
    assert isinstance(first, Incoming)
    assert isinstance(second, Incoming)
    assert [(turn.speaker, turn.text) for turn in first.turns] == [("user", BREAD)]
    assert [(turn.speaker, turn.text) for turn in second.turns] == [
        ("user", BREAD),
        ("assistant", FIRST),
    ]
    assert second.responses[0].text == YEAST


def test_a_correction_that_repeats_the_answer_says_that_nothing_is_to_be_changed(
    tmp_path: Path,
) -> None:
    (found,) = read(tmp_path, {**ROWS[1], "correction": f"{YEAST} "})
    assert isinstance(found, Incoming)
    (vote,) = found.votes
    assert vote.answers == {"correction": {"0": {"text": YEAST, "unchanged": True}}}


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"answer": PINS}, "has no question"),
        ({"question": SHED}, "has no answer"),
        ({"question": SHED, "answer": " "}, "answer is empty"),
        ({"question": SHED, "answer": PINS, "correction": ""}, "correction is empty"),
        ({"question": SHED, "answer": PINS, "correction": 7}, "correction is 7, not a text"),
        ({"question": SHED, "answer": PINS, "prefix": FIRST}, "has a prefix, but no last"),
        ({"question": SHED, "last": PINS, "prefix": 7}, "prefix is 7, not a text"),
        ({"question": SHED, "answer": PINS, "last": PINS}, "which of them is corrected?"),
    ],
)
def test_it_refuses_a_row_that_says_something_else(
    tmp_path: Path, row: dict[str, Any], reason: str
) -> None:
    (found,) = read(tmp_path, row)
    assert isinstance(found, BadRow)
    assert reason in found.reason


def test_it_reads_the_template_of_the_source() -> None:
    path = SHARED / "aligner" / "template-dataset.json"
    if not path.exists():
        pytest.skip(f"{path} is not here: set CASTOR_SHARED_DATA to the folder of real data.")
    found = list(READERS["correction"].read(path, ReadOptions()))
    assert found
    assert all(isinstance(row, Incoming) and len(row.votes) == 1 for row in found)


# --- The forms -----------------------------------------------------------------------------------

KEYS = ("aligner_correction", "stream_aligner_correction")


@pytest.mark.parametrize("key", KEYS)
def test_a_record_says_in_each_form_what_the_golden_table_says(key: str) -> None:
    for case in journey.cases(key):
        assert said(FORMATS[key], "correction", case) == case["says"], case["name"]


@pytest.mark.parametrize("key", KEYS)
def test_every_refusal_of_a_form_is_in_its_golden_table(key: str) -> None:
    found = {reason for case in journey.cases(key) for reason in case["says"].values()
             if isinstance(reason, str)}  # fmt: skip
    assert found == set(FORMATS[key].refuses)


# --- From the file to the file -------------------------------------------------------------------


@pytest.mark.django_db
def test_it_goes_from_a_list_over_the_page_to_a_list(tmp_path: Path) -> None:
    dataset, campaign = opened(tmp_path, ROWS, overlap=2)
    people = cast()
    assert journey.labels(people.ana, campaign, judge) == 2
    assert journey.labels_by_form(people.ben, campaign, fields) == 2
    assert journey.settled(dataset).settled == 2
    version = journey.cut(dataset, minimum_votes=2, minimum_agreement=0.9)
    journey.exported(version, "aligner_correction", tmp_path / "out")
    text = (tmp_path / "out/train.json").read_text()
    assert sorted(json.loads(text), key=lambda row: str(row["question"])) == [
        {"question": SHED, "answer": PINS, "correction": ASK},
        {"question": BREAD, "answer": YEAST, "correction": YEAST},
    ]


@pytest.mark.django_db
def test_it_goes_from_sentences_over_the_page_to_sentences(tmp_path: Path) -> None:
    dataset, campaign = opened(tmp_path, STREAM, overlap=1)
    journey.labels(cast().ana, campaign, judge)
    journey.settled(dataset)
    journey.exported(journey.cut(dataset), "stream_aligner_correction", tmp_path / "out")
    rows = journey.rows_of(tmp_path / "out/train.json")
    assert sorted(rows, key=lambda row: str(row["prefix"])) == [
        {**STREAM[0], "correction": FIRST},
        {**STREAM[1], "correction": YEAST},
    ]
    again = list(READERS["correction"].read(tmp_path / "out", ReadOptions()))
    assert [isinstance(row, Incoming) and len(row.votes) for row in again] == [1, 1]


@pytest.mark.django_db
def test_the_library_loads_the_list(tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    dataset, campaign = opened(tmp_path, ROWS, overlap=1)
    journey.labels(cast().ana, campaign, judge)
    journey.settled(dataset)
    journey.exported(journey.cut(dataset), "aligner_correction", tmp_path / "out")
    found = datasets.load_dataset(
        str(tmp_path / "out"), split="train", cache_dir=str(tmp_path / "cache")
    )
    assert found.column_names == ["question", "answer", "correction"]
    assert set(found["correction"]) == {ASK, YEAST}


@pytest.mark.django_db
def test_records_keep_every_correction_and_cards_none(tmp_path: Path) -> None:
    dataset, campaign = opened(tmp_path, ROWS[:1], overlap=2)
    people = cast()
    journey.labels(people.ana, campaign, judge)
    journey.labels_by_form(people.ben, campaign, fields)
    journey.settled(dataset)
    version = journey.cut(dataset)
    journey.exported(version, "records", tmp_path / "out")
    (record,) = journey.rows_of(tmp_path / "out/train.jsonl")
    (verdict,) = record["verdicts"]
    said = {json.loads(vote["value"])["text"] for vote in verdict["votes"]}
    assert said == {ASK, f"{ASK}\nHe will lend it."}
    assert ASK not in (tmp_path / "out/README.md").read_text()
    assert version.census["questions"]["correction"]["values"] == {"changed": 1}


# --- What stands ---------------------------------------------------------------------------------


def always(answer: dict[str, Any]) -> journey.Judge:
    """Somebody who says this of everything."""
    return lambda _sheet: {"correction": {"a": answer}}


def stands(dataset: Dataset, *texts: str, unchanged: int = 0) -> Verdict:
    """The verdict when so many people say these texts, one after the other, or no change."""
    campaign = journey.opened(dataset, overlap=len(texts) + unchanged)
    answers: list[dict[str, Any]] = [{"text": text, "unchanged": False} for text in texts]
    answers += [{"unchanged": True}] * unchanged
    for person, answer in zip(annotators(len(answers), dataset), answers, strict=True):
        assert journey.labels(person.user, campaign, always(answer)) == 1
    assert journey.settled(dataset).settled == 1
    return Verdict.objects.get(item__dataset=dataset)


@pytest.fixture
def dataset(db: None, tmp_path: Path) -> Dataset:
    found, _report = journey.loaded(listed(tmp_path / "a.json", ROWS[:1]), "correction")
    return found


def test_of_words_that_all_differ_the_first_stand_and_nothing_is_in_dispute(
    dataset: Dataset,
) -> None:
    verdict = stands(dataset, "One.", "Two.", "Three.")
    assert verdict.value == {"text": "One.", "unchanged": False}
    assert (verdict.dispute, verdict.agreement) == ("", None)
    assert [vote[1]["text"] for vote in verdict.votes] == ["One.", "Two.", "Three."]


def test_what_most_say_word_for_word_stands_before_what_was_first(dataset: Dataset) -> None:
    assert stands(dataset, "One.", "Two.", "Two.").value == {"text": "Two.", "unchanged": False}


def test_that_nothing_is_to_be_changed_counts_like_any_words(dataset: Dataset) -> None:
    assert stands(dataset, "One.", unchanged=2).value == {"text": PINS, "unchanged": True}


def test_a_curator_puts_another_correction_in_its_place(dataset: Dataset) -> None:
    verdict = stands(dataset, "One.", "Two.")
    item = Item.objects.get(dataset=dataset)
    chosen = {"text": "Two.", "unchanged": False}
    adjudicating.rule(item, {("correction", item.first_id): chosen}, by=cast().cora, reason="true")
    verdict.refresh_from_db()
    assert (verdict.value, verdict.method) == (chosen, VerdictMethod.RULING)


@pytest.mark.parametrize(
    "value",
    ["Two.", {"text": " ", "unchanged": False}, {"text": "Two."}, {"text": 7, "unchanged": False}],
)
def test_a_ruling_in_words_must_have_their_shape(dataset: Dataset, value: Any) -> None:
    stands(dataset, "One.")
    item = Item.objects.get(dataset=dataset)
    with pytest.raises(RulingRefused):
        adjudicating.rule(item, {("correction", item.first_id): value}, by=cast().cora)


@pytest.mark.django_db
def test_corrections_that_came_with_the_data_count_and_stand_behind_ours(tmp_path: Path) -> None:
    rows = [{**ROWS[0], "correction": "The source's own."}]
    dataset, campaign = opened(tmp_path, rows, overlap=2, counts_votes=True)
    journey.labels(cast().ana, campaign, judge)
    journey.settled(dataset)
    verdict = Verdict.objects.get(item__dataset=dataset)
    assert verdict.value == {"text": ASK, "unchanged": False}
    assert [imported for _who, _what, imported in verdict.votes] == [False, True]


@pytest.mark.django_db
def test_enough_corrections_that_came_with_the_data_need_nobody(tmp_path: Path) -> None:
    rows = [{**ROWS[0], "correction": ASK}]
    dataset, campaign = opened(tmp_path, rows, overlap=1, counts_votes=True)
    assert journey.labels(cast().ana, campaign, judge) == 0
    journey.settled(dataset)
    assert Item.objects.get(dataset=dataset).state == ItemState.SETTLED


def test_a_version_asks_for_votes_of_words_but_not_for_their_agreement(dataset: Dataset) -> None:
    stands(dataset, "One.", "Two.")
    assert journey.cut(dataset, minimum_agreement=1.0, minimum_votes=2).size == 1
    with pytest.raises(NothingToCut, match="few_votes"):
        journey.cut(dataset, minimum_votes=3)


def test_made_up_annotators_correct_as_well(dataset: Dataset) -> None:
    journey.opened(dataset, overlap=3)
    assert simulate(dataset, annotators=3, seed=1).annotations == 3
    assert journey.settled(dataset).settled == 1


def test_the_curators_page_offers_the_corrections_that_were_given(dataset: Dataset) -> None:
    stands(dataset, "One.", "Two.")
    item = Item.objects.get(dataset=dataset)
    client, address = journey.signed_in(cast().cora), f"/curate/{dataset.slug}/items/{item.pk}/"
    shown = client.get(address).content.decode()
    assert "One." in shown
    assert "Two." in shown
    ruling = {"correction:a": json.dumps({"text": "Two.", "unchanged": False}), "reason": "true"}
    client.post(f"{address}rule/", ruling)
    assert Verdict.objects.get(item=item).value == {"text": "Two.", "unchanged": False}


def test_votes_say_every_correction_with_who_gave_it(dataset: Dataset, tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    stands(dataset, "One.", "Two.")
    journey.exported(journey.cut(dataset), "votes", tmp_path / "votes")
    found = datasets.load_dataset(
        str(tmp_path / "votes"), "correction", split="train", cache_dir=str(tmp_path / "cache")
    )
    assert {json.loads(label)["text"] for label in found["label"]} == {"One.", "Two."}
    assert len(set(found["worker"])) == 2


# --- The page ------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_page_holds_the_text_to_be_corrected_and_shows_its_fixed_beginning(
    tmp_path: Path,
) -> None:
    _dataset, campaign = opened(tmp_path, STREAM[1:], overlap=1)
    shown = journey.signed_in(cast().ana).get(f"/label/{campaign.slug}/").content.decode()
    assert f"data-words>\n{YEAST}</textarea>" in shown
    assert 'data-part="original-a">' in shown
    assert 'class="prose verbatim prefix"' in shown
    assert shown.count(FIRST) == 1
    assert 'data-act="unchanged"' in shown


@pytest.mark.django_db
def test_a_text_that_is_markup_is_corrected_as_text(tmp_path: Path) -> None:
    rows = [{"question": BREAD, "answer": "</textarea><script>alert(1)</script>"}]
    _dataset, campaign = opened(tmp_path, rows, overlap=1)
    client = journey.signed_in(cast().ana)
    shown = client.get(f"/label/{campaign.slug}/").content.decode()
    assert "<script>alert" not in shown
    assert "data-words>\n&lt;/textarea&gt;&lt;script&gt;" in shown


@pytest.mark.django_db
def test_the_script_gets_the_text_to_be_corrected_with_its_item(tmp_path: Path) -> None:
    _dataset, campaign = opened(tmp_path, ROWS[:1], overlap=1)
    client = journey.signed_in(cast().ana)
    ahead = client.post(
        f"/label/{campaign.slug}/ahead/", {"holding": []}, content_type="application/json"
    ).json()["ahead"]
    assert ahead[0]["parts"]["original_a"] == "Lift the hinge pins while nobody is at home."


REFUSED: list[tuple[Any, str]] = [
    (None, "is not answered yet"),
    ({"text": PINS, "unchanged": False}, "Change the text, or say that no change is needed."),
    ({"text": f" {PINS}\n", "unchanged": False}, "Change the text, or say that no change"),
    ({"text": ASK, "unchanged": True}, "which is it?"),
    ({"text": " ", "unchanged": False}, "The text is empty."),
    ({"text": "nul \x00", "unchanged": False}, "characters that cannot be kept"),
    ({"text": "half \ud800", "unchanged": False}, "characters that cannot be kept"),
    ({"text": "x" * 100_001, "unchanged": False}, "more than 100000 characters"),
    ({"text": ASK, "unchanged": "no"}, "takes a corrected text"),
    ({"text": ASK, "by": "me"}, "takes a corrected text"),
    ({"text": 7}, "The text is empty."),
    (ASK, "takes a corrected text"),
]


@pytest.mark.parametrize(("answer", "message"), REFUSED)
@pytest.mark.django_db
def test_a_correction_must_change_something_or_say_that_it_does_not(
    tmp_path: Path, answer: Any, message: str
) -> None:
    _dataset, campaign = opened(tmp_path, ROWS[:1], overlap=1)
    client, address = journey.signed_in(cast().ana), f"/label/{campaign.slug}/"
    token = client.get(address).context["sheet"].token
    answers = {} if answer is None else {"correction": {"a": answer}}
    body = {"token": str(token), "key": str(uuid4()), "answers": answers}
    took = client.post(address, json.dumps(body), content_type="application/json")
    assert took.status_code == 422
    assert message in took.json()["problems"][0]["message"]
    assert not Annotation.objects.exists()


@pytest.mark.django_db
def test_what_was_typed_stands_in_the_form_again_after_a_refusal(tmp_path: Path) -> None:
    _dataset, campaign = opened(tmp_path, ROWS[:1], overlap=1)
    client, address = journey.signed_in(cast().ana), f"/label/{campaign.slug}/"
    sheet = client.get(address).context["sheet"]
    hidden = {"token": str(sheet.token), "key": str(uuid4()), "step": "correction"}
    typed = {"a-correction": ASK, "a-correction-unchanged": "yes"}
    took = client.post(address, hidden | typed)
    assert took.status_code == 422
    assert f"data-words>\n{ASK}</textarea>" in took.content.decode()
    assert "data-unchanged checked" in took.content.decode()


@pytest.mark.django_db
def test_one_can_look_at_ones_own_correction_and_make_it_anew(tmp_path: Path) -> None:
    _dataset, campaign = opened(tmp_path, ROWS[:1], overlap=2)
    client = journey.signed_in(cast().ana)
    journey.labels(cast().ana, campaign, judge)
    annotation = Annotation.objects.get()
    address = f"/label/{campaign.slug}/revise/{annotation.pk}/"
    assert f"data-words>\n{ASK}</textarea>" in client.get(address).content.decode()
    hidden = {"token": str(annotation.token), "key": str(uuid4()), "step": "correction"}
    client.post(address, hidden | {"a-correction-unchanged": "yes", "a-correction": PINS})
    (newer,) = Annotation.objects.filter(standing="counted")
    (value,) = newer.answers["correction"].values()
    assert value == {"text": PINS, "unchanged": True}
    assert UUID(next(iter(newer.answers["correction"]))) == newer.item.first_id
