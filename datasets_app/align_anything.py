"""The forms of Align-Anything: which columns each publishes, and in which respects it rates.

Protocol, reader and format are made from these. What a form is called is `align_anything_` with the
letters that the source uses: t2a is text to audio, ti2ti text and picture to text and picture.
docs/formats.md says which columns are published ones and which follow the form most like them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from datasets_app.vocabulary import Modality


@dataclass(frozen=True, slots=True)
class Respect:
    """One respect in which responses are rated and compared.

    `letter` stands in the columns of its choice and rationales. `rated` is what the source calls it
    in the columns of its rates, where that is not our key.
    """

    letter: str
    key: str
    rated: str = ""

    @property
    def rates(self) -> tuple[str, str]:
        """The columns of the rates of both responses."""
        name = self.rated or self.key
        return f"{name}_rate_1", f"{name}_rate_2"

    @property
    def rationales(self) -> tuple[str, str]:
        """The columns of why each response was rated as it was."""
        return f"{self.letter}_rationale_1", f"{self.letter}_rationale_2"


@dataclass(frozen=True, slots=True)
class Form:
    """One modality form. Columns are named as published; of a pair, those of both responses.

    `media` are the columns of the responses' files where each response has a text as well, which
    is then in `responses`. `feedback_again` is a second column of what decided it. `from_zero` says
    that a row names its pair once more with the ids 0 and 1, in the columns `FROM_ZERO`.
    """

    key: str
    config: str
    modality: Modality
    prompt_modality: Modality
    respects: tuple[Respect, ...]
    prompt: str
    prompt_media: str
    responses: tuple[str, str]
    models: tuple[str, str]
    critiques: tuple[str, str] = ("text_critique_1", "text_critique_2")
    refinement: str = "refinement"
    media: tuple[()] | tuple[str, str] = ()
    feedback_again: str = ""
    from_zero: bool = False

    @property
    def has_texts(self) -> bool:
        """Whether each response has a text, alone or beside its file."""
        return self.modality is Modality.TEXT or bool(self.media)

    @property
    def files(self) -> tuple[()] | tuple[str, str]:
        """The columns of the responses' files; () where texts alone answer."""
        return self.media or (() if self.modality is Modality.TEXT else self.responses)

    @property
    def said_of(self) -> str:
        """What the columns of choices end in: p_response, overall_audio."""
        return "response" if self.has_texts else self.modality.value

    @property
    def overall(self) -> str:
        return f"overall_{self.said_of}"

    def choice(self, respect: Respect) -> str:
        """The column that names the response which is ahead in a respect."""
        return f"{respect.letter}_{self.said_of}"


FEEDBACK: Final = "overall_textfeedback"
HIGHEST_RATE: Final = 3
# What the template PKUSafeRLHF reads besides `response_1`: no template reads pairs of texts by the
# columns of the form itself. So `response_0` is the second response again.
FROM_ZERO: Final = ("prompt", "response_0", "better_response_id")

_PROMPT = Respect("p", "prompt_following")
_OBJECTIVE = Respect("o", "objective_rules")
_RICH = Respect("i", "information_richness")
_SAFE = Respect("s", "safety")
_TEXT = (_PROMPT, _OBJECTIVE, Respect("c", "clarity"), _RICH, _SAFE)
_IMAGE = (_PROMPT, _OBJECTIVE, Respect("a", "aesthetics"), _RICH, _SAFE)
_AUDIO = (_PROMPT, Respect("o", "audio_quality"), Respect("a", "consistency"), _RICH, _SAFE)
_MIXED = (_PROMPT, _OBJECTIVE, Respect("ca", "clarity_aesthetics", rated="ca"), _RICH, _SAFE)
_VIDEO = (
    _PROMPT,
    Respect("o", "objective_rules", rated="video_objective_reality"),
    Respect("a", "aesthetics", rated="aesthetic"),
    _RICH,
    _SAFE,
    Respect("t", "temporal_consistency"),
    Respect("c", "content_coherence"),
    Respect("m", "motion_naturalness"),
)
_TEXTS = ("response_1", "response_2")
_FROM = ("res_1_from", "res_2_from")


def _to_text(key: str, config: str, modality: Modality, prompt: str, media: str = "") -> Form:
    models = ("model_1", "model_2") if modality is Modality.VIDEO else _FROM
    return Form(
        key,
        config,
        Modality.TEXT,
        modality,
        _TEXT,
        prompt,
        media,
        _TEXTS,
        models,
        from_zero=modality is Modality.TEXT,
    )


def _from_text(
    key: str,
    modality: Modality,
    respects: tuple[Respect, ...],
    responses: tuple[str, str],
    models: tuple[str, str],
    critiques: tuple[str, str] = ("text_1_feedback", "text_2_feedback"),
) -> Form:
    config = f"text-to-{modality.value}"
    return Form(
        key,
        config,
        modality,
        Modality.TEXT,
        respects,
        "prompt",
        "",
        responses,
        models,
        critiques,
        "refine_prompt",
    )


def _text_and_picture() -> Form:
    return Form(
        "align_anything_ti2ti",
        "text-image-to-text-image",
        Modality.IMAGE,
        Modality.IMAGE,
        _MIXED,
        "question",
        "image_url",
        _TEXTS,
        _FROM,
        media=("output_image_url_1", "output_image_url_2"),
        feedback_again="feedback",
    )


FORMS: Final = {
    form.key: form
    for form in (
        _to_text("align_anything_t2t", "text-to-text", Modality.TEXT, "question"),
        _to_text("align_anything_ti2t", "text-image-to-text", Modality.IMAGE, "question", "image"),
        _to_text(
            "align_anything_ta2t", "text-audio-to-text", Modality.AUDIO, "prompt", "audio_path"
        ),
        _to_text(
            "align_anything_tv2t", "text-video-to-text", Modality.VIDEO, "prompt", "video_path"
        ),
        _text_and_picture(),
        _from_text(
            "align_anything_t2i",
            Modality.IMAGE,
            _IMAGE,
            ("image_1", "image_2"),
            ("image_1_model", "image_2_model"),
        ),
        _from_text("align_anything_t2a", Modality.AUDIO, _AUDIO, _TEXTS, _FROM),
        _from_text(
            "align_anything_t2v",
            Modality.VIDEO,
            _VIDEO,
            ("video_1", "video_2"),
            ("video_1_model", "video_2_model"),
        ),
    )
}
