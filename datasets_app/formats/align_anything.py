"""Align-Anything: the published columns of each modality form, and two shapes of its trainers.

`align_anything` is what the templates AA_TI2T, AA_TA2T, AA_TV2T and AA_T2A read; responses are 1
and 2, and 0 in a respect says that neither is ahead. Pairs of texts alone are read by PKUSafeRLHF,
with the ids 0 and 1, so their rows say the choice in both ways. AA_textfeedback reads text and
picture as an answer, with what decided between two as `feedback`. Pictures and sounds lie inside
the Parquet file, films beside it, where `video_path` says. `align_anything_llf` is language
feedback, for AA_TI2T_LLF; `pickapic` is what the template of that name reads of two pictures.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from datasets_app.align_anything import FEEDBACK, FORMS, FROM_ZERO, Form
from datasets_app.formats import base
from datasets_app.formats.base import (
    Attachment,
    Encoding,
    Feature,
    Features,
    Format,
    Refusal,
    Row,
    Rows,
    Shape,
    Table,
)
from datasets_app.formats.reading import Picture, Reading, file_name
from datasets_app.vocabulary import Modality

TIE = 0
REFUSES = {
    "not_a_pair": base.NOT_A_PAIR,
    "dialogue": base.DIALOGUE,
    "other_media": (
        "Its files and texts are not those of this form: a file with the prompt, or what each "
        "response consists of."
    ),
    "identical_responses": base.SAME_TEXT,
    "no_verdict": base.NO_VERDICT,
    "no_preference": base.NO_PREFERENCE,
}
LLF_REFUSES = {
    key: REFUSES[key] for key in ("not_a_pair", "dialogue", "other_media", "no_verdict")
} | {"nothing_refined": "The refinement reads as the response does: nothing is to be learnt."}

# How a column shows a file: pictures and sounds inside the row, films at a path beside it.
_FEATURES = {
    Modality.TEXT: "string",
    Modality.IMAGE: "image",
    Modality.AUDIO: "audio",
    Modality.VIDEO: "string",
}
_FROM_ZERO: Features = dict(zip(FROM_ZERO, ("string", "string", "int64"), strict=True))


def rows(reading: Reading, *, form: Form) -> Rows:
    """One row for a pair, or why there is none."""
    if reason := _unsayable(reading, form) or _undecided(reading):
        return Refusal(reason)
    compared = _compared(reading, form)
    if compared is None:
        return Refusal("no_verdict")
    first, second = reading.record["responses"]
    row: Row = {form.prompt: _question(reading, form)}
    if form.prompt_media:
        row[form.prompt_media] = _prompt_file(reading, form)
    for at, part in enumerate((first, second)):
        row |= _response(reading, form, at)
        row[form.models[at]] = part["model"]
    row |= compared
    for at, column in enumerate(form.critiques):
        row[column] = reading.of("critique", at) or ""
    row[form.overall] = _number(reading.of("overall"))
    feedback = (FEEDBACK, form.feedback_again) if form.feedback_again else (FEEDBACK,)
    row |= dict.fromkeys(feedback, reading.of("overall_textfeedback") or "")
    row[form.refinement] = reading.of("refinement") or ""
    return [row | _from_zero(reading, form)]


def _from_zero(reading: Reading, form: Form) -> Row:
    """The pair with the ids 0 and 1: 1 is the first response, as `response_1` has it already."""
    if not form.from_zero:
        return {}
    second = reading.record["responses"][1]["text"]
    better = 1 if reading.chosen("overall") == 0 else 0
    return dict(zip(FROM_ZERO, (reading.question, second, better), strict=True))


def _compared(reading: Reading, form: Form) -> Row | None:
    """What was said in every respect; None where a rate or a choice has no verdict."""
    row: Row = {}
    for respect in form.respects:
        rates, choice = reading.numbers(f"{respect.key}_rate"), reading.of(respect.key)
        if rates is None or choice is None:
            return None
        row[form.choice(respect)] = _number(choice)
        row |= zip(respect.rates, rates, strict=True)
        for at, column in enumerate(respect.rationales):
            row[column] = reading.of(f"{respect.key}_rationale", at) or ""
    return row


def _number(choice: object) -> int:
    """1 or 2 for a response; 0 for a tie, which the loaders drop."""
    return choice + 1 if type(choice) is int else TIE


def _unsayable(reading: Reading, form: Form) -> str:
    if not reading.is_pair:
        return "not_a_pair"
    if reading.question is None:
        return "dialogue"
    shown = [reading.media(digest) for turn in reading.record["turns"] for digest in turn["media"]]
    wanted = [form.prompt_modality.value] if form.prompt_media else []
    answered = [reading.media(part["media"]) for part in reading.record["responses"]]
    expected = [None if form.modality is Modality.TEXT else form.modality.value] * 2
    if [part and part["modality"] for part in shown] != wanted:
        return "other_media"
    if [part and part["modality"] for part in answered] != expected:
        return "other_media"
    is_worded = all(bool(part["text"]) is form.has_texts for part in reading.record["responses"])
    return "" if is_worded else "other_media"


def _undecided(reading: Reading) -> str:
    first, second = reading.record["responses"]
    if first["media"] == second["media"] and reading.reads_the_same:
        return "identical_responses"
    if reading.of("overall") is None:
        return "no_verdict"
    return "no_preference" if reading.chosen("overall") is None else ""


def _question(reading: Reading, form: Form) -> str:
    # The template takes the mark out again; what reads the file by other means looks for it.
    mark = "<video>" if form.prompt_modality is Modality.VIDEO else ""
    return f"{mark}{reading.question}"


def _prompt_file(reading: Reading, form: Form) -> Picture | str:
    (digest,) = (digest for turn in reading.record["turns"] for digest in turn["media"])
    return _file(reading, digest, form.prompt_modality)


def _response(reading: Reading, form: Form, at: int) -> Row:
    """The columns of what a response says and shows."""
    part = reading.record["responses"][at]
    said: Row = {form.responses[at]: part["text"]} if form.has_texts else {}
    if form.files:
        assert part["media"] is not None, "_unsayable lets only responses with a file through"
        said[form.files[at]] = _file(reading, part["media"], form.modality)
    return said


def _file(reading: Reading, digest: str, modality: Modality) -> Picture | str:
    part = reading.media(digest)
    assert part is not None, "_unsayable lets only files through that the record describes"
    name = file_name(part)
    # Its loader makes an absolute path of it by putting ROOT_VIDEO_PATH in place of the dot.
    return f"./videos/{name}" if modality is Modality.VIDEO else Picture(digest, name)


def films(reading: Reading) -> Sequence[Attachment]:
    """The films of a record, where its row says they are."""
    return [
        Attachment(f"videos/{file_name(part)}", part["digest"])
        for part in reading.record["media"]
        if part["modality"] == Modality.VIDEO
    ]


def features(form: Form) -> Features:
    """The columns of a form, in the order of its rows."""
    columns: Features = {form.prompt: "string"}
    if form.prompt_media:
        columns[form.prompt_media] = _FEATURES[form.prompt_modality]
    for at, model in enumerate(form.models):
        columns |= {form.responses[at]: "string"} if form.has_texts else {}
        columns |= {form.files[at]: _FEATURES[form.modality]} if form.files else {}
        columns[model] = "string"
    for respect in form.respects:
        columns |= dict.fromkeys((form.choice(respect), *respect.rates), "int64")
        columns |= dict.fromkeys(respect.rationales, "string")
    columns |= dict.fromkeys(form.critiques, "string")
    columns |= {form.overall: "int64", FEEDBACK: "string"}
    columns |= {form.feedback_again: "string"} if form.feedback_again else {}
    columns[form.refinement] = "string"
    return columns | _FROM_ZERO if form.from_zero else columns


def llf_rows(reading: Reading, *, form: Form) -> Rows:
    """One row for each response that the refinement betters, or why there is none."""
    if reason := _unsayable(reading, form):
        return Refusal(reason)
    refined = reading.of("refinement")
    critiques = [reading.of("critique", at) for at in (0, 1)]
    if refined is None or None in critiques:
        return Refusal("no_verdict")
    shown = {_llf_media(form): _prompt_file(reading, form)} if form.prompt_media else {}
    found = [
        {
            "prompt": reading.question,
            **shown,
            "response": part["text"],
            "critique": critiques[part["position"]],
            "refinement": refined,
        }
        for part in reading.record["responses"]
        if part["text"].split() != refined.split()
    ]
    return found or Refusal("nothing_refined")


def _llf_media(form: Form) -> str:
    return form.prompt_modality.value


def llf_features(form: Form) -> Features:
    """The columns of language feedback. The template opens the picture's bare bytes itself."""
    text: Feature = "string"
    shown: Features = {}
    if form.prompt_media:
        inside = form.prompt_modality is not Modality.VIDEO
        shown = {_llf_media(form): "binary" if inside else "string"}
    return {"prompt": text, **shown, "response": text, "critique": text, "refinement": text}


