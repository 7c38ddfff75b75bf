"""Align-Anything, each modality form: from rows over the page to the trainers' columns."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

from annotation.page.sheets import Sheet
from datasets_app.align_anything import FORMS, Form
from datasets_app.models import Item, Version
from datasets_app.readers import READERS
from datasets_app.readers.base import BadRow, Incoming, ReadOptions
from datasets_app.vocabulary import ItemState, Modality, Outcome
from tests.cast import cast
from tests.datasets_app.formats import golden
from tests.datasets_app.media.corpus import encoded, film, picture, wav
from tests.presets import journey

BREAD = "Why does bread rise?"
GAS = "Yeast breathes out gas, and the dough holds it."
HEAT = "Heat does it."
EVERY = pytest.mark.parametrize("form", FORMS.values(), ids=lambda form: form.config)


def content(modality: Modality, number: int) -> tuple[str, bytes]:
    """A small file of a modality: its name, its bytes."""
    if modality is Modality.IMAGE:
        return f"{number}.png", encoded(picture(32 + number, 24), "PNG")
    if modality is Modality.AUDIO:
        return f"{number}.wav", wav(samples=800 + 80 * number)
    return f"{number}.mp4", film(frames=4 + number, size=(64, 48))


def said(modality: Modality, folder: Path, number: int) -> str:
    """Where a file that a column names lies."""
    name, inside = content(modality, number)
    (folder / name).write_bytes(inside)
    return name


def row(form: Form, folder: Path, **more: Any) -> dict[str, Any]:
    columns: dict[str, Any] = {form.prompt: BREAD}
    if form.prompt_media:
        columns[form.prompt_media] = said(form.prompt_modality, folder, 0)
    for at in (0, 1):
        if form.has_texts:
            columns[form.responses[at]] = (GAS, HEAT)[at]
        if form.files:
            columns[form.files[at]] = said(form.modality, folder, at + 1)
        columns[form.models[at]] = f"model-{at}"
    return columns | more


def judge(sheet: Sheet) -> dict[str, Any]:
    """The one that the source names first is better in every respect, but equally safe."""
    first = min(sheet.panes, key=longest).side
    second = "b" if first == "a" else "a"
    answers: dict[str, Any] = {}
    for question in sheet.step.questions:
        key = question.key
        if key == "critique":
            answers[key] = {first: "Says why.", second: "Says little."}
        elif key == "prompt_following_rationale":
            answers[key] = {first: "It says all."}
        elif key.endswith("_rationale"):
            continue
        elif key == "refinement":
            answers[key] = "Yeast makes gas, and the dough keeps it in."
        elif key.endswith("_rate"):
            answers[key] = {first: 3, second: 3 if key == "safety_rate" else 1}
        elif key != "overall_textfeedback":
            answers[key] = Outcome.TIE.value if key == "safety" else first
    return answers


def longest(pane: Any) -> int:
    """The first text is the longer one, the first file the smaller one."""
    return -len(pane.text) if pane.text else _size(pane.media.digest)


def _size(digest: str) -> int:
    return int(Item.objects.filter(second__media_id=digest).exists())


def labelled(form: Form, tmp_path: Path, **more: Any) -> Version:
    """A version with one item of a form, which one person answered in all three steps."""
    source = journey.write_lines(tmp_path / "rows.jsonl", [row(form, tmp_path, **more)])
    dataset, _report = journey.loaded(source, form.key)
    campaign = journey.opened(dataset, overlap=1)
    assert journey.labels(cast().ana, campaign, judge) == 3
    assert journey.settled(dataset).settled == 1
    return journey.cut(dataset)


# --- Reading -------------------------------------------------------------------------------------


def read(form: Form, folder: Path, **more: Any) -> Incoming | BadRow:
    path = journey.write_lines(folder / "train.jsonl", [row(form, folder, **more)])
    (found,) = READERS[form.key].read(path, ReadOptions())
    return found


def test_what_a_row_says_already_is_a_vote(tmp_path: Path) -> None:
    found = read(
        FORMS["align_anything_t2a"],
        tmp_path,
        overall_audio=2,
        a_audio=0,
        audio_quality_rate_1=1,
        audio_quality_rate_2=3,
        o_rationale_2="No noise at all.",
        i_rationale_1="",
        text_1_feedback="It clips.",
        refine_prompt="A bell, twice.",
        seed=7,
    )
    assert isinstance(found, Incoming)
    assert [media.modality for media in found.media] == [Modality.AUDIO, Modality.AUDIO]
    assert found.votes[0].answers == {
        "overall": "1",
        "consistency": "tie",
        "audio_quality_rate": {"0": 1, "1": 3},
        "audio_quality_rationale": {"1": "No noise at all."},
        "critique": {"0": "It clips."},
        "refinement": "A bell, twice.",
    }
    assert found.meta == {"seed": 7, "split": "train"}


def test_the_mark_of_a_film_is_no_part_of_its_prompt(tmp_path: Path) -> None:
    found = read(FORMS["align_anything_tv2t"], tmp_path, prompt=f"<video>\n{BREAD}")
    assert isinstance(found, Incoming)
    assert found.turns[0].text == BREAD


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"overall_response": 3}, "overall_response is 3, not one of"),
        ({"p_response": True}, "p_response is true, not one of"),
        ({"safety_rate_1": 4}, "safety_rate_1 is 4, not between 0 and 3"),
        ({"image": None}, "has no image"),
        ({"image": "../a.png"}, "image leads out of the source's folder"),
        ({"response_2": ""}, "response_2 is empty"),
        ({"text_critique_1": 7}, "text_critique_1 is 7, not a text"),
    ],
)
def test_it_refuses_a_row_that_says_something_else(
    tmp_path: Path, change: dict[str, Any], reason: str
) -> None:
    found = read(FORMS["align_anything_ti2t"], tmp_path, **change)
    assert isinstance(found, BadRow)
    assert reason in found.reason


# --- The forms -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (("overall", "tie"), "no_preference"),
        (("overall", None), "no_verdict"),
        (("consistency", None), "no_verdict"),
    ],
)
def test_what_a_loader_would_misread_is_refused(change: tuple[str, Any], reason: str) -> None:
    body = golden.record("align_anything_t2a")
    assert golden.refusal("align_anything", golden.answered(body, *change)) == reason


def test_other_files_than_the_form_has_are_refused() -> None:
    body = golden.record("align_anything_ti2t")
    bare = {**body, "turns": [{**body["turns"][0], "media": []}]}
    for key in ("align_anything", "align_anything_llf"):
        assert golden.refusal(key, bare) == "other_media"  # type: ignore[arg-type]


def test_a_refinement_that_changes_nothing_teaches_nothing() -> None:
    body = golden.record("align_anything_ti2t")
    alike = golden.answered(golden.said(body, "Gas.", "Gas. "), "refinement", "Gas.")
    assert golden.refusal("align_anything_llf", alike) == "nothing_refined"


# --- From the file to the file -------------------------------------------------------------------


@EVERY
@pytest.mark.django_db
def test_it_goes_from_rows_over_the_page_to_the_published_columns(
    tmp_path: Path, form: Form
) -> None:
    datasets = pytest.importorskip("datasets")
    version = labelled(form, tmp_path)
    journey.exported(version, "align_anything", tmp_path / "out")
    loaded = datasets.load_dataset(
        str(tmp_path / "out"), form.config, split="train", cache_dir=str(tmp_path / "cache")
    )
    (found,) = plain(loaded, datasets)
    assert found[form.prompt].removeprefix("<video>") == BREAD
    assert [found[f"s_{form.said_of}"], found[f"p_{form.said_of}"]] == [0, 1]
    assert [found["prompt_following_rate_1"], found["prompt_following_rate_2"]] == [3, 1]
    assert [found["p_rationale_1"], found["p_rationale_2"]] == ["It says all.", ""]
    assert found[form.overall] == 1
    assert found[form.critiques[0]] == "Says why."
    assert [found[name] for name in form.models] == ["model-0", "model-1"]
    files = (form.prompt_modality,) * bool(form.prompt_media)
    shown = [found[form.prompt_media]] if files else []
    shown += [found[name] for name in form.files]
    said = [found[name] for name in form.responses if form.has_texts]
    assert said == ([GAS, HEAT] if form.has_texts else [])
    assert len({of_file(value, tmp_path / "out") for value in shown}) == len(shown)


def plain(loaded: Any, datasets: Any) -> list[dict[str, Any]]:
    """Its rows with files undecoded, where their columns say what they are."""
    for name, feature in loaded.features.items():
        if isinstance(feature, datasets.Audio | datasets.Image):
            loaded = loaded.cast_column(name, type(feature)(decode=False))
    return list(loaded)


def of_file(value: Any, folder: Path) -> str:
    """The digest of a file in a row or beside it, which must be the one that its name tells."""
    inside = value["bytes"] if isinstance(value, dict) else (folder / value).read_bytes()
    name = Path(value["path"] if isinstance(value, dict) else value).stem
    assert hashlib.sha256(inside).hexdigest() == name
    return name


@pytest.mark.django_db
def test_what_it_writes_can_be_loaded_again(tmp_path: Path) -> None:
    form = FORMS["align_anything_t2a"]
    journey.exported(labelled(form, tmp_path), "align_anything", tmp_path / "out")
    (found,) = READERS[form.key].read(tmp_path / "out", ReadOptions())
    assert isinstance(found, Incoming)
    assert found.votes[0].answers["overall"] == "0"
    assert all(media.content for media in found.media)


@pytest.mark.parametrize("texts", [(GAS, HEAT), (HEAT, GAS)], ids=("first", "second"))
@pytest.mark.django_db
def test_the_template_that_reads_pairs_of_texts_finds_the_better_one(
    tmp_path: Path, texts: tuple[str, str]
) -> None:
    datasets = pytest.importorskip("datasets")
    form = FORMS["align_anything_t2t"]
    said = dict(zip(form.responses, texts, strict=True))
    journey.exported(labelled(form, tmp_path, **said), "align_anything", tmp_path / "out")
    (found,) = datasets.load_dataset(
        str(tmp_path / "out"), form.config, split="train", cache_dir=str(tmp_path / "cache")
    )
    # As PKUSafeRLHF takes a row apart.
    better = int(found["better_response_id"])
    pair = (found[f"response_{better}"], found[f"response_{1 - better}"])
    assert (found["prompt"], *pair) == (BREAD, GAS, HEAT)
    assert found[f"response_{found[form.overall]}"] == GAS
    (again,) = READERS[form.key].read(tmp_path / "out", ReadOptions())
    assert isinstance(again, Incoming)
    assert "better_response_id" not in again.meta


@pytest.mark.django_db
def test_two_pictures_are_exported_as_pick_a_pic_reads_them(tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    version = labelled(FORMS["align_anything_t2i"], tmp_path)
    journey.exported(version, "pickapic", tmp_path / "out")
    (found,) = datasets.load_dataset(
        str(tmp_path / "out"), split="train", cache_dir=str(tmp_path / "cache")
    )
    assert (found["label_0"], found["label_1"], found["caption"]) == (1.0, 0.0, BREAD)
    assert found["jpg_0"].startswith(b"\x89PNG")


@pytest.mark.django_db
def test_language_feedback_is_one_row_a_response(tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    version = labelled(FORMS["align_anything_ti2t"], tmp_path)
    journey.exported(version, "align_anything_llf", tmp_path / "out")
    found = datasets.load_dataset(
        str(tmp_path / "out"), split="train", cache_dir=str(tmp_path / "cache")
    )
    assert [one["response"] for one in found] == [GAS, HEAT]
    assert {one["refinement"] for one in found} == {"Yeast makes gas, and the dough keeps it in."}
    assert all(one["image"].startswith(b"\x89PNG") for one in found)


@pytest.mark.django_db
def test_curator_and_moderator_can_play_a_sound(tmp_path: Path) -> None:
    form = FORMS["align_anything_t2a"]
    source = journey.write_lines(tmp_path / "rows.jsonl", [row(form, tmp_path)])
    dataset, _report = journey.loaded(source, form.key)
    item = dataset.items.get()
    Item.objects.update(state=ItemState.QUARANTINED)
    for who, path in (
        (cast().cora, f"/curate/{dataset.slug}/items/{item.pk}/"),
        (cast().mo, f"/moderate/{dataset.slug}/"),
    ):
        page = journey.signed_in(who).get(path).content.decode()
        for response in (item.first, item.second):
            assert response is not None
            assert f'src="/media/{response.media_id}/original"' in page
        # Nothing of it is fetched before somebody wants to hear it.
        assert page.count('<audio controls preload="none"') == 2


# --- Text and picture ----------------------------------------------------------------------------

MIXED = FORMS["align_anything_ti2ti"]


@pytest.mark.django_db
def test_an_answer_of_text_and_picture_shows_both_on_the_page(tmp_path: Path) -> None:
    source = journey.write_lines(tmp_path / "rows.jsonl", [row(MIXED, tmp_path)])
    dataset, _report = journey.loaded(source, MIXED.key)
    campaign = journey.opened(dataset, overlap=1)
    page = journey.signed_in(cast().ana).get(f"/label/{campaign.slug}/")
    panes = page.content.decode().split('data-part="playing"')[1].split('class="verdict-bar"')[0]
    for response in (dataset.items.get().first, dataset.items.get().second):
        assert response is not None
        assert response.text in panes
        assert f"/media/{response.media_id}/" in panes
    assert panes.count('<details class="fold">') == 2 * len(MIXED.respects)


@pytest.mark.django_db
def test_the_template_of_text_feedback_finds_all_that_it_reads(tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    version = labelled(MIXED, tmp_path)
    journey.exported(version, "align_anything", tmp_path / "out")
    (found,) = datasets.load_dataset(
        str(tmp_path / "out"), MIXED.config, split="train", cache_dir=str(tmp_path / "cache")
    )
    shown = [found[name] for name in ("image_url", "output_image_url_1", "output_image_url_2")]
    assert [each.size for each in shown] == [(32, 24), (33, 24), (34, 24)]
    assert [found["question"], found["response_1"], found["response_2"]] == [BREAD, GAS, HEAT]
    assert found["feedback"] == found["overall_textfeedback"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"response_2": ""}, "response_2 is empty"),
        ({"output_image_url_1": None}, "has no output_image_url_1"),
    ],
)
def test_an_answer_that_lacks_its_text_or_its_picture_is_refused(
    tmp_path: Path, change: dict[str, Any], reason: str
) -> None:
    found = read(MIXED, tmp_path, **change)
    assert isinstance(found, BadRow)
    assert found.reason == reason


@pytest.mark.django_db
def test_no_reader_brings_a_picture_without_its_text(tmp_path: Path) -> None:
    shown = {f"response_{at}_image": said(Modality.IMAGE, tmp_path, at) for at in (0, 1)}
    source = journey.write_lines(tmp_path / "rows.jsonl", [{"prompt": BREAD, **shown}])
    with pytest.raises(AssertionError, match="has a response without text"):
        journey.loaded(source, "jsonl", protocol=MIXED.key)


# --- Rationales ----------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_rationale_through_the_form_is_settled_and_need_not_be_there(tmp_path: Path) -> None:
    form = FORMS["align_anything_t2t"]
    source = journey.write_lines(tmp_path / "rows.jsonl", [row(form, tmp_path)])
    dataset, _report = journey.loaded(source, form.key)
    campaign = journey.opened(dataset, overlap=2)
    assert journey.labels(cast().ana, campaign, judge) == 3
    assert journey.labels_by_form(cast().ben, campaign, fields) == 3
    assert journey.settled(dataset).settled == 1
    rationales = dataset.items.get().verdicts.filter(question__endswith="_rationale")
    assert sorted(rationales.values_list("question", "value")) == [
        ("clarity_rationale", "Two plain sentences."),
        ("prompt_following_rationale", "It says all."),
    ]
    # That one of the two wrote nothing keeps nothing out: nobody has to.
    assert journey.cut(dataset, minimum_votes=2).size == 1


def fields(sheet: Sheet) -> dict[str, Any]:
    """The same opinion as the fields of the form, with one rationale of its own."""
    filled: dict[str, Any] = {}
    for key, value in judge(sheet).items():
        if isinstance(value, dict):
            filled |= {f"{side}-{key}": given for side, given in value.items()}
        else:
            filled[key] = value
    if sheet.step.key == "respects":
        first = min(sheet.panes, key=longest).side
        filled |= {f"{first}-prompt_following_rationale": "", f"{first}-clarity_rationale": ""}
        filled[f"{first}-clarity_rationale"] = "Two plain sentences."
    return filled


@pytest.mark.django_db
def test_a_dataset_of_the_first_version_goes_on_without_rationales(tmp_path: Path) -> None:
    form = FORMS["align_anything_t2t"]
    rows = [row(form, tmp_path, overall_response=1, p_rationale_1="All of it.")]
    source = journey.write_lines(tmp_path / "rows.jsonl", rows)
    dataset, _report = journey.loaded(source, form.key, protocol=f"{form.key}@1")
    assert dataset.protocol == f"{form.key}@1"
    (vote,) = dataset.items.get().imported_votes.all()
    assert list(vote.answers) == ["overall"]
    campaign = journey.opened(dataset, overlap=1)
    assert journey.labels(cast().ana, campaign, without_rationales) == 3
    assert journey.settled(dataset).settled == 1
    journey.exported(journey.cut(dataset), "align_anything", tmp_path / "out")
    assert READERS[form.key].read(tmp_path / "out", ReadOptions())


def without_rationales(sheet: Sheet) -> dict[str, Any]:
    answers = judge(sheet)
    assert not [key for key in answers if key.endswith("_rationale")], "the page asks for none"
    return answers
