"""Cuts passages into windows of tokens that a model can read, so that nothing goes unread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tokenizers import Encoding, Tokenizer

from moderation.classifiers.contract import Passage
from moderation.classifiers.reading import readable


@dataclass(frozen=True, slots=True)
class Window:
    """What the model reads at once: token ids, and for each the side (0 prompt, 1 response)."""

    ids: list[int]
    sides: list[int]


@dataclass(frozen=True, slots=True)
class _Frame:
    """The special tokens around one side, or around and between two."""

    before: Window
    between: Window
    after: Window
    sides: tuple[int, int]

    @property
    def size(self) -> int:
        return len(self.before.ids) + len(self.between.ids) + len(self.after.ids)


class WindowCutter:
    """Cuts passages for one tokenizer.

    A passage that fits is one window. A longer one is cut into windows whose parts overlap by a
    quarter; of a long pair, every part of the prompt is read with the beginning of the response,
    and every part of the response with the end of the prompt: each token is read at least once,
    and the number of windows grows with the length, not with its square.
    """

    def __init__(self, tokenizer: Tokenizer, *, size: int, reads: str, wants_sides: bool) -> None:
        """`size`: tokens in a window. `reads`: "pair", or "response" for models of one text."""
        # A tokenizer's file may ask for truncation: nothing is cut off here.
        tokenizer.no_truncation()
        tokenizer.no_padding()
        self._tokenizer = tokenizer
        self._size = size
        self._reads = reads
        self._wants_sides = wants_sides
        self._single = _frame(tokenizer.encode("a"))
        self._pair = _frame(tokenizer.encode("a", "a"))

    def cut(self, passages: Sequence[Passage]) -> list[list[Window]]:
        """The windows of each passage, at least one each."""
        texts = [self._text(passage) for passage in passages]
        whole = self._tokenizer.encode_batch_fast(texts)
        return [
            [self._window(encoding)]
            if len(encoding) <= self._size
            else self._cut(*text)
            if isinstance(text, tuple)
            else self._cut(text, None)
            for text, encoding in zip(texts, whole, strict=True)
        ]

    def _text(self, passage: Passage) -> str | tuple[str, str]:
        if passage.response is None:
            return readable(passage.prompt)
        if self._reads == "response":
            return readable(passage.response)
        return readable(passage.prompt), readable(passage.response)

    def _window(self, encoding: Encoding) -> Window:
        # The sides cost as much to fetch as the ids; many models do not ask for them.
        return Window(encoding.ids, encoding.type_ids if self._wants_sides else [])

    def _cut(self, prompt: str, response: str | None) -> list[Window]:
        asked = self._ids(prompt)
        if response is None:
            room = self._size - self._single.size
            return [self._joined(self._single, part, None) for part in _parts(asked, room)]
        answered = self._ids(response)
        room = self._size - self._pair.size
        prompt_room = max(room // 2, room - len(answered))
        questions = _parts(asked, prompt_room)
        answers = _parts(answered, room - min(prompt_room, len(asked)))
        pairs = [(question, answers[0]) for question in questions]
        pairs += [(questions[-1], answer) for answer in answers[1:]]
        return [self._joined(self._pair, question, answer) for question, answer in pairs]

    def _ids(self, text: str) -> list[int]:
        return self._tokenizer.encode(text, add_special_tokens=False).ids

    def _joined(self, frame: _Frame, asked: list[int], answered: list[int] | None) -> Window:
        first, second = frame.sides
        ids = frame.before.ids + asked
        sides = frame.before.sides + [first] * len(asked)
        if answered is not None:
            ids = ids + frame.between.ids + answered
            sides = sides + frame.between.sides + [second] * len(answered)
        return Window(
            ids + frame.after.ids, (sides + frame.after.sides) if self._wants_sides else []
        )


def _parts(ids: list[int], room: int) -> list[list[int]]:
    """The ids in parts of at most `room`, each beginning a quarter before the end of the last."""
    if len(ids) <= room:
        return [ids]
    step = max(1, room - room // 4)
    return [ids[start : start + room] for start in range(0, len(ids) - (room - step), step)]


def _frame(encoding: Encoding) -> _Frame:
    """The special tokens that the tokenizer put around its texts."""
    owners = encoding.sequence_ids
    own = [n for n, owner in enumerate(owners) if owner is not None]
    firsts = [n for n in own if owners[n] == 0]
    seconds = [n for n in own if owners[n] == 1]
    ids, sides = encoding.ids, encoding.type_ids

    def slice_(start: int, stop: int) -> Window:
        return Window(ids[start:stop], sides[start:stop])

    return _Frame(
        before=slice_(0, firsts[0]),
        between=slice_(firsts[-1] + 1, seconds[0]) if seconds else Window([], []),
        after=slice_(own[-1] + 1, len(ids)),
        sides=(sides[firsts[0]], sides[seconds[0]] if seconds else 0),
    )