def pickapic_rows(reading: Reading) -> Rows:
    """One row for a pair of pictures; label_1 is 1.0 where the second is better."""
    form = FORMS["align_anything_t2i"]
    if reason := _unsayable(reading, form) or _undecided(reading):
        return Refusal(reason)
    better = reading.chosen("overall")
    return [
        {
            "caption": reading.question,
            "jpg_0": _response(reading, form, 0)["image_1"],
            "jpg_1": _response(reading, form, 1)["image_2"],
            "label_0": float(better == 0),
            "label_1": float(better == 1),
        }
    ]


_PICKAPIC: Features = {
    "caption": "string",
    "jpg_0": "binary",
    "jpg_1": "binary",
    "label_0": "float64",
    "label_1": "float64",
}


def tables(shape: Shape) -> Sequence[Table]:
    form = FORMS[shape.protocol.key]
    shows_films = Modality.VIDEO in (form.modality, form.prompt_modality)
    return [
        Table(
            rows=partial(rows, form=form),
            features=features(form),
            encoding=Encoding.PARQUET,
            path="{config}/{split}.parquet",
            config=form.config,
            attachments=films if shows_films else None,
        )
    ]


def llf_tables(shape: Shape) -> Sequence[Table]:
    form = FORMS[shape.protocol.key]
    return [
        Table(
            rows=partial(llf_rows, form=form),
            features=llf_features(form),
            encoding=Encoding.PARQUET,
            path="{config}/{split}.parquet",
            config=form.config,
            attachments=films if form.prompt_modality is Modality.VIDEO else None,
        )
    ]


