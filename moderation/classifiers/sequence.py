"""Runs a sequence-classification model: passages, windows, logits, judgements."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import torch
from torch import Tensor
from transformers import PreTrainedModel

from moderation.classifiers.batches import halves, planned
from moderation.classifiers.contract import Judgement, Passage
from moderation.classifiers.label_maps import LabelMap
from moderation.classifiers.windows import Window, WindowCutter

# Tokens in a batch, padding included. On a CPU more only leaves the cache; a GPU wants to be full.
CPU_BUDGET = 2048
GPU_BUDGET = 65536
# Passages whose tokens are made while the model works on those before.
BLOCK = 512


class SequenceClassifier:
    """A `contract.Classifier` over one model; `loading.load_classifier` builds it."""

    def __init__(
        self,
        model: PreTrainedModel,
        cutter: WindowCutter,
        label_map: LabelMap,
        *,
        name: str,
        revision: str,
        budget: int,
    ) -> None:
        self.name = name
        self.revision = revision
        self.label_set = label_map.label_set
        self.categories = label_map.category_keys
        # Tokens in a batch; halved for good when memory did not suffice.
        self.budget = budget
        self.model = model.eval().requires_grad_(False)
        self.cutter = cutter
        self._label_map = label_map
        self._padding = model.config.get_text_config().pad_token_id or 0
        self._takes_sides = wants_sides(model)

    def judge(self, batch: Sequence[Passage]) -> list[Judgement]:
        """One judgement per passage; see `contract.Classifier.judge`."""
        blocks = [batch[start : start + BLOCK] for start in range(0, len(batch), BLOCK)]
        return [one for block in self._cut_ahead(blocks) for one in self._judged(block)]

    def _cut_ahead(self, blocks: Sequence[Sequence[Passage]]) -> Iterator[list[list[Window]]]:
        """The windows of each block, the next block's made while this one is judged."""
        if len(blocks) < 2:
            yield from map(self.cutter.cut, blocks)
            return
        with ThreadPoolExecutor(max_workers=1, thread_name_prefix="tokens") as ahead:
            coming = ahead.submit(self.cutter.cut, blocks[0])
            for block in blocks[1:]:
                ready, coming = coming.result(), ahead.submit(self.cutter.cut, block)
                yield ready
            yield coming.result()

    def _judged(self, passages: list[list[Window]]) -> list[Judgement]:
        windows = [window for passage in passages for window in passage]
        logits, unread = self._logits(windows)
        counts = [len(passage) for passage in passages]
        judgements = self._label_map.judgements(logits, counts)
        if not unread:
            return judgements
        owners = np.repeat(np.arange(len(counts)), counts)
        failed = {int(owners[window]) for window in unread}
        reason = "out of memory, even alone in its batch"
        return [
            Judgement.failed(reason) if owner in failed else judgement
            for owner, judgement in enumerate(judgements)
        ]

    def _logits(self, windows: Sequence[Window]) -> tuple[np.ndarray, set[int]]:
        """A row of logits for each window, and the windows for which memory did not suffice."""
        done: list[tuple[list[int], Tensor]] = []
        unread: set[int] = set()
        waiting = planned([len(window.ids) for window in windows], budget=self.budget)[::-1]
        batches = len(waiting)
        while waiting:
            batch = waiting.pop()
            logits = self._tried([windows[index] for index in batch])
            if logits is not None:
                done.append((batch, logits))
            elif len(batch) > 1:
                waiting.extend(halves(batch)[::-1])
            else:
                unread.update(batch)
        if len(done) + len(unread) > batches:
            # Some batch was too large. Once a call, lest one giant shrink all that follows to ones.
            self.budget = max(1, self.budget // 2)
        return self._gathered(done, len(windows)), unread

    def _tried(self, windows: Sequence[Window]) -> Tensor | None:
        """The logits of one batch; None if memory does not suffice for it."""
        try:
            return self._forward(windows)
        except (torch.OutOfMemoryError, MemoryError, RuntimeError) as error:
            if not _is_out_of_memory(error):
                raise
        # Only now: while the error was being handled, it held on to the tensors.
        _give_back(self.model.device)
        return None

    def _gathered(self, done: Sequence[tuple[list[int], Tensor]], count: int) -> np.ndarray:
        """Logits in the order of the windows. The only moment that waits for the device."""
        if not done:
            return np.zeros((count, len(self._label_map.labels)))
        rows = torch.cat([logits for _, logits in done]).double().cpu().numpy()
        if rows.ndim != 2 or rows.shape[0] != sum(len(batch) for batch, _ in done):
            return rows
        logits = np.zeros((count, rows.shape[1]))
        logits[[index for batch, _ in done for index in batch]] = rows
        return logits

    def _forward(self, windows: Sequence[Window]) -> Tensor:
        """The logits of one batch, still on the device."""
        with torch.inference_mode():
            logits: Tensor = self.model(**self.inputs(windows)).logits
        return logits

    def inputs(self, windows: Sequence[Window]) -> dict[str, Tensor]:
        """What the model is called with for one batch, on its device."""
        longest = max(len(window.ids) for window in windows)
        made = {"input_ids": self._padded([w.ids for w in windows], longest, self._padding)}
        if any(len(window.ids) < longest for window in windows):
            ones = [[1] * len(window.ids) for window in windows]
            made["attention_mask"] = self._padded(ones, longest, 0)
        if self._takes_sides:
            made["token_type_ids"] = self._padded([w.sides for w in windows], longest, 0)
        return made

    def _padded(self, rows: Sequence[list[int]], length: int, filler: int) -> Tensor:
        table = np.full((len(rows), length), filler, dtype=np.int64)
        for number, row in enumerate(rows):
            table[number, : len(row)] = row
        return torch.from_numpy(table).to(self.model.device, non_blocking=True)


def wants_sides(model: PreTrainedModel) -> bool:
    """Whether the model tells prompt from response by `token_type_ids`."""
    takes = "token_type_ids" in inspect.signature(model.forward).parameters
    # RoBERTa takes them and knows a single one; others take them and know none.
    return takes and getattr(model.config.get_text_config(), "type_vocab_size", 0) > 1


def _is_out_of_memory(error: BaseException) -> bool:
    """Whether memory did not suffice; on a CPU torch says so only in words."""
    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return True
    return "not enough memory" in str(error) or "can't allocate memory" in str(error)


def _give_back(device: torch.device) -> None:
    """Returns cached blocks to the device, so that a smaller batch finds room in one piece."""
    if device.type == "cuda":
        torch.cuda.empty_cache()
