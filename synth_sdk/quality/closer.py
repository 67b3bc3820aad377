"""What is kept of the values of a field that are looked at closely, in sketches of bounded memory that merge exactly."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from synth_sdk.core.arrow import of_numpy, to_numbers
from synth_sdk.quality import hashing, moments
from synth_sdk.quality.buckets import Buckets, keys_of
from synth_sdk.quality.counting import counted, total
from synth_sdk.quality.distinct import Digests
from synth_sdk.quality.hashing import I64

_HIGH_BITS = np.uint64(0x8080808080808080)


@dataclass(slots=True)
class Closer:
    """`values` were looked at, each once or, in `numbers`, `moments` and `lengths`, as often as its `weight` says (`thinning.py`).

    `tally` counts texts (`texts`), those among them that are `empty`, not ASCII (`foreign`) or moments (`moments`), and the edge values of
    `moments.edges`. `first` and `last` are the earliest and latest moment. `digests` are not weighed: they tell what repeats.
    """

    values: int = 0
    tally: Counter[str] = field(default_factory=Counter)
    first: int | None = None
    last: int | None = None
    digests: Digests = field(default_factory=Digests)
    numbers: Buckets = field(default_factory=Buckets)
    moments: Buckets = field(default_factory=Buckets)
    lengths: Buckets = field(default_factory=Buckets)

    def merge(self, other: "Closer") -> None:
        self.values += other.values
        self.tally.update(other.tally)
        self._widen(other.first, other.last)
        self.digests.merge(other.digests)
        self.numbers.merge(other.numbers)
        self.moments.merge(other.moments)
        self.lengths.merge(other.lengths)

    def add_numbers(self, values: NDArray[Any], weight: int) -> None:
        """Whole numbers or finite floats."""
        self.values += len(values)
        self.digests.add(hashing.of_numbers(values))
        self.numbers.add(*_weighed(keys_of(values), weight))

    def add_booleans(self, no: int, yes: int) -> None:
        times = np.array([no, yes])
        self.values += no + yes
        self.digests.add(hashing.TRUTHS[times > 0], times[times > 0])

    def add_texts(self, texts: pa.StringArray, times: I64 | None, weight: int, moment: str) -> None:
        """Texts without nulls, each once or so many `times`; `moment`: the kind of date that they are declared to be, if any."""
        count = len(texts) if times is None else int(times.sum())
        self.values += count
        self.tally["texts"] += count
        self._add_lengths(texts, times, weight)
        if moment:
            texts, times = self._add_moments(texts, times, weight, moment)
        self.digests.add(hashing.of_texts(texts), times)

    def _add_lengths(self, texts: pa.StringArray, times: I64 | None, weight: int) -> None:
        lengths = np.diff(hashing.bounds_of(texts))
        if not _is_ascii(texts):
            characters = to_numbers(pc.utf8_length(texts)).astype(np.int64)
            self.tally["foreign"] += total(characters != lengths, times)
            lengths = characters
        different, counts = counted(lengths, times)
        self.tally["empty"] += int(counts[0]) if not different[0] else 0
        self.lengths.add(different, counts * weight)

    def _add_moments(self, texts: pa.StringArray, times: I64 | None, weight: int, kind: str) -> tuple[pa.StringArray, I64 | None]:
        """Those of the texts that are moments; gives back the others. Two spellings of one moment are the same value."""
        numbers, fitting = moments.read(texts, kind)
        known = times if times is None or fitting is None else times[fitting]
        if len(numbers):
            self.tally["moments"] += len(numbers) if known is None else int(known.sum())
            self.tally.update(moments.edges(numbers, known, kind))
            self.digests.add(hashing.of_numbers(numbers), known)
            self.moments.add(*_weighed(numbers, weight, known))
            self._widen(int(numbers.min()), int(numbers.max()))
        if fitting is None:
            return texts[:0], None
        return texts.filter(of_numpy(~fitting)), None if times is None else times[~fitting]

    def add_sizes(self, sizes: I64, times: I64, weight: int) -> None:
        """How many members objects or lists have, each so many `times`."""
        self.lengths.add(sizes, times * weight)

    def _widen(self, first: int | None, last: int | None) -> None:
        self.first = min((one for one in (self.first, first) if one is not None), default=None)
        self.last = max((one for one in (self.last, last) if one is not None), default=None)


def _weighed(keys: I64, weight: int, times: I64 | None = None) -> tuple[I64, I64 | None]:
    if weight == 1:
        return keys, times
    keys, counts = counted(keys, times)
    return keys, counts * weight


def _is_ascii(texts: pa.StringArray) -> bool:
    """Whether nothing else stands in the data of the array, of which `texts` may be a part."""
    data = texts.buffers()[2]
    if data is None or not data.size:
        return True
    words = np.frombuffer(data, np.uint64, data.size // 8)
    return not bool(np.bitwise_or.reduce(words) & _HIGH_BITS) and max(data[data.size // 8 * 8 :].to_pybytes(), default=0) < 128