def pickapic_tables(_shape: Shape) -> Sequence[Table]:
    return [
        Table(
            rows=pickapic_rows,
            features=_PICKAPIC,
            encoding=Encoding.PARQUET,
            path="{config}/{split}.parquet",
        )
    ]


_TAGS = ("align-anything", "preference", "any-to-any")
FORMAT = Format(
    key="align_anything",
    version=3,
    title="Align-Anything",
    summary="Pairs of one modality with rates and choices in each respect, overall and in words.",
    refuses=REFUSES,
    tables=tables,
    protocols=frozenset(FORMS),
    task_categories=("any-to-any",),
    tags=_TAGS,
)
LLF_FORMAT = Format(
    key="align_anything_llf",
    version=1,
    title="Align-Anything, language feedback",
    summary="A response, its critique and its refinement; one row a response.",
    refuses=LLF_REFUSES,
    tables=llf_tables,
    protocols=frozenset(key for key, form in FORMS.items() if form.modality is Modality.TEXT),
    task_categories=("text-generation",),
    tags=(*_TAGS, "language-feedback"),
)
PICKAPIC_FORMAT = Format(
    key="pickapic",
    version=1,
    title="Pick-a-Pic",
    summary="Two pictures made from one caption, and which was picked.",
    refuses=REFUSES,
    tables=pickapic_tables,
    protocols=frozenset({"align_anything_t2i"}),
    task_categories=("text-to-image",),
    tags=("preference", "text-to-image"),
)
