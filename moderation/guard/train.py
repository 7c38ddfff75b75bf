"""Trains the guard that ships: `python -m moderation.guard.train [--to DIR]`.

The same torch on the same kind of processor gives the same weights, byte for byte: every chance
is seeded, the vocabulary is chosen in a fixed order, and a single thread adds up in a single order.
"""

from __future__ import annotations

import argparse
import math
import random
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from transformers import ModernBertConfig, ModernBertForSequenceClassification

from moderation.classifiers.addresses import GUARD
from moderation.classifiers.folders import checked
from moderation.classifiers.reading import readable
from moderation.guard.examples import Example, examples
from moderation.guard.sources import CATEGORIES, Part, lines
from moderation.guard.vocabulary import END, MASK, PAD, SPECIAL, START, thinned, tokenizer_of

SEED = 20
ROUNDS = 5
EXAMPLES_A_ROUND = 24_000
BATCH = 64
RATE = 2e-3
WARMUP = 100
# Words hidden from the model while it learns, so that it does not hang a verdict on a single one.
HIDDEN_SHARE = 0.4
# Words read in pieces, and how many times a round other ones are.
PIECES_SHARE = 0.3
THINNED_A_ROUND = 8
WINDOW = 192
SEVERITIES = 4
# The mean over 19 categories, most of them absent, would be drowned by the severity's loss, of
# which the model learns the texts by heart long before it knows the categories.
CATEGORY_WEIGHT = 30.0
# Severe texts are rare, and to miss one costs more than to have a moderator look once too often.
SEVERITY_WEIGHTS = torch.tensor([1.0, 1.0, 1.0, 3.0])
# Taken from the logit of "no harm" at the end: harm is rarer in the lessons than a missed one is
# costly, and the lessons alone make a guard that lets too much through.
CAUTION = 0.45

VOCABULARY = 4_600
LABELS = (*CATEGORIES, *(f"severity {level}" for level in range(SEVERITIES)))
CONFIG = ModernBertConfig(
    vocab_size=VOCABULARY,
    hidden_size=64,
    intermediate_size=128,
    num_hidden_layers=2,
    num_attention_heads=4,
    # Every layer sees the whole window: it is short.
    global_attn_every_n_layers=1,
    max_position_embeddings=WINDOW,
    # The mean over all tokens learns from few examples; the first token alone did not.
    classifier_pooling="mean",
    # 0.02, the usual, is made for models ten times as wide and starts this one too quietly.
    initializer_range=0.1,
    embedding_dropout=0.15,
    mlp_dropout=0.15,
    classifier_dropout=0.15,
    pad_token_id=SPECIAL.index(PAD),
    cls_token_id=SPECIAL.index(START),
    bos_token_id=SPECIAL.index(START),
    sep_token_id=SPECIAL.index(END),
    eos_token_id=SPECIAL.index(END),
    id2label=dict(enumerate(LABELS)),
    label2id={label: number for number, label in enumerate(LABELS)},
)

Batch = tuple[Tensor, Tensor, Tensor, Tensor]


def main(arguments: Sequence[str] | None = None) -> None:
    """Train, and write the guard's folder."""
    parser = argparse.ArgumentParser(prog="python -m moderation.guard.train", description=__doc__)
    parser.add_argument(
        "--to", type=Path, default=GUARD, help="the folder to write; made if absent"
    )
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="fewer are faster and worse")
    options = parser.parse_args(arguments)
    started = time.monotonic()
    tokenizer, model = trained(rounds=options.rounds)
    revision = written(options.to, tokenizer, model)
    _say(f"{options.to}: revision {revision}, {time.monotonic() - started:.0f} s")


def trained(*, rounds: int = ROUNDS) -> tuple[Tokenizer, ModernBertForSequenceClassification]:
    """The tokenizer and the model, trained on the training part of the texts alone."""
    torch.use_deterministic_algorithms(True)
    # Threads would split sums as the machine has cores, and the order changes the last digits.
    torch.set_num_threads(1)
    torch.manual_seed(SEED)
    course = [examples(Part.TRAIN, EXAMPLES_A_ROUND, seed=number) for number in range(rounds)]
    tokenizer = tokenizer_of(lines(Part.TRAIN), size=VOCABULARY)
    model = ModernBertForSequenceClassification(CONFIG)
    _learn(model, [_read(tokenizer, lesson, number) for number, lesson in enumerate(course, 1)])
    with torch.no_grad():
        model.classifier.bias[LABELS.index("severity 0")] -= CAUTION
    return tokenizer, model.eval()


