"""Which records are looked at: all of the first 32,768, later a quarter - so that measuring a long run costs less than making it.

A stretch is 16,384 records in a row. Of every four one is chosen by a hash, and how values are spread counts it four times. The choice
depends on the numbers of the records alone, so it is the same in any batches.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from synth_sdk.quality.hashing import I64, of_rows

ALL = 32_768  # records
STRETCH = 16_384
EVERY = 4


def stretches(first: int, count: int) -> Iterator[tuple[slice, int]]:
    """The parts of `count` records from record `first` on that are looked at, and for how many each record stands."""
    if first < ALL and count:
        yield slice(0, min(count, ALL - first)), 1
    group = STRETCH * EVERY
    for start in range(max(first - ALL, 0) // group * group + ALL, first + count, group):
        chosen = start + STRETCH * int(of_rows(np.array([start]))[0] % np.uint64(EVERY))
        begin, end = max(chosen, first), min(chosen + STRETCH, first + count)
        if begin < end:
            yield slice(begin - first, end - first), EVERY


def weights(rows: I64) -> NDArray[np.float64]:
    """For how many records each of these stands, which are looked at."""
    return np.where(rows < ALL, 1.0, float(EVERY))
