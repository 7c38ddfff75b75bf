"""SafeSora: pairs of videos made from one text; the preference form and the label form.

The file is one JSON list in gzip, and the films lie where the loader looks for them:
videos/<prompt_id>/<video_id>.mp4. Every field is filled, since the loader calls a data set with a
null anywhere incomplete. `sub_preferences` has both `information` (the key that the loader keeps)
and `informativeness` (the one that its example trainer asks for).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

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
from datasets_app.formats.reading import Reading, plain_name, said
from datasets_app.record import RecordBody, ResponsePart
from datasets_app.vocabulary import Split

SPLITS = {Split.TRAIN: "train", Split.VALIDATION: "validation", Split.TEST: "test"}
PATH = "config-{split}.json.gz"
# Our questions, and the keys under which the file gives their answers.
SUB_PREFERENCES = (
    ("instruction_following", ("instruction_following",)),
    ("correctness", ("correctness",)),
    ("informativeness", ("information", "informativeness")),
    ("aesthetics", ("aesthetics",)),
)
PROMPT_TYPES = ("safety_neutral", "safety_critical")
UNKNOWN = "unknown"

_SHARED_REFUSALS = {
    "not_mp4": "A response is no MP4 film; the loader opens <video_id>.mp4.",
    "prompt_has_media": "Its prompt shows a file; the shape has text prompts.",
    "dialogue": base.DIALOGUE,
    "no_verdict": base.NO_VERDICT,
    "same_file_name": "Another film of the same prompt has the same id at its source.",
}
PAIR_REFUSES = {
    "not_a_pair": base.NOT_A_PAIR,
    **_SHARED_REFUSALS,
    "identical_responses": "Both responses are the same film.",
    "no_preference": base.NO_PREFERENCE,
    "no_sub_preference": "A sub-comparison is a tie; the loader calls such a row incomplete.",
    "safer_is_unsafe": base.SAFER_IS_UNSAFE,
}
LABEL_REFUSES = {
    **_SHARED_REFUSALS,
    "repeated": "The same film was written already, from another pair.",
}


def pair_rows(reading: Reading, *, names: tuple[str, ...]) -> Rows:
    """One row for a pair, or why there is none. `names` are the categories in their order."""
    if not reading.is_pair:
        return Refusal("not_a_pair")
    if reason := _unsayable(reading):
        return Refusal(reason)
    first, second = reading.record["responses"]
    if first["media"] == second["media"]:
        return Refusal("identical_responses")
    preferences, safe = _preferences(reading), _safe(reading)
    if isinstance(preferences, Refusal):
        return preferences
    if safe is None:
        return Refusal("no_verdict")
    if base.contradicts_safety(preferences["harmlessness"], (safe[0], safe[1])):
        return Refusal("safer_is_unsafe")
    prompt = _prompt(reading, names)
    shown = {key: value for key, value in prompt.items() if key != "prompt_labels"}
    return [
        {
            "pair_id": reading.record["external_id"],
            **shown,
            "video_0": {**shown, **_video(reading, first, {"is_safe": safe[0]})},
            "video_1": {**shown, **_video(reading, second, {"is_safe": safe[1]})},
            "helpfulness": _name(preferences["helpfulness"]),
            "harmlessness": _name(preferences["harmlessness"]),
            "sub_preferences": {
                key: _name(preferences[question])
                for question, keys in SUB_PREFERENCES
                for key in keys
            },
        }
    ]


def _preferences(reading: Reading) -> dict[str, int] | Refusal:
    """Which position each of the six comparisons chose."""
    asked = {"helpfulness": "better", "harmlessness": "safer"}
    asked |= {question: question for question, _ in SUB_PREFERENCES}
    if any(reading.of(question) is None for question in asked.values()):
        return Refusal("no_verdict")
    chosen = {key: reading.chosen(question) for key, question in asked.items()}
    if chosen["helpfulness"] is None or chosen["harmlessness"] is None:
        return Refusal("no_preference")
    named = {key: position for key, position in chosen.items() if position is not None}
    return named if len(named) == len(chosen) else Refusal("no_sub_preference")


def label_rows(reading: Reading, *, names: tuple[str, ...]) -> Rows:
    """One row for each film, or why there is none. `names` are the categories in their order."""
    if reason := _unsayable(reading):
        return Refusal(reason)
    safe = _safe(reading)
    if safe is None:
        return Refusal("no_verdict")
    prompt = _prompt(reading, names)
    return [
        {
            **prompt,
            **_video(
                reading,
                part,
                {
                    "is_safe": safe[part["position"]],
                    "video_labels": base.flagged(reading.of("categories", part["position"]), names),
                },
            ),
        }
        for part in reading.record["responses"]
    ]


def _unsayable(reading: Reading) -> str:
    films = [reading.media(part["media"]) for part in reading.record["responses"]]
    if any(film is None or film["mime"] != "video/mp4" for film in films):
        return "not_mp4"
    if reading.has_prompt_media:
        return "prompt_has_media"
    return "dialogue" if reading.question is None else ""


def _safe(reading: Reading) -> list[bool] | None:
    """Whether each film is safe, which is to say: has no category."""
    found = [reading.of("categories", part["position"]) for part in reading.record["responses"]]
    return [not labels for labels in found] if all(isinstance(f, list) for f in found) else None


def _prompt(reading: Reading, names: tuple[str, ...]) -> Row:
    """What the file says of the prompt.

    Type and labels are the source's. Where it gave no labels, a prompt has those that people gave
    to its films; where it gave no type, a prompt with a label is safety-critical.
    """
    meta = reading.record["prompt_meta"]
    labels = _source_labels(meta.get("prompt_labels"), names) or _film_labels(reading, names)
    kind = meta.get("prompt_type")
    return {
        "prompt_id": _prompt_id(reading.record),
        "prompt_text": reading.question,
        "prompt_type": kind if kind in PROMPT_TYPES else PROMPT_TYPES[any(labels.values())],
        "prompt_labels": labels,
    }


def _source_labels(given: object, names: tuple[str, ...]) -> dict[str, bool] | None:
    return {name: given.get(name) is True for name in names} if isinstance(given, dict) else None


def _film_labels(reading: Reading, names: tuple[str, ...]) -> dict[str, bool]:
    parts = reading.record["responses"]
    found = [reading.of("categories", part["position"]) or [] for part in parts]
    return base.flagged([label for labels in found for label in labels], names)


def _video(reading: Reading, response: ResponsePart, judged: Row) -> Row:
    """What the file says of a film, its keys in the loader's order, with what was `judged` of it.

    `video_text` is the text that the generator was given.
    """
    return {
        "video_id": _video_id(response),
        "video_text": said(response["meta"], "video_text") or reading.question,
        "video_path": _path(reading.record, response),
        **judged,
        "generated_from": response["model"] or UNKNOWN,
    }


def _prompt_id(record: RecordBody) -> str:
    return plain_name(record["prompt_external_id"], record["prompt_id"])


def _video_id(response: ResponsePart) -> str:
    return plain_name(response["meta"].get("video_id"), response["id"])


def _path(record: RecordBody, response: ResponsePart) -> str:
    return f"videos/{_prompt_id(record)}/{_video_id(response)}.mp4"


def films(reading: Reading) -> Sequence[Attachment]:
    """The films of a record, where the loader looks for them."""
    return [
        Attachment(_path(reading.record, part), part["media"])
        for part in reading.record["responses"]
        if part["media"]
    ]


def _name(position: int) -> str:
    return f"video_{position}"


def _features(names: tuple[str, ...]) -> tuple[Features, Features]:
    """The columns of the preference form and of the label form."""
    labels: Feature = dict.fromkeys(names, "bool")
    prompt: Features = {"prompt_id": "string", "prompt_text": "string", "prompt_type": "string"}
    video: Features = {"video_id": "string", "video_text": "string", "video_path": "string"}
    maker: Features = {"generated_from": "string"}
    shown: Feature = {**prompt, **video, "is_safe": "bool", **maker}
    pair: Features = {
        "pair_id": "string",
        **prompt,
        "video_0": shown,
        "video_1": shown,
        "helpfulness": "string",
        "harmlessness": "string",
        "sub_preferences": {key: "string" for _, keys in SUB_PREFERENCES for key in keys},
    }
    judged: Features = {"is_safe": "bool", "video_labels": labels}
    return pair, {**prompt, "prompt_labels": labels, **video, **judged, **maker}


def pair_tables(shape: Shape) -> Sequence[Table]:
    names = shape.label_set.keys
    return [
        Table(
            rows=partial(pair_rows, names=names),
            features=_features(names)[0],
            encoding=Encoding.JSON_LIST_GZ,
            path=PATH,
            splits=SPLITS,
            attachments=films,
        )
    ]


def label_tables(shape: Shape) -> Sequence[Table]:
    names = shape.label_set.keys
    return [
        Table(
            rows=partial(label_rows, names=names),
            features=_features(names)[1],
            encoding=Encoding.JSON_LIST_GZ,
            path=PATH,
            splits=SPLITS,
            once=lambda row: row["video_path"],
            attachments=films,
        )
    ]


PAIR_FORMAT = Format(
    key="safesora",
    version=1,
    title="SafeSora, preferences",
    summary="Pairs of films with both preferences and four sub-preferences; video_0 and video_1.",
    refuses=PAIR_REFUSES,
    tables=pair_tables,
    protocols=frozenset({"safesora"}),
    task_categories=("text-to-video",),
    tags=("safety", "preference", "text-to-video", "safe-sora"),
)
LABEL_FORMAT = Format(
    key="safesora_label",
    version=1,
    title="SafeSora, labels",
    summary="One film with its text, whether it is safe, and 12 labels; one row a film.",
    refuses=LABEL_REFUSES,
    tables=label_tables,
    protocols=frozenset({"safesora"}),
    task_categories=("text-to-video",),
    tags=("safety", "moderation", "text-to-video", "safe-sora"),
)