def _learn(model: nn.Module, course: Sequence[Sequence[tuple[list[int], Example]]]) -> None:
    optimizer = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=0.01)
    steps = sum(math.ceil(len(lesson) / BATCH) for lesson in course)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: _share(step, steps))
    model.train()
    for number, lesson in enumerate(course):
        total = torch.zeros(())
        for ids, mask, categories, severities in _batches(lesson, random.Random(number)):
            logits = model(input_ids=_with_gaps(ids), attention_mask=mask).logits
            loss = _loss(logits, categories, severities)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            total += loss.detach()
        mean = total.item() / math.ceil(len(lesson) / BATCH)
        _say(f"round {number + 1} of {len(course)}: loss {mean:.3f}")


def _share(step: int, steps: int) -> float:
    """The share of the learning rate at a step: up in a line, down in half a cosine."""
    return min(1.0, (step + 1) / WARMUP) * (0.5 + 0.5 * math.cos(math.pi * step / steps))


def _loss(logits: Tensor, categories: Tensor, severities: Tensor) -> Tensor:
    """What the guard is to learn: the categories, each by itself, and the severity."""
    kinds, levels = logits[:, : len(CATEGORIES)], logits[:, len(CATEGORIES) :]
    by_category = nn.functional.binary_cross_entropy_with_logits(kinds, categories)
    by_severity = nn.functional.cross_entropy(levels, severities, weight=SEVERITY_WEIGHTS)
    return CATEGORY_WEIGHT * by_category + by_severity


def _with_gaps(ids: Tensor) -> Tensor:
    hidden = (torch.rand(ids.shape) < HIDDEN_SHARE) & (ids >= len(SPECIAL))
    return ids.masked_fill(hidden, SPECIAL.index(MASK))


def _read(
    tokenizer: Tokenizer, lesson: Sequence[Example], number: int
) -> list[tuple[list[int], Example]]:
    """The lesson of a round, with a share of its words in pieces."""
    rng = random.Random(number)
    size = len(lesson) // THINNED_A_ROUND + 1
    parts = [lesson[start : start + size] for start in range(0, len(lesson), size)]
    return [one for part in parts for one in _encoded(thinned(tokenizer, PIECES_SHARE, rng), part)]


def _encoded(tokenizer: Tokenizer, lesson: Sequence[Example]) -> list[tuple[list[int], Example]]:
    texts = [
        readable(one.prompt)
        if one.response is None
        else (readable(one.prompt), readable(one.response))
        for one in lesson
    ]
    read = tokenizer.encode_batch_fast(texts)
    return [(encoding.ids[:WINDOW], one) for encoding, one in zip(read, lesson, strict=True)]


def _batches(lesson: Sequence[tuple[list[int], Example]], rng: random.Random) -> Iterator[Batch]:
    """Batches of examples of like length, in an order of chance."""
    order = rng.sample(lesson, len(lesson))
    shelves = [order[start : start + BATCH * 32] for start in range(0, len(order), BATCH * 32)]
    sorted_ = [one for shelf in shelves for one in sorted(shelf, key=lambda one: len(one[0]))]
    batches = [sorted_[start : start + BATCH] for start in range(0, len(sorted_), BATCH)]
    for batch in rng.sample(batches, len(batches)):
        yield _tensors(batch)


def _tensors(batch: Sequence[tuple[list[int], Example]]) -> Batch:
    longest = max(len(ids) for ids, _ in batch)
    ids = torch.tensor([row + [SPECIAL.index(PAD)] * (longest - len(row)) for row, _ in batch])
    categories = torch.tensor(
        [[float(key in one.categories) for key in CATEGORIES] for _, one in batch]
    )
    severities = torch.tensor([one.severity for _, one in batch])
    return ids, (ids != SPECIAL.index(PAD)).long(), categories, severities


def written(folder: Path, tokenizer: Tokenizer, model: ModernBertForSequenceClassification) -> str:
    """Writes the guard's folder, in half precision, and its revision, which is returned."""
    folder.mkdir(parents=True, exist_ok=True)
    model.half().save_pretrained(folder)
    # Compact: the indented form is twice as long.
    (folder / "tokenizer.json").write_text(tokenizer.to_str(pretty=False), encoding="utf-8")
    (folder / "classifier.toml").write_text(_label_map(), encoding="utf-8")
    revision = checked(folder).revision
    (folder / "REVISION").write_text(f"{revision}\n", encoding="ascii")
    return revision


def _label_map() -> str:
    lines = ['label_set = "pku_saferlhf"', 'activation = "sigmoid"', 'reads = "pair"']
    lines += [
        f"window = {WINDOW}",
        "",
        "[categories]",
        *(f'"{key}" = "{key}"' for key in CATEGORIES),
    ]
    lines += ["", "[severity]", *(f'"severity {level}" = {level}' for level in range(SEVERITIES))]
    return "\n".join(lines) + "\n"


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
