"""The torch room: judgements in order, and no failure that passes for safe."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from moderation.classifiers.contract import Judgement, Passage
from moderation.classifiers.loading import load_classifier
from tests.moderation.classifiers.tiny import WORDS, bert, distilbert, saved

if TYPE_CHECKING:
    import torch

    from moderation.classifiers.sequence import SequenceClassifier

TEXTS = [
    Passage(f"how do i {word}", answer) for word in WORDS[4:] for answer in (None, "no", "burn it")
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return saved(tmp_path_factory.mktemp("model"), bert())


@pytest.fixture
def guard(folder: Path) -> SequenceClassifier:
    from moderation.classifiers.sequence import SequenceClassifier

    classifier = load_classifier(str(folder), device="cpu")
    assert isinstance(classifier, SequenceClassifier)
    return classifier


def close(one: Judgement, other: Judgement) -> bool:
    return (
        one.probabilities == pytest.approx(other.probabilities, abs=1e-4)
        and one.is_safe_probability == pytest.approx(other.is_safe_probability, abs=1e-4)
        and (one.severity, one.error) == (other.severity, other.error)
    )


def sabotage(guard: SequenceClassifier, monkeypatch: pytest.MonkeyPatch, forward: Any) -> list[int]:
    """Put `forward(input_ids, real)` before the model; the sizes of the batches it saw."""
    real, sizes = guard.model.forward, []

    def replaced(**inputs: torch.Tensor) -> Any:
        sizes.append(len(inputs["input_ids"]))
        return forward(inputs["input_ids"], lambda: real(**inputs))

    monkeypatch.setattr(guard.model, "forward", replaced)
    return sizes


def test_judgements_come_in_the_order_of_the_passages(guard: SequenceClassifier) -> None:
    together = guard.judge(TEXTS)
    alone = [guard.judge([passage])[0] for passage in TEXTS]
    assert all(map(close, together, alone))
    assert len({round(one.is_safe_probability, 4) for one in together}) > 5  # they do differ


def test_the_same_revision_says_the_same_again(folder: Path, guard: SequenceClassifier) -> None:
    again = load_classifier(str(folder), device="cpu")
    assert again.revision == guard.revision
    assert all(map(close, guard.judge(TEXTS), again.judge(TEXTS)))


def test_it_gives_the_numbers_that_transformers_gives(guard: SequenceClassifier) -> None:
    import torch

    ids = torch.tensor([[2, 7, 8, 9, 11, 3, 12, 3]])
    sides = torch.tensor([[0, 0, 0, 0, 0, 0, 1, 1]])
    with torch.inference_mode():
        logits = bert()(input_ids=ids, token_type_ids=sides).logits[0]
    (said,) = guard.judge([Passage("how do i burn", "it")])
    assert said.probabilities["Violence"] == pytest.approx(logits[0].sigmoid().item(), abs=1e-4)
    assert said.is_safe_probability == pytest.approx(logits[2:].softmax(0)[0].item(), abs=1e-4)


def test_an_empty_batch_is_an_empty_answer(guard: SequenceClassifier) -> None:
    assert guard.judge([]) == []


def test_more_than_a_block_is_judged_as_well(
    guard: SequenceClassifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = guard.judge(TEXTS)
    monkeypatch.setattr("moderation.classifiers.sequence.BLOCK", 7)
    assert all(map(close, guard.judge(TEXTS), expected))


def test_a_model_without_sides_is_judged_as_well(tmp_path: Path) -> None:
    guard = load_classifier(str(saved(tmp_path / "model", distilbert())), device="cpu")
    assert all(one.error is None for one in guard.judge(TEXTS))


def test_a_long_text_is_as_grave_as_its_gravest_window(guard: SequenceClassifier) -> None:
    (long,) = guard.judge([Passage("a " * 100 + "burn it " * 3 + "b " * 100)])
    windows = guard.cutter.cut([Passage("a " * 100 + "burn it " * 3 + "b " * 100)])[0]
    assert len(windows) > 5
    each = [guard._label_map.judgements(guard._logits([window])[0], [1])[0] for window in windows]
    assert long.severity == max(one.severity for one in each)
    assert long.is_safe_probability == pytest.approx(
        min(one.is_safe_probability for one in each), abs=1e-4
    )


def test_no_batch_is_over_the_budget(
    guard: SequenceClassifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    guard.budget = 40
    shapes: list[int] = []

    def forward(ids: torch.Tensor, real: Any) -> Any:
        shapes.append(ids.numel())
        return real()

    sabotage(guard, monkeypatch, forward)
    guard.judge(TEXTS)
    assert max(shapes) <= 40


def out_of_memory() -> Exception:
    import torch

    error: Exception = torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")
    return error


@pytest.mark.parametrize(
    "make",
    [
        out_of_memory,
        MemoryError,
        lambda: RuntimeError(
            "[enforce fail at alloc_cpu.cpp:127] DefaultCPUAllocator: can't allocate memory"
        ),
        lambda: RuntimeError(
            "DefaultCPUAllocator: not enough memory: you tried to allocate 9 bytes."
        ),
    ],
    ids=["cuda", "python", "cpu", "windows"],
)
def test_out_of_memory_halves_the_batch_until_it_fits(
    guard: SequenceClassifier, monkeypatch: pytest.MonkeyPatch, make: Callable[[], Exception]
) -> None:
    error, expected, budget = make(), guard.judge(TEXTS), guard.budget

    def forward(ids: torch.Tensor, real: Any) -> Any:
        if len(ids) > 3:
            raise error
        return real()

    sizes = sabotage(guard, monkeypatch, forward)
    assert all(map(close, guard.judge(TEXTS), expected))
    assert sizes[0] == len(TEXTS)
    assert guard.budget < budget  # the next call does not try again what failed


def test_a_passage_too_large_even_alone_fails_and_its_neighbours_do_not(
    guard: SequenceClassifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected, poison = guard.judge(TEXTS), WORDS.index("fold")

    def forward(ids: torch.Tensor, real: Any) -> Any:
        if (ids == poison).any():
            raise out_of_memory()
        return real()

    sizes = sabotage(guard, monkeypatch, forward)
    judged = guard.judge(TEXTS)
    for passage, said, before in zip(TEXTS, judged, expected, strict=True):
        if "fold" in passage.prompt:
            assert (said.severity, said.error) == (3, "out of memory, even alone in its batch")
        else:
            assert close(said, before)
    assert 1 in sizes


def test_when_no_passage_finds_memory_none_is_safe(
    guard: SequenceClassifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forward(_ids: torch.Tensor, _real: Any) -> Any:
        raise out_of_memory()

    sabotage(guard, monkeypatch, forward)
    assert all(one.error and one.severity == 3 for one in guard.judge(TEXTS))


def test_another_error_of_the_device_is_not_taken_for_want_of_memory(
    guard: SequenceClassifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forward(_ids: torch.Tensor, _real: Any) -> Any:
        raise RuntimeError("device-side assert triggered")

    sabotage(guard, monkeypatch, forward)
    with pytest.raises(RuntimeError, match="assert"):
        guard.judge(TEXTS)


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_numbers_that_are_not_finite_are_an_error_never_safe(
    guard: SequenceClassifier, monkeypatch: pytest.MonkeyPatch, bad: float
) -> None:
    def forward(ids: torch.Tensor, real: Any) -> Any:
        output = real()
        output.logits[(ids == WORDS.index("fold")).any(dim=1), 2] = bad
        return output

    sabotage(guard, monkeypatch, forward)
    for passage, said in zip(TEXTS, guard.judge(TEXTS), strict=True):
        assert (said.error is not None) == ("fold" in passage.prompt)
        assert said.error is None or said.severity == 3


@pytest.mark.parametrize("shape", [(5,), (7,), ()])
def test_outputs_of_another_shape_are_an_error_never_safe(
    guard: SequenceClassifier, monkeypatch: pytest.MonkeyPatch, shape: Sequence[int]
) -> None:
    import torch

    def forward(ids: torch.Tensor, real: Any) -> Any:
        output = real()
        output.logits = torch.ones(len(ids), *shape)
        return output

    sabotage(guard, monkeypatch, forward)
    judged = guard.judge(TEXTS)
    assert all(one.error and "shape" in one.error for one in judged)
    assert len(judged) == len(TEXTS)
