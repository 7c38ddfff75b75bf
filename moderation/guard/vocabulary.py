"""Builds the guard's tokenizer: whole words, endings and pieces, in an order that never changes.

The trainers of `tokenizers` number equally frequent pieces differently from run to run; the guard
must come out the same each time, so its vocabulary is chosen here and only encoded there.
"""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from collections.abc import Iterable, Iterator

from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors

from moderation.guard.wording import gerund

PAD, UNKNOWN, START, END, MASK = SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")

# Endings that leave the sense of a word alone: "steals" is read as "steal" + "##s", and so is any
# other form of a word that the texts never used.
# fmt: off
ENDINGS = (
    "s", "es", "'s", "ed", "d", "ing", "er", "ers", "or", "ors", "ly",
    "ion", "ions", "ation", "ment", "ments", "ness", "able", "al", "ity", "ive", "ist",
    "ists", "ism", "y", "ful", "less", "bing", "ding", "ging", "ming", "ning", "ping",
    "ting", "bed", "ded", "ged", "med", "ned", "ped", "ted", "ber", "der", "ger",
    "mer", "ner", "per", "ter", "ary", "ical",
)
# fmt: on
_CHARACTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
_MARKS = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~’‘“”–—…€£"
_WORD = re.compile(r"[a-z]+")
_SLOT = re.compile(r"\{\w+\}")
_SHORT = 3  # letters of words that are always read as a whole


def tokenizer_of(texts: Iterable[str], *, size: int) -> Tokenizer:
    """A lower-casing WordPiece tokenizer with `size` pieces, made for the given texts."""
    vocabulary = _vocabulary(Counter(_words(texts)), size)
    pieces = {piece: number for number, piece in enumerate(vocabulary)}
    tokenizer = Tokenizer(models.WordPiece(pieces, unk_token=UNKNOWN, max_input_chars_per_word=40))
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.BertNormalizer(lowercase=True, strip_accents=True),
            normalizers.Replace(Regex("[’‘`´]"), "'"),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{START} $A {END}",
        pair=f"{START} $A {END} $B:1 {END}:1",
        special_tokens=[(START, pieces[START]), (END, pieces[END])],
    )
    tokenizer.add_special_tokens(list(SPECIAL))
    return tokenizer


def thinned(tokenizer: Tokenizer, share: float, rng: random.Random) -> Tokenizer:
    """The same tokenizer without a `share`, 0…1, of its whole words, which it reads in pieces.

    A word that the texts never used is read in pieces, and nothing is learnt about a piece that
    only stands in for such words.
    """
    told = json.loads(tokenizer.to_str())
    told["model"]["vocab"] = {
        word: number
        for word, number in told["model"]["vocab"].items()
        if len(word) <= _SHORT or word.startswith(("##", "[")) or rng.random() > share
    }
    return Tokenizer.from_str(json.dumps(told))


def _words(texts: Iterable[str]) -> Iterator[str]:
    """The words of the texts, and the gerund of the verb with which most of them begin."""
    for text in texts:
        words = _WORD.findall(_SLOT.sub(" ", text).lower())
        yield from words
        yield from map(gerund, words[:1])


def _vocabulary(counts: Counter[str], size: int) -> list[str]:
    fixed = [*SPECIAL, *_MARKS, *_CHARACTERS, *(f"##{c}" for c in _CHARACTERS)]
    fixed += [f"##{ending}" for ending in ENDINGS]
    chosen = list(dict.fromkeys(fixed))
    words = _stems(counts)
    chosen += words[: size - len(chosen)]
    chosen += _pieces(counts, set(chosen))[: size - len(chosen)]
    return chosen


def _by_frequency(counts: Counter[str]) -> list[str]:
    return sorted(counts, key=lambda word: (-counts[word], word))


def _stems(counts: Counter[str]) -> list[str]:
    """Words that are not another word of the texts with an ending, commonest first."""
    return [word for word in _by_frequency(counts) if not _is_derived(word, counts)]


def _is_derived(word: str, counts: Counter[str]) -> bool:
    return any(
        word.endswith(ending) and len(word) - len(ending) >= 3 and word[: -len(ending)] in counts
        for ending in ENDINGS
    )


def _pieces(counts: Counter[str], known: set[str]) -> list[str]:
    """Beginnings and insides of words, commonest first, for words that the texts never used."""
    found: Counter[str] = Counter()
    for word in counts:
        found.update(word[:length] for length in (2, 3, 4, 5) if length < len(word))
        found.update(
            f"##{word[start : start + length]}"
            for start in range(1, len(word) - 1)
            for length in (2, 3, 4)
            if start + length <= len(word)
        )
    return [piece for piece in _by_frequency(found) if piece not in known]
